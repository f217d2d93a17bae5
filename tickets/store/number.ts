import { type Db, sql } from '#runtime/postgres.ts';

// Whoever calls these holds the server's counter row (lockCounter): numbers of one server are taken and reset in turns.

/** What a ticket is known by: Docket's own id, and a display number with its numbering: `scope` 0 is the server's, else a panel's. */
export type TicketNo = { id: number; displayScope: number; displayEpoch: number; displayNo: number };

/** Takes the next id, and the next display number of the server (`panelId` null) or of a panel. */
export async function takeNumber(db: Db, guildId: string, input: { panelId: number | null }): Promise<TicketNo> {
  const [row] = await db.query<Omit<TicketNo, 'displayScope'>>(
    input.panelId === null
      ? sql`
        update guild_counter set display_no = display_no + 1 where guild_id = ${guildId}
        returning nextval('docket_id') as id, display_epoch as "displayEpoch", display_no as "displayNo"`
      : sql`
        insert into panel_counter (guild_id, panel_id, display_no)
        select guild_id, id, 1 from panel where guild_id = ${guildId} and id = ${input.panelId}
        on conflict (guild_id, panel_id) do update set display_no = panel_counter.display_no + 1
        returning nextval('docket_id') as id, display_epoch as "displayEpoch", display_no as "displayNo"`,
  );
  if (!row) throw new Error(`guild ${guildId} has no counter row`);
  return { displayScope: input.panelId ?? 0, ...row };
}

/** Begins a numbering anew, as a further epoch: a panel's, or with `panelId` null the server's and those of all its panels. */
export async function startEpoch(db: Db, guildId: string, input: { panelId: number | null }): Promise<void> {
  await db.query(sql`
    update panel_counter set display_epoch = display_epoch + 1, display_no = 0
    where guild_id = ${guildId} and (${input.panelId}::bigint is null or panel_id = ${input.panelId})`);
  if (input.panelId !== null) return;
  await db.query(sql`
    update guild_counter set display_epoch = display_epoch + 1, display_no = 0 where guild_id = ${guildId}`);
}
