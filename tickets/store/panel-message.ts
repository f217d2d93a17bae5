import { type Db, sql } from '#runtime/postgres.ts';
import type { PanelMessage, PanelMessageValues, Stray } from '../panel.ts';

const messageColumns = sql`
  id, guild_id as "guildId", text, title, content, colour, image_url as "imageUrl", thumbnail_url as "thumbnailUrl",
  footer, layout, placeholder, version, channel_id as "channelId", message_id as "messageId",
  creating_since as "creatingSince", applied_hash as "appliedHash", problem,
  problem_context as "problemContext", is_pending as "isPending", strays, deleted_at as "deletedAt",
  array(select panel_id from panel_message_panel as shown
        where shown.guild_id = panel_message.guild_id and shown.panel_message_id = panel_message.id
        order by position) as "panelIds"`;

/** A server's panel messages, oldest first; those that are being deleted apart. */
export function listPanelMessages(db: Db, guildId: string): Promise<PanelMessage[]> {
  return db.query<PanelMessage>(sql`
    select ${messageColumns} from panel_message where guild_id = ${guildId} and deleted_at is null order by id`);
}

/** A panel message, also while it is being deleted; null when the server has none with this id. */
export async function readPanelMessage(db: Db, guildId: string, panelMessageId: number): Promise<PanelMessage | null> {
  const [row] = await db.query<PanelMessage>(sql`
    select ${messageColumns} from panel_message where guild_id = ${guildId} and id = ${panelMessageId}`);
  return row ?? null;
}

/** The panel message that a message or request has made already. */
export async function readPanelMessageMadeFrom(
  db: Db,
  guildId: string,
  madeFrom: string,
): Promise<PanelMessage | null> {
  const [row] = await db.query<PanelMessage>(sql`
    select ${messageColumns} from panel_message where guild_id = ${guildId} and made_from = ${madeFrom}`);
  return row ?? null;
}

/** Stores a panel message with what it shows, in this order; returns its id. */
export async function insertPanelMessage(
  db: Db,
  guildId: string,
  input: PanelMessageValues & { madeFrom: string | null },
): Promise<number> {
  const [row] = await db.query<{ id: number }>(sql`
    with made as (
      insert into panel_message (guild_id, text, title, content, colour, image_url, thumbnail_url, footer, layout,
        placeholder, channel_id, is_pending, made_from)
      values (${guildId}, ${input.text}, ${input.title}, ${input.content}, ${input.colour}, ${input.imageUrl},
        ${input.thumbnailUrl}, ${input.footer}, ${input.layout}, ${input.placeholder}, ${input.channelId}, true,
        ${input.madeFrom})
      returning guild_id, id
    ), shown as (
      insert into panel_message_panel (guild_id, panel_message_id, panel_id, position)
      select made.guild_id, made.id, panel_id, position
      from made, unnest(${input.panelIds}::bigint[]) with ordinality as wanted (panel_id, position)
    )
    select id from made`);
  if (!row) throw new Error('the insert of a panel message returned nothing');
  return row.id;
}

/** Writes what a panel message is, and raises its version. In another channel it is a new message, and the old one is left behind. */
export async function updatePanelMessage(
  db: Db,
  guildId: string,
  input: PanelMessageValues & { panelMessageId: number },
): Promise<void> {
  const { panelMessageId, channelId } = input;
  await db.query(sql`
    with changed as (
      update panel_message set text = ${input.text}, title = ${input.title}, content = ${input.content},
        colour = ${input.colour}, image_url = ${input.imageUrl}, thumbnail_url = ${input.thumbnailUrl},
        footer = ${input.footer}, layout = ${input.layout}, placeholder = ${input.placeholder}, channel_id = ${channelId},
        message_id = case when channel_id = ${channelId} then message_id end,
        creating_since = case when channel_id = ${channelId} then creating_since end,
        strays = case when channel_id = ${channelId} or coalesce(message_id::text, creating_since::text) is null then strays
          else strays || jsonb_build_object('channelId', channel_id::text, 'messageId', message_id::text) end,
        problem = case when channel_id = ${channelId} then problem end,
        version = version + 1
      where guild_id = ${guildId} and id = ${panelMessageId} and deleted_at is null
      returning guild_id, id
    ), left_out as (
      delete from panel_message_panel as shown using changed
      where shown.guild_id = changed.guild_id and shown.panel_message_id = changed.id
        and panel_id <> all(${input.panelIds}::bigint[])
    )
    insert into panel_message_panel as shown (guild_id, panel_message_id, panel_id, position)
    select changed.guild_id, changed.id, panel_id, position
    from changed, unnest(${input.panelIds}::bigint[]) with ordinality as wanted (panel_id, position)
    on conflict (guild_id, panel_message_id, panel_id) do update set position = excluded.position`);
}

