import {
  type APIModalInteractionResponseCallbackData,
  ButtonStyle,
  ComponentType,
  TextInputStyle,
} from 'discord-api-types/v10';
import { escapeMarkdown, truncate } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { addStaff } from '#tickets/actions/add-staff.ts';
import { createTeam } from '#tickets/actions/create-team.ts';
import { deleteTeam } from '#tickets/actions/delete-team.ts';
import { removeStaff } from '#tickets/actions/remove-staff.ts';
import { renameTeam } from '#tickets/actions/rename-team.ts';
import { AppError } from '#tickets/errors.ts';
import { listStaff } from '#tickets/store/staff.ts';
import { listManagedTeams, readTeam } from '#tickets/store/team.ts';
import { type Team, teamBounds } from '#tickets/team.ts';
import { button, buttons, optionRow, selectRow, textInput } from '../components.ts';
import { type Call, defineButton, defineCommand, defineFormButton, defineModal, defineSelect } from '../define.ts';
import { id } from '../options.ts';
import { pageButtons, pageNo, pageOf } from '../pages.ts';
import { placesOf } from '../places.ts';
import { mention } from '../texts.ts';

async function teamOf({ deps, guildId }: Pick<Call, 'deps' | 'guildId'>, teamId: number): Promise<Team> {
  const team = await readTeam(deps.ctx.db, guildId, teamId);
  if (!team) throw new AppError('team.unknown');
  return team;
}

async function showTeams({ deps, guildId, locale, reply }: Call, page = 0): Promise<void> {
  const teams = pageOf(await listManagedTeams(deps.ctx.db, guildId), page);
  await reply.show({
    content: translate(locale, 'commands.team.intro'),
    components: [
      ...optionRow({
        id: teamPickSelect.customId({}),
        placeholder: translate(locale, 'team.pick'),
        options: teams.rows.map((team) => ({ label: team.name, value: String(team.id) })),
      }),
      ...buttons(
        button(translate(locale, 'buttons.team-new.label'), teamNewButton.customId({}), ButtonStyle.Primary),
        ...pageButtons(locale, teams, (to) => teamPageButton.customId({ page: to })),
      ),
    ],
  });
}

async function showTeam(call: Call, teamId: number): Promise<void> {
  const { deps, guildId, locale, reply } = call;
  const team = await teamOf(call, teamId);
  const rows = (await listStaff(deps.ctx.db, guildId)).filter((row) => row.teamId === teamId);
  const args = { teamId };
  const members = rows.map((row) => mention({ id: row.subjectId, kind: row.subjectKind })).join(' ');
  const panels = team.panels.map((panel) => escapeMarkdown(panel.name)).join(', ');
  const none = translate(locale, 'settings.none');
  const menu = (custom_id: string, placeholder: string) =>
    selectRow({
      type: ComponentType.MentionableSelect as const,
      custom_id,
      placeholder,
      min_values: 1,
      max_values: 10,
    });
  await reply.show({
    embeds: [
      {
        title: truncate(escapeMarkdown(team.name), 256),
        fields: [
          { name: translate(locale, 'team.members'), value: truncate(members || none, 1_024) },
          { name: translate(locale, 'team.panels'), value: truncate(panels || none, 1_024) },
        ],
      },
    ],
    components: [
      menu(teamAddSelect.customId(args), translate(locale, 'team.add')),
      menu(teamDropSelect.customId(args), translate(locale, 'team.drop')),
      ...buttons(
        button(translate(locale, 'buttons.team-rename.label'), teamRenameButton.customId(args)),
        button(
          translate(locale, 'buttons.panel-delete.label'),
          teamDeleteButton.customId(args),
          ButtonStyle.Danger,
          team.isDefault,
        ),
        button(translate(locale, 'buttons.panel-home.label'), teamHomeButton.customId({})),
      ),
    ],
  });
}

