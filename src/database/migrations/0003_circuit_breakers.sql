-- Circuit breakers that are not closed, told by the worker processes to the gateways. A few rows, worth nothing after half a minute.

create table circuit_breakers (
  worker text not null,
  service text not null,
  state text not null check (state in ('open', 'half_open')),
  open_until timestamptz,
  renewed_at timestamptz not null,
  primary key (worker, service)
);
