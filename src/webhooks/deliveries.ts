import { and, asc, desc, eq, isNull, lt, sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { webhookDeliveries, webhooks } from '../database/schema.ts';
import { WebhookFacts, type WebhookType } from '../domain/webhook.ts';

/** One event on its way to its receiver. */
export interface Delivery {
  id: string;
  videoId: string;
  type: WebhookType;
  at: string;
  facts: WebhookFacts;
  state: 'pending' | 'delivered' | 'dead';
  url: string;
}

export interface Attempted {
  outcome: 'delivered' | 'failed' | 'dead';
  failure: string | null;
}

/** Notes where a video's events go. Said again, it stays what it was: a key names one wish. */
export async function rememberReceiver(
  database: Database,
  { tenant, videoId, url }: { tenant: string; videoId: string; url: string },
): Promise<void> {
  await database.run((query) => query.insert(webhooks).values({ tenant, videoId, url }).onConflictDoNothing());
}

/** Null when it was pruned with its video. */
export async function findDelivery(database: Database, id: string): Promise<Delivery | null> {
  const [row] = await database.run((query) =>
    query.select().from(webhookDeliveries).innerJoin(webhooks, ofOneVideo).where(eq(webhookDeliveries.id, id)),
  );
  if (row === undefined) return null;
  const { videoId, type, at, facts, state } = row.webhook_deliveries;
  return {
    ...{ id, videoId, type: type as WebhookType, at: at.toISOString(), state, url: row.webhooks.url },
    facts: WebhookFacts.parse(facts),
  };
}

const ofOneVideo = and(eq(webhooks.tenant, webhookDeliveries.tenant), eq(webhooks.videoId, webhookDeliveries.videoId));

/** What has become of one attempt. A delivery that is settled stays so. */
export async function noteAttempt(database: Database, id: string, { outcome, failure }: Attempted): Promise<void> {
  const settled = outcome === 'failed' ? {} : { state: outcome, settledAt: sql`now()` };
  await database.run((query) =>
    query
      .update(webhookDeliveries)
      .set({ attempts: sql`${webhookDeliveries.attempts} + 1`, lastFailure: failure, ...settled })
      .where(and(eq(webhookDeliveries.id, id), eq(webhookDeliveries.state, 'pending'))),
  );
}

/** A round of a delivery, whose run is to be started or was. */
export interface Round {
  id: string;
  round: number;
}

/** Rounds without a run, the longest waiting first. */
export async function roundsToStart(database: Database, limit: number): Promise<Round[]> {
  const { state, startedAt, createdAt } = webhookDeliveries;
  return database.run((query) =>
    query
      .select({ id: webhookDeliveries.id, round: webhookDeliveries.round })
      .from(webhookDeliveries)
      .where(and(eq(state, 'pending'), isNull(startedAt)))
      .orderBy(asc(createdAt))
      .limit(limit),
  );
}

/** Rounds whose run was started so long ago and that are not settled. */
export async function roundsUnderWay(
  database: Database,
  { sinceSeconds, limit }: { sinceSeconds: number; limit: number },
): Promise<Round[]> {
  const { state, startedAt } = webhookDeliveries;
  return database.run((query) =>
    query
      .select({ id: webhookDeliveries.id, round: webhookDeliveries.round })
      .from(webhookDeliveries)
      .where(and(eq(state, 'pending'), lt(startedAt, sql`now() - make_interval(secs => ${sinceSeconds})`)))
      .orderBy(asc(startedAt))
      .limit(limit),
  );
}

const isRound = ({ id, round }: Round) =>
  and(eq(webhookDeliveries.id, id), eq(webhookDeliveries.round, round), eq(webhookDeliveries.state, 'pending'));

/** Its run is there; or, with false, it is not any more, and is to be started again. */
export async function noteStarted(database: Database, round: Round, isStarted = true): Promise<void> {
  const startedAt = isStarted ? sql`now()` : null;
  await database.run((query) => query.update(webhookDeliveries).set({ startedAt }).where(isRound(round)));
}

/** Its run was ended by somebody, with the delivery open. */
export async function noteStopped(database: Database, round: Round): Promise<void> {
  const dead = { state: 'dead', lastFailure: 'run_ended', settledAt: sql`now()` } as const;
  await database.run((query) => query.update(webhookDeliveries).set(dead).where(isRound(round)));
}

export interface DeadLetter {
  id: string;
  videoId: string;
  type: WebhookType;
  at: string;
  attempts: number;
  lastFailure: string | null;
  diedAt: string;
  url: string;
}

/** The newest first. */
export async function deadLetters(
  database: Database,
  { tenant, limit }: { tenant: string; limit: number },
): Promise<DeadLetter[]> {
  const { state, settledAt, id } = webhookDeliveries;
  const rows = await database.run((query) =>
    query
      .select()
      .from(webhookDeliveries)
      .innerJoin(webhooks, ofOneVideo)
      .where(and(eq(webhookDeliveries.tenant, tenant), eq(state, 'dead')))
      .orderBy(desc(settledAt), asc(id))
      .limit(limit),
  );
  return rows.map(({ webhooks: { url }, webhook_deliveries: row }) => {
    const { videoId, type, at, attempts, lastFailure } = row;
    const diedAt = (row.settledAt ?? row.createdAt).toISOString();
    return { id: row.id, videoId, type: type as WebhookType, at: at.toISOString(), attempts, lastFailure, diedAt, url };
  });
}

/** Another round for a dead letter; false when there is none of this id. */
export async function reviveDeadLetter(
  database: Database,
  { tenant, id }: { tenant: string; id: string },
): Promise<boolean> {
  const { state, round } = webhookDeliveries;
  const revived = await database.run((query) =>
    query
      .update(webhookDeliveries)
      .set({ state: 'pending', round: sql`${round} + 1`, startedAt: null, settledAt: null })
      .where(and(eq(webhookDeliveries.tenant, tenant), eq(webhookDeliveries.id, id), eq(state, 'dead')))
      .returning({ id: webhookDeliveries.id }),
  );
  return revived.length > 0;
}
