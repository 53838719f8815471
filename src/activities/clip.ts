import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context, log } from '@temporalio/activity';
import { buyAsset } from '../channels/buy-asset.ts';
import { isTheWaysFault } from '../channels/policy.ts';
import type { AspectRatio, Canvas } from '../domain/canvas.ts';
import { PROVIDER_ERRORS } from '../domain/error-table.ts';
import { PermanentError, ProviderError, type ProviderErrorKind } from '../domain/errors.ts';
import type { ClipAsset, SceneFailure } from '../domain/outcome.ts';
import type { PurchaseKey } from '../domain/purchase.ts';
import { CHANNELS, type Channel } from '../domain/service.ts';
import { clipPrice } from '../ledger/prices.ts';
import type { Bought } from '../ledger/purchase-desk.ts';
import { settled } from '../ledger/settled.ts';
import { classifyArkError } from '../providers/doubao/ark-errors.ts';
import { type ClipShape, clipShapeFor, clipTokens, findClipModel } from '../domain/clip-models.ts';
import type { AssetProvider, ClipTask } from '../providers/doubao/interfaces.ts';
import { printable } from '../providers/error-code.ts';
import { convertClip } from '../render/convert-clip.ts';
import { isFilesFault } from '../render/unreadable.ts';
import type { ActivityDeps } from './deps.ts';
import { type ClipFilm, storeFilmClip } from './film-clip.ts';
import { isWanted } from './is-wanted.ts';
import { reportProgress } from './report-progress.ts';
import { inWorkFile } from './work-file.ts';

export interface StartClipInput {
  videoId: string;
  tenant: string;
  sceneId: string;
  prompt: string;
  aspectRatio: AspectRatio;
  canvas: Canvas;
  /** About so long, as the model can. */
  seconds: number;
  maxCost: number | null;
}

/** What was bought. */
export interface ClipOrder {
  taskId: string;
  model: string;
}

export interface StartedClip extends ClipOrder {
  /** A task is asked for where it was ordered. */
  channel: Channel;
  /** Names the purchase. */
  key: PurchaseKey;
  seed: number;
  /** An earlier run of this video has it already. */
  kept: ClipAsset | null;
}

export interface AwaitClipInput extends Omit<StartedClip, 'kept'> {
  /** When it is given up, in ms since 1970. */
  untilMs: number;
}

/** How a task ended. `again`: another one may do better, and this one was not billed. */
export type ClipEnd = { status: 'made' } | { status: 'failed'; failure: SceneFailure; again: boolean };

export interface KeepClipInput extends Omit<StartedClip, 'kept'> {
  film: ClipFilm;
}

/** What an `awaitClip` under way says of itself with each heartbeat. */
export interface ClipWait {
  taskId: string;
  state: ClipTask['state'];
}

/** Where a task that nobody was told of is looked for: the newest of the last days. */
const LOOKED_THROUGH = 500;

/** So many do not ask at the same moments. */
const JITTER = 0.25;

