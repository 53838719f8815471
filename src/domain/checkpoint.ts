import { STAGES, type Stage } from './progress.ts';

/** What every run passes by itself: the ends of its stages but the last. */
export const CHECKPOINTS = ['after_script', 'after_assets', 'after_compose'] as const;
export type Checkpoint = (typeof CHECKPOINTS)[number];

/** Those that a run has reached which is, or has ended, in this stage. */
export const reachedIn = (stage: Stage): Checkpoint[] => CHECKPOINTS.slice(0, STAGES.indexOf(stage));

/** The stage that a checkpoint is the end of. */
export const stageBefore = (checkpoint: Checkpoint): Stage => STAGES[CHECKPOINTS.indexOf(checkpoint)] as Stage;

/** The stage that begins there. */
export const stageBehind = (checkpoint: Checkpoint): Stage => STAGES[CHECKPOINTS.indexOf(checkpoint) + 1] as Stage;

export const isCheckpoint = (name: string): name is Checkpoint => (CHECKPOINTS as readonly string[]).includes(name);

/** What a run that goes on from a checkpoint is told, beside what is kept; also in its memo. */
export interface Restored {
  checkpoint: Checkpoint;
  /** Counts the video's runs: its branches' ids carry it, so that they never meet those of a run before. */
  attempt: number;
  /** When the video was asked for. */
  createdAt: string;
}
