import { CancellationScope, condition, getExternalWorkflowHandle, log, workflowInfo } from '@temporalio/workflow';
import type { SceneOutcome } from '../domain/outcome.ts';
import { sceneSettled } from './messages.ts';

/**
 * Tells the parent of settled scenes, one signal at a time: what settles while one is under way goes with the next. A
 * signal costs the server two workflow tasks, and a busy one has more to tell at once.
 */
export class Telling {
  readonly #untold: SceneOutcome[] = [];
  #isOver = false;
  readonly #work: Promise<void>;

  constructor() {
    // Also after a cancel: what was finished by then counts.
    this.#work = CancellationScope.nonCancellable(() => this.#run());
  }

  tell(outcome: SceneOutcome): void {
    this.#untold.push(outcome);
  }

  /** What is untold now is in the branch's result. A signal not yet on its way when the branch closes would be lost. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #run(): Promise<void> {
    for (;;) {
      await condition(() => this.#untold.length > 0 || this.#isOver);
      if (this.#isOver) return;
      await tellParent(this.#untold.splice(0));
    }
  }
}

/** As branches did that were begun before scenes were told together. */
export class TellingEach {
  readonly #tellings: Promise<void>[] = [];

  tell(outcome: SceneOutcome): void {
    this.#tellings.push(CancellationScope.nonCancellable(() => tellParent([outcome])));
  }

  async end(): Promise<void> {
    await Promise.all(this.#tellings);
  }
}

/** At least one. */
async function tellParent(outcomes: SceneOutcome[]): Promise<void> {
  const [first, ...others] = outcomes;
  const parent = workflowInfo().parent;
  if (parent === undefined || first === undefined) return;
  try {
    await getExternalWorkflowHandle(parent.workflowId, parent.runId).signal(sceneSettled, first, ...others);
  } catch {
    // The parent is gone (terminated): nobody is left to tell.
    log.warn('The parent could not be told of settled scenes', { sceneIds: outcomes.map(({ sceneId }) => sceneId) });
  }
}
