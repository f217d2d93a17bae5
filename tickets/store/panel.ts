import { type Db, sql } from '#runtime/postgres.ts';
import type { FormField, Panel, PanelMessage } from '../panel.ts';

const panelColumns = sql`
  panel.id, panel.guild_id as "guildId", panel.name, button_label as "buttonLabel", button_emoji as "buttonEmoji",
  category_id as "categoryId", button_style as "buttonStyle", description, naming, welcome,
  welcome_title as "welcomeTitle", welcome_colour as "welcomeColour", welcome_image_url as "welcomeImageUrl",
  welcome_thumbnail_url as "welcomeThumbnailUrl", welcome_footer as "welcomeFooter", claim_button as "claimButton",
  required_role_ids as "requiredRoleIds", mentions, mode, overflow_category_ids as "overflowCategoryIds",
  schedule_id as "scheduleId", outside_hours as "outsideHours", panel.version, max_open as "maxOpen", panel.deleted_at as "deletedAt",
  case when form.id is not null
       then json_build_object('id', form.id, 'name', form.name, 'fields', form.fields) end as form,
  array(select team_id from panel_team
        where panel_team.guild_id = panel.guild_id and panel_team.panel_id = panel.id order by team_id) as "teamIds"`;
const panelTables = sql`
  panel left join form on form.guild_id = panel.guild_id and form.id = panel.form_id`;

const messageColumns = sql`
  id, guild_id as "guildId", text, title, content, colour, image_url as "imageUrl", thumbnail_url as "thumbnailUrl",
  footer, layout, placeholder, version, channel_id as "channelId", message_id as "messageId",
  creating_since as "creatingSince", applied_hash as "appliedHash", problem,
  array(select panel_id from panel_message_panel as shown
        where shown.guild_id = panel_message.guild_id and shown.panel_message_id = panel_message.id
        order by position) as "panelIds"`;

/** A server's panels, oldest first; deleted ones only for naming old tickets. */
export function listPanels(db: Db, guildId: string, input: { withDeleted?: boolean } = {}): Promise<Panel[]> {
  return db.query<Panel>(sql`
    select ${panelColumns} from ${panelTables}
    where panel.guild_id = ${guildId} and (${input.withDeleted ?? false} or panel.deleted_at is null)
    order by panel.id`);
}

/** A panel, deleted or not; null when the server has none with this id. */
export async function readPanel(db: Db, guildId: string, panelId: number): Promise<Panel | null> {
  const [row] = await db.query<Panel>(sql`
    select ${panelColumns} from ${panelTables} where panel.guild_id = ${guildId} and panel.id = ${panelId}`);
  return row ?? null;
}

/** A server's panel messages, oldest first. */
export function listPanelMessages(db: Db, guildId: string): Promise<PanelMessage[]> {
  return db.query<PanelMessage>(
    sql`select ${messageColumns} from panel_message where guild_id = ${guildId} order by id`,
  );
}

/** A panel message; null when the server has none with this id. */
export async function readPanelMessage(db: Db, guildId: string, panelMessageId: number): Promise<PanelMessage | null> {
  const [row] = await db.query<PanelMessage>(sql`
    select ${messageColumns} from panel_message where guild_id = ${guildId} and id = ${panelMessageId}`);
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

/** What a panel is made of. */
export type NewPanel = Pick<Panel, 'name' | 'buttonLabel' | 'buttonEmoji' | 'categoryId' | 'welcome' | 'maxOpen'> & {
  formId: number | null;
  teamIds: readonly number[];
};

/** Stores a panel with its teams; returns its id. */
export async function insertPanel(db: Db, guildId: string, input: NewPanel): Promise<number> {
  const [row] = await db.query<{ id: number }>(sql`
    with made as (
      insert into panel (guild_id, name, button_label, button_emoji, category_id, form_id, welcome, max_open)
      values (${guildId}, ${input.name}, ${input.buttonLabel}, ${input.buttonEmoji}, ${input.categoryId},
              ${input.formId}, ${input.welcome}, ${input.maxOpen})
      returning guild_id, id
    ), teams as (
      insert into panel_team (guild_id, panel_id, team_id)
      select made.guild_id, made.id, team_id from made, unnest(${input.teamIds}::bigint[]) as team_id
    )
    select id from made`);
  if (!row) throw new Error('the insert of a panel returned nothing');
  return row.id;
}

/** What a panel message is made of. */
export type NewPanelMessage = Pick<PanelMessage, 'title' | 'content' | 'colour' | 'channelId' | 'panelIds'>;

/** Stores a panel message with what it shows, in this order; returns its id. */
export async function insertPanelMessage(db: Db, guildId: string, input: NewPanelMessage): Promise<number> {
  const [row] = await db.query<{ id: number }>(sql`
    with made as (
      insert into panel_message (guild_id, title, content, colour, channel_id)
      values (${guildId}, ${input.title}, ${input.content}, ${input.colour}, ${input.channelId})
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

/** What has been made true of a panel message in Discord. */
export type PanelMessageApplied = Pick<PanelMessage, 'messageId' | 'creatingSince' | 'appliedHash' | 'problem'>;

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
      problem = case when ${has('problem')} then ${patch.problem ?? null}::text else problem end
    where guild_id = ${guildId} and id = ${panelMessageId}`);
}
