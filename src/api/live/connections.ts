import { ApiError } from '../api-error.ts';

/** Proxies close what is silent for a minute or less. */
export const BEAT_MS = 15_000;
/** Beats are spread: one second's share of all connections at a time. */
const SHARES = 15;

export interface LiveConnection {
  /** Says that it is still there, and looks whether the other side is. */
  beat(nowMs: number): void;
  /** The gateway stops. */
  close(): void;
}

export type Transport = 'sse' | 'websocket';

/** What is counted of live connections. */
export interface LiveFigures {
  open(transport: Transport, count: number): void;
  /** One was let go: its reader was too slow, or gone. */
  dropped(transport: Transport, why: 'slow' | 'silent'): void;
  refused(): void;
}

export interface ConnectionsOptions {
  maxConnections: number;
  figures: LiveFigures;
  shutdown: AbortSignal;
}

/** All live connections of this gateway: how many there may be, one clock for the beats of all, and their end. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #shares: Set<LiveConnection>[] = Array.from({ length: SHARES }, () => new Set());
  readonly #counts: Record<Transport, number> = { sse: 0, websocket: 0 };
  #next = 0;
  #beat = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    options.shutdown.addEventListener('abort', () => this.#closeAll(), { once: true });
  }

  get figures(): LiveFigures {
    return this.#options.figures;
  }

  /** @throws ApiError TOO_MANY_STREAMS */
  checkRoom(): void {
    const { maxConnections, figures } = this.#options;
    if (this.#counts.sse + this.#counts.websocket < maxConnections) return;
    figures.refused();
    throw new ApiError(
      'TOO_MANY_STREAMS',
      `${maxConnections} live connections are open at this gateway, as many as may be (LIVE_MAX_CONNECTIONS). Try again, or ask another gateway.`,
    );
  }

  /** Returns the share it belongs to, for `remove`. */
  add(connection: LiveConnection, transport: Transport): number {
    const share = this.#next;
    this.#next = (share + 1) % SHARES;
    this.#shares[share]!.add(connection);
    this.#count(transport, 1);
    this.#timer ??= setInterval(() => this.#beatOne(), BEAT_MS / SHARES).unref();
    if (this.#options.shutdown.aborted) connection.close();
    return share;
  }

  remove(connection: LiveConnection, { share, transport }: { share: number; transport: Transport }): void {
    if (this.#shares[share]?.delete(connection) !== true) return;
    this.#count(transport, -1);
    if (this.#timer === null || this.#counts.sse + this.#counts.websocket > 0) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #count(transport: Transport, by: number): void {
    this.#counts[transport] += by;
    this.#options.figures.open(transport, this.#counts[transport]);
  }

  #beatOne(): void {
    this.#beat = (this.#beat + 1) % SHARES;
    const nowMs = performance.now();
    for (const connection of [...this.#shares[this.#beat]!]) connection.beat(nowMs);
  }

  #closeAll(): void {
    for (const share of this.#shares) for (const connection of [...share]) connection.close();
  }
}
