import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Logger } from 'pino';

import { Refusal } from '../call.ts';
import type { TaskFate } from '../faults.ts';
import type { Ledger } from '../ledger.ts';
import { movePicture, MARGIN } from '../pictures/move-picture.ts';
import type { Painter } from '../pictures/painter.ts';
import { seeded } from '../seeded.ts';
import type { PictureStore } from './picture-store.ts';
import { FPS, type VideoRequest } from './video-request.ts';

export type TaskState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'expired';

export interface VideoTask {
  id: string;
  state: TaskState;
  request: VideoRequest;
  /** What was asked for, or what the service has chosen; null: the model has none. */
  seed: number | null;
  createdAt: number;
  updatedAt: number;
  error: { code: string; message: string } | null;
  tokens: number | null;
  /** Where the file lies in the store. */
  file: string | null;
}

export interface VideoTaskSettings {
  seed: number;
  delayScale: number;
  painter: Painter;
  store: PictureStore;
  ledger: Ledger;
  log: Logger;
  stopping: AbortSignal;
  ffmpegPath: string | undefined;
}

/** As at an account without a rise of its limits: what comes more waits as queued. */
const MOST_RUNNING = 10;
const MOST_QUEUED = 500;
const MOST_KEPT = 20_000;
const DELAY_MS = { queued: [2_000, 6_000], running: [30_000, 60_000] } as const;

/** The asynchronous half of the service: each task goes its way by itself, whether or not anybody asks for it. */
export class VideoTasks {
  private readonly settings: VideoTaskSettings;
  private readonly tasks = new Map<string, VideoTask>();
  private running = 0;
  /** One film at a time: other programs want the cores, too. */
  private making: Promise<unknown> = Promise.resolve();

  constructor(settings: VideoTaskSettings) {
    this.settings = settings;
  }

  create(request: VideoRequest, { fate, requestId }: { fate: TaskFate; requestId: string }): VideoTask {
    const queued = [...this.tasks.values()].filter(({ state }) => state === 'queued').length;
    if (queued >= MOST_QUEUED)
      throw new Refusal({ code: 'QuotaExceeded', message: 'There are too many queued video tasks.' });
    const now = Date.now();
    const chosen = request.seed === -1 ? randomInt(1, 2_147_483_647) : request.seed;
    const task: VideoTask = {
      ...{ id: newTaskId(now), state: 'queued', request, seed: chosen, createdAt: now, updatedAt: now },
      ...{ error: null, tokens: null, file: null },
    };
    this.tasks.set(task.id, task);
    const [oldest] = this.tasks.keys();
    if (this.tasks.size > MOST_KEPT && oldest !== undefined) this.tasks.delete(oldest);
    void this.live(task, { fate, requestId }).catch((error: unknown) => {
      if (!this.settings.stopping.aborted) this.settings.log.error({ error: String(error) }, 'a video task went wrong');
    });
    return task;
  }

  /** @throws Refusal for one that is not known */
  get(id: string): VideoTask {
    const task = this.tasks.get(id);
    if (task === undefined)
      throw new Refusal({ code: 'NotFound.Task', message: `The specified task ${id} is not found.` });
    return task;
  }

  /** The newest first. */
  list(): VideoTask[] {
    return [...this.tasks.values()].reverse();
  }

  /** One verb, two meanings: a queued one is called off, the record of one that has ended is removed. */
  remove(id: string): void {
    const task = this.get(id);
    switch (task.state) {
      case 'queued':
        return this.become(task, 'cancelled');
      case 'running':
      case 'cancelled':
        throw new Refusal({
          ...{ code: 'InvalidAction', status: 409 },
          message: `The task is ${task.state}: it cannot be cancelled or deleted.`,
        });
      default:
        this.tasks.delete(id);
    }
  }

