import { setTimeout as sleep } from 'node:timers/promises';
import { and, eq, gte, isNull } from 'drizzle-orm';
import { Agent, request } from 'undici';
import type { Database } from '../src/database/database.ts';
import { videos } from '../src/database/schema.ts';
import { until } from '../test/until.ts';
import type { Bench, Figure } from './figure.ts';
import { InstantProduct, WISH } from './instant/instant-product.ts';
import { memoryOfTree, totalBytes } from './process-tree.ts';
import { median, percentile, statisticsOf } from './statistics.ts';

const PEAK_SECONDS = 30;
/** More at once than cores can make use of, fewer than would be in each other's way. */
const PEAK_AT_ONCE = 16;
const TIMES_THE_PEAK = 10;
/** Until those that began together have ended, side by side, and every process has what it needs for so many. */
const FILLING_SECONDS = 75;
const LOAD_SECONDS = 45;
/** Memory at the begin and at the end is the median of this long. */
const MEMORY_SECONDS = 10;
const DRAIN_MS = 150_000;
const MIB = 2 ** 20;

/** Ten times what the product can do is asked of it, whatever it answers: it makes on what it has accepted, and refuses the rest at once. */
export const overload: Figure = {
  name: 'overload',
  about: `Open loop at ${TIMES_THE_PEAK} times the peak for ${FILLING_SECONDS + LOAD_SECONDS} s; instant providers, render and draft stubbed.`,
  metrics: [
    {
      name: 'overload_finished',
      about:
        'Films a minute, from the first request to the end of the last that was accepted, ÷ the peak of a closed loop.',
      ...{ unit: 'ratio', target: { atLeast: 0.8 } },
    },
    {
      name: 'overload_reject_p95',
      about: 'Time to a refusal (429 with Retry-After), p95.',
      ...{ unit: 'ms', target: { atMost: 50 } },
    },
    {
      name: 'overload_memory',
      about: 'Memory of gateway, worker and database at the end ÷ when it was full.',
      ...{ unit: 'ratio', target: { atMost: 1.1 } },
    },
    {
      name: 'overload_lost',
      about: 'Accepted videos that have not become whole films.',
      ...{ unit: 'videos', target: { atMost: 0 } },
    },
    { name: 'overload_errors', about: 'Answers that are neither 202 nor 429.', unit: 'answers', target: { atMost: 0 } },
  ],
  measure: async (bench) => {
    const product = await InstantProduct.start();
    try {
      await measure(bench, product);
    } finally {
      await product.stop();
    }
  },
};

async function measure(bench: Bench, product: InstantProduct): Promise<void> {
  const { database } = product.under;
  const peak = await peakOf(product, bench.signal);
  bench.note(`peak: ${(60 * peak).toFixed(0)} films a minute, ${PEAK_AT_ONCE} at once`);
  const began = new Date();
  const load = openLoop(product.under.stack.urls.gateway, { perSecond: TIMES_THE_PEAK * peak, signal: bench.signal });
  await sleep(FILLING_SECONDS * 1000, undefined, bench);
  const atBegin = await memoryFor(MEMORY_SECONDS, product, bench);
  await sleep((LOAD_SECONDS - 2 * MEMORY_SECONDS) * 1000, undefined, bench);
  const atEnd = await memoryFor(MEMORY_SECONDS, product, bench);
  const answers = await load.end();

  const refused = answers.filter(({ status, retryAfter }) => status === 429 && retryAfter).map(({ ms }) => ms);
  const accepted = answers.filter(({ status }) => status === 202).map(({ ms }) => ms);
  bench.note(`${answers.length} asked, ${accepted.length} accepted, ${refused.length} refused`);
  bench.note(`MiB of ${PROGRAMS.join(', ')} when full: ${told(atBegin)}; at the end: ${told(atEnd)}`);
  bench.tell('refused', statisticsOf(refused));
  bench.tell('accepted', statisticsOf(accepted));
  bench.record('overload_reject_p95', refused, percentile(refused, 95));
  bench.record('overload_memory', [sum(atEnd) / sum(atBegin)]);
  bench.record('overload_errors', [answers.length - accepted.length - refused.length]);
  // Those that began together end together: only over whole runs is there a rate.
  await until('what was accepted has ended', () => nothingIsUnderWay(database), { withinMs: DRAIN_MS });
  const finished = await films(database, began);
  bench.record('overload_finished', [finished / ((Date.now() - began.getTime()) / 1000) / peak]);
  bench.record('overload_lost', [accepted.length - finished]);
}

