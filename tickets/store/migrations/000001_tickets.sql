-- Internal ids: one sequence for every kind of thing. It starts at 1,000 (label 1 means "unlabelled") and can never meet a
-- snowflake, so a team's id cannot be a user's (design.md 3).
create sequence docket_id as bigint start 1000 minvalue 1000;

create table guild (
  guild_id bigint primary key,
  name text not null,
  owner_id bigint not null,
  icon_hash text,
  locale text not null default 'en-US',
  member_count integer not null default 0,
  -- Overrides only: a changed default reaches everyone who never chose.
  settings jsonb not null default '{}',
  settings_version integer not null default 1,
  joined_at timestamptz not null default now(),
  left_at timestamptz
);

-- Apart from `guild`, because every opening locks it: profile updates must not wait for openings nor delay them.
create table guild_counter (
  guild_id bigint primary key references guild on delete cascade,
  display_epoch integer not null default 0,
  display_no integer not null default 0,
  lifetime_no integer not null default 0
) with (fillfactor = 50);

create table team (
  guild_id bigint not null references guild on delete cascade,
  id bigint not null default nextval('docket_id'),
  name text not null,
  is_default boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (guild_id, id)
);
create unique index team_default on team (guild_id) where is_default;

create table team_member (
  guild_id bigint not null,
  team_id bigint not null,
  subject_id bigint not null,
  subject_kind text not null check (subject_kind in ('user', 'role')),
  level text not null check (level in ('support', 'admin')),
  added_by bigint,
  added_at timestamptz not null default now(),
  primary key (guild_id, team_id, subject_id),
  foreign key (guild_id, team_id) references team on delete cascade
);
-- "In which guilds is this person staff" is asked before a guild is known.
create index team_member_subject on team_member (subject_id);

create table form (
  guild_id bigint not null references guild on delete cascade,
  id bigint not null default nextval('docket_id'),
  name text not null,
  fields jsonb not null,
  created_at timestamptz not null default now(),
  primary key (guild_id, id)
);

-- One kind of ticket.
create table panel (
  guild_id bigint not null references guild on delete cascade,
  id bigint not null default nextval('docket_id'),
  name text not null,
  button_label text not null,
  button_emoji text,
  category_id bigint,
  form_id bigint,
  welcome text,
  max_open integer,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (guild_id, id),
  foreign key (guild_id, form_id) references form
);

create table panel_team (
  guild_id bigint not null,
  panel_id bigint not null,
  team_id bigint not null,
  primary key (guild_id, panel_id, team_id),
  foreign key (guild_id, panel_id) references panel on delete cascade,
  foreign key (guild_id, team_id) references team on delete cascade
);

-- A message in Discord that shows 1-25 panels.
create table panel_message (
  guild_id bigint not null references guild on delete cascade,
  id bigint not null default nextval('docket_id'),
  title text not null,
  content text not null,
  colour integer not null,
  channel_id bigint not null,
  message_id bigint,
  -- Set before the message is sent: when it is there already, a crash came between and the nonce is looked for first.
  creating_since timestamptz,
  applied_hash text,
  problem text,
  created_at timestamptz not null default now(),
  primary key (guild_id, id)
);

create table panel_message_panel (
  guild_id bigint not null,
  panel_message_id bigint not null,
  panel_id bigint not null,
  position smallint not null,
  primary key (guild_id, panel_message_id, panel_id),
  foreign key (guild_id, panel_message_id) references panel_message on delete cascade,
  foreign key (guild_id, panel_id) references panel on delete cascade
);

create table ticket (
  guild_id bigint not null references guild on delete cascade,
  id bigint not null default nextval('docket_id'),
  version integer not null,
  state text not null check (state in ('reserved', 'channel', 'open', 'closed', 'abandoned')),
  display_epoch integer not null,
  display_no integer not null,
  lifetime_no integer,
  interaction_id bigint not null,
  opener_id bigint not null,
  opened_by bigint not null,
  panel_id bigint,
  team_ids bigint[] not null,
  source text not null check (source in ('panel', 'command', 'context_menu', 'staff', 'dashboard')),
  subject text,
  -- AES-256-GCM under the ticket's key (ticket_key), AAD = guild, ticket, row.
  sealed_answers bytea,
  sealed_comment bytea,
  claimed_by bigint,
  channel_id bigint,
  opened_at timestamptz not null,
  closed_at timestamptz,
  closed_by bigint,
  close_reason text,
  rating smallint check (rating between 1 and 5),
  rated_at timestamptz,
  next_action_at timestamptz,
  -- The fold's state (tickets/facts.ts): what the entries of this ticket imply.
  facts jsonb not null,
  -- What the reconciler has done in Discord, and why it could not do the rest (tickets/applied.ts).
  applied jsonb not null,
  -- `change_version` is the version of the last change (messages raise `version` alone); `settled_version` the change up to
  -- which Discord looks like the ticket. The sweep re-queues what stays apart.
  change_version integer not null,
  changed_at timestamptz not null,
  settled_version integer not null default 0,
  primary key (guild_id, id),
  foreign key (guild_id, panel_id) references panel
) with (fillfactor = 70);
create unique index ticket_interaction on ticket (guild_id, interaction_id);
create unique index ticket_display_no on ticket (guild_id, display_epoch, display_no);
create unique index ticket_lifetime_no on ticket (guild_id, lifetime_no);
create unique index ticket_channel on ticket (guild_id, channel_id);
-- What limits count and what "now" reads: open tickets are few, whatever was closed.
create index ticket_active on ticket (guild_id, opener_id, panel_id) where state in ('reserved', 'channel', 'open');
-- Channels that may still bring messages: of tickets at work, and of closed ones until the channel is deleted.
create index ticket_live_channel on ticket (guild_id)
  where channel_id is not null and (applied ->> 'channelDeletedAt') is null;
