import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';
import { CHANNELS } from '../domain/service.ts';
import { json, jsonb } from './json-column.ts';
import { vector } from './vector-column.ts';

// The tables as queries see them. The SQL in migrations/ makes them; a test holds the two together.

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** The read model: one row a video, as the gateway shows it. */
export const videos = pgTable(
  'videos',
  {
    id: text('id').primaryKey(),
    tenant: text('tenant').notNull(),
    /** The run that counts. */
    runId: text('run_id').notNull(),
    status: text('status').notNull(),
    stage: text('stage'),
    assetType: text('asset_type').notNull(),
    waiting: jsonb('waiting'),
    progress: jsonb('progress'),
    title: text('title'),
    /** The workflow's result, as stored. */
    result: jsonb('result'),
    failure: jsonb('failure'),
    cost: jsonb('cost'),
    lastEventId: integer('last_event_id').notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
    finishedAt: time('finished_at'),
    updatedAt: time('updated_at').notNull().defaultNow(),
    /** By Temporal's clock: a run that began earlier says nothing any more. */
    runStartedAt: time('run_started_at').notNull().defaultNow(),
  },
  (table) => [
    index('videos_by_age').on(table.tenant, table.createdAt.desc(), table.id),
    index('videos_by_status').on(table.tenant, table.status, table.createdAt.desc()),
    index('videos_unfinished')
      .on(table.updatedAt, table.id)
      .where(sql`finished_at is null`),
    index('videos_by_end')
      .on(table.finishedAt, table.id)
      .where(sql`finished_at is not null`),
  ],
);

/** The points that people have named: what that run had made when it passed the checkpoint. */
export const checkpoints = pgTable(
  'checkpoints',
  {
    tenant: text('tenant').notNull(),
    videoId: text('video_id').notNull(),
    name: text('name').notNull(),
    checkpoint: text('checkpoint').notNull(),
    runId: text('run_id').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.videoId, table.name] })],
);

