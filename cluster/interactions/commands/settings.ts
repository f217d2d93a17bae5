import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { truncate } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { type ChangedGuild, setSettings } from '#tickets/actions/set-settings.ts';
import { undoSettings } from '#tickets/actions/undo-settings.ts';
import { checkPatch } from '#tickets/settings/derive.ts';
import { groups, type Group, type SettingName, type Settings, settings } from '#tickets/settings/registry.ts';
import { checkSurroundings } from '#tickets/settings/surroundings.ts';
import { changedIn } from '#tickets/settings/change.ts';
import { readAudit } from '#tickets/store/audit.ts';
import { listReferable } from '#tickets/store/reference.ts';
import { buttons } from '../components.ts';
import { type Call, defineButton, defineCommand, type Handler } from '../define.ts';
import { id } from '../options.ts';
import type { Shown } from '../reply.ts';
import { entriesOf, optionNameOf, optionsOf, readOption, suggestsOf } from '../setting-options.ts';
import { titleText, valueText } from '../setting-text.ts';
import { knownOf, surroundingsOf } from '../surroundings.ts';

/** Settings with their values, as an embed. */
async function shownSettings(
  call: Call,
  title: string,
  names: readonly SettingName[],
  values: Settings,
): Promise<Shown> {
  const { deps, guildId, locale } = call;
  const known = await knownOf(deps, guildId, names, values, surroundingsOf(deps, guildId));
  return {
    embeds: [
      {
        title,
        // 25 fields of 1,024 characters could pass an embed's 6,000: long texts are cut.
        fields: names.slice(0, 25).map((name) => ({
          name: titleText(locale, name),
          value: truncate(valueText(locale, name, values[name], known), 220),
          inline: true,
        })),
      },
    ],
  };
}

/** What says that a change was saved: its settings as they are now, and a button that takes it back. */
export async function savedSettings(
  call: Call,
  changed: ChangedGuild,
  o: { names: readonly SettingName[]; title?: string; content?: string },
): Promise<Shown> {
  const { locale } = call;
  const shown = await shownSettings(call, o.title ?? '', o.names, changed.settings);
  return {
    ...shown,
    content: o.content ?? translate(locale, 'commands.settings.done'),
    components: buttons({
      type: ComponentType.Button,
      style: ButtonStyle.Secondary,
      label: translate(locale, 'buttons.settings-undo.label'),
      custom_id: settingsUndoButton.customId({ auditId: changed.auditId }),
    }),
  };
}

/** Checks a change against the server in Discord, and makes it. */
export async function changeSettings(
  call: Call,
  patch: Readonly<Record<string, unknown>>,
  reset: readonly string[] = [],
): Promise<ChangedGuild> {
  const { deps, guildId, actor } = call;
  const checked = checkPatch(patch);
  await checkSurroundings(guildId, checked, call.guild.settings, surroundingsOf(deps, guildId));
  return setSettings(deps.ctx, guildId, { by: actor, patch: checked, reset });
}

/** Shows a group of settings, or changes what the options give. */
export async function runGroup(call: Call & { options: Record<string, unknown> }, group: Group) {
  const { deps, guildId, options, locale, reply } = call;
  const patch: Record<string, unknown> = {};
  for (const [name] of entriesOf(group)) {
    const given = options[optionNameOf(name)];
    if (given !== null && given !== undefined)
      patch[name] = await readOption(name, given, (to) => listReferable(deps.ctx.db, guildId, { to }));
  }
  if (typeof options.none === 'string') patch[options.none] = null;
  const reset = typeof options.reset === 'string' ? [options.reset] : [];
  const names = entriesOf(group).map(([name]) => name);
  const title = translate(locale, `settings.groups.${group}`);
  if (Object.keys(patch).length + reset.length === 0)
    return reply.show(await shownSettings(call, title, names, call.guild.settings));
  const changed = await changeSettings(call, patch, reset);
  await reply.show(await savedSettings(call, changed, { names, title }));
}

/** `/settings <group>`: shows a group, or changes what is given. Everything about them is in the settings registry. */
export const settingsCommands: readonly Handler[] = groups.map((group) =>
  defineCommand({
    name: `settings ${group}`,
    level: 'admin',
    defer: 'ephemeral',
    options: optionsOf(group),
    suggests: suggestsOf(group),
    run: (call) => runGroup(call, group),
  }),
);

/** Takes a change of settings back, under the answer that reported it. What it does can be undone the same way. */
export const settingsUndoButton = defineButton({
  name: 'settings-undo',
  args: { auditId: id() },
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { deps, guildId, actor, args, locale, reply } = call;
    const changed = await undoSettings(deps.ctx, guildId, { by: actor, auditId: args.auditId });
    const entry = await readAudit(deps.ctx.db, guildId, changed.auditId);
    const names = ((entry && changedIn(entry)?.names) ?? []).filter((name): name is SettingName =>
      Object.hasOwn(settings, name),
    );
    await reply.show(
      await savedSettings(call, changed, { names, content: translate(locale, 'buttons.settings-undo.done') }),
    );
  },
});
