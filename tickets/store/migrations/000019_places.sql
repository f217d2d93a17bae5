-- Shards know in memory in which channels a message opens a ticket, and which messages show panels. Their pods listen, by one connection each.
create function place_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('docket_places', new.guild_id::text);
  return null;
end $$;
create trigger dedicated_channel_changed after update on guild for each row
  when (old.settings -> 'dedicatedChannel' is distinct from new.settings -> 'dedicatedChannel')
  execute function place_changed();
create trigger panel_message_shown after update on panel_message for each row
  when (old.message_id is distinct from new.message_id)
  execute function place_changed();
