import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import type { Activities, ClipFilm } from '../activities/index.ts';
import type { AspectRatio } from '../domain/canvas.ts';
import { clipWaitMs, type Due } from '../domain/deadline.ts';
import type { ClipAsset, SceneFailure } from '../domain/outcome.ts';
import type { BranchPolicy } from '../domain/run-policy.ts';
import * as profiles from './profiles.ts';
import type { SceneCalls } from './scene-calls.ts';
import { failureOf } from './settle-scenes.ts';
import type { Turns } from '../domain/turns.ts';

/** What all clips of a film have in common. */
export interface ClipTerms {
  videoId: string;
  tenant: string;
  aspectRatio: AspectRatio;
  maxCost: number | null;
  film: ClipFilm;
  policy: BranchPolicy;
  timeoutSeconds: number;
  due: Due;
  /** For what buys and fetches. Waiting takes none. */
  turns: Turns;
  call: SceneCalls;
}

export interface ClipWanted {
  sceneId: string;
  prompt: string;
  seconds: number;
}

/** Between a task that failed and the next one. */
const PAUSE_SECONDS = { first: 2, most: 16 };

/** Makes the clips of one film: ordered, waited for, fetched. */
export class ClipMaker {
  readonly #terms: ClipTerms;
  readonly #waits = new CancellationScope();
  #isLastCall = false;

  constructor(terms: ClipTerms) {
    this.#terms = terms;
  }

  /** The time is up: one last look at each task, and nothing new. What is made by then is still fetched. */
  lastCall(): void {
    this.#isLastCall = true;
    this.#waits.cancel();
  }

  /** The clip, or why there is none. A task that failed by a passing fault is followed by another: it was not billed. */
  async make(wanted: ClipWanted): Promise<ClipAsset | SceneFailure> {
    const { policy } = this.#terms;
    for (let nth = 1; ; nth++) {
      const made = await this.#attempt(wanted);
      if ('clip' in made) return made;
      if (!made.again || nth >= policy.retryAttempts) return made.failure;
      await this.#waits.run(() => sleep(1000 * Math.min(PAUSE_SECONDS.most, PAUSE_SECONDS.first * 2 ** (nth - 1))));
    }
  }

  async #attempt({
    sceneId,
    prompt,
    seconds,
  }: ClipWanted): Promise<ClipAsset | { failure: SceneFailure; again: boolean }> {
    const { videoId, tenant, aspectRatio, maxCost, film, policy, timeoutSeconds, due, turns, call } = this.#terms;
    const { awaitClip } = proxyActivities<Activities>(profiles.waiting(timeoutSeconds));
    const { keepClip } = proxyActivities<Activities>(profiles.underWay(profiles.decode(policy)));
    try {
      const { kept, ...order } = await turns.take(() => {
        if (this.#isLastCall) throw new CancelledFailure('The time is up.');
        const wanted = { videoId, tenant, sceneId, prompt, aspectRatio, canvas: film.canvas, seconds, maxCost };
        return call(({ startClip }) => startClip(wanted));
      });
      if (kept !== null) return kept;
      const untilMs = Date.now() + clipWaitMs(timeoutSeconds, due, Date.now());
      const end = await this.#waits.run(() => awaitClip({ ...order, untilMs }));
      return end.status === 'made' ? await turns.take(() => keepClip({ ...order, film })) : end;
    } catch (error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
      return { failure: failureOf(error), again: false };
    }
  }
}
