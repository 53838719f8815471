import { ERROR_RULES } from '../contract/error-body.ts';
import type { Database } from '../database/database.ts';
import { readBoard } from '../breakers/board.ts';
import type { BreakerReport } from '../domain/breaker-state.ts';
import { DatabaseSetupError, DatabaseUnavailable, MigrationError } from '../database/errors.ts';
import type { AssetRef } from '../domain/asset.ts';
import type { Cost } from '../domain/ledger-line.ts';
import type { Stage } from '../domain/progress.ts';
import { hasEnded, type VideoIdentity, type VideoRecord } from '../domain/video-record.ts';
import { costOf } from '../ledger/cost-of.ts';
import { listPurchases } from '../ledger/sql-purchase-store.ts';
import type { Logger } from '../log.ts';
import { nameCheckpoint, namedCheckpoints, stagesLeft, type NamedCheckpoint } from '../read-model/checkpoints.ts';
import { findKeyUse, rememberKeyUse, type KeyUse } from '../read-model/idempotency.ts';
import { countUnderWay, eventsOf, findVideo, lastSeq, readVideos, type StoredEvent } from '../read-model/read.ts';
import type { ReadModel } from '../read-model/read-model.ts';
import { tellAccepted, tellCancelling, tellEnded, tellPresent } from '../read-model/tell.ts';
import { noteUse } from '../store/note-use.ts';
import { ApiError } from './api-error.ts';

/** An answer does not wait longer for the database: Temporal knows too. */
const READ_MS = 700;
/** Nobody else can tell: as long as the database gives a statement. */
const ASK_MS = 2_000;

/**
 * The read model as answers use it: away is not an error but an answer, because Temporal can be asked instead. What is
 * noted here is noted in the background, and found again by reconciliation where that fails.
 */
export class Videos {
  readonly #model: ReadModel;
  readonly #log: Logger;
  #isAway = false;

  constructor(model: ReadModel, log: Logger) {
    this.#model = model;
    this.#log = log;
  }

