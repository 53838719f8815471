-- Everything derived from or independent of Temporal's history. Ids are text, times are timestamptz, `tenant` leads
-- every key or index from the start.

create extension if not exists vector;

-- The read model: one row a video, as the gateway shows it.
create table videos (
  id text primary key,
  tenant text not null,
  run_id text not null,
  status text not null,
  stage text,
  asset_type text not null,
  waiting jsonb,
  progress jsonb,
  title text,
  result jsonb,
  failure jsonb,
  cost jsonb,
  last_event_id integer not null default 0,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  updated_at timestamptz not null default now()
);
create index videos_by_age on videos (tenant, created_at desc, id);
create index videos_by_status on videos (tenant, status, created_at desc);
-- What a reconciler looks at: few rows, however many films there are.
create index videos_unfinished on videos (updated_at, id) where finished_at is null;

create table scenes (
  video_id text not null,
  branch text not null,
  scene_id text not null,
  state text not null,
  why text,
  asset jsonb,
  settled_at timestamptz not null default now(),
  primary key (video_id, branch, scene_id)
);

-- `id` counts within a video. `seq` counts over all of them, without gaps, in the order of the commits: the appender
-- takes it from event_cursor in the transaction that writes the event, so nobody who tails by it overlooks one.
create table events (
  video_id text not null,
  id integer not null,
  seq bigint not null unique,
  key text not null,
  type text not null,
  data jsonb not null,
  at timestamptz not null default now(),
  primary key (video_id, id),
  unique (video_id, key)
);
create table event_cursor (
  only_row boolean primary key default true check (only_row),
  value bigint not null
);
insert into event_cursor (value) values (0);

create table assets (
  tenant text not null,
  sha256 text not null,
  media_type text not null,
  size_bytes bigint not null,
  origin text not null check (origin in ('uploaded', 'made')),
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  primary key (tenant, sha256)
);

-- Write-ahead intents and ledger in one: a row an attempt. `scene_id` is empty for what is bought for the whole film.
-- `answer` and `kept` are json, not jsonb: jsonb refuses \u0000 and half surrogates, and what is paid for must be
-- storable whatever it says.
create table purchases (
  tenant text not null,
  video_id text not null,
  scene_id text not null,
  purpose text not null,
  attempt integer not null check (attempt > 0),
  seed bigint not null,
  provider text not null,
  model text not null,
  prompt_sha256 text,
  state text not null check (state in ('intended', 'refused', 'unknown', 'answered')),
  units jsonb not null,
  price double precision not null,
  basis text not null,
  opened_at timestamptz not null,
  settled_at timestamptz,
  answer json,
  kept json,
  lease_owner text,
  lease_until timestamptz,
  primary key (tenant, video_id, scene_id, purpose, attempt)
);
create index purchases_under_way on purchases (lease_owner) where state = 'intended';

create table idempotency_keys (
  tenant text not null,
  key_hash text not null,
  video_id text not null,
  body_hash text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (tenant, key_hash)
);
create index idempotency_keys_by_end on idempotency_keys (expires_at);
