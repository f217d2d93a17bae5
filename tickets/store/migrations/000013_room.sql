-- Categories that Docket made because those of a server were full: number 2 is the second of its kind. The row is there before the category, so
-- that of many who need one only one makes it.
create table made_category (
  guild_id bigint not null references guild on delete cascade,
  -- The category that was full first.
  base_id bigint not null,
  no integer not null,
  category_id bigint,
  -- Since when it is being made: whoever comes much later looks for it, and makes it if it is not there.
  creating_since timestamptz not null,
  primary key (guild_id, base_id, no)
);

-- What hinders tickets now: the list of problems reads these alone.
create index ticket_problem on ticket (guild_id, id) where applied -> 'problem' <> 'null'::jsonb;
-- Averages of stars in placeholders.
create index ticket_rated on ticket (guild_id) include (rating) where rating is not null;
-- Messages in these channels open tickets: shards look for theirs.
create index guild_dedicated_channel on guild (guild_id) where settings ? 'dedicatedChannel';

-- 'message': one in the dedicated channel.
alter table ticket drop constraint ticket_source_check;
alter table ticket add constraint ticket_source_check
  check (source in ('panel', 'command', 'message', 'context_menu', 'staff', 'dashboard'));
