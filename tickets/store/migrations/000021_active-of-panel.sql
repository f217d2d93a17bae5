-- A panel's tickets at work, counted against its limit without a look at the server's others.
create index ticket_active_panel on ticket (guild_id, panel_id)
  where state in ('reserved', 'channel', 'open') and panel_id is not null;
