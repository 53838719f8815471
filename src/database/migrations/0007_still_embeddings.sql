-- What a picture shows as a direction, and who has said so: only directions of one model are held side by side. Rows from
-- before there were any are compared by their words. No index: a tenant's pictures of one look are few enough to be read.
alter table stills add column embedding_model text;
alter table stills add column embedding vector;
alter table stills add constraint stills_embedding_named check ((embedding is null) = (embedding_model is null));
