import type { Degradation } from '../domain/degradation.ts';
import type { GenerateVideoInput } from '../domain/generate-video.ts';
import type { NarrationAsset, PictureAsset, SceneFailure } from '../domain/outcome.ts';
import type { Storyboard } from '../domain/storyboard.ts';
import { isPicture } from '../domain/substitution.ts';
import type { JoinedBranches } from './join-branches.ts';
import { RunFailed } from './run-failed.ts';
import type { RunState } from './run-state.ts';
import type { Retake } from './shorten-narration.ts';
import { spokenScenes } from './spoken-scenes.ts';
import { wordsOf } from './words-of.ts';

/** What one scene is made of. */
export interface SceneMaterial {
  sceneId: string;
  narration: string;
  audio: NarrationAsset | null;
  picture: PictureAsset | SceneFailure;
}

/** What is known of the scenes when the branches are joined. */
interface Joined {
  storyboard: Storyboard;
  joined: JoinedBranches;
  state: RunState;
  retakes: Map<string, Retake>;
  /** What was given up until here. */
  before: Degradation[];
}

export interface Material {
  scenes: SceneMaterial[];
  degradations: Degradation[];
}

/** The sync point's verdict: what each scene is made of. @throws RunFailed when there is no film */
export function decide(input: GenerateVideoInput, { storyboard, joined, state, retakes, before }: Joined): Material {
  const late: SceneFailure = joined.timedOut
    ? { code: 'sync_timeout', detail: 'It was not there when the time at the sync point was up.' }
    : { code: 'branch_lost', detail: 'Its branch ended before it was done.' };
  const degradations = [...before];

  const toBeSpoken = new Set(spokenScenes(input, storyboard).map(({ id }) => id));
  const scenes = wordsOf(storyboard, { state, retakes }).map(({ sceneId: id, narration, audio }): SceneMaterial => {
    const spoken = state.outcomeOf('audio', id);
    if (audio === null && toBeSpoken.has(id)) {
      const { code, detail } = lostTo(spoken, late);
      degradations.push({ sceneId: id, what: 'narration', why: code, detail, replacedBy: silentScene(input) });
    }
    const seen = state.outcomeOf('visual', id);
    if (seen?.status === 'complete' && 'still' in seen && seen.insteadOfClip !== undefined) {
      const { code, detail } = seen.insteadOfClip;
      degradations.push({ sceneId: id, what: 'clip', why: code, detail, replacedBy: 'still' });
    }
    return { sceneId: id, narration, audio, picture: state.pictureOf(id) ?? lostTo(seen, late) };
  });

  if (input.policy.sync.failureStrategy === 'fail_fast') refuseFailedBranch(joined, scenes, degradations);
  const real = scenes.filter(({ picture }) => isPicture(picture)).length;
  if (real < input.policy.minRealPictures) {
    const lost = firstLostPicture(scenes);
    const why = lost === undefined ? '' : ` (${lost.code}: ${lost.detail})`;
    const detail = `${real} of ${scenes.length} pictures were made; a film needs at least ${input.policy.minRealPictures}${why}`;
    throw new RunFailed({ code: 'no_real_pictures', detail }, degradations);
  }
  return { scenes, degradations };
}

function refuseFailedBranch(joined: JoinedBranches, scenes: SceneMaterial[], degradations: Degradation[]): void {
  const failed = joined.failedFirst;
  if (failed === null) return;
  const first = firstLostPicture(scenes);
  const cause = failed === 'visual' && first !== undefined ? ` (${first.code})` : '';
  const detail = `The ${failed} branch failed${cause}, and the failure strategy is fail_fast.`;
  throw new RunFailed({ code: 'branch_failed', detail }, degradations);
}

const firstLostPicture = (scenes: SceneMaterial[]): SceneFailure | undefined =>
  scenes.map(({ picture }) => picture).find((picture): picture is SceneFailure => !isPicture(picture));

/** A branch cancelled at the sync point says `cancelled`; for people, the reason is that it was late. */
function lostTo(outcome: ReturnType<RunState['outcomeOf']>, late: SceneFailure): SceneFailure {
  if (outcome === undefined || outcome.status === 'complete') return late;
  return outcome.status === 'skipped' ? late : outcome.failure;
}

const silentScene = ({ spec }: GenerateVideoInput): string => {
  const left = [...(spec.captions === 'none' ? [] : ['captions']), ...(spec.bgm === 'none' ? [] : ['music'])];
  return left.length === 0 ? 'silence' : left.join(' and ');
};
