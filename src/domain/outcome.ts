import type { AssetRef } from './asset.ts';
import type { Channel } from './service.ts';

/** Narration as bought: audio by reference, word timings by reference (`WordTiming[]` as JSON). */
export interface NarrationAsset {
  audio: AssetRef;
  durationMs: number;
  words: AssetRef;
  /** Who speaks; not of what was brought, nor in answers from before it was kept. */
  voice?: string;
}

/** A still as bought. */
export interface StillAsset {
  image: AssetRef;
  width: number;
  height: number;
  model: string;
  /** The way it was bought; not of what was brought, nor in results from before there were two. */
  channel?: Channel;
}

/** A clip as bought or brought: moving pictures, whose sound is not used. */
export interface ClipAsset {
  clip: AssetRef;
  /** As shown: turned upright, its pixels square. */
  width: number;
  height: number;
  durationMs: number;
  model: string;
  /** As a still's. */
  channel?: Channel;
}

/** What a scene shows. */
export type PictureAsset = StillAsset | ClipAsset;

/** Why a scene has no asset: a stable code, and words for people. */
export interface SceneFailure {
  code: string;
  detail: string;
}

/** How one scene ended in one branch. */
export type SceneOutcome =
  | { branch: 'audio'; sceneId: string; status: 'complete'; narration: NarrationAsset }
  /** `insteadOfClip`: why it is not the clip that was wanted. */
  | { branch: 'visual'; sceneId: string; status: 'complete'; still: StillAsset; insteadOfClip?: SceneFailure }
  | { branch: 'visual'; sceneId: string; status: 'complete'; clip: ClipAsset }
  | { branch: 'audio' | 'visual'; sceneId: string; status: 'failed' | 'skipped'; failure: SceneFailure };

/**
 * What a branch returns. It never throws for a scene's sake: `failed` means that no scene was completed,
 * `partial` that some were not.
 */
export interface BranchOutcome {
  status: 'complete' | 'partial' | 'failed';
  scenes: SceneOutcome[];
}
