import { type Db, sql } from '#runtime/postgres.ts';
import type { Staff } from '../permission.ts';
import { effective } from '../settings/derive.ts';
import type { Overrides, Settings } from '../settings/registry.ts';

/** A server as Docket knows it. */
export type Guild = {
  guildId: string;
  name: string;
  ownerId: string;
  iconHash: string | null;
  locale: string;
  memberCount: number;
  /** In force; `overrides` is what the server chose. */
  settings: Settings;
  overrides: Overrides;
  /** Raised by every change of the settings: the ETag. */
  settingsVersion: number;
  /** Until when it has every feature, where not everybody has them (entitlement.ts). */
  entitledUntil: number | null;
  /** When Docket was removed from it. */
  leftAt: number | null;
};

/** What Discord tells about a server. */
export type GuildProfile = {
  name: string;
  ownerId: string;
  iconHash: string | null;
  memberCount: number;
  locale: string;
};

const columns = sql`
  guild_id as "guildId", name, owner_id as "ownerId", icon_hash as "iconHash", locale, member_count as "memberCount",
  settings as overrides, settings_version as "settingsVersion", entitled_until as "entitledUntil",
  left_at as "leftAt"`;

const guildOf = (row: Omit<Guild, 'settings'>): Guild => ({ ...row, settings: effective(row.overrides) });

/** Creates a server with its counters and its Default team, or writes what changed. Harmless when repeated. */
export async function upsertGuild(db: Db, guildId: string, input: GuildProfile): Promise<void> {
  // One statement, so that a server never exists without its counter row; a server that nothing changed about is not written.
  await db.query(sql`
    with profile as (
      insert into guild (guild_id, name, owner_id, icon_hash, member_count, locale)
      values (${guildId}, ${input.name}, ${input.ownerId}, ${input.iconHash}, ${input.memberCount}, ${input.locale})
      on conflict (guild_id) do update set name = excluded.name, owner_id = excluded.owner_id,
        icon_hash = excluded.icon_hash, member_count = excluded.member_count, locale = excluded.locale, left_at = null
      where (guild.name, guild.owner_id, guild.icon_hash, guild.member_count, guild.locale, guild.left_at)
        is distinct from
        (excluded.name, excluded.owner_id, excluded.icon_hash, excluded.member_count, excluded.locale, null::timestamptz)
    ), counter as (
      insert into guild_counter (guild_id) values (${guildId}) on conflict do nothing
    )
    insert into team (guild_id, name, is_default) values (${guildId}, 'Default', true)
    on conflict (guild_id) where is_default do nothing`);
}

/** Notes that Docket is no longer in a server. Its data stays. */
export async function markGuildLeft(db: Db, guildId: string, input: { at: number }): Promise<void> {
  await db.query(sql`update guild set left_at = ${new Date(input.at)} where guild_id = ${guildId} and left_at is null`);
}

/** A server, or null when Docket has never been there. */
export async function readGuild(db: Db, guildId: string): Promise<Guild | null> {
  const [row] = await db.query<Omit<Guild, 'settings'>>(sql`select ${columns} from guild where guild_id = ${guildId}`);
  return row ? guildOf(row) : null;
}

/** The same with everybody who is staff of it: what every verb asks first, in one statement. */
export async function readGuildAndStaff(db: Db, guildId: string): Promise<(Guild & { staff: Staff[] }) | null> {
  const [row] = await db.query<Omit<Guild, 'settings'> & { staff: Staff[] }>(sql`
    select ${columns}, (
      select coalesce(json_agg(json_build_object('teamId', team_id, 'subjectId', subject_id::text,
        'subjectKind', subject_kind, 'level', level) order by team_id, subject_id), '[]')
      from staff where staff.guild_id = guild.guild_id) as staff
    from guild where guild_id = ${guildId}`);
  return row ? { ...guildOf(row), staff: row.staff } : null;
}

/** The same without its staff, held until the transaction ends. */
export async function lockGuild(db: Db, guildId: string): Promise<Guild | null> {
  const [row] = await db.query<Omit<Guild, 'settings'>>(
    sql`select ${columns} from guild where guild_id = ${guildId} for update`,
  );
  return row ? guildOf(row) : null;
}

/** Says that a server is being set up until then, unless that is said already; false then. A Docket that dies holds nobody up for longer. */
export async function claimSetup(db: Db, guildId: string, input: { now: number; until: number }): Promise<boolean> {
  const rows = await db.query(sql`
    update guild set setup_until = ${new Date(input.until)}
    where guild_id = ${guildId} and (setup_until is null or setup_until <= ${new Date(input.now)})
    returning guild_id as "guildId"`);
  return rows.length > 0;
}

/** Ends what `claimSetup` said with the same `until`. */
export async function endSetup(db: Db, guildId: string, input: { until: number }): Promise<void> {
  await db.query(sql`
    update guild set setup_until = null where guild_id = ${guildId} and setup_until = ${new Date(input.until)}`);
}

/** Writes what a server chose, after the one writer has checked it (actions/set-settings.ts); raises the settings' version. */
export async function writeSettings(db: Db, guildId: string, input: { overrides: Overrides }): Promise<Guild | null> {
  const [row] = await db.query<Omit<Guild, 'settings'>>(sql`
    update guild set settings = ${JSON.stringify(input.overrides)}, settings_version = settings_version + 1
    where guild_id = ${guildId} returning ${columns}`);
  return row ? guildOf(row) : null;
}

/** Grants every feature until a moment (ms); null takes the grant away. False when Docket has never been in the server. */
export async function writeEntitlement(db: Db, guildId: string, input: { until: number | null }): Promise<boolean> {
  const until = input.until === null ? null : new Date(input.until);
  const rows = await db.query(sql`
    update guild set entitled_until = ${until} where guild_id = ${guildId} returning guild_id as "guildId"`);
  return rows.length > 0;
}

/** What a server's counters hold; `displayNo` can be reset by a new epoch, `lifetimeNo` never. */
export type Counter = { displayEpoch: number; displayNo: number; lifetimeNo: number };

const counterColumns = sql`display_epoch as "displayEpoch", display_no as "displayNo", lifetime_no as "lifetimeNo"`;

/** Holds a server's counter row until the transaction ends: openings of one server take turns. Before any ticket's lock. */
export async function lockCounter(db: Db, guildId: string): Promise<Counter | null> {
  const [row] = await db.query<Counter>(
    sql`select ${counterColumns} from guild_counter where guild_id = ${guildId} for update`,
  );
  return row ?? null;
}

/** Takes the next lifetime number. */
export async function takeLifetimeNo(db: Db, guildId: string): Promise<number> {
  const [row] = await db.query<Counter>(sql`
    update guild_counter set lifetime_no = lifetime_no + 1 where guild_id = ${guildId} returning ${counterColumns}`);
  if (!row) throw new Error(`guild ${guildId} has no counter row`);
  return row.lifetimeNo;
}
