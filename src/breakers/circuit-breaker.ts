import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
  isBrokenCircuitError,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import type { BreakerSettings } from '../domain/config-files.ts';
import { CallDeferred } from '../domain/errors.ts';
import type { BreakerState, Guarded } from '../domain/breaker-state.ts';

/** While others try whether the provider is back, the rest asks again after this. */
const ASK_AGAIN_MS = 5_000;

/** After how many seconds a call counts as failed (null: never); the breaker's own figure, unless it is said. */
interface Slowness {
  slowAfterSeconds: number | null;
}

/** A place among the calls. Whoever has one leaves it, sent or not. */
export interface Admission {
  /** @throws CallDeferred when the circuit opened since; then nothing was sent. Otherwise as the call does. */
  send<T>(call: () => Promise<T>, slowness?: Slowness): Promise<T>;
  leave(): void;
}

type Outcome = 'well' | 'failed';

/**
 * One provider's circuit breaker: the library counts and decides. Here is what it has no word for: asking before
 * anything is written, how many may try while it is half open, and calls that are slow but must not be aborted.
 */
export class CircuitBreaker {
  readonly name: Guarded;
  readonly #settings: BreakerSettings;
  readonly #isFailure: (error: unknown) => boolean;
  readonly #policy: CircuitBreakerPolicy;
  #openedAt = 0;
  #trying = 0;

  constructor(
    name: Guarded,
    settings: BreakerSettings,
    options: { isFailure: (error: unknown) => boolean; onChange?: () => void },
  ) {
    this.name = name;
    this.#settings = settings;
    this.#isFailure = options.isFailure;
    this.#policy = circuitBreaker(
      handleWhenResult((outcome) => outcome === ('failed' satisfies Outcome)),
      { halfOpenAfter: this.#recoveryMs, breaker: new ConsecutiveBreaker(settings.failure_threshold) },
    );
    this.#policy.onStateChange((state) => {
      if (state === CircuitState.Open) this.#openedAt = Date.now();
      options.onChange?.();
    });
  }

  get slowAfterSeconds(): number {
    return this.#settings.timeout_seconds;
  }

  /** Open until its recovery time has passed; from then on half open, whether or not somebody tries. */
  get state(): BreakerState {
    if (this.#policy.state === CircuitState.Closed) return 'closed';
    return this.#policy.state === CircuitState.Open && Date.now() < this.#triedFrom ? 'open' : 'half_open';
  }

  /** When it is tried again, in ms since 1970; null unless it is open. */
  get until(): number | null {
    return this.state === 'open' ? this.#triedFrom : null;
  }

  /** @throws CallDeferred while it is open, or others are trying it. */
  admit(): Admission {
    const isTrial = this.state !== 'closed';
    if (isTrial) {
      this.#checkTrial();
      this.#trying++;
    }
    let left = false;
    return {
      send: (call, { slowAfterSeconds } = { slowAfterSeconds: this.#settings.timeout_seconds }) =>
        this.#send(call, slowAfterSeconds),
      leave: () => {
        if (isTrial && !left) this.#trying--;
        left = true;
      },
    };
  }

  #checkTrial(): void {
    if (this.state === 'open') throw this.#deferral(this.#triedFrom);
    if (this.#trying >= this.#settings.half_open_max_calls)
      throw this.#deferral(Date.now() + Math.min(ASK_AGAIN_MS, this.#recoveryMs));
  }

  async #send<T>(call: () => Promise<T>, slowAfterSeconds: number | null): Promise<T> {
    // Beside the one that decides: the library would hold it back until that has ended.
    if (this.#policy.state === CircuitState.HalfOpen) return call();
    let sent: Promise<T> | undefined;
    const judged = this.#policy.execute(() => this.#outcome((sent = call()), slowAfterSeconds));
    if (sent === undefined) throw await this.#refusal(judged);
    try {
      return await sent;
    } finally {
      // Whoever hears of the answer finds it counted. A slow call was counted before it ended.
      await judged;
    }
  }

  async #refusal(judged: Promise<unknown>): Promise<unknown> {
    try {
      return new Error(`the circuit breaker of ${this.name} did nothing: ${String(await judged)}`);
    } catch (error) {
      return isBrokenCircuitError(error) ? this.#deferral(this.#triedFrom) : error;
    }
  }

  /** Never rejects: what is a failure is said by its value. */
  async #outcome(sent: Promise<unknown>, slowAfterSeconds: number | null): Promise<Outcome> {
    const ended = sent.then(
      (): Outcome => 'well',
      (error: unknown): Outcome => (this.#isFailure(error) ? 'failed' : 'well'),
    );
    if (slowAfterSeconds === null) return ended;
    let timer: NodeJS.Timeout | undefined;
    const tooSlow = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => resolve('failed'), slowAfterSeconds * 1000).unref();
    });
    return Promise.race([ended, tooSlow]).finally(() => clearTimeout(timer));
  }

  get #recoveryMs(): number {
    return this.#settings.recovery_timeout * 1000;
  }

  get #triedFrom(): number {
    return this.#openedAt + this.#recoveryMs;
  }

  #deferral(until: number): CallDeferred {
    return new CallDeferred(`the circuit breaker of ${this.name} is open`, { reason: 'circuit_open', until });
  }
}
