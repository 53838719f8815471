import { setTimeout as sleep } from 'node:timers/promises';
import type { InjectedSinks } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import { DatabaseUnavailable } from '../database/errors.ts';
import type { VideoMemo } from '../domain/generate-video.ts';
import type { RunReport } from '../domain/video-event.ts';
import type { VideoIdentity } from '../domain/video-record.ts';
import type { Logger } from '../log.ts';
import type { ReadModel } from '../read-model/read-model.ts';
import { reconcile } from '../read-model/reconcile.ts';
import { tellReport } from '../read-model/tell.ts';
import type { AskTemporal } from '../temporal/run-record.ts';
import type { TellingSinks } from '../workflows/telling.ts';

/** Videos told of at once: the embedded database has one transaction at a time anyway. */
const AT_ONCE = 4;
/** Between two reports of a run that goes on: each is a transaction, and each newer one holds what the older would have told. */
const REST_MS = 200;
/** Reports kept while the database is away; beyond it the oldest is dropped, and found again by reconciliation. */
const MOST_KEPT = 2_000;
const RETRY_MS = { first: 250, most: 5_000 };
/** A run that is about to close has closed within milliseconds; a server that takes longer is left to the gateways. */
const CLOSE = { everyMs: 100, withinMs: 10_000 };

interface Told {
  video: VideoIdentity;
  report: RunReport;
}

/**
 * Writes what runs tell of themselves into the read model, in the background: a workflow task never waits for it. Of a
 * run only the newest report is kept, because each holds all that was told before.
 */
export class Teller {
  readonly #model: ReadModel;
  readonly #askTemporal: AskTemporal;
  readonly #log: Logger;
  readonly #waiting = new Map<string, Told>();
  readonly #underWay = new Set<string>();
  readonly #resting = new Set<string>();
  #working = 0;
  #isAway = false;

  constructor(options: { model: ReadModel; askTemporal: AskTemporal; log: Logger }) {
    this.#model = options.model;
    this.#askTemporal = options.askTemporal;
    this.#log = options.log;
  }

  readonly sinks: InjectedSinks<TellingSinks> = {
    readModel: { hear: { fn: (info, report) => this.#hear(info, report), callDuringReplay: false } },
  };

  /** Resolves when all that was heard is written, or the time is up. */
  async drain(withinMs: number): Promise<void> {
    const until = Date.now() + withinMs;
    while ((this.#working > 0 || this.#waiting.size > 0) && Date.now() < until) {
      this.#resting.clear();
      if (this.#working === 0) void this.#work();
      await sleep(20);
    }
  }

  #hear(info: WorkflowInfo, report: RunReport): void {
    const { runId, memo, startTime } = info;
    const runStartedAt = startTime.toISOString();
    const { restored } = (memo ?? {}) as Partial<VideoMemo>;
    const video = { ...report.video, runId, runStartedAt, createdAt: restored?.createdAt ?? runStartedAt };
    this.#waiting.delete(runId);
    this.#waiting.set(runId, { video, report });
    const oldest = this.#waiting.keys().next();
    if (this.#waiting.size > MOST_KEPT && !oldest.done) this.#waiting.delete(oldest.value);
    if (this.#working < AT_ONCE) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working++;
    try {
      for (let told = this.#take(); told !== null; told = this.#take()) {
        const { id } = told.video;
        await this.#write(told).finally(() => this.#underWay.delete(id));
        if (!told.report.closing) this.#rest(id);
      }
    } finally {
      this.#working--;
    }
  }

  #rest(videoId: string): void {
    this.#resting.add(videoId);
    setTimeout(() => {
      this.#resting.delete(videoId);
      if (this.#waiting.size > 0 && this.#working < AT_ONCE) void this.#work();
    }, REST_MS).unref();
  }

  /** A video's reports go one after the other, those of its earlier runs first. How a run ends is told at once. */
  #take(): Told | null {
    for (const [runId, told] of this.#waiting) {
      const { id } = told.video;
      if (this.#underWay.has(id) || (this.#resting.has(id) && !told.report.closing)) continue;
      this.#waiting.delete(runId);
      this.#underWay.add(told.video.id);
      return told;
    }
    return null;
  }

  async #write({ video, report }: Told): Promise<void> {
    for (let delay = RETRY_MS.first; ; delay = Math.min(delay * 2, RETRY_MS.most)) {
      try {
        if ((await tellReport(this.#model, video, report)) === 'other_run')
          await this.#tellIfPresent({ video, report });
        this.#noteBack();
        if (report.closing) await this.#seeClosed(video.id);
        return;
      } catch (error) {
        if (!(error instanceof DatabaseUnavailable)) {
          this.#log.error({ err: error, videoId: video.id }, 'the read model could not be told');
          return;
        }
        this.#noteAway(error);
        // A newer report holds all of this one.
        if (this.#waiting.has(video.runId)) return;
        await sleep(delay, undefined, { ref: false });
      }
    }
  }

  /** The row knows another run of this video. Which of the two is the newer one is for Temporal to say. */
  async #tellIfPresent({ video, report }: Told): Promise<void> {
    await reconcile({ model: this.#model, askTemporal: this.#askTemporal }, video.id);
    await tellReport(this.#model, video, report);
  }

  /** How a run ended is written as soon as Temporal says so. */
  async #seeClosed(videoId: string): Promise<void> {
    const deps = { model: this.#model, askTemporal: this.#askTemporal };
    const until = Date.now() + CLOSE.withinMs;
    while (Date.now() < until) {
      try {
        if ((await reconcile(deps, videoId)) === 'ended') return;
      } catch (error) {
        this.#log.warn({ err: error, videoId }, 'the end of a run could not be seen; a gateway will');
        return;
      }
      await sleep(CLOSE.everyMs, undefined, { ref: false });
    }
  }

  #noteAway(error: DatabaseUnavailable): void {
    if (!this.#isAway) this.#log.warn({ code: error.code }, 'the read model is behind: the database is away');
    this.#isAway = true;
  }

  #noteBack(): void {
    if (this.#isAway) this.#log.info('the read model is told again');
    this.#isAway = false;
  }
}
