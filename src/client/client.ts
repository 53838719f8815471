import { ConflictError, type McpBridgeError, VideoFailedError, VideoStoppedError, WaitAbortedError } from './errors.ts';
import { follow } from './event-stream.ts';
import { type Call, Transport } from './transport.ts';
import type {
  AcceptedVideo,
  Asset,
  CancelledVideo,
  Checkpoint,
  CheckpointName,
  ConfigView,
  Estimate,
  FinishedVideo,
  Health,
  LiveEvent,
  Queue,
  Readiness,
  RestoredVideo,
  RestoreParams,
  Stats,
  StatsWindow,
  Style,
  Video,
  VideoEvent,
  VideoList,
  VideoListQuery,
  VideoParams,
  VideoSummary,
  VideosSnapshot,
  Voice,
  Worker,
} from './types.ts';
import { watch, type WatchOptions } from './watch.ts';

const ANSWER_MS = 15_000;
const PATIENCE_MS = 30_000;
/** For telling the gateway, after the caller has given up, that the video is not wanted any more. */
const CANCEL_MS = 10_000;

export interface ClientOptions {
  /** Of the gateway, such as http://127.0.0.1:8001. */
  baseUrl?: string;
  /** Sent with every request, such as an `Authorization` of a proxy before the gateway. */
  headers?: Record<string, string>;
  /** Within which an answer is expected, in milliseconds. */
  answerMs?: number;
  /** How long a call that may be repeated is repeated while the gateway cannot answer, in milliseconds; 0: never. */
  patienceMs?: number;
  /** Told each time that a call has failed and is repeated. */
  onRetry?: (error: McpBridgeError) => void;
  /** Instead of the platform's own. */
  fetch?: typeof fetch;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
}

export interface StartOptions extends CallOptions {
  /** Makes all sendings of this request one order; made by default, and the same over retries. */
  idempotencyKey?: string | undefined;
}

export interface WaitOptions extends WatchOptions {
  /** Called with every new view of the video, the last one included. What it throws ends the waiting. */
  onProgress?: ((video: Video) => void) | undefined;
  /** By default an aborted signal ends only the waiting, and the video is made all the same; true cancels it, too. */
  cancelOnAbort?: boolean | undefined;
}

/** What the gateway answers to a request for a video. */
export type StartedVideo = AcceptedVideo & { idempotencyKey: string; replayed: boolean };

/**
 * A gateway of mcp-bridge. Needs fetch and streams, and nothing else: Node 20 and browsers.
 *
 * @example
 * const client = new McpBridgeClient({ baseUrl: 'http://127.0.0.1:8001' });
 * const video = await client.generateVideo({ video_theme: '介绍我们的新款智能手表', duration: 15 });
 * console.log(video.status, video.video_url, video.degradations);
 */
export class McpBridgeClient {
  readonly baseUrl: string;
  readonly #transport: Transport;

