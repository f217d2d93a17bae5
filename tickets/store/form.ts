import { type Db, sql } from '#runtime/postgres.ts';
import type { FormField, ManagedForm } from '../form.ts';

const columns = sql`
  id, name, fields, version,
  coalesce((select json_agg(json_build_object('id', panel.id, 'name', panel.name) order by panel.id) from panel
    where panel.guild_id = form.guild_id and panel.form_id = form.id and panel.deleted_at is null), '[]') as panels`;

/** A server's forms, oldest first, with the panels that ask them. */
export function listForms(db: Db, guildId: string): Promise<ManagedForm[]> {
  return db.query<ManagedForm>(
    sql`select ${columns} from form where guild_id = ${guildId} and deleted_at is null order by id`,
  );
}

/** A form; null when the server has none with this id. */
export async function readForm(db: Db, guildId: string, formId: number): Promise<ManagedForm | null> {
  const [row] = await db.query<ManagedForm>(
    sql`select ${columns} from form where guild_id = ${guildId} and id = ${formId} and deleted_at is null`,
  );
  return row ?? null;
}

/** Stores a form; returns its id. */
export async function insertForm(
  db: Db,
  guildId: string,
  input: { name: string; fields: readonly FormField[] },
): Promise<number> {
  const [row] = await db.query<{ id: number }>(sql`
    insert into form (guild_id, name, fields) values (${guildId}, ${input.name}, ${JSON.stringify(input.fields)})
    returning id`);
  if (!row) throw new Error('the insert of a form returned nothing');
  return row.id;
}

/** Writes a form and raises its version. */
export async function updateForm(
  db: Db,
  guildId: string,
  input: { formId: number; name: string; fields: readonly FormField[] },
): Promise<void> {
  await db.query(sql`
    update form set name = ${input.name}, fields = ${JSON.stringify(input.fields)}, version = version + 1
    where guild_id = ${guildId} and id = ${input.formId} and deleted_at is null`);
}

/** Marks a form as deleted. */
export async function markFormDeleted(db: Db, guildId: string, input: { formId: number; at: number }): Promise<void> {
  await db.query(sql`
    update form set deleted_at = ${new Date(input.at)}, version = version + 1
    where guild_id = ${guildId} and id = ${input.formId} and deleted_at is null`);
}
