import { patched } from '@temporalio/workflow';
import type { Degradation } from '../domain/degradation.ts';
import { hasTimeFor, type Extra } from '../domain/deadline.ts';
import type { GenerateVideoInput } from '../domain/generate-video.ts';

/** Whether the deadline leaves time for an extra. Runs from before this was asked have all of them. */
export function isTimeFor(extra: Extra, { spec }: Pick<GenerateVideoInput, 'spec'>): boolean {
  if (spec.deadline === null || !patched('deadline-extras')) return true;
  return hasTimeFor(extra, spec, Date.now());
}

/** What a film lacks because its deadline was near. */
export const leftOutForDeadline = (lacks: Pick<Degradation, 'what' | 'detail' | 'replacedBy'>): Degradation => ({
  ...{ sceneId: null, why: 'deadline' },
  ...lacks,
});