/** Teams: made, renamed, deleted, with their members (features.md 1.5-05 to 1.5-07). */
export const teamCommand = defineCommand({
  name: 'team',
  level: 'admin',
  defer: 'ephemeral',
  run: (call) => showTeams(call),
});
export const teamPageButton = defineButton({
  name: 'team-page',
  args: { page: pageNo() },
  level: 'admin',
  defer: 'update',
  run: (call) => showTeams(call, call.args.page),
});
export const teamHomeButton = defineButton({
  name: 'team-home',
  args: {},
  level: 'admin',
  defer: 'update',
  run: (call) => showTeams(call),
});
export const teamPickSelect = defineSelect({
  name: 'team-pick',
  args: {},
  level: 'admin',
  defer: 'update',
  run: (call) => showTeam(call, Number(call.values[0])),
});

const nameForm = (locale: string, customId: string, value: string | null): APIModalInteractionResponseCallbackData => ({
  custom_id: customId,
  title: translate(locale, 'modals.team.title'),
  components: [
    textInput({
      id: 'name',
      label: translate(locale, 'modals.team.name'),
      style: TextInputStyle.Short,
      max: teamBounds.name,
      isRequired: true,
      ...(value !== null && { value }),
    }),
  ],
});
export const teamNewButton = defineFormButton({
  name: 'team-new',
  args: {},
  form: async ({ locale }) => nameForm(locale, teamNewModal.customId({}), null),
});
export const teamNewModal = defineModal({
  name: 'team-new',
  args: {},
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { id: teamId } = await createTeam(call.deps.ctx, call.guildId, {
      by: call.actor,
      name: call.fields.name ?? '',
    });
    await showTeam(call, teamId);
  },
});
export const teamRenameButton = defineFormButton({
  name: 'team-rename',
  args: { teamId: id() },
  form: async (call) =>
    nameForm(call.locale, teamRenameModal.customId(call.args), (await teamOf(call, call.args.teamId)).name),
});
export const teamRenameModal = defineModal({
  name: 'team-rename',
  args: { teamId: id() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { teamId } = call.args;
    await renameTeam(call.deps.ctx, call.guildId, { by: call.actor, teamId, name: call.fields.name ?? '' });
    await showTeam(call, teamId);
  },
});

/** Puts members and roles into a team, as support; who is there already stays as they are. */
export const teamAddSelect = defineSelect({
  name: 'team-add',
  args: { teamId: id() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { deps, guildId, actor } = call;
    const { teamId } = call.args;
    const roles = new Set((await placesOf(deps, guildId).roles()).map((role) => role.id));
    for (const subjectId of call.values) {
      // @everyone has the server's id: it would make everybody staff.
      if (subjectId === guildId)
        throw new AppError('input.invalid', { field: 'role', fix: 'another one than @everyone' });
      const subjectKind = roles.has(subjectId) ? 'role' : 'user';
      const input = { by: actor, teamId, subjectId, subjectKind, level: 'support' } as const;
      const isThere = (await listStaff(deps.ctx.db, guildId)).some(
        (row) => row.teamId === teamId && row.subjectId === subjectId,
      );
      if (!isThere) await addStaff(deps.ctx, guildId, input);
    }
    await showTeam(call, teamId);
  },
});
export const teamDropSelect = defineSelect({
  name: 'team-drop',
  args: { teamId: id() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { deps, guildId, actor } = call;
    const { teamId } = call.args;
    for (const subjectId of call.values) await removeStaff(deps.ctx, guildId, { by: actor, teamId, subjectId });
    await showTeam(call, teamId);
  },
});

/** Deletes it at once: only a team that nothing belongs to can be deleted. */
export const teamDeleteButton = defineButton({
  name: 'team-delete',
  args: { teamId: id() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    await deleteTeam(call.deps.ctx, call.guildId, { by: call.actor, teamId: call.args.teamId });
    await showTeams(call);
  },
});
