-- Raised by every change: the ETag.
alter table schedule add column version integer not null default 1;
create unique index schedule_name on schedule (guild_id, lower(name)) where deleted_at is null;