  private async live(task: VideoTask, { fate, requestId }: { fate: TaskFate; requestId: string }): Promise<void> {
    const { seed, delayScale } = this.settings;
    const dice = seeded(seed, 'video-delay', task.request.prompt);
    const scaled = ([low, high]: readonly [number, number]): number => dice.between(low, high) * delayScale;
    const expires = this.pause(task.request.expiresAfterSeconds * 1000).then(() => {
      if (task.state === 'queued' || task.state === 'running') this.become(task, 'expired');
    });
    expires.catch(() => {});
    await this.pause(fate.queuedMs ?? scaled(DELAY_MS.queued));
    if (!isIn(task, 'queued')) return;
    if (fate.ends === 'cancelled' || fate.ends === 'expired') return this.become(task, fate.ends);
    if (fate.stays === 'queued') return;
    // Called off, or over, meanwhile.
    while (isIn(task, 'queued') && this.running >= MOST_RUNNING) await this.pause(50);
    if (!isIn(task, 'queued')) return;
    this.become(task, 'running');
    if (fate.stays === 'running') return;
    this.running++;
    try {
      const delay = this.pause(fate.runningMs ?? scaled(DELAY_MS.running));
      if (fate.ends === 'failed') {
        await delay;
        const code = fate.code ?? 'InternalServiceError';
        task.error = { code, message: fate.message ?? `The task failed with ${code}. Request id: ${requestId}` };
        return this.become(task, 'failed');
      }
      const [file] = await Promise.all([this.inTurn(() => this.make(task)), delay]);
      if (isIn(task, 'running')) this.finish(task, { file, requestId });
    } catch (error) {
      if (this.settings.stopping.aborted) return;
      task.error = { code: 'InternalServiceError', message: 'The service encountered an unexpected internal error.' };
      this.become(task, 'failed');
      throw error;
    } finally {
      this.running--;
    }
  }

  /** Made, and only now paid for. */
  private finish(task: VideoTask, { file, requestId }: { file: string; requestId: string }): void {
    const { modelId, prompt, raster, frames } = task.request;
    task.file = file;
    task.tokens = Math.round((raster.width * raster.height * frames) / 1024);
    this.become(task, 'succeeded');
    this.settings.ledger.bill({
      ...{ at: new Date(task.createdAt).toISOString(), route: '/api/v3/contents/generations/tasks', kind: 'video' },
      ...{ model: modelId, units: task.tokens, text: prompt, request_id: requestId, client_gone: false },
      usage: { completion_tokens: task.tokens, total_tokens: task.tokens },
    });
  }

  private async make({ id, request, seed }: VideoTask): Promise<string> {
    const { painter, store, ffmpegPath, stopping } = this.settings;
    if (ffmpegPath === undefined) throw new Error('FFMPEG_PATH is not set: no moving pictures can be made');
    const { prompt, raster, frames, watermark, firstFrame } = request;
    const even = (length: number): number => Math.ceil((length * MARGIN) / 2) * 2;
    const picture = await painter.paint({
      ...{ prompt, width: even(raster.width), height: even(raster.height), format: 'jpeg', watermark },
      ...{ seed: `${this.settings.seed}/${seed ?? 0}/0` },
      colors: firstFrame === null ? null : await painter.colorsOf(firstFrame),
    });
    const turn = seeded(this.settings.seed, 'turn', prompt).integer(0, 3) as 0 | 1 | 2 | 3;
    const bytes = await movePicture({
      ...{ picture, ...raster, frames, fps: FPS, turn, ffmpegPath, signal: stopping },
    });
    return store.keepFile(`${id}.mp4`, { bytes, contentType: 'video/mp4' });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.making.then(work, work);
    this.making = done.catch(() => {});
    return done;
  }

  private become(task: VideoTask, state: TaskState): void {
    task.state = state;
    task.updatedAt = Date.now();
  }

  private pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.settings.stopping, ref: false });
  }
}

/** Asked anew each time: others call a task off meanwhile. */
const isIn = (task: VideoTask, state: TaskState): boolean => task.state === state;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

function newTaskId(now: number): string {
  const stamp = new Date(now).toISOString().replace(/\D/g, '').slice(0, 14);
  return `cgt-${stamp}-${Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`;
}
