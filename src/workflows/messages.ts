import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { Progress } from '../domain/progress.ts';
import type { SceneOutcome } from '../domain/outcome.ts';

/** How a run stands, from its own state: the fall-back when no read model answers. */
export const progressQuery = defineQuery<Progress>('progress');

/** A branch tells its parent that one scene is settled: the parent's state is the truth. */
export const sceneSettled = defineSignal<[SceneOutcome]>('sceneSettled');
