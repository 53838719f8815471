import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Video } from '../../src/contract/video.ts';
import { eq } from 'drizzle-orm';
import { purchases, videos } from '../../src/database/schema.ts';
import { canvasFor } from '../../src/domain/canvas.ts';
import type { PurchasePurpose } from '../../src/domain/ledger-line.ts';
import { isPaid } from '../../src/ledger/cost-of.ts';
import { patiently } from '../database/patiently.ts';
import { PASSWORD } from '../database/postgres-server.ts';
import { KIND_OF, KINDS } from '../e2e/account.ts';
import { assertAgree } from '../e2e/agree.ts';
import { assertPlayable } from '../e2e/film-checks.ts';
import { ENDED } from '../e2e/stack-under-test.ts';
import { until } from '../until.ts';
import type { Fleet } from './fleet.ts';
import type { Window } from './nemesis.ts';
import { grouped } from './grouped.ts';
import { COMPLETED, idOf, type Order } from './orders.ts';

/** What a campaign has come to, when everything is healed and every order has ended (or did not in time). */
export interface Aftermath {
  fleet: Fleet;
  orders: readonly Order[];
  windows: readonly Window[];
}

export interface Invariant {
  name: string;
  /** How many things were looked at, and what was wrong with them. */
  check(after: Aftermath): Promise<{ checked: number; violations: string[] }>;
}

type Row = typeof purchases.$inferSelect;

/** A killed or stopped process is noticed some time after, and what it causes comes later still. */
const ECHO_MS = 20_000;
/** A cancel is heard with the next heartbeat; a process that stands still hears nothing. */
const HEARING_MS = 3_000;
/** Files of what has ended are gone after so long; so are ffmpegs that nobody waits for. */
const TIDY_MS = 60_000;

/** Whatever happens, these are not what a video ends with: they say that the product itself was at a loss. */
const BEWILDERED = ['internal_error', 'branch_lost', 'run_lost'];

