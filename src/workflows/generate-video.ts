import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  log,
  proxyActivities,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { AssetRef } from '../domain/asset.ts';
import type { Degradation } from '../domain/degradation.ts';
import type { CancelledMemo, GenerateVideoInput } from '../domain/generate-video.ts';
import type { NarrationAsset, SceneFailure, StillAsset } from '../domain/outcome.ts';
import { ownMaterialOf } from '../domain/own-material.ts';
import type { Storyboard } from '../domain/storyboard.ts';
import type { PictureOrigin } from '../domain/quality.ts';
import { substitutePictures, type ScenePicture } from '../domain/substitution.ts';
import type { FailureReport, VideoResult } from '../domain/video-result.ts';
import { joinBranches, spokenScenes, type JoinedBranches } from './join-branches.ts';
import { progressQuery, sceneSettled } from './messages.ts';
import * as profiles from './profiles.ts';
import { RunState } from './run-state.ts';
import { failureOf } from './settle-scenes.ts';
import { shortenNarration, type Retake } from './shorten-narration.ts';

const { writeStoryboard } = proxyActivities<Activities>(profiles.script);
const { layOutFilm, closeLedger } = proxyActivities<Activities>(profiles.quick);
const { renderVideo } = proxyActivities<Activities>(profiles.render);
const { writeDraft } = proxyActivities<Activities>(profiles.draft);
const { closeLedger: closeLedgerSoon, discardWork } = proxyActivities<Activities>(profiles.epilogue);

/** One theme becomes one film: script, branches, sync point, timeline, render, delivery. */
export async function generateVideo(input: GenerateVideoInput): Promise<VideoResult> {
  const state = new RunState();
  setHandler(progressQuery, () => state.progress());
  setHandler(sceneSettled, (outcome) => state.settle(outcome));
  CancellationScope.current().cancelRequested.catch(() => state.noteCancelling());

  try {
    state.enter('script');
    const { videoId, tenant, spec } = input;
    const storyboard = withOwnWords(await writeStoryboard({ videoId, tenant, spec }), input);

    state.enter('assets');
    const joined = await joinBranches(input, storyboard, state);
    // Cancelled branches return what they have; a cancelled run goes no further.
    if (CancellationScope.current().consideredCancelled) await CancellationScope.current().cancelRequested;
    // Late already: no time for improvements.
    const retakes = joined.timedOut ? new Map<string, Retake>() : await shortenNarration(input, storyboard, state);
    const material = decide(input, { storyboard, joined, state, retakes });

    state.enter('compose');
    const film = await compose(input, storyboard, material);

    state.enter('deliver');
    const result = await deliver(input, storyboard, film);
    state.become(result.status);
    await condition(allHandlersFinished);
    return result;
  } catch (error) {
    // Whatever else happens to a cancelled run, such as a worker lost while it settles, it is cancelled.
    if (isCancellation(error) || isEndOfCancelled(error)) return await endCancelled(input, state, error);
    if (error instanceof RunFailed) return await endFailed(input, state, error);
    if (error instanceof ActivityFailure) return await endFailed(input, state, new RunFailed(failureOf(error), []));
    throw error;
  }
}

/** What a user wrote for a scene stands in place of the storyboard's words. */
function withOwnWords(storyboard: Storyboard, { spec }: GenerateVideoInput): Storyboard {
  const scenes = storyboard.scenes.map((scene) => ({
    ...scene,
    narration: ownMaterialOf(spec.ownMaterial, scene.id).text ?? scene.narration,
  }));
  return { ...storyboard, scenes };
}

/** The video cannot be made. Becomes the workflow's failure, with a report. */
class RunFailed extends Error {
  readonly failure: SceneFailure;
  readonly degradations: Degradation[];

  constructor(failure: SceneFailure, degradations: Degradation[]) {
    super(failure.detail);
    this.failure = failure;
    this.degradations = degradations;
  }
}

interface SceneMaterial {
  sceneId: string;
  narration: string;
  audio: NarrationAsset | null;
  picture: StillAsset | SceneFailure;
}

/** What is known of the scenes when the branches are joined. */
interface Joined {
  storyboard: Storyboard;
  joined: JoinedBranches;
  state: RunState;
  retakes: Map<string, Retake>;
}