/** One scene's clip in three steps: ordered (paid, once), waited for (as often as it takes), fetched (its URL lives 24 hours). */
export function createClipActivities(deps: ActivityDeps) {
  async function startClip(input: StartClipInput): Promise<StartedClip> {
    const { tenant, videoId, sceneId, prompt, aspectRatio, canvas, seconds } = input;
    const { video: model, videoFamily: family } = deps.models;
    const shape = clipShapeFor(model, { aspectRatio, canvas, seconds }, { family });
    const bought = (answer: ClipOrder): Bought<ClipOrder> => ({
      answer,
      cost: { ...priceOf(shape), basis: 'estimated', model },
    });
    const { answer, purchase } = await buyAsset<AssetProvider, ClipOrder>(deps.shop, {
      ways: deps.ways.clip,
      ...{ key: { tenant, videoId, sceneId, purpose: 'clip' }, provider: 'ark', model, prompt },
      ...{ estimate: priceOf(shape), maxCost: input.maxCost },
      isWanted: () => isWanted(videoId),
      signal: Context.current().cancellationSignal,
      call: async (provider, { seed }) =>
        bought(await provider.createClip({ model, prompt, ...requested(shape), seed })),
      // Only where the model tells the seed again can a task be known by it.
      ...(findClipModel(model, { family })?.takesSeed
        ? {
            find: async ({ seed }: { seed: number }) => {
              const tasks = await deps.ark.listClips({ model, pageSize: LOOKED_THROUGH });
              const task = tasks.find((each) => each.seed === seed);
              if (task !== undefined) log.info('A task whose answer was lost is found', { taskId: task.id });
              return task === undefined ? null : bought({ taskId: task.id, model });
            },
          }
        : {}),
    });
    const { key, seed, channel, kept } = purchase;
    return { ...answer, key, seed, channel, kept: kept as ClipAsset | null };
  }

  const priceOf = (shape: ClipShape) => clipPrice(deps.prices, deps.models.video, clipTokens(shape));

  /** Asks until the task has ended. A cancel calls it off, if it can yet be; one that has just been made counts as made. */
  function awaitClip(input: AwaitClipInput): Promise<ClipEnd> {
    return settled(pollClip(input), Context.current().cancellationSignal);
  }

  async function pollClip(input: AwaitClipInput): Promise<ClipEnd> {
    const context = Context.current();
    const { cancellationSignal: signal } = context;
    reportProgress({ taskId: input.taskId, state: 'queued' } satisfies ClipWait);
    for (;;) {
      // A worker that stops leaves the task to the next one.
      if (signal.aborted && context.cancellationDetails?.cancelRequested !== true) throw signal.reason;
      const isLastLook = signal.aborted || Date.now() >= input.untilMs;
      const task = await look(input);
      const end = task === null ? null : await endOf(input, task);
      if (end !== null) return end;
      if (isLastLook) {
        await callOff(input, task);
        signal.throwIfAborted();
        return { status: 'failed', failure: LATE, again: false };
      }
      const pause = deps.clipPollMs * (1 - JITTER + 2 * JITTER * Math.random());
      await sleep(Math.max(0, Math.min(pause, input.untilMs - Date.now())), undefined, { signal }).catch(() => {});
    }
  }

  /** Null: it could not be told this time, and may be the next. */
  async function look({ taskId, channel }: AwaitClipInput): Promise<ClipTask | null> {
    try {
      const task = await ask(channel, (provider) => provider.readClip(taskId));
      reportProgress({ taskId, state: task.state } satisfies ClipWait);
      return task;
    } catch (error) {
      if (!(error instanceof ProviderError) || PROVIDER_ERRORS[error.details.kind].retry === null) throw error;
      log.warn('A video task could not be asked for', { taskId, code: error.details.code, kind: error.details.kind });
      return null;
    }
  }

  /** Null while it goes on. Only what was made is billed: the account is corrected either way. */
  async function endOf(input: AwaitClipInput, task: ClipTask): Promise<ClipEnd | null> {
    switch (task.state) {
      case 'queued':
      case 'running':
        return null;
      case 'succeeded': {
        const { model } = input;
        if (task.tokens !== null)
          await deps.desk.correct(input, { ...clipPrice(deps.prices, model, task.tokens), basis: 'reported', model });
        return { status: 'made' };
      }
      case 'failed':
        await deps.desk.correct(input, 'unbilled');
        return failedTask(task);
      case 'cancelled':
      case 'expired':
        await deps.desk.correct(input, 'unbilled');
        return { status: 'failed', failure: calledOff(task.state), again: task.state === 'expired' };
    }
  }

  /** What runs already is paid for, and stays in the account. */
  async function callOff(input: AwaitClipInput, task: ClipTask | null): Promise<void> {
    if (task !== null && task.state !== 'queued') return;
    try {
      if (await ask(input.channel, (provider) => provider.cancelClip(input.taskId)))
        await deps.desk.correct(input, 'unbilled');
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      log.warn('A video task could not be called off', { taskId: input.taskId, kind: error.details.kind });
    }
  }

  /** Fetched at once, decoded in full, and made to fit its film; then safe. */
  async function keepClip({ film, key, seed, ...order }: KeepClipInput): Promise<ClipAsset> {
    const { videoId } = key;
    const { url } = await ask(order.channel, (provider) => provider.readClip(order.taskId));
    if (url === null) throw unusable('the task has no clip', 'NoClip');
    const { bytes } = await deps.downloadClip(url);
    const name = `clip-${key.sceneId}`;
    const clip = await inWorkFile(deps, { videoId, name: `${name}-made`, type: 'mp4' }, async (from) => {
      await writeFile(from, bytes);
      const convert = (to: string, cwd: string) =>
        convertClip({ ffmpeg: deps.ffmpeg, from, to, ...film, cwd, signal: signalOf() });
      return decoded(from, () => storeFilmClip(deps, { name, videoId, model: order.model }, convert));
    });
    const kept = { ...clip, channel: order.channel };
    await deps.desk.keep({ key, seed }, kept);
    return kept;
  }

  /** Torn, not a film, or without pictures: what came may be better when it is fetched again. A full disk is no fault of the file. */
  async function decoded<Made>(from: string, convert: () => Promise<Made>): Promise<Made> {
    try {
      return await convert();
    } catch (cause) {
      const check = { path: from, stream: '0:v:0', ffmpeg: deps.ffmpeg, signal: signalOf() };
      if (cause instanceof PermanentError || (await isFilesFault(cause, check)))
        throw unusable('the clip that came cannot be decoded', 'CorruptClip', cause);
      throw cause;
    }
  }

  /** Over the channel that knows the task; where that is broken, over another one, whose refusal then says nothing. */
  async function ask<T>(channel: Channel, question: (provider: AssetProvider) => Promise<T>): Promise<T> {
    const { clip: ways } = deps.ways;
    try {
      return await question(ways[channel] ?? deps.ark);
    } catch (error) {
      if (!isTheWaysFault(error)) throw error;
      const another = CHANNELS.find((each) => each !== channel && ways[each] !== undefined);
      if (another === undefined) throw error;
      return await question(ways[another]!).catch(() => {
        throw error;
      });
    }
  }

  return { startClip, awaitClip, keepClip };
}

const requested = ({ ratio, resolution, durationSeconds }: ClipShape) => ({ ratio, resolution, durationSeconds });

const signalOf = (): AbortSignal => Context.current().cancellationSignal;

const LATE: SceneFailure = { code: 'timeout', detail: 'The clip was not there in time.' };

const calledOff = (state: 'cancelled' | 'expired'): SceneFailure => ({
  code: 'clip_called_off',
  detail: `The clip’s task is ${state} at the provider.`,
});

/** In the words of the retry policy, by the code that Ark gives. */
function failedTask({ error }: ClipTask): ClipEnd {
  const { kind, code } = classifyArkError({ status: 200, code: error?.code ?? '', message: error?.message ?? '' });
  const named = printable(code);
  const detail = `ark could not make the clip${named === null ? '' : ` (${named})`}`;
  return { status: 'failed', failure: { code: kind, detail }, again: isPassing(kind) };
}

const isPassing = (kind: ProviderErrorKind): boolean => PROVIDER_ERRORS[kind].retry !== null;

const unusable = (what: string, code: string, cause?: unknown): ProviderError =>
  new ProviderError(what, {
    ...{ kind: 'temporary_failure', provider: 'ark', code, httpStatus: null, retryAfterMs: null, billed: 'no', cause },
  });
