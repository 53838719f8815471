import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault as Answer, FaultRule } from '../../sandbox/faults.ts';
import type { Fleet, Member } from './fleet.ts';
import { idOf, type Order } from './orders.ts';
import type { Random } from './random.ts';

/** What a strike may be made of. `hold` lets it last; it is cut short when the campaign is given up. */
export interface Strike {
  fleet: Fleet;
  orders: readonly Order[];
  random: Random;
  hold(ms: number): Promise<void>;
}

export interface Fault {
  name: string;
  /** What of the world it is about: two hands strike at once, one at processes and one at providers. */
  about: 'processes' | 'providers';
  weight: number;
  /** Null where this machine cannot do it, with why. */
  impossible?(fleet: Fleet): string | null;
  /** Resolves, when all is healed that it had broken, to whom it struck. */
  strike(strike: Strike): Promise<string>;
}

const signal = (pid: number | null, name: NodeJS.Signals): void => {
  try {
    if (pid !== null) process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ended meanwhile
  }
};

async function kill(member: Member, { random, hold }: Strike, by: NodeJS.Signals = 'SIGKILL'): Promise<string> {
  const pid = member.pid();
  signal(pid, by);
  await hold(random.between(0, 3_000));
  await gone(member, pid);
  await member.revive();
  return member.name;
}

/** A process is there for a moment after it was killed. */
async function gone(member: Member, pid: number | null): Promise<void> {
  while (pid !== null && member.pid() === pid) await sleep(50);
}

async function pause(member: Member, { hold }: Strike, ms: number): Promise<string> {
  const pid = member.pid();
  signal(pid, 'SIGSTOP');
  await hold(ms);
  signal(pid, 'SIGCONT');
  return member.name;
}

/** Asked to end, as a deployment does; whoever is too slow is not killed here. */
async function replace(member: Member): Promise<string> {
  const pid = member.pid();
  signal(pid, 'SIGTERM');
  await gone(member, pid);
  await member.revive();
  return member.name;
}

async function strikeFfmpeg(by: NodeJS.Signals, { fleet, random, hold }: Strike): Promise<string> {
  for (let looks = 0; looks < 40; looks++) {
    const pids = fleet.under.ffmpegs();
    if (pids.length > 0) {
      signal(random.pick(pids), by);
      return 'ffmpeg';
    }
    await hold(100);
  }
  return 'nobody';
}

const database = (fleet: Fleet) => (fleet.postgres.own === null ? 'the database is not ours to strike' : null);

/** Some share of what is asked for fails in this way for a while. */
async function storm(rules: FaultRule[], { fleet, random, hold }: Strike): Promise<string> {
  await fleet.under.sandbox.faults(rules);
  await hold(random.between(2_000, 6_000));
  await fleet.under.sandbox.faults([]);
  return rules.map(({ route }) => route).join(', ');
}

const ROUTES = ['chat', 'image', 'speech'] as const;

/** On one kind of call, or on all; on some of them, or on each. */
const stormOf = (
  name: string,
  weight: number,
  answer: (random: Random, route: (typeof ROUTES)[number]) => Answer,
): Fault => ({
  ...{ name, about: 'providers', weight },
  strike: (strike) => {
    const { random } = strike;
    const routes = random.chance(0.25) ? ROUTES : [random.pick(ROUTES)];
    const share = random.pick([0.3, 0.6, 1]);
    return storm(
      routes.map((route) => ({ route, share, fault: answer(random, route) })),
      strike,
    );
  },
});

