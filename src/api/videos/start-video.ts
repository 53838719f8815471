import { randomUUID } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, type WorkflowExecutionDescription } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { Config } from '../../config.ts';
import { canvasFor } from '../../domain/canvas.ts';
import { stageBehind } from '../../domain/checkpoint.ts';
import type { GenerateVideoInput, VideoMemo } from '../../domain/generate-video.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import type { Stage, VideoStatus } from '../../domain/progress.ts';
import { ORCHESTRATION } from '../../domain/queues.ts';
import type { VideoSpec } from '../../domain/video-spec.ts';
import type { ReadModel } from '../../read-model/read-model.ts';
import type { AssetStore } from '../../store/asset-store.ts';
import { searchAttributes } from '../../temporal/search-attributes.ts';
import { ApiError, fieldError } from '../api-error.ts';
import type { Videos } from '../read-videos.ts';
import type { TemporalGate } from '../temporal-gate.ts';
import type { Admission } from './admission.ts';
import { faultsOfTheMoment } from './faults-of-the-moment.ts';
import { findRun, lookUpRun } from './find-run.ts';
import { findNamedAssets } from './named-assets.ts';
import { refusalOf } from './refusal.ts';
import { runPolicy } from './run-policy.ts';
import { rememberReceiver } from '../../webhooks/deliveries.ts';
import { describedState } from '../../temporal/run-state.ts';
import { bodyHash, keyedVideoId, newVideoId } from './video-id.ts';

/** The workflow's type; its code belongs to the workers. */
export const GENERATE_VIDEO = 'generateVideo';

export interface VideoOrder {
  tenant: string;
  spec: VideoSpec;
  /** Where its events go. */
  webhookUrl: string | null;
  idempotencyKey: string | null;
}

export interface StartedVideo {
  videoId: string;
  status: VideoStatus;
  stage: Stage;
  runId: string | null;
  /** An earlier request with the same key had started it. */
  replayed: boolean;
}

export interface StartDeps {
  gate: TemporalGate;
  config: Pick<Config, 'parallel' | 'errorHandling' | 'storyboard' | 'idempotencyKeyDays'>;
  store: AssetStore;
  videos: Videos;
  model: ReadModel;
  admission: Admission;
  secret: string;
  clock: () => Date;
  /** Keyed requests under way here: a second one with the same key and body joins the first, however many they are. */
  startsUnderWay: Map<string, Promise<StartedVideo>>;
}

/** Starts the run, or finds the one that the same key started. */
export async function startVideo(deps: StartDeps, order: VideoOrder): Promise<StartedVideo> {
  const { tenant, idempotencyKey } = order;
  if (idempotencyKey === null) return startOrReplay(deps, order);
  const asked = JSON.stringify([tenant, idempotencyKey, bodyHash(deps.secret, wishOf(order))]);
  const underWay = deps.startsUnderWay.get(asked);
  if (underWay !== undefined) return { ...(await underWay), replayed: true };
  const started = startOrReplay(deps, order).finally(() => deps.startsUnderWay.delete(asked));
  deps.startsUnderWay.set(asked, started);
  return started;
}

async function startOrReplay(deps: StartDeps, order: VideoOrder): Promise<StartedVideo> {
  const { tenant, spec, webhookUrl, idempotencyKey } = order;
  const use = idempotencyKey === null ? null : await keyUse(deps, tenant, idempotencyKey);
  const videoId = use?.videoId ?? newVideoId();
  // A new one each time, whatever id the client gave its request: it tells who started the run.
  const memo: VideoMemo = { bodyHash: bodyHash(deps.secret, wishOf(order)), requestId: randomUUID() };
  if (use !== null && !use.known) return replayByTemporal(deps, videoId, memo);
  if (use !== null && use.bodyHash !== null) {
    if (use.bodyHash !== memo.bodyHash) throw keyReused();
    const replayed = await replayOfKnown(deps, tenant, videoId);
    if (replayed !== null) return replayed;
  }

  const refusal = refusalOf(await faultsOfTheMoment(deps, spec)) ?? (await deps.admission.refusal());
  if (refusal !== null) {
    // A replay stays a replay when the deadline has passed meanwhile, or there is no room for one more.
    const earlier = use === null ? null : await lookUpRun(deps.gate, videoId);
    if (earlier === null) throw refusal;
    return replayOf(earlier, videoId, memo);
  }

  deps.videos.noteUse(tenant, await findNamedAssets(deps.store, spec));
  // Before the run, which may end at any time after its start. Without the database no video is promised to be told of.
  if (webhookUrl !== null) await rememberReceiver(deps.model.database, { tenant, videoId, url: webhookUrl });
  const runId = await startRun(deps, { videoId, tenant, spec, memo });
  const started =
    runId === null
      ? replayOf(await findRun(deps.gate, videoId), videoId, memo)
      : { videoId, status: 'queued' as const, stage: 'script' as const, runId, replayed: false };
  if (use !== null) {
    const { keyHash } = use;
    const days = deps.config.idempotencyKeyDays;
    // Waited for, and so before what is noted behind the answer: the embedded database does one thing after the other.
    await deps.videos.rememberKeyUse({ tenant, keyHash, videoId, bodyHash: memo.bodyHash, days });
  }
  if (runId !== null) noteAccepted(deps, { videoId, tenant, runId, spec });
  return started;
}

