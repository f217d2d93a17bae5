-- Times in which a ticket's edits and deletions may have been missed, because the gateway session was lost: what was written is read again
-- afterwards, what was changed is not.
create table gap (
  guild_id bigint not null,
  ticket_id bigint not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  reason text not null check (reason in ('session-lost')),
  primary key (guild_id, ticket_id, from_at),
  foreign key (guild_id, ticket_id) references ticket on delete cascade
);

-- When each shard was last heard, and the gap before its present session. Apart from `shard`, whose rows are renewed every two seconds.
create table shard_heard (
  bot_id bigint not null references bot on delete cascade,
  shard_id integer not null,
  heard_at timestamptz not null,
  gap_from timestamptz,
  gap_to timestamptz,
  primary key (bot_id, shard_id)
) with (fillfactor = 50);
