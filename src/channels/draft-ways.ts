import type { Guard } from '../breakers/breakers.ts';
import type { FallbackStrategies } from '../domain/config-files.ts';
import { PermanentError } from '../domain/errors.ts';
import { CHANNELS, type Channel, type DraftChannel } from '../domain/service.ts';
import { capcutError } from '../providers/capcut/capcut-errors.ts';
import type { Capcut } from '../providers/capcut/interfaces.ts';
import { firstThatServes, inOrder, reasonOf, type PassedOver, type Served } from './policy.ts';

/** Our own hand takes seconds; this much of the time is kept for it. */
const OWN_HAND_MS = 60_000;
/** However little time is left, a server is given this. */
const LEAST_MS = 5_000;

export interface DraftWays<Answer> {
  strategy: FallbackStrategies['project_creation'];
  guard: Guard;
  /** The servers that are configured. */
  capcut: Partial<Record<Channel, Capcut>>;
  /** Over a server: the signal is aborted when it has had its time, too. */
  over(capcut: Capcut, signal: AbortSignal): Promise<Answer>;
  byHand(): Promise<Answer>;
  signal: AbortSignal;
  /** For all ways together. */
  withinMs: number;
}

/**
 * A draft by the first way that makes one. Any failure of a server moves on, as the last way is our own hand; a draft
 * that was begun on one is begun anew on the next.
 * @throws as the last way does; PermanentError `no_draft_channel` when none is configured.
 */
export async function draftBy<Answer>(options: DraftWays<Answer>): Promise<Served<DraftChannel, Answer>> {
  const { strategy, guard, capcut, over, byHand, signal, withinMs } = options;
  const end = Date.now() + withinMs - OWN_HAND_MS;
  let left = CHANNELS.filter((channel) => capcut[channel] !== undefined).length;
  const way = (channel: Channel) => {
    const server = capcut[channel];
    if (server === undefined) return {};
    const go = async (): Promise<Answer> => {
      const admission = guard.admit('capcut_render', channel);
      const time = timeLimit(signal, Math.max(LEAST_MS, (end - Date.now()) / left));
      try {
        return await admission.send(() => over(server, time.signal));
      } finally {
        time.clear();
        admission.leave();
      }
    };
    return { [channel]: () => go().finally(() => left--) };
  };
  const ways = inOrder<DraftChannel, Answer>(strategy, {
    ...way('mcp_channel'),
    ...way('http_channel'),
    local_draft: byHand,
  });
  if (ways.length === 0)
    throw new PermanentError(
      'no_draft_channel',
      'No way to make a draft is configured: add local_draft to project_creation in error_handling_config.yaml.',
    );
  return firstThatServes(ways, () => !signal.aborted);
}

/** Aborted by the other's cancellation, or, as a fault of the server, by the time. */
function timeLimit(signal: AbortSignal, ms: number): { signal: AbortSignal; clear(): void } {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(capcutError({ kind: 'network_error', code: 'Timeout' }, 'took too long for a draft')),
    ms,
  );
  return { signal: AbortSignal.any([signal, late.signal]), clear: () => clearTimeout(timer) };
}

/** The way that should have served, and why it did not; null when the first one did. */
export function insteadOf({ passedOver }: { passedOver: PassedOver<DraftChannel>[] }): {
  channel: DraftChannel;
  why: string;
} | null {
  const [first] = passedOver;
  return first === undefined ? null : { channel: first.channel, why: reasonOf(first.error) };
}