export const FAULTS: readonly Fault[] = [
  {
    ...{ name: 'kill -9 a worker', about: 'processes', weight: 8 },
    strike: (strike) => kill(strike.random.pick(strike.fleet.workers), strike),
  },
  {
    ...{ name: 'kill -9 every worker', about: 'processes', weight: 2 },
    strike: async ({ fleet, random, hold }) => {
      const pids = fleet.workers.map((worker) => worker.pid());
      for (const pid of pids) signal(pid, 'SIGKILL');
      // The one that the stack keeps running comes back by itself; the others stay away.
      await hold(random.between(1_000, 10_000));
      await Promise.all(fleet.workers.map((worker, index) => gone(worker, pids[index] ?? null)));
      await Promise.all(fleet.workers.map((worker) => worker.revive()));
      return fleet.workers.map(({ name }) => name).join(', ');
    },
  },
  {
    ...{ name: 'kill -9 a gateway', about: 'processes', weight: 4 },
    strike: (strike) => kill(strike.random.pick(strike.fleet.gateways), strike),
  },
  {
    ...{ name: 'stop a worker for a while', about: 'processes', weight: 4 },
    strike: (strike) => pause(strike.random.pick(strike.fleet.workers), strike, strike.random.between(1_000, 9_000)),
  },
  {
    ...{ name: 'stop a gateway for a while', about: 'processes', weight: 1 },
    strike: (strike) => pause(strike.random.pick(strike.fleet.gateways), strike, strike.random.between(500, 4_000)),
  },
  {
    ...{ name: 'replace a worker', about: 'processes', weight: 2 },
    strike: ({ fleet, random }) => replace(random.pick(fleet.workers)),
  },
  {
    ...{ name: 'kill -9 the Temporal server', about: 'processes', weight: 2 },
    strike: (strike) => kill(strike.fleet.temporal, strike),
  },
  {
    ...{ name: 'stop the Temporal server for a while', about: 'processes', weight: 1 },
    strike: (strike) => pause(strike.fleet.temporal, strike, strike.random.between(500, 5_000)),
  },
  {
    ...{ name: 'crash the database', about: 'processes', weight: 2, impossible: database },
    strike: async ({ fleet, random, hold }) => {
      await fleet.postgres.own?.crash();
      await hold(random.between(0, 4_000));
      await fleet.postgres.own?.start();
      return 'PostgreSQL';
    },
  },
  {
    ...{ name: 'stop the database for a while', about: 'processes', weight: 1, impossible: database },
    strike: async ({ fleet, random, hold }) => {
      fleet.postgres.own?.freeze();
      await hold(random.between(500, 5_000));
      fleet.postgres.own?.thaw();
      return 'PostgreSQL';
    },
  },
  {
    ...{ name: 'crash an ffmpeg', about: 'processes', weight: 2 },
    strike: (strike) => strikeFfmpeg('SIGSEGV', strike),
  },
  {
    ...{ name: 'stop an ffmpeg for ever', about: 'processes', weight: 1 },
    strike: (strike) => strikeFfmpeg('SIGSTOP', strike),
  },
  {
    ...{ name: 'no room on the disk', about: 'processes', weight: 2, impossible: ({ disk }) => disk.impossible },
    strike: async ({ fleet, random, hold }) => {
      fleet.disk.fill();
      await hold(random.between(1_000, 5_000));
      fleet.disk.free();
      return 'work folder';
    },
  },
  {
    ...{ name: 'terminate a run', about: 'processes', weight: 1 },
    strike: async ({ fleet, orders, random }) => {
      const underWay = orders.filter((order) => order.ids.size > 0 && order.endedAt === null);
      if (underWay.length === 0) return 'nobody';
      const order = random.pick(underWay);
      order.terminated = true;
      // It may have ended meanwhile, or Temporal be away: then it goes on.
      await fleet.under.client.workflow
        .getHandle(`video-${idOf(order)}`)
        .terminate('chaos')
        .catch(() => {});
      return `order ${order.n}`;
    },
  },
  stormOf('429 with Retry-After', 3, (random, route) => ({
    code: route === 'speech' ? 45000292 : 'ModelAccountRpmRateLimitExceeded',
    headers: { 'Retry-After': `${random.between(1, 3)}` },
  })),
  stormOf('429 without a word', 1, () => ({ status: 429 })),
  stormOf('500 in the provider’s form', 2, (_, route) => ({
    code: route === 'speech' ? 55000000 : 'InternalServiceError',
  })),
  stormOf('503 in no form', 2, () => ({ status: 503 })),
  stormOf('503 in no form, billed', 1, () => ({ status: 503, billed: true })),
  stormOf('refused contents', 1, (_, route) => ({
    code: route === 'speech' ? 40402003 : 'OutputImageSensitiveContentDetected',
  })),
  stormOf('cut answers', 2, (random) => ({ cutAfterBytes: random.between(0, 300) })),
  stormOf('garbage', 2, () => ({ garbage: true })),
  stormOf('no answer, made or not', 2, (random) => ({ noAnswer: random.pick(['before', 'after'] as const) })),
  stormOf('slow answers', 2, (random) => ({ delayMs: random.between(1_000, 6_000) })),
  stormOf('a page of HTML with 200', 1, () => ({
    ...{ status: 200, contentType: 'text/html', body: '<html>Welcome</html>' },
  })),
  {
    ...{ name: 'broken downloads', about: 'providers', weight: 2 },
    strike: (strike) => {
      const fault = strike.random.pick<Answer>([
        { cutAfterBytes: 900 },
        { garbage: true },
        { status: 404 },
        { status: 500 },
      ]);
      return storm([{ route: 'download', share: strike.random.pick([0.4, 1]), fault }], strike);
    },
  },
  {
    ...{ name: 'kill -9 the provider', about: 'providers', weight: 1 },
    strike: (strike) => kill(strike.fleet.sandbox, strike),
  },
];
