import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  log,
  patched,
  proxyActivities,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { CancelledMemo, GenerateVideoInput } from '../domain/generate-video.ts';
import { ownMaterialOf } from '../domain/material-of-scene.ts';
import type { Storyboard, WrittenStoryboard } from '../domain/storyboard.ts';
import type { FailureReport, VideoResult } from '../domain/video-result.ts';
import { whatIsTooDear } from './allot-budget.ts';
import { compose, type ComposedFilm } from './compose.ts';
import { decide } from './decide.ts';
import { EncodingAhead } from './encoding-ahead.ts';
import { leftOutForDeadline } from './extras.ts';
import { glue, isLean } from './glue.ts';
import { joinBranches } from './join-branches.ts';
import type { Kept, KeptAssets, RestoredArguments } from './kept.ts';
import { progressQuery, sceneSettled } from './messages.ts';
import * as profiles from './profiles.ts';
import { Restoring } from './restoring.ts';
import { RunFailed } from './run-failed.ts';
import { RunState } from './run-state.ts';
import { failureOf } from './settle-scenes.ts';
import { shortenNarration } from './shorten-narration.ts';
import { borrowPictures } from './similar-pictures.ts';

const { writeStoryboard } = proxyActivities<Activities>(profiles.script);
const closeLedger = glue((activities) => activities.closeLedger, profiles.quick);
const closeLedgerSoon = glue((activities) => activities.closeLedger, profiles.epilogue);
const discardWork = glue((activities) => activities.discardWork, profiles.epilogue);

/** One theme becomes one film: script, branches, sync point, timeline, render, delivery. */
export async function generateVideo(
  asked: GenerateVideoInput,
  ...restored: [] | RestoredArguments
): Promise<VideoResult> {
  const [from = null, storyboard = null, assets = null, film = null] = restored;
  const input = from === null ? asked : withoutPastDeadline(asked);
  const kept: Kept = { storyboard, assets, film };
  const video = { id: input.videoId, tenant: input.tenant, assetType: input.spec.assetType };
  const state = new RunState(video, assets?.branches);
  setHandler(progressQuery, () => state.progress());
  setHandler(sceneSettled, (...outcomes) => outcomes.forEach((outcome) => state.settle(outcome)));
  CancellationScope.current().cancelRequested.catch(() => state.noteCancelling());
  const restoring = new Restoring(input, kept);

  try {
    return await restoring.run(() =>
      makeFilm(input, state, { kept, attempt: from?.attempt ?? workflowInfo().attempt }),
    );
  } catch (error) {
    // Whatever else happens to a cancelled run, such as a worker lost while it settles, it is cancelled.
    if (isCancellation(error) || isEndOfCancelled(error)) return await endCancelled(input, state, error);
    if (error instanceof RunFailed) return await endFailed(input, state, error);
    if (error instanceof ActivityFailure) return await endFailed(input, state, new RunFailed(failureOf(error), []));
    throw error;
  }
}

const UNCRITICISED = leftOutForDeadline({
  what: 'script',
  detail: 'The deadline was near: the storyboard was not read by the critic.',
  replacedBy: 'the storyboard as first written',
});

/** Stage by stage; what an earlier run of this video has made, up to the checkpoint, is there already. */
async function makeFilm(
  input: GenerateVideoInput,
  state: RunState,
  from: { kept: Kept; attempt: number },
): Promise<VideoResult> {
  const ahead = new EncodingAhead(input, state);
  try {
    return await goThroughStages(input, state, { ...from, ahead });
  } finally {
    // However it ends: a run that has ended leaves nothing at work.
    await ahead.end();
  }
}

async function goThroughStages(
  input: GenerateVideoInput,
  state: RunState,
  { kept, attempt, ahead }: { kept: Kept; attempt: number; ahead: EncodingAhead },
): Promise<VideoResult> {
  if (kept.storyboard === null) {
    state.enter('script');
    const { videoId, tenant, spec } = input;
    kept.storyboard = withOwnWords(await writeStoryboard({ videoId, tenant, spec }), input);
  }
  const { storyboard } = kept;
  state.entitle(storyboard.title);
  if (kept.assets === null) {
    state.enter('assets');
    kept.assets = await gatherAssets(input, state, { storyboard, attempt, ahead });
  }
  if (kept.film === null) {
    state.enter('compose');
    kept.film = await compose(input, storyboard, { ...kept.assets, state, ahead });
  }
  state.enter('deliver');
  const result = await deliver(input, storyboard, kept.film);
  state.become(result.status);
  await condition(allHandlersFinished);
  return result;
}

