import { type Db, sql } from '#runtime/postgres.ts';
import type { Panel, PanelValues } from '../panel.ts';

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

/** A server's panels, oldest first; deleted ones only for naming old tickets. */
export function listPanels(db: Db, guildId: string, input: { withDeleted?: boolean } = {}): Promise<Panel[]> {
  return db.query<Panel>(sql`
    select ${panelColumns} from ${panelTables}
    where panel.guild_id = ${guildId} and (${input.withDeleted ?? false} or panel.deleted_at is null)
    order by panel.id`);
}

/** Panels whose name has these letters in it, oldest first: what somebody who types chooses from. */
export function findPanels(
  db: Db,
  guildId: string,
  input: { typed: string; limit: number },
): Promise<{ id: number; name: string }[]> {
  return db.query(sql`
    select id, name from panel
    where guild_id = ${guildId} and deleted_at is null and strpos(lower(name), lower(${input.typed})) > 0
    order by id limit ${input.limit}`);
}

/** A panel, deleted or not; null when the server has none with this id. */
export async function readPanel(db: Db, guildId: string, panelId: number): Promise<Panel | null> {
  const [row] = await db.query<Panel>(sql`
    select ${panelColumns} from ${panelTables} where panel.guild_id = ${guildId} and panel.id = ${panelId}`);
  return row ?? null;
}

/** How many panels a server has, deleted ones apart. */
export async function countPanels(db: Db, guildId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`select count(*) as count from panel where guild_id = ${guildId} and deleted_at is null`,
  );
  return row?.count ?? 0;
}

/** The panel that a message or request has made already. */
export async function readPanelMadeFrom(db: Db, guildId: string, madeFrom: string): Promise<Panel | null> {
  const [row] = await db.query<Panel>(sql`
    select ${panelColumns} from ${panelTables} where panel.guild_id = ${guildId} and panel.made_from = ${madeFrom}`);
  return row ?? null;
}

/** Stores a panel with its teams; returns its id. */
export async function insertPanel(
  db: Db,
  guildId: string,
  input: PanelValues & { madeFrom: string | null },
): Promise<number> {
  const [row] = await db.query<{ id: number }>(sql`
    with made as (
      insert into panel (guild_id, name, button_label, button_emoji, button_style, description, category_id, form_id,
        welcome, welcome_title, welcome_colour, welcome_image_url, welcome_thumbnail_url, welcome_footer, naming,
        claim_button, required_role_ids, mentions, mode, overflow_category_ids, schedule_id, outside_hours, max_open,
        made_from)
      values (${guildId}, ${input.name}, ${input.buttonLabel}, ${input.buttonEmoji}, ${input.buttonStyle},
        ${input.description}, ${input.categoryId}, ${input.formId}, ${input.welcome}, ${input.welcomeTitle},
        ${input.welcomeColour}, ${input.welcomeImageUrl}, ${input.welcomeThumbnailUrl}, ${input.welcomeFooter},
        ${input.naming}, ${input.claimButton}, ${input.requiredRoleIds}::bigint[], ${JSON.stringify(input.mentions)},
        ${input.mode}, ${input.overflowCategoryIds}::bigint[], ${input.scheduleId}, ${input.outsideHours},
        ${input.maxOpen}, ${input.madeFrom})
      returning guild_id, id
    ), teams as (
      insert into panel_team (guild_id, panel_id, team_id)
      select made.guild_id, made.id, team_id from made, unnest(${input.teamIds}::bigint[]) as team_id
    )
    select id from made`);
  if (!row) throw new Error('the insert of a panel returned nothing');
  return row.id;
}

/** Writes what a panel is, and raises its version; nothing happens to one that is deleted. */
export async function updatePanel(db: Db, guildId: string, input: PanelValues & { panelId: number }): Promise<void> {
  await db.query(sql`
    with changed as (
      update panel set name = ${input.name}, button_label = ${input.buttonLabel}, button_emoji = ${input.buttonEmoji},
        button_style = ${input.buttonStyle}, description = ${input.description}, category_id = ${input.categoryId},
        form_id = ${input.formId}, welcome = ${input.welcome}, welcome_title = ${input.welcomeTitle},
        welcome_colour = ${input.welcomeColour}, welcome_image_url = ${input.welcomeImageUrl},
        welcome_thumbnail_url = ${input.welcomeThumbnailUrl}, welcome_footer = ${input.welcomeFooter},
        naming = ${input.naming}, claim_button = ${input.claimButton},
        required_role_ids = ${input.requiredRoleIds}::bigint[], mentions = ${JSON.stringify(input.mentions)},
        mode = ${input.mode}, overflow_category_ids = ${input.overflowCategoryIds}::bigint[],
        schedule_id = ${input.scheduleId}, outside_hours = ${input.outsideHours}, max_open = ${input.maxOpen},
        version = version + 1
      where guild_id = ${guildId} and id = ${input.panelId} and deleted_at is null
      returning guild_id, id
    ), left_out as (
      delete from panel_team using changed
      where panel_team.guild_id = changed.guild_id and panel_id = changed.id
        and team_id <> all(${input.teamIds}::bigint[])
    )
    insert into panel_team (guild_id, panel_id, team_id)
    select changed.guild_id, changed.id, team_id from changed, unnest(${input.teamIds}::bigint[]) as team_id
    on conflict do nothing`);
}

/** Marks a panel as deleted and takes it out of the messages that stay. Its name stays, for the figures of its tickets. */
export async function markPanelDeleted(db: Db, guildId: string, input: { panelId: number; at: number }): Promise<void> {
  await db.query(sql`
    with gone as (
      update panel set deleted_at = ${new Date(input.at)}, version = version + 1
      where guild_id = ${guildId} and id = ${input.panelId} and deleted_at is null
      returning guild_id, id
    )
    delete from panel_message_panel using gone
    where panel_message_panel.guild_id = gone.guild_id and panel_id = gone.id and exists (
      select from panel_message as shown
      where shown.guild_id = gone.guild_id and shown.id = panel_message_id and shown.deleted_at is null)`);
}
