-- Pictures that were bought, by what they show: a scene that lost its own may take one of a similar prompt. A row lives as
-- long as its video, and keeps nothing alive: whether the file is still there is asked when it is wanted.
create table stills (
  tenant text not null,
  video_id text not null,
  scene_id text not null,
  style text not null,
  aspect_ratio text not null,
  -- Of the picture that it was to take after; empty for none.
  reference_image text not null,
  width integer not null,
  height integer not null,
  words text[] not null,
  sha256 text not null,
  media_type text not null,
  size_bytes bigint not null,
  model text not null,
  created_at timestamptz not null default now(),
  primary key (tenant, video_id, scene_id)
);
create index stills_by_look on stills (tenant, style, aspect_ratio, created_at desc);
create index stills_by_words on stills using gin (words);
create index stills_by_video on stills (video_id);