async function gatherAssets(
  input: GenerateVideoInput,
  state: RunState,
  { storyboard, attempt, ahead }: { storyboard: WrittenStoryboard; attempt: number; ahead: EncodingAhead },
): Promise<KeptAssets> {
  const tooDear = await whatIsTooDear(input, storyboard);
  if (isLean() || patched('2026-11-streaming')) ahead.start(storyboard);
  const joined = await joinBranches(input, storyboard, { state, tooDear, attempt });
  // Cancelled branches return what they have; a cancelled run goes no further.
  if (CancellationScope.current().consideredCancelled) await CancellationScope.current().cancelRequested;
  const asked = ahead.close() ?? shortenNarration(input, storyboard, { state, late: joined.timedOut });
  const shortened = await asked;
  const before = [...(storyboard.criticLeftOut === true ? [UNCRITICISED] : []), ...shortened.degradations];
  const material = decide(input, { storyboard, joined, state, retakes: shortened.retakes, before });
  const borrowed = await borrowPictures(input, storyboard, material);
  return { material, borrowed, branches: state.progress().branches };
}

/** Who restores a video after its deadline wants it all the same. */
function withoutPastDeadline(input: GenerateVideoInput): GenerateVideoInput {
  const { deadline } = input.spec;
  const isPast = deadline !== null && Date.parse(deadline) <= Date.now();
  return isPast ? { ...input, spec: { ...input.spec, deadline: null } } : input;
}

/** What a user wrote for a scene stands in place of the storyboard's words, spoken and on screen. */
function withOwnWords(storyboard: WrittenStoryboard, { spec }: GenerateVideoInput): WrittenStoryboard {
  const scenes = storyboard.scenes.map((scene) => {
    const { text } = ownMaterialOf(spec.ownMaterial, scene.id);
    return text === null ? scene : { ...scene, narration: text, onScreenText: null };
  });
  return { ...storyboard, scenes };
}

async function deliver(input: GenerateVideoInput, storyboard: Storyboard, film: ComposedFilm): Promise<VideoResult> {
  const { tenant, videoId } = input;
  const [ledger] = await Promise.all([closeLedger({ tenant, videoId, timeline: film.timeline }), tidyUp(input)]);
  return {
    status: film.degradations.length === 0 ? 'success' : 'partial',
    title: storyboard.title,
    video: film.video,
    cover: film.cover,
    captions: film.captions,
    subtitles: film.subtitles,
    timeline: film.timeline,
    draft: film.draft,
    durationSeconds: film.durationSeconds,
    quality: film.quality,
    degradations: film.degradations,
    cost: ledger.cost,
    sandbox: ledger.sandbox,
  };
}

/** Files left behind cost disk, not truth: the run does not wait for them, nor fail with them. */
async function tidyUp({ videoId }: GenerateVideoInput): Promise<void> {
  try {
    await discardWork({ videoId });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn('The work folder could not be removed');
  }
}

/** A cancelled run has no result: its account is left in the memo. */
async function leaveAccount({ tenant, videoId }: GenerateVideoInput): Promise<void> {
  try {
    const { cost } = await closeLedgerSoon({ tenant, videoId, timeline: null });
    upsertMemo({ cost } satisfies CancelledMemo);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn('The account of a cancelled run could not be had in time');
  }
}

const isEndOfCancelled = (error: unknown): boolean =>
  CancellationScope.current().consideredCancelled && (error instanceof RunFailed || error instanceof ActivityFailure);

async function endCancelled(input: GenerateVideoInput, state: RunState, error: unknown): Promise<never> {
  await CancellationScope.nonCancellable(() => Promise.all([leaveAccount(input), tidyUp(input)]));
  state.become('cancelled');
  throw isCancellation(error) ? error : new CancelledFailure('The video was cancelled.');
}

async function endFailed(
  input: GenerateVideoInput,
  state: RunState,
  { failure, degradations }: RunFailed,
): Promise<never> {
  const { tenant, videoId } = input;
  const report = await CancellationScope.nonCancellable(async (): Promise<FailureReport> => {
    const [{ cost }] = await Promise.all([closeLedger({ tenant, videoId, timeline: null }), tidyUp(input)]);
    return { code: failure.code, message: failure.detail, degradations, cost };
  });
  state.become('failed');
  throw ApplicationFailure.create({
    message: failure.detail,
    type: failure.code,
    nonRetryable: true,
    details: [report],
  });
}
