import type { Degradation } from '../domain/degradation.ts';
import type { SceneFailure } from '../domain/outcome.ts';

/** The video cannot be made. Becomes the workflow's failure, with a report. */
export class RunFailed extends Error {
  readonly failure: SceneFailure;
  readonly degradations: Degradation[];

  constructor(failure: SceneFailure, degradations: Degradation[]) {
    super(failure.detail);
    this.failure = failure;
    this.degradations = degradations;
  }
}