export const scenes = pgTable(
  'scenes',
  {
    videoId: text('video_id').notNull(),
    branch: text('branch').notNull(),
    sceneId: text('scene_id').notNull(),
    state: text('state').notNull(),
    why: text('why'),
    asset: jsonb('asset'),
    settledAt: time('settled_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.videoId, table.branch, table.sceneId] })],
);

/** `id` counts within a video, `seq` over all of them in the order of the commits (see `eventCursor`). */
export const events = pgTable(
  'events',
  {
    videoId: text('video_id').notNull(),
    id: integer('id').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull().unique(),
    /** What happened, once: a repeated report has the same key. */
    key: text('key').notNull(),
    type: text('type').notNull(),
    data: jsonb('data').notNull(),
    at: time('at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.videoId, table.id] }), unique().on(table.videoId, table.key)],
);

/** One row. Updated in the transaction that appends, which makes `seq` gapless and ordered by commit. */
export const eventCursor = pgTable('event_cursor', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  value: bigint('value', { mode: 'number' }).notNull(),
});

/** Uploads; and, for as long as a run may last, whatever else videos are made of by name (`made`). */
export const assets = pgTable(
  'assets',
  {
    tenant: text('tenant').notNull(),
    sha256: text('sha256').notNull(),
    mediaType: text('media_type').notNull(),
    sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
    origin: text('origin', { enum: ['uploaded', 'made'] }).notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    lastUsedAt: time('last_used_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.sha256] })],
);

/** Pictures that were bought, by what they show. A row lives as long as its video, and keeps no file alive. */
export const stills = pgTable(
  'stills',
  {
    tenant: text('tenant').notNull(),
    videoId: text('video_id').notNull(),
    sceneId: text('scene_id').notNull(),
    style: text('style').notNull(),
    aspectRatio: text('aspect_ratio').notNull(),
    /** Empty: it takes after none. */
    referenceImage: text('reference_image').notNull(),
    width: integer('width').notNull(),
    height: integer('height').notNull(),
    /** As `pictureWords` gives them. */
    words: text('words').array().notNull(),
    sha256: text('sha256').notNull(),
    mediaType: text('media_type').notNull(),
    sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
    model: text('model').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    /** Who made `embedding`, dimensions included: others are not compared with it. */
    embeddingModel: text('embedding_model'),
    embedding: vector('embedding'),
    /** A provider's, where one is bought: compared with those of the same model and dimensions only. */
    boughtModel: text('bought_model'),
    boughtDimensions: integer('bought_dimensions'),
    boughtEmbedding: vector('bought_embedding'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.videoId, table.sceneId] }),
    index('stills_by_look').on(table.tenant, table.style, table.aspectRatio, table.createdAt.desc()),
    index('stills_by_words').using('gin', table.words),
    index('stills_by_video').on(table.videoId),
  ],
);

/** Write-ahead intents and ledger in one: a row an attempt. */
export const purchases = pgTable(
  'purchases',
  {
    tenant: text('tenant').notNull(),
    videoId: text('video_id').notNull(),
    /** Empty for what is bought for the whole film. */
    sceneId: text('scene_id').notNull(),
    purpose: text('purpose').notNull(),
    attempt: integer('attempt').notNull(),
    seed: bigint('seed', { mode: 'number' }).notNull(),
    provider: text('provider').notNull(),
    model: text('model').notNull(),
    promptSha256: text('prompt_sha256'),
    state: text('state', { enum: ['intended', 'refused', 'unknown', 'answered'] }).notNull(),
    units: jsonb('units').notNull(),
    /** CNY. */
    price: doublePrecision('price').notNull(),
    basis: text('basis').notNull(),
    openedAt: time('opened_at').notNull(),
    settledAt: time('settled_at'),
    answer: json('answer'),
    kept: json('kept'),
    /** Who has the call in flight; renewed by that process, by the database's clock. */
    leaseOwner: text('lease_owner'),
    leaseUntil: time('lease_until'),
    channel: text('channel', { enum: CHANNELS }).notNull().default('http_channel'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.videoId, table.sceneId, table.purpose, table.attempt] }),
    index('purchases_under_way')
      .on(table.leaseOwner)
      .where(sql`state = 'intended'`),
    index('purchases_with_answers')
      .on(table.tenant, table.videoId, table.sceneId, table.purpose, table.attempt)
      .where(sql`answer is not null or kept is not null`),
  ],
);

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    tenant: text('tenant').notNull(),
    keyHash: text('key_hash').notNull(),
    videoId: text('video_id').notNull(),
    bodyHash: text('body_hash').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.keyHash] }),
    index('idempotency_keys_by_end').on(table.expiresAt),
    index('idempotency_keys_by_video').on(table.videoId),
  ],
);

/** Circuit breakers that are not closed, as the workers tell of them; what is not renewed is not believed. */
export const circuitBreakers = pgTable(
  'circuit_breakers',
  {
    /** The worker process. */
    worker: text('worker').notNull(),
    service: text('service').notNull(),
    state: text('state', { enum: ['open', 'half_open'] }).notNull(),
    /** When it is tried again. */
    openUntil: time('open_until'),
    renewedAt: time('renewed_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.worker, table.service] })],
);

/** Where a video's events go. The address may be a secret in itself. */
export const webhooks = pgTable(
  'webhooks',
  {
    tenant: text('tenant').notNull(),
    videoId: text('video_id').notNull(),
    url: text('url').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.videoId] })],
);

/** Events on their way to their receivers: a row is written in the transaction that writes the event. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    /** What its receiver knows it by: made from the event. */
    id: text('id').primaryKey(),
    tenant: text('tenant').notNull(),
    videoId: text('video_id').notNull(),
    type: text('type').notNull(),
    at: time('at').notNull(),
    facts: jsonb('facts').notNull(),
    state: text('state', { enum: ['pending', 'delivered', 'dead'] })
      .notNull()
      .default('pending'),
    /** Each replay is one. */
    round: integer('round').notNull().default(1),
    attempts: integer('attempts').notNull().default(0),
    lastFailure: text('last_failure'),
    /** When this round's run was started; null until then. */
    startedAt: time('started_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    settledAt: time('settled_at'),
  },
  (table) => [
    index('webhook_deliveries_waiting')
      .on(table.startedAt.asc().nullsFirst(), table.createdAt)
      .where(sql`state = 'pending'`),
    index('webhook_deliveries_dead')
      .on(table.tenant, table.settledAt.desc(), table.id)
      .where(sql`state = 'dead'`),
    index('webhook_deliveries_by_video').on(table.videoId),
  ],
);