/** Notes that Discord does not show a panel message as it is now; `isToSend`: also where somebody deleted it there. */
export async function markPanelMessagePending(
  db: Db,
  guildId: string,
  input: { panelMessageId: number; isToSend: boolean },
): Promise<void> {
  await db.query(sql`
    update panel_message set is_pending = true,
      applied_hash = case when ${input.isToSend} then null else applied_hash end,
      problem = case when ${input.isToSend} then null else problem end
    where guild_id = ${guildId} and id = ${input.panelMessageId}`);
}

/** Marks a panel message as one to take away. */
export async function markPanelMessageDeleted(
  db: Db,
  guildId: string,
  input: { panelMessageId: number; at: number },
): Promise<void> {
  await db.query(sql`
    update panel_message set deleted_at = ${new Date(input.at)}, version = version + 1, is_pending = true
    where guild_id = ${guildId} and id = ${input.panelMessageId} and deleted_at is null`);
}

/** Notes that somebody deleted the message in Discord. One that is to be sent again (it has no hash) is left to its job. */
export async function recordPanelMessageGone(db: Db, guildId: string, input: { messageId: string }): Promise<void> {
  await db.query(sql`
    update panel_message set message_id = null, problem = 'panel.message-missing', problem_context = '{}'
    where guild_id = ${guildId} and message_id = ${input.messageId} and applied_hash is not null and deleted_at is null`);
}

/** Removes a panel message that Discord no longer shows. */
export async function removePanelMessage(db: Db, guildId: string, panelMessageId: number): Promise<void> {
  await db.query(sql`
    delete from panel_message where guild_id = ${guildId} and id = ${panelMessageId} and deleted_at is not null`);
}

/** Notes the message that was sent. Where the panel message has moved meanwhile, it is left behind at once. */
export async function recordPanelMessageSent(
  db: Db,
  guildId: string,
  input: { panelMessageId: number; channelId: string; messageId: string },
): Promise<void> {
  const { channelId, messageId } = input;
  await db.query(sql`
    update panel_message set
      message_id = case when channel_id = ${channelId} then ${messageId}::bigint else message_id end,
      creating_since = case when channel_id = ${channelId} then null else creating_since end,
      strays = case when channel_id = ${channelId} then strays
        else strays || jsonb_build_object('channelId', ${channelId}::text, 'messageId', ${messageId}::text) end
    where guild_id = ${guildId} and id = ${input.panelMessageId}`);
}

/** Forgets a message that was left behind, once it is gone. */
export async function removeStray(
  db: Db,
  guildId: string,
  input: { panelMessageId: number; stray: Stray },
): Promise<void> {
  const { channelId, messageId } = input.stray;
  await db.query(sql`
    update panel_message set strays = coalesce((
      select jsonb_agg(stray) from jsonb_array_elements(strays) as stray
      where stray <> jsonb_build_object('channelId', ${channelId}::text, 'messageId', ${messageId}::text)), '[]')
    where guild_id = ${guildId} and id = ${input.panelMessageId}`);
}

/** What has been made true of a panel message in Discord. */
export type PanelMessageApplied = Pick<
  PanelMessage,
  'messageId' | 'creatingSince' | 'appliedHash' | 'problem' | 'problemContext' | 'isPending'
>;

/** Writes what has been made true of a panel message; what `patch` does not name stays. */
export async function recordPanelMessage(
  db: Db,
  guildId: string,
  panelMessageId: number,
  patch: Partial<PanelMessageApplied>,
): Promise<void> {
  const has = (key: keyof PanelMessageApplied): boolean => Object.hasOwn(patch, key);
  const since = patch.creatingSince ?? null;
  await db.query(sql`
    update panel_message set
      message_id = case when ${has('messageId')} then ${patch.messageId ?? null}::bigint else message_id end,
      creating_since = case when ${has('creatingSince')} then ${since === null ? null : new Date(since)}::timestamptz else creating_since end,
      applied_hash = case when ${has('appliedHash')} then ${patch.appliedHash ?? null}::text else applied_hash end,
      problem = case when ${has('problem')} then ${patch.problem ?? null}::text else problem end,
      problem_context = case when ${has('problem')} then ${JSON.stringify(patch.problemContext ?? {})}::jsonb else problem_context end,
      is_pending = case when ${has('isPending')} then ${patch.isPending ?? false} else is_pending end
    where guild_id = ${guildId} and id = ${panelMessageId}`);
}