export const INVARIANTS: readonly Invariant[] = [
  {
    name: 'every accepted order is one run, whichever gateway was asked how often',
    check: async ({ fleet, orders }) => {
      const found = new Set<string>();
      const query = `WorkflowType = 'generateVideo'`;
      // Temporal's list comes a little after the truth.
      await until('Temporal lists as many runs', async () => {
        found.clear();
        for await (const run of fleet.under.client.workflow.list({ query })) found.add(run.workflowId);
        return found.size >= orders.length;
      }).catch(() => {});
      const violations = orders.flatMap(({ n, ids }) =>
        ids.size === 1 ? [] : [`order ${n} was given ${ids.size} ids: ${[...ids].join(', ')}`],
      );
      const wanted = new Set(orders.map((order) => `video-${idOf(order)}`));
      for (const id of found) if (!wanted.has(id)) violations.push(`${id}: nobody was told of this run`);
      for (const id of wanted) if (!found.has(id)) violations.push(`${id} has no run`);
      return { checked: orders.length, violations };
    },
  },
  {
    name: 'every run is in a final state, in its time',
    check: async ({ orders }) => ({
      checked: orders.length,
      violations: orders.flatMap((order) =>
        order.endedAt === null ? [`${idOf(order)} (order ${order.n}) is still ${order.status}`] : [],
      ),
    }),
  },
  {
    name: 'every answer is one to act on: what is away for a while is a 503',
    check: async ({ orders }) => ({
      checked: orders.length,
      violations: orders.flatMap(({ bewildered }) => bewildered),
    }),
  },
  {
    name: 'how a run has ended is known, although nobody asks',
    check: async ({ fleet, orders }) =>
      each(
        orders.filter(({ silent, endedAt }) => silent && endedAt !== null),
        async (id) => {
          let status: string | undefined;
          const isKnown = async () => {
            const rows = await patiently(() =>
              fleet.under.database.run((query) =>
                query.select({ status: videos.status }).from(videos).where(eq(videos.id, id)),
              ),
            );
            status = rows[0]?.status;
            return (ENDED as readonly string[]).includes(status ?? '');
          };
          await until('its row says so', isKnown, { otherwise: () => `, it says ${status}` });
        },
      ),
  },
  {
    name: 'API, Temporal, row and last event agree; events have no gap',
    check: ({ fleet, orders }) => each(ended(orders), (id) => assertAgree(fleet.under, id)),
  },
  {
    name: 'all gateways say the same',
    check: ({ fleet, orders }) =>
      each(ended(orders), async (id) => {
        const said = await Promise.all(
          fleet.gateways.map(async (gateway) => {
            const text = await (await fetch(`${gateway.url()}/api/v1/videos/${id}`)).text();
            const { data } = JSON.parse(text.replaceAll(gateway.url(), '')) as { data: unknown };
            return JSON.stringify(data);
          }),
        );
        if (new Set(said).size > 1) throw new Error(`they differ: ${said.join(' / ')}`);
      }),
  },
  {
    name: 'the same key again is the same video',
    check: ({ fleet, orders }) =>
      each(ended(orders), async (id, order) => {
        const response = await fetch(`${fleet.under.stack.urls.gateway}/api/v1/generate-video`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': order.key },
          body: JSON.stringify(order.wish),
        });
        const { data } = (await response.json()) as { data?: { id: string } };
        const replayed = response.headers.get('idempotent-replayed');
        if (data?.id !== id || replayed !== 'true') throw new Error(`${response.status}, ${data?.id}, ${replayed}`);
      }),
  },
  {
    name: 'nothing is bought twice but what nobody could know of',
    check: async ({ fleet, windows }) => {
      const rows = await allPurchases(fleet);
      const violations: string[] = [];
      for (const [key, attempts] of grouped(rows.filter(isPaid), nameOf)) {
        const answered = attempts.filter(({ state }) => state === 'answered').length;
        if (answered > 1) violations.push(`${key} was bought ${answered} times`);
        if (attempts.length > 2) violations.push(`${key} was sent ${attempts.length} times`);
        for (const { state, openedAt, settledAt, attempt } of attempts) {
          // One that nobody came back to stays as it was opened; the account says `unknown` of both.
          const isUnknown = state === 'unknown' || state === 'intended';
          if (isUnknown && !struckBetween(windows, openedAt.getTime(), settledAt?.getTime() ?? Infinity))
            violations.push(`${key} (${attempt}) is unknown, and nothing had struck`);
        }
      }
      return { checked: rows.length, violations };
    },
  },
  {
    name: 'the account is the provider’s invoice, call by call',
    check: async ({ fleet }) => {
      const rows = (await allPurchases(fleet)).filter(isPaid);
      const { lines } = await fleet.under.sandbox.ledger();
      const violations = KINDS.flatMap((kind) => {
        const told = rows.filter(({ purpose }) => KIND_OF[purpose as PurchasePurpose] === kind);
        const sure = told.filter(({ state }) => state === 'answered').length;
        const billed = lines.filter((line) => line.kind === kind).length;
        return billed >= sure && billed <= told.length
          ? []
          : [`${kind}: billed ${billed}, told ${sure} for sure and ${told.length - sure} perhaps`];
      });
      // Pictures are known by their prompts: each one for itself.
      const pictures = grouped(
        lines.filter(({ kind }) => kind === 'image'),
        (line) => line.prompt_sha256,
      );
      for (const [prompt, billed] of pictures) {
        const told = rows.filter(
          (row) => row.promptSha256 === prompt && KIND_OF[row.purpose as PurchasePurpose] === 'image',
        ).length;
        if (billed.length > told) violations.push(`a picture was billed ${billed.length} times and told ${told} times`);
      }
      return { checked: lines.length, violations };
    },
  },
  {
    name: 'the cost of each video is what its purchases say',
    check: async ({ fleet, orders }) => {
      const rows = (await allPurchases(fleet)).filter(isPaid);
      return each(ended(orders), async (id) => {
        const { cost } = (await fleet.under.video(id)) as Video & { cost?: { total: number; lines: unknown[] } | null };
        const own = rows.filter(({ videoId }) => videoId === id);
        const total = own.reduce((sum, { price }) => sum + price, 0);
        if (cost?.lines.length !== own.length || Math.abs(cost.total - total) > 1e-6)
          throw new Error(`it says ${cost?.total} in ${cost?.lines.length} lines, not ${total} in ${own.length}`);
      });
    },
  },
  {
    name: 'nothing is bought after a cancel was acknowledged',
    check: async ({ fleet, orders, windows }) => {
      const rows = await allPurchases(fleet);
      const cancelled = orders.filter(({ cancelledAt }) => cancelledAt !== null);
      const violations = cancelled.flatMap((order) => {
        const heardAt = (order.cancelledAt ?? 0) + HEARING_MS;
        return rows
          .filter(({ videoId, openedAt }) => videoId === idOf(order) && openedAt.getTime() > heardAt)
          .filter(({ openedAt }) => !standsStill(windows, order.cancelledAt ?? 0, openedAt.getTime()))
          .map((row) => `${nameOf(row)} was bought ${row.openedAt.getTime() - heardAt} ms after it was to be heard`);
      });
      return { checked: cancelled.length, violations };
    },
  },
  {
    name: 'what was degraded or failed had a cause, and says it',
    check: async ({ fleet, orders, windows }) => {
      return each(ended(orders), async (id, order) => {
        const video = await fleet.under.video(id);
        const struck = struckBetween(windows, order.postedAt, order.endedAt ?? Infinity);
        if (video.status === 'cancelled' && order.cancelledAt === null) throw new Error('cancelled by nobody');
        if (video.status === 'terminated' && !order.terminated) throw new Error('terminated by nobody');
        const codes = [
          ...('degradations' in video ? video.degradations.map(({ why }) => why) : []),
          ...(video.status === 'failed' ? [video.error.code] : []),
        ];
        if (codes.length > 0 && !struck) throw new Error(`${codes.join(', ')}, and nothing had struck`);
        // Also as the reason for something else.
        const said = JSON.stringify('error' in video ? [codes, video.error] : codes);
        for (const code of BEWILDERED) if (said.includes(code)) throw new Error(`it says ${code}: ${said}`);
        if (video.status === 'success' && codes.length > 0) throw new Error(`success with ${codes.join(', ')}`);
      });
    },
  },
  {
    name: 'every film that was delivered plays, and is what was asked for',
    check: ({ fleet, orders }) =>
      each(
        ended(orders).filter(({ status }) => status === 'success' || status === 'partial' || status === COMPLETED),
        async (id, order) => {
          const film = await fleet.under.finished(id);
          const { width, height } = canvasFor(order.wish.aspect_ratio as '9:16', '360p');
          const file = await assertPlayable(fleet.under, film, { seconds: order.wish.duration, width, height });
          rmSync(file);
        },
      ),
  },
  {
    name: 'no process is left at work',
    check: async ({ fleet }) => {
      const left = () => fleet.under.ffmpegs();
      const violations = await untilTidy(
        () => left().length === 0,
        () => `ffmpeg ${left().join(', ')}`,
      );
      return { checked: 1, violations };
    },
  },
  {
    name: 'no file is left of what has ended',
    check: async ({ fleet, orders }) => {
      const work = path.join(fleet.under.dataDir, 'work');
      const assets = path.join(fleet.under.dataDir, 'assets');
      const left = () => [
        ...readdirSync(work),
        ...readdirSync(assets, { recursive: true })
          .map(String)
          .filter((name) => /\.(tmp|part)\b/.test(name)),
      ];
      return {
        checked: orders.length,
        violations: await untilTidy(
          () => left().length === 0,
          () => left().join(', '),
        ),
      };
    },
  },
  {
    name: 'no secret and no theme stands in a log',
    check: async ({ fleet, orders }) => {
      const folder = path.join(fleet.under.dataDir, 'logs');
      const logs = readdirSync(folder).filter((name) => statSync(path.join(folder, name)).isFile());
      const violations = logs.flatMap((name) => {
        const text = readFileSync(path.join(folder, name), 'utf8');
        const secrets = [PASSWORD, ...orders.map(({ wish }) => wish.video_theme)];
        return secrets
          .filter((secret) => text.includes(secret))
          .map((secret) => `${name} has ${JSON.stringify(secret)}`);
      });
      return { checked: logs.length, violations };
    },
  },
  {
    name: 'everything is at rest again: gateways healthy and ready',
    check: async ({ fleet }) => {
      const states = async () => {
        const said = [];
        for (const gateway of fleet.gateways) {
          for (const route of ['/health', '/ready']) {
            const answer = (await (await fetch(`${gateway.url()}${route}`)).json()) as { data?: { status: string } };
            said.push(answer.data?.status ?? JSON.stringify(answer));
          }
        }
        return said;
      };
      let seen: string[] = [];
      const atRest = async () => (seen = await states()).every((state) => state === 'healthy' || state === 'ready');
      const violations = await untilTidy(atRest, () => seen.join(', '));
      return { checked: fleet.gateways.length, violations };
    },
  },
];

