-- Facts and snapshots: what Postgres decided, kept so that ClickHouse only filters and sums.
-- A row may arrive twice, late, out of order or again after weeks; the highest version of a key wins; deleted = 1 takes it back.
--  1. Everything in ORDER BY and PARTITION BY is fixed for the life of a row. Times, actors and amounts may be corrected: they are outside.
--  2. `version` is the ticket's version in Postgres at the moment of writing: a second content for one key has a higher version.
--  3. `ticket_at` and `opened_at` never change: they choose the partition, and nothing replaces a row across partitions.
--  4. Tombstones stay for good: never OPTIMIZE ... CLEANUP, or a replay brings the row back.
-- {engine} is empty on one server and Replicated on a cluster. Columns are declared in tickets/events.ts; a test compares.

CREATE TABLE IF NOT EXISTS event (
  guild_id UInt64,
  ticket_id UInt64,
  name LowCardinality(String),
  id UInt64,
  version UInt32,
  at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  ticket_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  actor_id UInt64,
  actor_kind LowCardinality(String),
  actor_team_ids Array(UInt64),
  owner_id UInt64,
  owner_team_ids Array(UInt64),
  opener_id UInt64,
  panel_id UInt64,
  source LowCardinality(String),
  waited_s Nullable(UInt32),
  waited_office_s Nullable(UInt32),
  first_response_s Nullable(UInt32),
  first_response_office_s Nullable(UInt32),
  own_first_reply_s Nullable(UInt32),
  duration_s Nullable(UInt32),
  duration_office_s Nullable(UInt32),
  reply_no UInt32,
  replies_before UInt32,
  rating UInt8,
  is_first_resolution UInt8,
  deleted UInt8,
  INDEX ix_at at TYPE minmax GRANULARITY 1
) ENGINE = {engine}ReplacingMergeTree(version, deleted)
-- Never by `at`: a corrected time would leave the old row in the old partition. Years, because small guilds pay for every part.
PARTITION BY toYear(ticket_at)
-- ticket_id grows with time, so that ix_at prunes; a ticket's rows lie together.
ORDER BY (guild_id, ticket_id, name, id)
-- A year at rest becomes one part, and FINAL has nothing to merge there.
SETTINGS min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE TABLE IF NOT EXISTS ticket (
  guild_id UInt64,
  ticket_id UInt64,
  version UInt32,
  opened_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  opener_id UInt64,
  opened_by UInt64,
  panel_id UInt64,
  source LowCardinality(String),
  labels Array(UInt64),
  priority LowCardinality(String),
  status LowCardinality(String),
  claimed_by UInt64,
  closed_at Nullable(DateTime64(3, 'UTC')),
  closed_by UInt64,
  first_response_at Nullable(DateTime64(3, 'UTC')),
  first_response_by UInt64,
  first_response_s Nullable(UInt32),
  first_response_office_s Nullable(UInt32),
  resolved_at Nullable(DateTime64(3, 'UTC')),
  duration_s Nullable(UInt32),
  duration_office_s Nullable(UInt32),
  replies UInt32,
  rating UInt8,
  rated_at Nullable(DateTime64(3, 'UTC')),
  deleted UInt8,
  INDEX ix_opened opened_at TYPE minmax GRANULARITY 1
) ENGINE = {engine}ReplacingMergeTree(version, deleted)
PARTITION BY toYear(opened_at)
ORDER BY (guild_id, ticket_id)
SETTINGS min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- Rows that could not be stored, with the reason; nothing waits for them.
CREATE TABLE IF NOT EXISTS dead_letter (
  at DateTime64(3, 'UTC'),
  kind LowCardinality(String),
  guild_id String,
  reason String,
  row String
) ENGINE = {engine}MergeTree
ORDER BY at
TTL toDateTime(at) + INTERVAL 90 DAY;
