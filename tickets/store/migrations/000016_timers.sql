-- Timers of a server are reckoned anew, and due ones taken in turns, by these.
create index ticket_open on ticket (guild_id, id) where state = 'open';

-- Until when the opener was known to be a member, for servers that close when somebody leaves.
alter table ticket add column opener_seen_at timestamptz;

-- Tickets that an admin closes at once: first a preview that says which, then they are closed, batch after batch.
create table bulk_close (
  guild_id bigint not null references guild on delete cascade,
  id bigint not null default nextval('docket_id'),
  state text not null default 'preview' check (state in ('preview', 'running', 'done')),
  -- {"panelId": … | null, "categoryId": "…" | null, "inactiveMs": … | null, "labelId": … | null}
  filter jsonb not null,
  reason text,
  -- Who asked, as a verb sees them: {"id", "roleIds", "isOwner", "hasManageGuild"}
  asked_by jsonb not null,
  asked_at timestamptz not null,
  ticket_ids bigint[] not null,
  -- How many of them have been looked at, and of these how many were closed.
  done integer not null default 0,
  closed integer not null default 0,
  -- Whose answer shows how far it is, while the token lives.
  reply_token text,
  finished_at timestamptz,
  primary key (guild_id, id)
);
