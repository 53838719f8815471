import type { NarrationAsset } from '../domain/outcome.ts';
import type { Storyboard } from '../domain/storyboard.ts';
import type { RunState } from './run-state.ts';
import type { Retake } from './shorten-narration.ts';

/** What a scene says, and its recording. */
export interface SpokenScene {
  sceneId: string;
  narration: string;
  audio: NarrationAsset | null;
  onScreenText: string | null;
}

/** The heard and written half of each scene, as it stands once narration is settled and shortened. */
export function wordsOf(
  { scenes }: Storyboard,
  { state, retakes }: { state: RunState; retakes: ReadonlyMap<string, Retake> },
): SpokenScene[] {
  return scenes.map(({ id, narration, onScreenText = null }) => {
    const retake = retakes.get(id);
    return {
      sceneId: id,
      narration: retake?.text ?? narration,
      audio: retake?.narration ?? state.narrationOf(id),
      onScreenText,
    };
  });
}
