import type { Restored } from '../domain/checkpoint.ts';
import type { Progress } from '../domain/progress.ts';
import type { WrittenStoryboard } from '../domain/storyboard.ts';
import type { ComposedFilm } from './compose.ts';
import type { Material } from './decide.ts';
import type { Borrowed } from './similar-pictures.ts';

export interface KeptAssets {
  /** What each scene is made of, as decided at the sync point. */
  material: Material;
  borrowed: Borrowed;
  branches: Progress['branches'];
}

/** What a run has made, stage by stage; null: it has not got that far. All of it by reference, so that it is small. */
export interface Kept {
  storyboard: WrittenStoryboard | null;
  assets: KeptAssets | null;
  film: ComposedFilm | null;
}

/** What follows the input among the arguments of a restored run: one by one, so that each stays below a payload's limit. */
export type RestoredArguments = [
  restored: Restored,
  storyboard: WrittenStoryboard,
  assets: KeptAssets | null,
  film: ComposedFilm | null,
];
