-- An archived thread of a closed ticket brings no messages, however long it stays.
drop index ticket_live_channel;
create index ticket_live_channel on ticket (guild_id)
  where channel_id is not null and (applied ->> 'channelDeletedAt') is null and (applied ->> 'archivedAt') is null;
-- A channel that is deleted takes its threads along.
create index ticket_parent on ticket (guild_id, parent_id)
  where parent_id is not null and (applied ->> 'channelDeletedAt') is null;
