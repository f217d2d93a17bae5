-- Entries on their way to a server's log channels: one row for each channel. A queue, so rows live for seconds.
create table log_post (
  guild_id bigint not null references guild on delete cascade,
  channel_id bigint not null,
  id bigint generated always as identity,
  ticket_id bigint not null,
  version integer not null,
  -- The lowest id of the message that it is sent in, once that is decided: what is tried again is the same message.
  batch bigint,
  primary key (guild_id, channel_id, id)
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0
);

-- Why a log channel takes nothing: an error code with its context, until something arrives there again.
create table log_problem (
  guild_id bigint not null references guild on delete cascade,
  channel_id bigint not null,
  code text not null,
  context jsonb not null,
  at timestamptz not null,
  primary key (guild_id, channel_id)
);

alter table label add column version integer not null default 1;
create unique index label_name on label (guild_id, lower(name)) where deleted_at is null;

-- Somebody's own tickets, newest first.
create index ticket_opener on ticket (guild_id, opener_id, id);