  constructor(options: ClientOptions = {}) {
    const { baseUrl = 'http://127.0.0.1:8001', headers = {}, answerMs = ANSWER_MS, patienceMs = PATIENCE_MS } = options;
    if (!/^https?:\/\//.test(baseUrl)) throw new TypeError('baseUrl must be the http(s) URL of a gateway');
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    // Called as a function of its own: browsers refuse their fetch as a method.
    const send: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));
    const onRetry = options.onRetry ?? (() => {});
    this.#transport = new Transport({ baseUrl: this.baseUrl, headers, answerMs, patienceMs, onRetry, fetch: send });
  }

  /**
   * Asks for a video and waits until it is there.
   * @throws VideoFailedError, VideoStoppedError when it ends otherwise; WaitAbortedError by the signal
   */
  async generateVideo(params: VideoParams, options: WaitOptions & StartOptions = {}): Promise<FinishedVideo> {
    const { signal, idempotencyKey = newIdempotencyKey(), cancelOnAbort = false } = options;
    const start = { idempotencyKey, ...(cancelOnAbort ? {} : { signal }) };
    try {
      signal?.throwIfAborted();
      // One that is to be cancelled must be known first: its order is sent to the end.
      const { id } = await this.startVideo(params, start);
      return await this.waitForVideo(id, options);
    } catch (error) {
      if (signal?.aborted !== true || error instanceof WaitAbortedError) throw error;
      throw abortedBefore(idempotencyKey, signal.reason);
    }
  }

  /** Asks for a video, and does not wait for it. */
  async startVideo(params: VideoParams, options: StartOptions = {}): Promise<StartedVideo> {
    const { signal, idempotencyKey = newIdempotencyKey() } = options;
    const { data, headers } = await this.#transport.json<AcceptedVideo>({
      ...post('/api/v1/generate-video', params),
      ...{ repeatable: true, signal },
      headers: { ...JSON_BODY, 'Idempotency-Key': idempotencyKey },
    });
    return { ...data, idempotencyKey, replayed: headers.get('idempotent-replayed') === 'true' };
  }

  /** Waits for a video, whoever has asked for it. Throws as generateVideo does. */
  async waitForVideo(id: string, options: WaitOptions = {}): Promise<FinishedVideo> {
    const { signal, pollMs, onProgress, cancelOnAbort = false } = options;
    try {
      let last: Video | null = null;
      for await (const video of this.watchVideo(id, { signal, ...(pollMs === undefined ? {} : { pollMs }) })) {
        onProgress?.(video);
        last = video;
      }
      return finished(last as Video);
    } catch (error) {
      if (signal?.aborted !== true || error !== signal.reason) throw error;
      const cancelled = cancelOnAbort && (await this.#cancelAtLast(id));
      throw new WaitAbortedError(afterAbort(id, { cancelOnAbort, cancelled }), {
        ...{ videoId: id, idempotencyKey: null, cause: error },
      });
    }
  }

  /** Every new view of a video until it has ended; the last one shows how. */
  watchVideo(id: string, options: WatchOptions = {}): AsyncGenerator<Video, void> {
    return watch(this, id, options);
  }

  /** What has happened to a video, then what happens, until it has ended. Goes on by itself where a stream broke. */
  videoEvents(id: string, options: CallOptions & { after?: number } = {}): AsyncGenerator<VideoEvent, void> {
    const path = `${videoPath(id)}/events`;
    return follow<VideoEvent>(this.#transport, { path, ...options, isLast: ({ type }) => type === 'ended' });
  }

  /**
   * Where all videos stand (a `VideosSnapshot`, which has `videos`), then what happens to any (a `LiveEvent`), until the signal
   * ends it. Goes on by itself where a stream broke, after the last `seq`: only who was away for very long gets a snapshot again.
   */
  events(options: CallOptions & { after?: number } = {}): AsyncGenerator<VideosSnapshot | LiveEvent, void> {
    return follow(this.#transport, { path: '/api/v1/events', ...options, isLast: () => false });
  }

  /** How a video stands. */
  async getVideo(id: string, { signal }: CallOptions = {}): Promise<Video> {
    return this.#get(videoPath(id), { signal });
  }

  /** A page of videos, newest first. */
  async listVideos(query: VideoListQuery = {}, { signal }: CallOptions = {}): Promise<VideoList> {
    return this.#get('/api/v1/videos', { signal, query: query as Call['query'] & VideoListQuery });
  }

  /** All videos, page by page as they are taken. */
  async *videos(query: Omit<VideoListQuery, 'cursor'> = {}, options: CallOptions = {}): AsyncGenerator<VideoSummary> {
    for (let cursor: string | null = null; ;) {
      const page: VideoList = await this.listVideos({ ...query, ...(cursor === null ? {} : { cursor }) }, options);
      yield* page.videos;
      cursor = page.next_cursor;
      if (cursor === null) return;
    }
  }

  /** Asks a video to end. One that is being cancelled, or is, stays so; any other that has ended is a ConflictError. */
  async cancelVideo(id: string, { signal }: CallOptions = {}): Promise<CancelledVideo> {
    return this.#data({ method: 'DELETE', path: videoPath(id), repeatable: true, signal });
  }

  /** The points a video can be restored to. */
  async listCheckpoints(id: string, { signal }: CallOptions = {}): Promise<Checkpoint[]> {
    const { checkpoints } = await this.#get<{ checkpoints: Checkpoint[] }>(`${videoPath(id)}/checkpoints`, { signal });
    return checkpoints;
  }

  /** Names the point a video has reached; without a name, that point. */
  async nameCheckpoint(id: string, checkpoint?: CheckpointName, { signal }: CallOptions = {}): Promise<Checkpoint> {
    return this.#data({ ...post(`${videoPath(id)}/checkpoints`, { checkpoint }), signal });
  }

  /** Lets a video go on from a checkpoint, under the same id. */
  async restoreVideo(id: string, params: RestoreParams, { signal }: CallOptions = {}): Promise<RestoredVideo> {
    return this.#data({ ...post(`${videoPath(id)}/restore`, params), signal });
  }

  /** What a video would cost. Starts nothing. */
  async estimate(params: VideoParams, { signal }: CallOptions = {}): Promise<Estimate> {
    return this.#data({ ...post('/api/v1/estimate', params), signal });
  }

  /** Stores a picture, a clip or music of one's own. The type is told from the content. */
  async uploadAsset(
    bytes: Blob | ArrayBuffer | Uint8Array | ReadableStream<Uint8Array>,
    { signal, mediaType = 'application/octet-stream' }: CallOptions & { mediaType?: string } = {},
  ): Promise<Asset> {
    return this.#data({
      ...{ method: 'POST', path: '/api/v1/assets', repeatable: false, signal, answerMs: Infinity },
      ...{ headers: { 'Content-Type': mediaType }, body: bytes as NonNullable<Call['body']> },
    });
  }

  /** The bytes of an asset, named by its id or by an address in an answer; `range` is inclusive. Its body is to be read. */
  async downloadAsset(
    asset: string,
    { signal, range }: CallOptions & { range?: { start: number; end?: number } } = {},
  ): Promise<Response> {
    return this.#transport.response({
      ...{ method: 'GET', path: assetPath(asset), repeatable: true, signal },
      headers: range === undefined ? {} : { Range: `bytes=${range.start}-${range.end ?? ''}` },
    });
  }

  /** An upload is not kept, and not counted, any more. */
  async deleteAsset(asset: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#data({ method: 'DELETE', path: assetPath(asset), repeatable: false, signal });
  }

  /** The voices that `voice_type` takes; with a language those that speak it, the aptest first. */
  async listVoices({ signal, language }: CallOptions & { language?: string } = {}): Promise<Voice[]> {
    return (await this.#get<{ voices: Voice[] }>('/api/v1/voices', { signal, query: { language } })).voices;
  }

  /** Styles to choose from; `visual_style` takes any words. */
  async listStyles({ signal }: CallOptions = {}): Promise<Style[]> {
    return (await this.#get<{ styles: Style[] }>('/api/v1/styles', { signal })).styles;
  }

  /** What the gateway is set to, without its secrets. */
  async getConfig({ signal }: CallOptions = {}): Promise<ConfigView> {
    return this.#get('/api/v1/config', { signal });
  }

  /** The task queues: who serves them, and what waits in them. */
  async listQueues({ signal }: CallOptions = {}): Promise<Queue[]> {
    return (await this.#get<{ queues: Queue[] }>('/api/v1/queues', { signal })).queues;
  }

  /** The workers that live, and those that fell silent; null where the Temporal server does not tell. */
  async listWorkers({ signal }: CallOptions = {}): Promise<Worker[] | null> {
    return (await this.#get<{ workers: Worker[] | null }>('/api/v1/workers', { signal })).workers;
  }

  /** What became of videos in a window that ends now; without one, in each there is. */
  async getStats({ signal, window }: CallOptions & { window?: StatsWindow } = {}): Promise<Stats> {
    return this.#get('/api/v1/stats', { signal, query: { window } });
  }

  /** Whether the gateway, and what it needs, lives. */
  async health({ signal }: CallOptions = {}): Promise<Health> {
    return this.#get('/api/v1/health', { signal });
  }

  /** Whether a video sent now would be worked on. @throws UnavailableError that says what is missing */
  async ready({ signal }: CallOptions = {}): Promise<Readiness> {
    // Not being ready is the answer, and not something to be waited out.
    return this.#data({ method: 'GET', path: '/ready', repeatable: false, signal });
  }

  /** Any other route of the gateway: the `data` of its answer. Repeated only where that is said to be safe. */
  async request<T>(
    call: CallOptions & { method: 'GET' | 'POST' | 'DELETE'; path: string; body?: unknown; repeatable?: boolean },
  ): Promise<T> {
    const { method, path, body, signal, repeatable = method === 'GET' } = call;
    const content = body === undefined ? {} : { headers: JSON_BODY, body: JSON.stringify(body) };
    return this.#data({ method, path, repeatable, signal, ...content });
  }

  #get<T>(path: string, options: Pick<Call, 'query' | 'signal'>): Promise<T> {
    return this.#data({ method: 'GET', path, repeatable: true, ...options });
  }

  async #data<T>(call: Call): Promise<T> {
    return (await this.#transport.json<T>(call)).data;
  }

  /** Resolves to whether the gateway has taken it: the caller's own abort is told either way. */
  async #cancelAtLast(id: string): Promise<boolean> {
    try {
      await this.cancelVideo(id, { signal: AbortSignal.timeout(CANCEL_MS) });
      return true;
    } catch (error) {
      // It has ended meanwhile: there is nothing to cancel.
      return error instanceof ConflictError;
    }
  }
}

const JSON_BODY = { 'Content-Type': 'application/json' };

const post = (path: string, body: unknown): Call => ({
  ...{ method: 'POST', path, headers: JSON_BODY, body: JSON.stringify(body), repeatable: false },
});

const videoPath = (id: string): string => `/api/v1/videos/${encodeURIComponent(id)}`;

/** Whatever base the address has: a gateway behind a proxy names another than we reach it at. */
function assetPath(asset: string): string {
  const id = /(?:^|\/api\/v1\/assets\/)([0-9a-f]{64})$/.exec(asset)?.[1];
  if (id === undefined) throw new TypeError(`not an asset's id, nor its address: ${asset}`);
  return `/api/v1/assets/${id}`;
}

/** Not crypto.randomUUID: pages that were not loaded over TLS have none. */
const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

function finished(video: Video): FinishedVideo {
  switch (video.status) {
    case 'success':
    case 'partial':
      return video;
    case 'failed':
      throw new VideoFailedError(video);
    case 'cancelled':
    case 'terminated':
      throw new VideoStoppedError(video);
    default:
      throw new Error(`The video ${video.id} is still ${video.status}.`);
  }
}

function afterAbort(id: string, { cancelOnAbort, cancelled }: { cancelOnAbort: boolean; cancelled: boolean }): string {
  if (cancelled) return `Waiting for the video ${id} was aborted; the video is being cancelled.`;
  const how = `client.cancelVideo('${id}') cancels it`;
  if (cancelOnAbort) return `Waiting for the video ${id} was aborted, and it could not be cancelled now: ${how}.`;
  return `Waiting for the video ${id} was aborted; it is still being made. ${how}, and { cancelOnAbort: true } does so by itself.`;
}

const abortedBefore = (idempotencyKey: string, cause: unknown): WaitAbortedError =>
  new WaitAbortedError(
    'Aborted before the gateway had answered: the video may be made all the same. The same request with this idempotencyKey finds it.',
    { videoId: null, idempotencyKey, cause },
  );
