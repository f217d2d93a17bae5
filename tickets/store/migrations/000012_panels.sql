-- Forms and teams are edited by several people, like panels: the ETag.
alter table form add column version integer not null default 1;
alter table team add column version integer not null default 1;

alter table panel_message
  -- The message goes from Discord first, then the row.
  add column deleted_at timestamptz,
  -- Something changed that Discord does not show yet.
  add column is_pending boolean not null default false,
  -- What the text of `problem` needs.
  add column problem_context jsonb not null default '{}',
  -- Messages that it left behind when it moved, to be deleted: [{"channelId": "…", "messageId": "…" | null (to be looked for)}]
  add column strays jsonb not null default '[]';

-- The message or request that asked for it: the same click twice makes one.
alter table panel add column made_from bigint;
create unique index panel_made_from on panel (guild_id, made_from) where made_from is not null;
alter table panel_message add column made_from bigint;
create unique index panel_message_made_from on panel_message (guild_id, made_from) where made_from is not null;
