import type { VideoSnapshot, VideosSnapshot } from '../../contract/live.ts';
import { recordToSummary, recordToWire } from '../../contract/record-to-wire.ts';
import { lastSeq, findVideoAt, videosUnderWay } from '../../read-model/read.ts';
import type { Videos } from '../read-videos.ts';
import { ApiError } from '../api-error.ts';
import { findRun } from '../videos/find-run.ts';
import type { Notifier } from './notifier.ts';
import type { TemporalGate } from '../temporal-gate.ts';

/** More than are under way at once, unless workers have been away for long. */
const MAX_LISTED = 500;
/** Whoever comes back from further behind begins anew: the events of thousands of videos are no news. */
const MAX_BEHIND = 10_000;
/** Clients that come together get the same one; what happened since comes behind it. */
const KEPT_MS = 250;

export interface SnapshotDeps {
  notifier: Notifier;
  videos: Videos;
  gate: TemporalGate;
  tenant: string;
}

/** Where a subscription begins. */
export interface Beginning<Snapshot> {
  after: number;
  snapshot: Snapshot | null;
}

/** Snapshots of all videos, one for all who come within a moment. */
export class Snapshots {
  readonly #deps: SnapshotDeps;
  #recent: { at: number; snapshot: Promise<VideosSnapshot> } | null = null;

  constructor(deps: SnapshotDeps) {
    this.#deps = deps;
  }

  /** A place that was never given, or is too far back, is as good as none. @throws ApiError DATABASE_UNAVAILABLE */
  async ofAll(after: number | null): Promise<Beginning<VideosSnapshot>> {
    if (after !== null) {
      const last = await this.#deps.videos.ask(lastSeq);
      if (after <= last && last - after <= MAX_BEHIND) return { after, snapshot: null };
    }
    const now = performance.now();
    if (this.#recent === null || now - this.#recent.at > KEPT_MS) {
      const snapshot = this.#read();
      this.#recent = { at: now, snapshot };
      // A failure is nobody's snapshot.
      snapshot.catch(() => (this.#recent = null));
    }
    const snapshot = await this.#recent.snapshot;
    return { after: snapshot.seq, snapshot };
  }

  async #read(): Promise<VideosSnapshot> {
    const { videos, tenant } = this.#deps;
    const found = await videos.ask((database) => videosUnderWay(database, tenant, MAX_LISTED + 1));
    return {
      seq: found.seq,
      videos: found.videos.slice(0, MAX_LISTED).map(recordToSummary),
      more: found.videos.length > MAX_LISTED,
    };
  }

  /**
   * Null with place 0: it is so new that only Temporal knows it.
   * @throws ApiError VIDEO_NOT_FOUND, DATABASE_UNAVAILABLE, TEMPORAL_UNAVAILABLE
   */
  async ofOne(id: string, urlOf: (sha256: string) => string): Promise<Beginning<VideoSnapshot>> {
    const { videos, gate, tenant } = this.#deps;
    const found = await videos.ask((database) => findVideoAt(database, tenant, id));
    if (found !== null) {
      const video = recordToWire(found.record, { urlOf });
      return { after: found.lastEventId, snapshot: { last_event_id: found.lastEventId, video } };
    }
    await findRun(gate, id);
    return { after: 0, snapshot: null };
  }

  /**
   * Where one video's events go on after one of them, and whether that was the last of an ended video.
   * @throws ApiError as `ofOne`
   */
  async placeOf(id: string, asked: number): Promise<Beginning<never> & { isAll: boolean }> {
    const { notifier, videos, gate, tenant } = this.#deps;
    const found = await notifier.read(id, Math.max(0, asked - 1)).catch(() => null);
    if (found === null)
      throw new ApiError('DATABASE_UNAVAILABLE', 'Events cannot be read while the database is away. Try again.');
    const [first, next] = found.frames;
    // 404 for what is not there: a video may be so new that only Temporal knows it.
    if (first === undefined && (await videos.find(tenant, id)) == null) await findRun(gate, id);
    const isAll = asked > 0 && first?.id === asked && first.isEnd && next === undefined;
    // An id that was never given, or no longer is: a database restored from a backup counts from there.
    return { after: first === undefined ? 0 : asked, snapshot: null, isAll };
  }
}
