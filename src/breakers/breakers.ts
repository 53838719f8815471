import type { CircuitBreakers } from '../domain/config-files.ts';
import { PROVIDER_ERRORS } from '../domain/error-table.ts';
import { CallDeferred, ProviderError } from '../domain/errors.ts';
import { CHANNELS, SERVICES, type Channel, type Service } from '../domain/service.ts';
import { CircuitBreaker, type Admission } from './circuit-breaker.ts';
import type { BreakerReport, Guarded } from '../domain/breaker-state.ts';

/** After a 429 that does not say how long: one refusal should not be followed by many at once. */
const UNTOLD_REST_MS = 2_000;

/** How a call that was sent ended, as far as the rate of calls is concerned. */
export interface CallSeen {
  service: Service;
  isRateLimited: boolean;
}

interface Options {
  onChange?: (report: BreakerReport) => void;
  onCall?: (seen: CallSeen) => void;
  /** What is reached over more than one channel: a broken one of them says nothing against the service. */
  severalWays?: readonly Service[];
}

/** Whoever is about to buy asks here first. */
export interface Guard {
  /** By default over HTTP. @throws CallDeferred when nothing should be sent to that service now. */
  admit(service: Service, channel?: Channel): Admission;
}

/**
 * The breakers of this process: a call passes its channel's and its service's. Beside them, what a provider said itself:
 * after a 429 nobody here asks it again for a while, so that one refusal does not use up the attempts of many.
 */
export class Breakers implements Guard {
  readonly #breakers: ReadonlyMap<Guarded, CircuitBreaker>;
  readonly #restsUntil = new Map<Service, number>();
  readonly #onCall: (seen: CallSeen) => void;
  readonly #severalWays: readonly Service[];

  constructor(config: CircuitBreakers, { onChange = () => {}, onCall = () => {}, severalWays = [] }: Options = {}) {
    this.#onCall = onCall;
    this.#severalWays = severalWays;
    const settings = { ...config.services, mcp_channel: config.mcp_channel, http_channel: config.http_channel };
    this.#breakers = new Map(
      [...CHANNELS, ...SERVICES].map((name) => {
        const isFailure = this.#isFailureOf(name);
        const breaker = new CircuitBreaker(name, settings[name], {
          isFailure,
          onChange: () => onChange(reportOf(breaker)),
        });
        return [name, breaker];
      }),
    );
  }

  report(): BreakerReport[] {
    return [...this.#breakers.values()].map(reportOf);
  }

  admit(service: Service, channel: Channel = 'http_channel'): Admission {
    this.#checkRest(service);
    const own = this.#breaker(service).admit();
    let way: Admission;
    try {
      way = this.#breaker(channel).admit();
    } catch (error) {
      own.leave();
      throw error;
    }
    // What a service may take says nothing against the way there.
    const slowAfterSeconds = Math.max(this.#slowAfter(service), this.#slowAfter(channel));
    // Somebody in between may be what is slow, where somebody is and another way is left.
    const ownSlowness = channel === 'mcp_channel' && this.#hasChoice(service) ? { slowAfterSeconds: null } : undefined;
    return {
      send: (call) => way.send(() => own.send(() => this.#watched(service, call), ownSlowness), { slowAfterSeconds }),
      leave: () => {
        way.leave();
        own.leave();
      },
    };
  }

  #checkRest(service: Service): void {
    const until = this.#restsUntil.get(service);
    if (until === undefined || until <= Date.now()) return;
    throw new CallDeferred(`${service} asked for no calls for a while`, { reason: 'rate_limit', until });
  }

  async #watched<T>(service: Service, call: () => Promise<T>): Promise<T> {
    try {
      const answer = await call();
      this.#onCall({ service, isRateLimited: false });
      return answer;
    } catch (error) {
      const details = error instanceof ProviderError ? error.details : null;
      const isRateLimited = details?.kind === 'rate_limit';
      if (isRateLimited) this.#rest(service, details?.retryAfterMs ?? UNTOLD_REST_MS);
      this.#onCall({ service, isRateLimited });
      throw error;
    }
  }

  #rest(service: Service, forMs: number): void {
    this.#restsUntil.set(service, Math.max(this.#restsUntil.get(service) ?? 0, Date.now() + forMs));
  }

  #isFailureOf(name: Guarded): (error: unknown) => boolean {
    if (isChannel(name)) return breaksChannel;
    return this.#hasChoice(name) ? isServicesOwn : breaksService;
  }

  #hasChoice(service: Service): boolean {
    return this.#severalWays.includes(service);
  }

  #slowAfter(name: Guarded): number {
    return this.#breaker(name).slowAfterSeconds;
  }

  #breaker(name: Guarded): CircuitBreaker {
    return this.#breakers.get(name) as CircuitBreaker;
  }
}

/** Where nothing stands in the way. */
export const UNGUARDED: Guard = { admit: () => ({ send: (call) => call(), leave: () => {} }) };

const reportOf = ({ name, state, until }: CircuitBreaker): BreakerReport => ({ name, state, until });

const isChannel = (name: Guarded): name is Channel => (CHANNELS as readonly string[]).includes(name);

const isServicesOwn = (error: unknown): boolean => breaks(error) === 'service';
const breaksService = (error: unknown): boolean => breaks(error) !== 'nothing';
/** A fault that the service itself reports came over a channel that works. */
const breaksChannel = (error: unknown): boolean => breaks(error) === 'channel_and_service';

const breaks = (error: unknown): 'channel_and_service' | 'service' | 'nothing' =>
  error instanceof ProviderError ? PROVIDER_ERRORS[error.details.kind].breaks : 'nothing';