-- A RESUME after a crash replays messages of channels that were closed and deleted meanwhile.
create index ticket_closed on ticket (closed_at) where closed_at is not null;
create index ticket_due on ticket (next_action_at) where next_action_at is not null;
create index ticket_unsettled on ticket (changed_at) where settled_version < change_version;

create table ticket_member (
  guild_id bigint not null,
  ticket_id bigint not null,
  user_id bigint not null,
  added_by bigint not null,
  added_at timestamptz not null,
  primary key (guild_id, ticket_id, user_id),
  foreign key (guild_id, ticket_id) references ticket on delete cascade
);

-- Erasing a ticket is deleting this row.
create table ticket_key (
  guild_id bigint not null,
  ticket_id bigint not null,
  wrapped bytea not null,
  primary key (guild_id, ticket_id),
  foreign key (guild_id, ticket_id) references ticket on delete cascade
);

-- One of the two kinds of entries. No foreign key: a row is written only under its ticket's row lock, and the check would cost
-- more than the insert.
create table message (
  guild_id bigint not null,
  ticket_id bigint not null,
  id bigint not null,
  at timestamptz not null,
  author_id bigint not null,
  author_kind text not null check (author_kind in ('opener', 'staff', 'participant', 'observer', 'bot', 'system')),
  author_team_ids bigint[] not null,
  sealed bytea not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  primary key (guild_id, ticket_id, id)
);

-- The other kind of entries: changes, kept for ever.
create table history (
  guild_id bigint not null,
  ticket_id bigint not null,
  version integer not null,
  name text not null,
  at timestamptz not null,
  actor_id bigint,
  actor_kind text not null check (actor_kind in ('opener', 'staff', 'participant', 'observer', 'bot', 'system')),
  actor_team_ids bigint[] not null,
  data jsonb not null,
  primary key (guild_id, ticket_id, version),
  foreign key (guild_id, ticket_id) references ticket on delete cascade
);

-- Messages that Docket sends for people: MESSAGE_CREATE brings the nonce back and is attributed by it.
create table outgoing (
  guild_id bigint not null,
  nonce text not null,
  ticket_id bigint not null,
  actor_id bigint not null,
  actor_kind text not null,
  actor_team_ids bigint[] not null,
  kind text not null check (kind in ('tag', 'reply')),
  created_at timestamptz not null default now(),
  primary key (guild_id, nonce),
  foreign key (guild_id, ticket_id) references ticket on delete cascade
);

-- Rows on their way to ClickHouse, lowest id first. A queue: rows live for seconds, so it is vacuumed by count, not by share.
create table outbox (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('event', 'ticket')),
  guild_id bigint not null,
  ticket_id bigint not null,
  row json not null
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000000
);

-- The total number of shards is stored at the first start; another total is refused.
create table bot (
  bot_id bigint primary key,
  shard_total integer not null check (shard_total > 0)
);

-- Ownership, session and fence of a shard in one row.
create table shard (
  bot_id bigint not null references bot on delete cascade,
  id integer not null,
  owner text,
  lease_until timestamptz,
  session_id text,
  resume_url text,
  sequence bigint,
  primary key (bot_id, id)
) with (fillfactor = 50);

create table identify_slot (
  bot_id bigint not null,
  bucket integer not null,
  next_at timestamptz not null,
  primary key (bot_id, bucket)
) with (fillfactor = 50);

-- Discord's 50 requests a second, shared by every process of one token: leases are taken by moving `next_at` (discord/limits.ts).
create table rest_lease (
  bot_id bigint primary key,
  next_at timestamptz not null default now(),
  blocked_until timestamptz,
  invalid_count integer not null default 0,
  invalid_since timestamptz
) with (fillfactor = 50);

create table audit (
  guild_id bigint not null references guild on delete cascade,
  id bigint not null default nextval('docket_id'),
  at timestamptz not null,
  actor_id bigint,
  action text not null,
  data jsonb not null,
  primary key (guild_id, id)
);

create table api_key (
  guild_id bigint not null references guild on delete cascade,
  id bigint not null default nextval('docket_id'),
  hash bytea not null unique,
  name text not null,
  scopes text[] not null,
  created_by bigint,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (guild_id, id)
);

-- Signed-in people. `hash` is of the cookie's token: the table alone lets nobody in.
create table session (
  hash bytea primary key,
  user_id bigint not null,
  data jsonb not null,
  csrf text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index session_expires on session (expires_at);
