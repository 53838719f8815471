-- The way each purchase was sent. Until now there was one.
alter table purchases add column channel text not null default 'http_channel'
  check (channel in ('mcp_channel', 'http_channel'));
