import { CHECKPOINTS, isCheckpoint, reachedIn, stageBefore, type Checkpoint } from '../../domain/checkpoint.ts';
import type { WireCheckpoint } from '../../contract/checkpoint.ts';
import { VIDEO_ID_PATTERN } from '../../domain/ids.ts';
import { describedState } from '../../temporal/run-state.ts';
import { ApiError, fieldError } from '../api-error.ts';
import type { Videos } from '../read-videos.ts';
import type { TemporalGate } from '../temporal-gate.ts';
import { findRun, notFound } from './find-run.ts';

/** Names of one video: each is shown with every answer about them. */
const MOST_NAMES = 100;

export interface CheckpointDeps {
  gate: TemporalGate;
  videos: Videos;
  tenant: string;
}

/** A checkpoint of a video, and the run that has passed it. */
export interface KnownCheckpoint {
  name: string;
  checkpoint: Checkpoint;
  runId: string;
  at: string | null;
}

/**
 * Those of the present run, as far as it has got, then those that were named.
 * @throws ApiError VIDEO_NOT_FOUND, DATABASE_UNAVAILABLE, TEMPORAL_UNAVAILABLE
 */
export async function checkpointsOf(
  { gate, videos, tenant }: CheckpointDeps,
  videoId: string,
): Promise<KnownCheckpoint[]> {
  if (!VIDEO_ID_PATTERN.test(videoId)) throw notFound();
  const [known, written] = await Promise.all([videos.find(tenant, videoId), videos.checkpointsOf(tenant, videoId)]);
  if (known === undefined || written === undefined) throw away();
  const { runId, stage } = known !== null && known.finishedAt !== null ? known : await presentRun(gate, videoId);
  const automatic = reachedIn(stage).map((checkpoint): KnownCheckpoint => {
    return { name: checkpoint, checkpoint, runId, at: written.stagesLeft.get(stageBefore(checkpoint)) ?? null };
  });
  return [...automatic, ...written.named.map(({ createdAt, ...named }) => ({ ...named, at: createdAt }))];
}

/** The point reached now, under a name; under its own where none is given. */
export async function nameCheckpoint(
  deps: CheckpointDeps,
  videoId: string,
  name: string | null,
): Promise<{ checkpoint: KnownCheckpoint; isNew: boolean }> {
  const known = await checkpointsOf(deps, videoId);
  const reached = known.findLast((checkpoint) => isCheckpoint(checkpoint.name));
  if (reached === undefined) throw notReached('no checkpoint', known);
  if (name === null) return { checkpoint: reached, isNew: false };
  if (isCheckpoint(name)) return { checkpoint: named(known, name), isNew: false };

  const names = known.filter((other) => !isCheckpoint(other.name)).map((other) => other.name);
  if (names.length >= MOST_NAMES && !names.includes(name))
    throw fieldError('TOO_MANY_CHECKPOINTS', 'checkpoint', `is one more than the ${MOST_NAMES} that a video may have`);
  const { checkpoint, runId } = reached;
  const isNew = await deps.videos.nameCheckpoint(deps.tenant, videoId, { name, checkpoint, runId });
  if (isNew === undefined) throw away();
  const there = named(await checkpointsOf(deps, videoId), name);
  if (there.runId === runId && there.checkpoint === checkpoint) return { checkpoint: there, isNew };
  throw fieldError('CHECKPOINT_NAME_TAKEN', 'checkpoint', 'names another point of this video: choose another name');
}

/** @throws ApiError CHECKPOINT_NOT_REACHED, CHECKPOINT_UNKNOWN, which name those that there are. */
export function named(known: KnownCheckpoint[], name: string): KnownCheckpoint {
  const found = known.find((checkpoint) => checkpoint.name === name);
  if (found !== undefined) return found;
  if (isCheckpoint(name)) throw notReached(name, known);
  throw fieldError('CHECKPOINT_UNKNOWN', 'checkpoint', `is none of this video. ${thereAre(known)}`);
}

export const notReached = (what: string, known: KnownCheckpoint[]): ApiError =>
  new ApiError('CHECKPOINT_NOT_REACHED', `The video has not reached ${what}. ${thereAre(known)}`);

const thereAre = (known: KnownCheckpoint[]): string =>
  known.length === 0
    ? `There is none yet; ${CHECKPOINTS[0]} comes first.`
    : `There are: ${known.map(({ name }) => name).join(', ')}.`;

async function presentRun(gate: TemporalGate, videoId: string) {
  const run = await findRun(gate, videoId);
  return { runId: run.runId, stage: describedState(run).stage };
}

export const away = (): ApiError =>
  new ApiError('DATABASE_UNAVAILABLE', 'Checkpoints cannot be read while the database is away. Try again.');

export const checkpointToWire = ({ name, checkpoint, at }: KnownCheckpoint): WireCheckpoint => {
  return { name, after: stageBefore(checkpoint), automatic: isCheckpoint(name), at };
};
