-- Shards over pods. `lease_until` of a shard that nobody owns is when it was let go: another pod takes it only some time after that, so
-- that the pod it belongs to comes first. Null (let go by a version that did not write it) is long ago.
-- Whose shard it is asks for it: the holder hands it over at its next renewal. The wish ends by itself, like a lease.
alter table shard
  add column wanted_by text,
  add column wanted_until timestamptz;

-- Every shard of a bot has a row from its first start on, so that one which never had an owner is seen as well.
insert into shard (bot_id, id, lease_until)
select bot_id, generate_series(0, shard_total - 1), now() from bot
on conflict do nothing;

-- Every process that keeps panels in memory listens, by one connection a pod.
create function panel_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('docket_panels', (case when tg_op = 'DELETE' then old.guild_id else new.guild_id end)::text);
  return null;
end $$;
create trigger panel_changed after update or delete on panel for each row execute function panel_changed();
create trigger panel_changed after update or delete on form for each row execute function panel_changed();
create trigger panel_changed after insert or update or delete on panel_team for each row execute function panel_changed();
