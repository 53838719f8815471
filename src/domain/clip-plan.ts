import type { GenerateVideoInput } from './generate-video.ts';
import { spokenLength } from './language.ts';
import { ownMaterialOf } from './material-of-scene.ts';
import type { Storyboard } from './storyboard.ts';

/** A clip is seen during the crossfades on both sides of its scene, too. */
const CROSSFADE_SECONDS = 0.5;

export interface PlannedClip {
  sceneId: string;
  /** About as long as its scene will be: the narration is measured while the clip is made. */
  seconds: number;
}

/** How long the clip of a scene should be that takes this share of a film. */
export const clipSeconds = (durationSeconds: number, share: number): number =>
  durationSeconds * share + CROSSFADE_SECONDS;

/** The scenes of a film whose clip is to be bought; none where the user asked for stills, or brought something. */
export function plannedClips({ spec, policy }: GenerateVideoInput, { scenes, language }: Storyboard): PlannedClip[] {
  if (spec.assetType !== 'text_to_video' || policy.clips === undefined) return [];
  const lengths = scenes.map(({ narration }) => Math.max(1, spokenLength(narration, language)));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return scenes.flatMap(({ id, shot = 'clip' }, index) => {
    const { picture, clip = null } = ownMaterialOf(spec.ownMaterial, id);
    if (shot === 'still' || picture !== null || clip !== null) return [];
    return { sceneId: id, seconds: clipSeconds(spec.durationSeconds, lengths[index]! / total) };
  });
}
