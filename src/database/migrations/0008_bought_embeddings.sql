-- What a provider says that a picture shows, beside what is computed here: compared only with what the same model says in as
-- many dimensions. Rows without one, or of another model, are compared by their own `embedding`.
alter table stills add column bought_model text;
alter table stills add column bought_dimensions integer;
alter table stills add column bought_embedding vector;
alter table stills add constraint stills_bought_named check (
  case when bought_embedding is null then bought_model is null and bought_dimensions is null
    else bought_model is not null and bought_dimensions is not null and vector_dims(bought_embedding) = bought_dimensions
  end);
