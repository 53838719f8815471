import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { GenerateVideoInput } from '../domain/generate-video.ts';
import type { Progress } from '../domain/progress.ts';
import type { SceneOutcome } from '../domain/outcome.ts';
import type { Kept, RestoredArguments } from './kept.ts';

/** How a run stands, from its own state: the fall-back when no read model answers. */
export const progressQuery = defineQuery<Progress>('progress');

/** A branch tells its parent which scenes are settled: the parent's state is the truth. */
export const sceneSettled = defineSignal<[SceneOutcome, ...SceneOutcome[]]>('sceneSettled');

/** The sync point's time is up: whatever waits for a clip looks once more, and takes what is made. */
export const lastCall = defineSignal('lastCall');

/** What a run, open or closed, was asked for and has made. In parts: together they could be too large for one payload. */
export interface RunParts extends Kept {
  input: GenerateVideoInput;
}
export const keptQuery = defineQuery<RunParts[keyof RunParts], [keyof RunParts]>('kept');

/** Takes a run under way back to a checkpoint. Accepted, it holds whatever becomes of whoever asked. */
export const restoreUpdate = defineUpdate<void, RestoredArguments>('restore');

/** Why a run refuses that: types of its failure. */
export const RESTORE_REFUSALS = ['restoring', 'cancelling', 'ending'] as const;
