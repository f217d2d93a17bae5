import { type Db, sql } from '#runtime/postgres.ts';

/** A word that staff put on tickets. */
export type Label = {
  readonly id: number;
  readonly name: string;
  /** 0xRRGGBB */
  readonly colour: number;
  /** Raised by every change: the ETag. */
  readonly version: number;
  /** A deleted one keeps its name, for the tickets that have it. */
  readonly deletedAt: number | null;
};

const columns = sql`id, name, colour, version, deleted_at as "deletedAt"`;

/** A server's labels by name; deleted ones only for naming what old tickets have. `labelLimit` bounds them. */
export function listLabels(db: Db, guildId: string): Promise<Label[]> {
  return db.query<Label>(sql`
    select ${columns} from label where guild_id = ${guildId} and deleted_at is null order by lower(name), id`);
}

/** The labels of these ids that exist. */
export function readLabels(db: Db, guildId: string, labelIds: readonly number[]): Promise<Label[]> {
  return db.query<Label>(sql`
    select ${columns} from label
    where guild_id = ${guildId} and id = any(${labelIds}::bigint[]) and deleted_at is null order by id`);
}

/** Names of labels, of deleted ones too. */
export async function readLabelNames(
  db: Db,
  guildId: string,
  labelIds: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (labelIds.length === 0) return new Map();
  const rows = await db.query<{ id: number; name: string }>(
    sql`select id, name from label where guild_id = ${guildId} and id = any(${labelIds}::bigint[])`,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Makes a label; null when one of this name is there. */
export async function insertLabel(
  db: Db,
  guildId: string,
  input: { name: string; colour: number },
): Promise<Label | null> {
  const [row] = await db.query<Label>(sql`
    insert into label (guild_id, name, colour) values (${guildId}, ${input.name}, ${input.colour})
    on conflict (guild_id, lower(name)) where deleted_at is null do nothing returning ${columns}`);
  return row ?? null;
}

/** Writes a label anew and raises its version; null when there is none of this version. Throws 23505 when the name is taken. */
export async function updateLabel(
  db: Db,
  guildId: string,
  input: { labelId: number; name: string; colour: number; ifVersion: number },
): Promise<Label | null> {
  const [row] = await db.query<Label>(sql`
    update label set name = ${input.name}, colour = ${input.colour}, version = version + 1
    where guild_id = ${guildId} and id = ${input.labelId} and version = ${input.ifVersion} and deleted_at is null
    returning ${columns}`);
  return row ?? null;
}

/** Deletes a label; its tickets keep it. Null when it was deleted before, or never there. */
export async function deleteLabel(
  db: Db,
  guildId: string,
  input: { labelId: number; at: number },
): Promise<Label | null> {
  const [row] = await db.query<Label>(sql`
    update label set deleted_at = ${new Date(input.at)}, version = version + 1
    where guild_id = ${guildId} and id = ${input.labelId} and deleted_at is null returning ${columns}`);
  return row ?? null;
}
