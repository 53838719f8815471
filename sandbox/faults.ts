import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { ROUTE_NAMES, type RouteName } from './call.ts';
import { seeded } from './seeded.ts';

/** Who asked. */
export const VIAS = ['http', 'mcp'] as const;
export type Via = (typeof VIAS)[number];

/** What becomes of a task of moving pictures. */
const TaskFate = z.strictObject({
  ends: z.enum(['failed', 'expired', 'cancelled']).optional(),
  /** Of a failed one. */
  code: z.string().min(1).optional(),
  message: z.string().optional(),
  /** It gets no further. */
  stays: z.enum(['queued', 'running']).optional(),
  /** Real milliseconds: not scaled. */
  queuedMs: z.number().int().min(0).max(3_600_000).optional(),
  runningMs: z.number().int().min(0).max(3_600_000).optional(),
});
export type TaskFate = z.infer<typeof TaskFate>;

const Fault = z.strictObject({
  /** With `code`: the status to use. Alone: a bare answer, without the service's error form. */
  status: z.number().int().min(200).max(599).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Text as it is, any other JSON value as JSON. */
  body: z.json().optional(),
  /** The same in base64, for what is no text. */
  bytes: z.base64().optional(),
  /** An Ark code or a speech code: answered in the service's own form. */
  code: z.union([z.string().min(1), z.number().int()]).optional(),
  message: z.string().optional(),
  /** Real milliseconds: not scaled. */
  delayMs: z.number().int().min(0).max(3_600_000).optional(),
  /** The real answer, cut after this many bytes of its body by closing the socket. */
  cutAfterBytes: z.number().int().min(0).optional(),
  garbage: z.boolean().optional(),
  hang: z.boolean().optional(),
  noAnswer: z.enum(['before', 'after']).optional(),
  contentType: z.string().min(1).optional(),
  billed: z.boolean().optional(),
  // Of the route `mcp` alone, beside `delayMs`, `hang`, `garbage` and `billed`:
  /** The server ends in the middle of the call; over HTTP, the answer's stream. */
  die: z.boolean().optional(),
  wrongId: z.boolean().optional(),
  /** What `initialize` is answered with. */
  protocolVersion: z.string().min(1).optional(),
  /** An answer so much longer. */
  padBytes: z
    .number()
    .int()
    .min(1)
    .max(256 * 1024 * 1024)
    .optional(),
  /** Of `video`: the order is taken, and this becomes of it. */
  task: TaskFate.optional(),
});

const FaultRule = z.strictObject({
  route: z.enum([...ROUTE_NAMES, 'mcp', '*']),
  match: z.string().min(1).optional(),
  /** Whether Ark was asked by its client itself, or by an MCP server for one; both unless said. */
  via: z.enum(VIAS).optional(),
  nth: z.union([z.number().int().min(1), z.array(z.number().int().min(1)).min(1)]).optional(),
  from: z.number().int().min(1).optional(),
  count: z.number().int().min(1).optional(),
  share: z.number().min(0).max(1).optional(),
  /** So many calls a second are let through; the fault is what the others get. */
  permittedPerSecond: z.number().positive().max(1_000).optional(),
  fault: Fault,
});

export const FaultScript = z.array(FaultRule).max(1_000);

export type Fault = z.infer<typeof Fault>;
export type FaultRule = z.infer<typeof FaultRule>;

interface CountedRule {
  rule: FaultRule;
  /** Calls of the route and text that this rule is about, whether or not it struck. */
  matched: number;
  struck: number;
  /** What is left of the permitted calls, and since when. */
  bucket: { tokens: number; at: number } | null;
}

export class Faults {
  private readonly seed: number;
  private rules: CountedRule[] = [];
  private releasing = new AbortController();

  constructor(seed: number) {
    this.seed = seed;
  }

  /** Throws a readable error for a bad script and then keeps the old one. */
  replace(script: unknown): void {
    const parsed = FaultScript.safeParse(script);
    if (!parsed.success) throw new InvalidFaultScript(z.prettifyError(parsed.error));
    this.rules = parsed.data.map((rule) => ({ rule, matched: 0, struck: 0, bucket: null }));
  }

  /** Every rule counts every call it is about; the first that strikes wins. */
  next(route: RouteName | 'mcp', { text, via }: { text: string; via: Via }): Fault | undefined {
    const striking = this.rules.filter((counted, index) => {
      const { rule } = counted;
      if (rule.route === '*' ? route === 'mcp' : rule.route !== route) return false;
      if (rule.via !== undefined && rule.via !== via) return false;
      if (rule.match !== undefined && !text.includes(rule.match)) return false;
      counted.matched += 1;
      const isMeant = strikes(rule, counted.matched, seeded(this.seed, 'fault', index, counted.matched).next());
      return isMeant && !isPermitted(counted, Date.now());
    });
    const winner = striking[0];
    if (winner) winner.struck += 1;
    return winner?.rule.fault;
  }

  report(): readonly CountedRule[] {
    return this.rules;
  }

  /** A rule's delay: over after this long, when released, or when the sandbox stops (then it throws). */
  async delay(ms: number, stopping: AbortSignal): Promise<void> {
    const released = this.releasing.signal;
    try {
      await sleep(ms, undefined, { signal: AbortSignal.any([released, stopping]) });
    } catch (error) {
      if (stopping.aborted || !released.aborted) throw error;
    }
  }

  /** Ends all delays under way; those to come last as long as they say. */
  release(): void {
    this.releasing.abort();
    this.releasing = new AbortController();
  }
}

/** A token bucket that holds one second's calls, and one at least. */
function isPermitted(counted: CountedRule, now: number): boolean {
  const { permittedPerSecond: rate } = counted.rule;
  if (rate === undefined) return false;
  const most = Math.max(rate, 1);
  const { tokens, at } = counted.bucket ?? { tokens: most, at: now };
  const filled = Math.min(tokens + ((now - at) / 1000) * rate, most);
  const permitted = filled >= 1;
  counted.bucket = { tokens: permitted ? filled - 1 : filled, at: now };
  return permitted;
}

export class InvalidFaultScript extends Error {}

function strikes(rule: FaultRule, nth: number, dice: number): boolean {
  const from = rule.from ?? 1;
  if (rule.nth !== undefined && ![rule.nth].flat().includes(nth)) return false;
  if (nth < from) return false;
  if (rule.count !== undefined && nth >= from + rule.count) return false;
  return rule.share === undefined || dice < rule.share;
}
