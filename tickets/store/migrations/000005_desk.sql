-- Installations with PREMIUM=entitled: until when a server has every feature (features.md 1.12).
alter table guild add column entitled_until timestamptz;

-- Forms are made once and used by several panels.
alter table form add column deleted_at timestamptz;

-- A kind of ticket, with everything that may differ from the server's settings; null follows them.
alter table panel
  add column version integer not null default 1,
  add column button_style text not null default 'primary'
    check (button_style in ('primary', 'secondary', 'success', 'danger')),
  -- Under its name in a select menu.
  add column description text,
  add column naming text,
  add column welcome_title text,
  add column welcome_colour integer,
  add column welcome_image_url text,
  add column welcome_thumbnail_url text,
  add column welcome_footer text,
  add column claim_button boolean,
  add column required_role_ids bigint[] not null default '{}',
  -- Pinged when a ticket opens: [{"id": "…", "kind": "user" | "role"}]
  add column mentions jsonb not null default '[]',
  add column mode text check (mode in ('channel', 'thread')),
  add column overflow_category_ids bigint[] not null default '{}',
  add column schedule_id bigint,
  add column outside_hours text check (outside_hours in ('open', 'notice', 'refuse'));

alter table panel_message
  add column version integer not null default 1,
  -- Plain text above the embed.
  add column text text,
  add column image_url text,
  add column thumbnail_url text,
  add column footer text,
  add column layout text not null default 'buttons' check (layout in ('buttons', 'select')),
  add column placeholder text;

-- Numbers of a panel, where a server does not number through (setting continuousNumbering).
create table panel_counter (
  guild_id bigint not null,
  panel_id bigint not null,
  display_epoch integer not null default 0,
  display_no integer not null default 0,
  primary key (guild_id, panel_id),
  foreign key (guild_id, panel_id) references panel on delete cascade
) with (fillfactor = 50);

-- Office hours. A version holds from its moment until the next one's, so that old figures never change.
create table schedule (
  guild_id bigint not null references guild on delete cascade,
  id bigint not null default nextval('docket_id'),
  name text not null,
  deleted_at timestamptz,
  primary key (guild_id, id)
);
create table schedule_version (
  guild_id bigint not null,
  schedule_id bigint not null,
  valid_from timestamptz not null,
  -- IANA's name.
  time_zone text not null,
  -- [{"day": 1-7 (Monday is 1), "from": minutes, "to": minutes}]
  hours jsonb not null,
  -- [{"date": "2026-12-25", "name": "…"}], with "from" and "to" when it is open for a part of the day
  holidays jsonb not null default '[]',
  primary key (guild_id, schedule_id, valid_from),
  foreign key (guild_id, schedule_id) references schedule on delete cascade
);

create table label (
  guild_id bigint not null references guild on delete cascade,
  id bigint not null default nextval('docket_id'),
  name text not null,
  colour integer not null,
  deleted_at timestamptz,
  primary key (guild_id, id)
);

-- Who takes part in new thread tickets of a team, by a role in Discord that Docket keeps.
create table on_call (
  guild_id bigint not null,
  team_id bigint not null,
  role_id bigint not null,
  primary key (guild_id, team_id),
  foreign key (guild_id, team_id) references team on delete cascade
);

alter table ticket
  -- Whose numbering the display number belongs to: 0 the server's, else a panel's.
  add column display_scope bigint not null default 0,
  add column mode text not null default 'channel' check (mode in ('channel', 'thread')),
  -- The panel that it was opened with; panel_id is the one that it belongs to now.
  add column opened_panel_id bigint,
  -- The channel that a thread hangs in.
  add column parent_id bigint,
  add column schedule_id bigint,
  add column priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  add column topic text,
  add column label_ids bigint[] not null default '{}',
  -- Given by /rename; else the name follows the naming scheme.
  add column name text,
  -- No timer closes it, not even a close request's.
  add column is_excluded boolean not null default false,
  add column stale_at timestamptz,
  add column warned_at timestamptz,
  -- {"by": "…", "at": ms, "reason": … | null, "closesAt": ms | null}
  add column close_request jsonb,
  -- Since when it waits for room in Discord (tickets/place.ts).
  add column queued_at timestamptz;
drop index ticket_display_no;
create unique index ticket_display_no on ticket (guild_id, display_scope, display_epoch, display_no);
create index ticket_queued on ticket (guild_id, queued_at) where queued_at is not null;
update ticket set opened_panel_id = panel_id, facts = facts || jsonb_build_object('panelId', panel_id);