function noteAccepted(
  { videos, clock }: StartDeps,
  { videoId, tenant, runId, spec }: Pick<NewRun, 'videoId' | 'tenant' | 'spec'> & { runId: string },
): void {
  const createdAt = clock().toISOString();
  videos.noteAccepted({ id: videoId, tenant, runId, runStartedAt: createdAt, assetType: spec.assetType, createdAt });
}

/** All that makes one wish another. The address is in no run, only its hash. */
const wishOf = ({ spec, webhookUrl }: VideoOrder): object => ({ ...spec, webhookUrl });

/** The video that a key names, and the body it was first sent with, if that is known. */
async function keyUse({ secret, videos }: StartDeps, tenant: string, key: string) {
  const keyHash = keyedVideoId(secret, tenant, key);
  const known = await videos.findKeyUse(tenant, keyHash);
  if (known == null) return { keyHash, videoId: keyHash, bodyHash: null, known: known !== undefined };
  if (!known.expired) return { keyHash, videoId: known.videoId, bodyHash: known.bodyHash, known: true };
  // Everybody who comes with the expired key must find the same new name.
  return { keyHash, videoId: keyedVideoId(secret, tenant, `${key}\0${known.createdAt}`), bodyHash: null, known: true };
}

/**
 * Without the database nobody knows whether a key was used longer ago than Temporal remembers: a run that is there is
 * replayed, and none is started.
 */
async function replayByTemporal(deps: StartDeps, videoId: string, memo: VideoMemo): Promise<StartedVideo> {
  const run = await lookUpRun(deps.gate, videoId);
  if (run !== null) return replayOf(run, videoId, memo);
  const message = 'Whether this Idempotency-Key was used before cannot be told while the database is away. Try again.';
  throw new ApiError('DATABASE_UNAVAILABLE', message);
}

/** A key remembered longer than Temporal keeps runs: the read model knows its video. */
async function replayOfKnown({ videos }: StartDeps, tenant: string, videoId: string): Promise<StartedVideo | null> {
  const known = await videos.find(tenant, videoId);
  if (known == null || known.finishedAt === null) return null;
  return { videoId, status: known.status, stage: known.stage, runId: known.runId, replayed: true };
}

interface NewRun {
  videoId: string;
  tenant: string;
  spec: VideoSpec;
  memo: VideoMemo;
}

/**
 * Resolves to the run's id; to null when there is one of this id already, under way or ended: its memo tells whose it is.
 * A start that succeeds is therefore ours, and nobody needs to look.
 */
async function startRun(deps: StartDeps, { videoId, tenant, spec, memo }: NewRun): Promise<string | null> {
  const input: GenerateVideoInput = {
    videoId,
    tenant,
    spec,
    canvas: canvasFor(spec.aspectRatio, spec.resolution),
    policy: runPolicy(deps.config, spec.assetType),
  };
  try {
    const handle = await deps.gate.call((client) =>
      client.workflow.start(GENERATE_VIDEO, {
        ...runOptions({ videoId, tenant, spec, memo }),
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: [input],
      }),
    );
    return handle.firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** How a run of a video is started, the first as well as one that goes on from a checkpoint. */
export function runOptions({ videoId, tenant, spec, memo }: NewRun) {
  const reached = memo.restored?.checkpoint;
  return {
    taskQueue: ORCHESTRATION,
    workflowId: workflowIdOf(videoId),
    // Longer than any film takes, shorter than anybody would wait for one that hangs.
    workflowExecutionTimeout: '1 day',
    memo: { ...memo },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: searchAttributes.tenant, value: tenant },
      { key: searchAttributes.status, value: 'queued' },
      { key: searchAttributes.stage, value: reached === undefined ? 'script' : stageBehind(reached) },
      { key: searchAttributes.assetType, value: spec.assetType },
    ]),
    priority: { priorityKey: spec.priority, fairnessKey: tenant },
    staticSummary: `${spec.assetType}, ${spec.durationSeconds} s, ${spec.aspectRatio}`,
  } as const;
}

function replayOf(run: WorkflowExecutionDescription, videoId: string, mine: VideoMemo): StartedVideo {
  const theirs = run.memo as Partial<VideoMemo> | undefined;
  if (theirs?.bodyHash !== mine.bodyHash) throw keyReused();
  const { status, stage } = describedState(run);
  return { videoId, status, stage, runId: run.runId, replayed: theirs.requestId !== mine.requestId };
}

const keyReused = () =>
  fieldError(
    'IDEMPOTENCY_KEY_REUSED',
    'Idempotency-Key',
    'was used before with another body: send a new key, or the same body',
  );
