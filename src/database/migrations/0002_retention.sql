-- What pruning looks for, in small batches, however many videos there are and however long the accounts have grown.

create index videos_by_end on videos (finished_at, id) where finished_at is not null;
create index idempotency_keys_by_video on idempotency_keys (video_id);
-- Answers are forgotten with their video, accounts are not: few rows are in here.
create index purchases_with_answers on purchases (tenant, video_id, scene_id, purpose, attempt)
  where answer is not null or kept is not null;