/** Films a second of a closed loop. */
async function peakOf({ runOurs }: InstantProduct, signal: AbortSignal): Promise<number> {
  const [began, endsAt] = [performance.now(), performance.now() + PEAK_SECONDS * 1000];
  let finished = 0;
  const workThrough = async () => {
    while (performance.now() < endsAt) {
      signal.throwIfAborted();
      await runOurs();
      finished++;
    }
  };
  await Promise.all(Array.from({ length: PEAK_AT_ONCE }, workThrough));
  return finished / ((performance.now() - began) / 1000);
}

interface Answer {
  /** 0: there was none. */
  status: number;
  retryAfter: boolean;
  /** From the moment it was due to be sent. */
  ms: number;
}

/** Sends at its own pace, whatever is answered. `end` waits for the answers that are still out. */
function openLoop(gateway: string, { perSecond, signal }: { perSecond: number; signal: AbortSignal }) {
  const agent = new Agent();
  const began = performance.now();
  const answers: Promise<Answer>[] = [];
  const send = (): void => {
    while (answers.length < ((performance.now() - began) / 1000) * perSecond) {
      const dueAt = began + (answers.length / perSecond) * 1000;
      answers.push(ask(gateway, { dueAt, agent }));
    }
  };
  const timer = setInterval(send, TICK_MS);
  const stop = (): void => clearInterval(timer);
  signal.addEventListener('abort', stop, { once: true });
  return {
    end: async (): Promise<Answer[]> => {
      stop();
      signal.removeEventListener('abort', stop);
      const all = await Promise.all(answers);
      await agent.close();
      return all;
    },
  };
}

const TICK_MS = 5;

async function ask(gateway: string, { dueAt, agent }: { dueAt: number; agent: Agent }): Promise<Answer> {
  try {
    const { statusCode, headers, body } = await request(`${gateway}/api/v1/generate-video`, {
      ...{ method: 'POST', dispatcher: agent, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(WISH),
    });
    await body.dump();
    return {
      ...{ status: statusCode, retryAfter: headers['retry-after'] !== undefined },
      ms: performance.now() - dueAt,
    };
  } catch {
    return { status: 0, retryAfter: false, ms: performance.now() - dueAt };
  }
}

const PROGRAMS = ['gateway', 'worker', 'database'] as const;

/** What each program holds, in bytes: the median of what is seen. */
async function memoryFor(seconds: number, { under }: InstantProduct, { signal }: Bench): Promise<number[]> {
  const seen: number[][] = [];
  while (seen.length < seconds) {
    seen.push(PROGRAMS.map((name) => totalBytes(memoryOfTree(under.stack.pid(name) ?? -1))));
    await sleep(1_000, undefined, { signal });
  }
  return PROGRAMS.map((_, program) => median(seen.map((each) => each[program] ?? 0)));
}

/** Whole films, `success` by the product's own account, of videos that were asked for since. */
async function films(database: Database, since: Date): Promise<number> {
  return database.run((query) => query.$count(videos, and(eq(videos.status, 'success'), gte(videos.createdAt, since))));
}

async function nothingIsUnderWay(database: Database): Promise<boolean> {
  const open = await database.run((query) =>
    query.select({ id: videos.id }).from(videos).where(isNull(videos.finishedAt)).limit(1),
  );
  return open.length === 0;
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
const told = (bytes: readonly number[]): string => bytes.map((each) => (each / MIB).toFixed(0)).join(', ');
