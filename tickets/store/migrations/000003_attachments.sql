-- Files of messages, mirrored into the object store: Discord's own addresses die with the channel. No foreign key to the message, as there is none
-- from the message to its ticket: rows are written under the ticket's row lock, in the transaction of their message.
create table attachment (
  guild_id bigint not null,
  ticket_id bigint not null,
  message_id bigint not null,
  id bigint not null,
  -- Name and Discord's address, under the ticket's key like the message itself.
  sealed bytea not null,
  size_bytes bigint not null,
  content_type text,
  state text not null default 'wanted' check (state in ('wanted', 'stored', 'refused', 'failed', 'erased')),
  -- Why it is not stored (yet).
  reason text,
  object_key text,
  -- Tries at Discord's CDN; a store of ours that is away is waited for.
  attempts smallint not null default 0,
  created_at timestamptz not null default now(),
  primary key (guild_id, ticket_id, id)
);
create index attachment_wanted on attachment (guild_id, ticket_id) where state = 'wanted';