  async isThere(withinMs: number): Promise<boolean> {
    return (await this.#inTime(lastSeq(this.#model.database), withinMs)) !== undefined;
  }

  /** What workers tell of circuit breakers that are not closed; undefined when the database is away. */
  breakers(withinMs: number): Promise<BreakerReport[] | undefined> {
    return this.#inTime(readBoard(this.#model.database), withinMs);
  }

  /** Null when the read model does not know it (any more); undefined when it is away. */
  find(tenant: string, id: string): Promise<VideoRecord | null | undefined> {
    return this.#inTime(findVideo(this.#model.database, tenant, id));
  }

  /**
   * What a video has cost, from the ledger itself; `ended` without a film, all of it is unused. Null when the ledger is away.
   */
  async costOf(tenant: string, id: string, { ended }: { ended: boolean }): Promise<Cost | null> {
    // Whoever asks has looked for the video just before: what did not answer then is not waited for again.
    if (this.#isAway) return null;
    const purchases = await this.#inTime(listPurchases(this.#model.database, tenant, id));
    return purchases === undefined ? null : costOf(purchases, () => !ended);
  }

  /** What only the database can tell. @throws ApiError DATABASE_UNAVAILABLE */
  async ask<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const read = await this.#inTime(
      work(this.#model.database).then((value) => ({ value })),
      ASK_MS,
    );
    if (read === undefined) throw new ApiError('DATABASE_UNAVAILABLE', ERROR_RULES.DATABASE_UNAVAILABLE.meaning);
    return read.value;
  }

  /** Undefined when the read model is away. */
  list(wanted: Parameters<typeof readVideos>[1]): Promise<VideoRecord[] | undefined> {
    return this.#inTime(readVideos(this.#model.database, wanted));
  }

  /** How many have not ended; undefined when the read model is away. */
  countUnderWay(tenant: string): Promise<number | undefined> {
    return this.#inTime(countUnderWay(this.#model.database, tenant));
  }

  /** Undefined when the read model is away. */
  checkpointsOf(
    tenant: string,
    videoId: string,
  ): Promise<{ named: NamedCheckpoint[]; stagesLeft: Map<Stage, string> } | undefined> {
    const { database } = this.#model;
    const [named, left] = [namedCheckpoints(database, { tenant, videoId }), stagesLeft(database, videoId)];
    return this.#inTime(Promise.all([named, left]).then(([names, times]) => ({ named: names, stagesLeft: times })));
  }

  /** False when there is one of that name; undefined when the read model is away. */
  nameCheckpoint(
    tenant: string,
    videoId: string,
    checkpoint: Parameters<typeof nameCheckpoint>[2],
  ): Promise<boolean | undefined> {
    return this.#inTime(nameCheckpoint(this.#model.database, { tenant, videoId }, checkpoint));
  }

  /** Undefined when the read model is away. */
  eventsOf(videoId: string, page: Parameters<typeof eventsOf>[2]): Promise<StoredEvent[] | undefined> {
    return this.#inTime(eventsOf(this.#model.database, videoId, page));
  }

  /** Null when it was never used; undefined when the read model is away. */
  findKeyUse(tenant: string, keyHash: string): Promise<KeyUse | null | undefined> {
    return this.#inTime(findKeyUse(this.#model.database, tenant, keyHash));
  }

  /** Waited for a moment: reconciliation finds videos again, not the keys that asked for them. */
  async rememberKeyUse(use: Parameters<typeof rememberKeyUse>[1]): Promise<void> {
    await this.#inTime(rememberKeyUse(this.#model.database, use));
  }

  /** Nothing of it is pruned while the video is made. */
  noteUse(tenant: string, used: AssetRef[]): void {
    this.#note(noteUse(this.#model.database, tenant, used));
  }

  noteAccepted(video: VideoIdentity): void {
    this.#note(tellAccepted(this.#model, video));
  }

  /** Waited for a moment, so that whoever asks next is not told of the run before. */
  async tellPresent(...present: Tail<Parameters<typeof tellPresent>>): Promise<void> {
    await this.#inTime(tellPresent(this.#model, ...present));
  }

  noteCancelling(video: VideoIdentity, at: Date): void {
    this.#note(tellCancelling(this.#model, video, at.toISOString()));
  }

  noteEnded(video: VideoRecord): void {
    const { status, stage, result, failure, cost, finishedAt } = video;
    if (finishedAt === null || !hasEnded(status)) return;
    this.#note(tellEnded(this.#model, video, { status, stage, result, failure, cost, finishedAt }));
  }

  async #inTime<T>(reading: Promise<T>, withinMs = READ_MS): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new DatabaseUnavailable('no answer in time')), withinMs);
    });
    reading.catch(() => {}); // it may fail after nobody waits for it any more
    try {
      const read = await Promise.race([reading, late]);
      this.#noteBack();
      return read;
    } catch (error) {
      if (!isAway(error)) throw error;
      this.#noteAway(error);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  #note(telling: Promise<void>): void {
    telling.catch((error: unknown) => {
      if (isAway(error)) this.#noteAway(error);
      else this.#log.error({ err: error }, 'the read model could not be told');
    });
  }

  #noteAway({ message }: Error): void {
    if (!this.#isAway) this.#log.warn({ why: message }, 'answers come from Temporal: the database cannot be used');
    this.#isAway = true;
  }

  #noteBack(): void {
    if (this.#isAway) this.#log.info('answers come from the read model again');
    this.#isAway = false;
  }
}

type Tail<List extends unknown[]> = List extends [unknown, ...infer Rest] ? Rest : never;

/** One that does not fit this release, or is set up wrongly, answers no more than one that is not there. */
const isAway = (error: unknown): error is Error =>
  [DatabaseUnavailable, MigrationError, DatabaseSetupError].some((kind) => error instanceof kind);