/** The sync point's verdict: what each scene is made of, or why there is no film. */
function decide(
  input: GenerateVideoInput,
  { storyboard, joined, state, retakes }: Joined,
): { scenes: SceneMaterial[]; degradations: Degradation[] } {
  const late: SceneFailure = joined.timedOut
    ? { code: 'sync_timeout', detail: 'It was not there when the time at the sync point was up.' }
    : { code: 'branch_lost', detail: 'Its branch ended before it was done.' };
  const degradations: Degradation[] = [];

  const toBeSpoken = new Set(spokenScenes(input, storyboard).map(({ id }) => id));
  const scenes = storyboard.scenes.map(({ id, narration }): SceneMaterial => {
    const spoken = state.outcomeOf('audio', id);
    const seen = state.outcomeOf('visual', id);
    const retake = retakes.get(id);
    const audio = retake?.narration ?? state.narrationOf(id);
    if (audio === null && toBeSpoken.has(id)) {
      const { code, detail } = lostTo(spoken, late);
      degradations.push({ sceneId: id, what: 'narration', why: code, detail, replacedBy: silentScene(input) });
    }
    const picture = seen?.status === 'complete' && seen.branch === 'visual' ? seen.still : lostTo(seen, late);
    return { sceneId: id, narration: retake?.text ?? narration, audio, picture };
  });

  if (input.policy.sync.failureStrategy === 'fail_fast') refuseFailedBranch(joined, scenes, degradations);
  const real = scenes.filter(({ picture }) => 'image' in picture).length;
  if (real < input.policy.minRealPictures) {
    const lost = scenes.map(({ picture }) => picture).find((picture): picture is SceneFailure => 'code' in picture);
    const why = lost === undefined ? '' : ` (${lost.code}: ${lost.detail})`;
    const detail = `${real} of ${scenes.length} pictures were made; a film needs at least ${input.policy.minRealPictures}${why}`;
    throw new RunFailed({ code: 'no_real_pictures', detail }, degradations);
  }
  return { scenes, degradations };
}

function refuseFailedBranch(joined: JoinedBranches, scenes: SceneMaterial[], degradations: Degradation[]): void {
  const failed = (['visual', 'audio'] as const).find((branch) => joined[branch]?.status === 'failed');
  if (failed === undefined) return;
  const first = scenes.map(({ picture }) => picture).find((picture): picture is SceneFailure => 'code' in picture);
  const cause = failed === 'visual' && first !== undefined ? ` (${first.code})` : '';
  const detail = `The ${failed} branch failed${cause}, and the failure strategy is fail_fast.`;
  throw new RunFailed({ code: 'branch_failed', detail }, degradations);
}

/** A branch cancelled at the sync point says `cancelled`; for people, the reason is that it was late. */
function lostTo(outcome: ReturnType<RunState['outcomeOf']>, late: SceneFailure): SceneFailure {
  if (outcome === undefined || outcome.status === 'complete') return late;
  return outcome.status === 'skipped' ? late : outcome.failure;
}

const silentScene = ({ spec }: GenerateVideoInput): string => {
  const left = [...(spec.captions === 'none' ? [] : ['captions']), ...(spec.bgm === 'none' ? [] : ['music'])];
  return left.length === 0 ? 'silence' : left.join(' and ');
};

type Drafted = Pick<VideoResult, 'draft' | 'degradations'>;

interface ComposedFilm extends Awaited<ReturnType<Activities['renderVideo']>> {
  timeline: AssetRef;
  draft: VideoResult['draft'];
  degradations: Degradation[];
}

async function compose(
  input: GenerateVideoInput,
  storyboard: Storyboard,
  material: ReturnType<typeof decide>,
): Promise<ComposedFilm> {
  const { pictures, degradations } = substitutePictures(
    material.scenes.map(({ sceneId, narration, picture }) => ({ sceneId, text: narration, picture })),
  );
  const laidOut = await layOutFilm({
    ...{ spec: input.spec, canvas: input.canvas, title: storyboard.title, language: storyboard.language },
    scenes: material.scenes.map(({ sceneId, narration, audio }, index) => ({
      ...{ sceneId, narration, audio },
      picture: pictures.get(sceneId) ?? { kind: 'title_card', text: narration },
      onScreenText: storyboard.scenes[index]?.onScreenText ?? null,
    })),
  });
  const { timeline } = laidOut;
  const work = [
    renderVideo({
      ...{ videoId: input.videoId, timeline, format: input.spec.format },
      pictureSources: material.scenes.map(({ sceneId, picture }) => {
        return { sceneId, source: originOf(input, { sceneId, picture, shown: pictures.get(sceneId) }) };
      }),
    }),
    draftOf(input, timeline),
  ] as const;
  // Both to their end, also when one is cancelled or fails: a run that has ended leaves nothing at work.
  await Promise.allSettled(work);
  const [rendered, drafted] = await Promise.all(work);
  return {
    ...rendered,
    ...{ timeline, draft: drafted.draft },
    degradations: [...material.degradations, ...degradations, ...laidOut.degradations, ...drafted.degradations],
  };
}

/** Whose picture a scene shows, as the quality report tells it. */
function originOf(
  { spec }: GenerateVideoInput,
  scene: Pick<SceneMaterial, 'sceneId' | 'picture'> & { shown: ScenePicture | undefined },
): PictureOrigin {
  if ('image' in scene.picture)
    return ownMaterialOf(spec.ownMaterial, scene.sceneId).picture === null ? 'own' : 'uploaded';
  return scene.shown?.kind === 'still' ? 'neighbour' : 'title_card';
}

/** A film without its draft is a film: what is missing is told. */
async function draftOf({ videoId }: GenerateVideoInput, timeline: AssetRef): Promise<Drafted> {
  try {
    const { draftId, draft } = await writeDraft({ videoId, timeline });
    return { draft: { id: draftId, zip: draft }, degradations: [] };
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    const { code, detail } = failureOf(error);
    const missing = { sceneId: null, what: 'draft', why: code, detail, replacedBy: 'no draft' } as const;
    return { draft: null, degradations: [missing] };
  }
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
