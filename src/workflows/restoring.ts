import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { GenerateVideoInput } from '../domain/generate-video.ts';
import type { VideoResult } from '../domain/video-result.ts';
import type { generateVideo } from './generate-video.ts';
import type { Kept, RestoredArguments } from './kept.ts';
import { keptQuery, type RESTORE_REFUSALS, restoreUpdate } from './messages.ts';
import { RunFailed } from './run-failed.ts';

/**
 * A run that can be taken back to a checkpoint: it cancels what is under way, waits until that has settled and closed, and
 * goes on as a new run of the same video. A reset by the server would leave its branches buying.
 */
export class Restoring {
  readonly #input: GenerateVideoInput;
  readonly #run = CancellationScope.current();
  readonly #story = new CancellationScope();
  #wanted: RestoredArguments | null = null;
  #isOver = false;

  constructor(input: GenerateVideoInput, kept: Kept) {
    this.#input = input;
    setHandler(keptQuery, (part) => (part === 'input' ? input : kept[part]));
    setHandler(
      restoreUpdate,
      (...to: RestoredArguments) => {
        // Two may have been accepted at once.
        this.#refuse();
        this.#wanted = to;
        this.#story.cancel();
      },
      { validator: (..._to: RestoredArguments) => this.#refuse() },
    );
  }

  /** The story's result, unless the run is taken back before it ends. */
  async run(story: () => Promise<VideoResult>): Promise<VideoResult> {
    let result: VideoResult | null = null;
    let failure: unknown = null;
    try {
      result = await this.#story.run(story);
    } catch (error) {
      failure = error;
    }
    this.#isOver = true;
    // A person who cancels means it, whatever was asked before; and a fault of ours must show.
    if (this.#wanted !== null && !this.#run.consideredCancelled && (result !== null || isEndOfStory(failure)))
      return this.#goOnFrom(this.#wanted);
    if (result === null) throw failure;
    return result;
  }

  async #goOnFrom(to: RestoredArguments): Promise<never> {
    await condition(allHandlersFinished);
    const [restored] = to;
    log.info('The video goes on from a checkpoint', { checkpoint: restored.checkpoint });
    // Whose the video is stays in the memo.
    const memo = { ...workflowInfo().memo, restored };
    return makeContinueAsNewFunc<typeof generateVideo>({ memo })(this.#input, ...to);
  }

  #refuse(): void {
    const why = this.#refusal();
    if (why !== null) throw ApplicationFailure.create({ message: why, type: why, nonRetryable: true });
  }

  #refusal(): (typeof RESTORE_REFUSALS)[number] | null {
    if (this.#run.consideredCancelled) return 'cancelling';
    if (this.#isOver) return 'ending';
    return this.#wanted === null ? null : 'restoring';
  }
}

const isEndOfStory = (error: unknown): boolean =>
  isCancellation(error) || error instanceof RunFailed || error instanceof ActivityFailure;
