-- A video may be made by several runs, one after the other; `run_id` is the one that counts, and no older one may say
-- anything any more.
alter table videos add column run_started_at timestamptz;
update videos set run_started_at = created_at;
alter table videos alter column run_started_at set not null;
alter table videos alter column run_started_at set default now();
-- Each run may be cancelled, and ends, for itself.
update events set key = videos.run_id || ':' || events.key from videos
  where videos.id = events.video_id and events.type in ('cancelling', 'ended');

-- The points that people have named: what that run had made when it passed the checkpoint.
create table checkpoints (
  tenant text not null,
  video_id text not null,
  name text not null,
  checkpoint text not null,
  run_id text not null,
  created_at timestamptz not null default now(),
  primary key (tenant, video_id, name)
);
