import {
  ActivityFailure,
  CancelledFailure,
  isCancellation,
  log,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { Activities, ClipFilm } from '../activities/index.ts';
import type { AspectRatio, Canvas } from '../domain/canvas.ts';
import { hasTimeFor, type Due } from '../domain/deadline.ts';
import type { BranchOutcome, SceneFailure, SceneOutcome } from '../domain/outcome.ts';
import type { BranchPolicy } from '../domain/run-policy.ts';
import { ClipMaker } from './make-clip.ts';
import { lastCall } from './messages.ts';
import { decode, script } from './profiles.ts';
import { sceneCalls } from './scene-calls.ts';
import { failureOf, settleScenes } from './settle-scenes.ts';
import { Turns } from '../domain/turns.ts';

export interface VisualBranchInput {
  videoId: string;
  tenant: string;
  aspectRatio: AspectRatio;
  canvas: Canvas;
  /** sha256 of a picture that all of them take after. */
  referenceImage: string | null;
  maxCost: number | null;
  policy: BranchPolicy;
  /** What clips are made to fit. Not in inputs recorded before there were clips. */
  film?: ClipFilm;
  /** As the user asked for; not in older inputs. */
  style?: string | null;
  /** What a refused prompt is rewritten with; null, or not there: it is not. */
  rewriting?: ({ theme: string } & Due) | null;
  /** Only of films of clips. */
  clips?: { timeoutSeconds: number; due: Due };
  /** `own`, `ownClip`: the user's picture or clip, by its sha256. */
  scenes: SceneWanted[];
}

interface SceneWanted {
  sceneId: string;
  prompt: string;
  own: string | null;
  ownClip?: string | null;
  /** Why it is not to be bought; not in older inputs. */
  unbought?: SceneFailure | null;
  /** Moving pictures, of about so many seconds; `dear`: why it is to be a still all the same. */
  clip?: { seconds: number; dear: SceneFailure | null };
}

/** The seen half of a film: one picture per scene, made or brought. */
export async function visualBranch(input: VisualBranchInput): Promise<BranchOutcome> {
  const { videoId, tenant, aspectRatio, canvas, referenceImage, maxCost, style = null, rewriting = null } = input;
  const call = sceneCalls(input.policy);
  const { takeOwnClip } = proxyActivities<Activities>(decode(input.policy));
  const { rewritePicturePrompt } = proxyActivities<Activities>(script);

  const { clips, film } = input;
  const { maxConcurrentTasks } = input.policy;
  // Clips that are waited for take no turn, so that no still waits for them.
  const turns = new Turns(clips === undefined ? input.scenes.length : maxConcurrentTasks);
  const clipMaker =
    clips === undefined || film === undefined
      ? null
      : new ClipMaker({ videoId, tenant, aspectRatio, maxCost, film, policy: input.policy, ...clips, turns, call });
  let isLastCall = false;
  setHandler(lastCall, () => {
    isLastCall = true;
    clipMaker?.lastCall();
  });

  return settleScenes(
    { branch: 'visual', scenes: input.scenes, width: clips === undefined ? maxConcurrentTasks : input.scenes.length },
    async ({ sceneId, prompt, own, ownClip = null, unbought = null, clip }): Promise<SceneOutcome> => {
      if (unbought !== null) return failed(sceneId, unbought);
      if (ownClip !== null && film !== undefined) {
        const taken = await turns.take(() => takeOwnClip({ videoId, sceneId, clip: ownClip, film }));
        return { branch: 'visual', sceneId, status: 'complete', clip: taken };
      }
      if (own !== null) {
        const still = await turns.take(() => call(({ takeOwnPicture }) => takeOwnPicture({ picture: own })));
        return { branch: 'visual', sceneId, status: 'complete', still };
      }
      if (clip !== undefined && clipMaker !== null && clips !== undefined)
        return movingScene({ sceneId, prompt, clip }, { clipMaker, due: clips.due });
      return stillScene({ sceneId, prompt });
    },
  );

  async function stillScene({ sceneId, prompt }: { sceneId: string; prompt: string }): Promise<SceneOutcome> {
    try {
      return await bought(sceneId, prompt);
    } catch (error) {
      if (rewriting === null || !isRejected(error)) throw error;
      return await inOtherWords({ sceneId, prompt }, { rewriting, refusal: failureOf(error) }, async (rewritten) => {
        try {
          return await bought(sceneId, rewritten);
        } catch (again) {
          if (isRejected(again)) return null;
          throw again;
        }
      });
    }
  }

  /** A clip; where it cannot be had, a still, as long as there is time for one. */
  async function movingScene(
    { sceneId, prompt, clip }: { sceneId: string; prompt: string; clip: NonNullable<SceneWanted['clip']> },
    { clipMaker, due }: { clipMaker: ClipMaker; due: Due },
  ): Promise<SceneOutcome> {
    if (clip.dear !== null) return stillFor({ sceneId, prompt }, clip.dear, due);
    if (!hasTimeFor('clip', due, Date.now())) return stillFor({ sceneId, prompt }, NO_TIME, due);
    const make = async (words: string) => clipMaker.make({ sceneId, prompt: words, seconds: clip.seconds });
    const made = await make(prompt);
    if ('clip' in made) return { branch: 'visual', sceneId, status: 'complete', clip: made };
    if (made.code !== 'content_rejected') return stillFor({ sceneId, prompt }, made, due);
    // What is refused as moving pictures is not asked for as a still: the same words are never sent again.
    if (rewriting === null) return failed(sceneId, made);
    return inOtherWords({ sceneId, prompt }, { rewriting, refusal: made }, async (rewritten) => {
      const again = await make(rewritten);
      if ('clip' in again) return { branch: 'visual', sceneId, status: 'complete', clip: again };
      return again.code === 'content_rejected' ? null : stillFor({ sceneId, prompt: rewritten }, again, due);
    });
  }

  async function stillFor(
    { sceneId, prompt }: { sceneId: string; prompt: string },
    lost: SceneFailure,
    due: Due,
  ): Promise<SceneOutcome> {
    if (isLastCall) throw new CancelledFailure('The time is up.');
    // Every scene of a film that is nearly due would otherwise have nothing at all.
    if (lost !== NO_TIME && !hasTimeFor('still_for_clip', due, Date.now()))
      return failed(sceneId, { ...lost, detail: `${lost.detail}; there was no time for a still in its place` });
    try {
      const outcome = await stillScene({ sceneId, prompt });
      if ('still' in outcome) return { ...outcome, insteadOfClip: lost };
      if (outcome.status === 'complete') return outcome;
      return failed(sceneId, withStill(lost, outcome.failure));
    } catch (error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
      return failed(sceneId, withStill(lost, failureOf(error)));
    }
  }

  async function bought(sceneId: string, prompt: string): Promise<SceneOutcome> {
    const order = { videoId, tenant, sceneId, prompt, aspectRatio, canvas, style, referenceImage, maxCost };
    const still = await turns.take(() => call(({ generateStill }) => generateStill(order)));
    return { branch: 'visual', sceneId, status: 'complete', still };
  }

  /** Once: what is refused a second time stays refused. */
  async function inOtherWords(
    { sceneId, prompt }: { sceneId: string; prompt: string },
    { rewriting, refusal }: { rewriting: { theme: string } & Due; refusal: SceneFailure },
    /** Null: refused again. */
    make: (rewritten: string) => Promise<SceneOutcome | null>,
  ): Promise<SceneOutcome> {
    const stands = (why: string) => failed(sceneId, { ...refusal, detail: `${refusal.detail}; ${why}` });
    if (!hasTimeFor('prompt_rewrite', rewriting, Date.now()))
      return stands('its prompt was not rewritten, because the deadline was near');
    const { theme } = rewriting;
    const rewritten = await orNull(rewritePicturePrompt({ videoId, tenant, sceneId, theme, prompt, maxCost }));
    if (rewritten === null) return stands('no other prompt was to be had');
    return (await make(rewritten)) ?? stands('refused again with its prompt rewritten');
  }
}

const NO_TIME: SceneFailure = { code: 'deadline', detail: 'The deadline was too near for a clip.' };

const withStill = (lost: SceneFailure, still: SceneFailure): SceneFailure => ({
  ...lost,
  detail: `${lost.detail}; nor was there a still in its place (${still.code}: ${still.detail})`,
});

const failed = (sceneId: string, failure: SceneFailure): SceneOutcome => ({
  ...{ branch: 'visual', sceneId, status: 'failed', failure },
});

const isRejected = (error: unknown): error is ActivityFailure =>
  error instanceof ActivityFailure && !isCancellation(error) && failureOf(error).code === 'content_rejected';

/** What cannot be rewritten stays refused: that is the failure to tell. */
async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.warn('A refused prompt could not be rewritten');
    return null;
  }
}
