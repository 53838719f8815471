-- Where a video's events go: written before its run is started. The address may be a secret in itself, so it is here only.
create table webhooks (
  tenant text not null,
  video_id text not null,
  url text not null,
  created_at timestamptz not null default now(),
  primary key (tenant, video_id)
);

-- Events that wait for their receivers, or were told, or are dead letters. A row is written in the transaction that writes
-- the event, so that each is told of once, whoever learns of it first.
create table webhook_deliveries (
  -- Made from the event: the same one after a restore has the same id, by which its receiver knows it.
  id text primary key,
  tenant text not null,
  video_id text not null,
  type text not null,
  at timestamptz not null,
  facts jsonb not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
  -- Each replay is one.
  round integer not null default 1,
  attempts integer not null default 0,
  last_failure text,
  -- When this round's run was started; null until then.
  started_at timestamptz,
  created_at timestamptz not null default now(),
  settled_at timestamptz
);
create index webhook_deliveries_waiting on webhook_deliveries (started_at nulls first, created_at) where state = 'pending';
create index webhook_deliveries_dead on webhook_deliveries (tenant, settled_at desc, id) where state = 'dead';
create index webhook_deliveries_by_video on webhook_deliveries (video_id);