const ended = (orders: readonly Order[]) => orders.filter(({ endedAt }) => endedAt !== null);

async function each(orders: readonly Order[], check: (id: string, order: Order) => Promise<void>) {
  const violations: string[] = [];
  for (const order of orders) {
    const id = idOf(order) ?? '';
    await check(id, order).catch((error: unknown) => {
      violations.push(`${id} (order ${order.n}, ${order.status}): ${(error as Error).message.slice(0, 600)}`);
    });
  }
  return { checked: orders.length, violations };
}

async function untilTidy(holds: () => boolean | Promise<boolean>, left: () => string): Promise<string[]> {
  return until('tidy', holds, { withinMs: TIDY_MS }).then(
    () => [],
    () => [left()],
  );
}

const allPurchases = (fleet: Fleet): Promise<Row[]> =>
  patiently(() => fleet.under.database.run((query) => query.select().from(purchases)));

const nameOf = ({ videoId, sceneId, purpose }: Row): string => `${videoId} ${sceneId} ${purpose}`;

const struckBetween = (windows: readonly Window[], from: number, to: number): boolean =>
  windows.some((window) => window.from <= to && window.to + ECHO_MS >= from);

/** Who was stopped, or cut off from Temporal, hears of a cancel when that is over. */
const standsStill = (windows: readonly Window[], from: number, to: number): boolean =>
  windows.some((window) => window.about === 'processes' && window.from <= to && window.to + HEARING_MS >= from);
