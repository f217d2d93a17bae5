// Reads what Discord sends into a handler's name and values. Nothing here asks anybody.
import {
  type APIChatInputApplicationCommandInteraction,
  type APIContextMenuInteraction,
  type APIInteraction,
  type APIMessage,
  type APIMessageComponentInteraction,
  type APIModalSubmitInteraction,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ComponentType,
  InteractionType,
} from 'discord-api-types/v10';
import { isChooser, nameInCustomId, readCustomId } from './custom-id.ts';
import type { Handler } from './define.ts';
import { managesGuild } from './permissions-of.ts';
import { menuKey } from './target.ts';
import type { Args, Mentioned, Options } from './options.ts';

/** The kinds of interaction that handlers exist for. */
export type Handled =
  | APIChatInputApplicationCommandInteraction
  | APIContextMenuInteraction
  | APIMessageComponentInteraction
  | APIModalSubmitInteraction;

/** Whether a handler may exist for it; Docket has no autocompletion. */
export function isHandled(interaction: APIInteraction): interaction is Handled {
  if (interaction.type === InteractionType.ApplicationCommand)
    return interaction.data.type !== ApplicationCommandType.PrimaryEntryPoint;
  return interaction.type === InteractionType.MessageComponent || interaction.type === InteractionType.ModalSubmit;
}

/** The key of a handler: its kind and name. */
export const keyOf = (handler: Pick<Handler, 'kind' | 'name'>): string => `${handler.kind} ${handler.name}`;

/** What names the handler: the custom id, or what was chosen where the options do (chooserId). */
function idIn(interaction: APIMessageComponentInteraction | APIModalSubmitInteraction): string {
  const { custom_id: customId } = interaction.data;
  return isChooser(customId) ? (valuesIn(interaction)[0] ?? customId) : customId;
}

/** The key of the handler that an interaction is for. */
export function keyFor(interaction: Handled): string {
  if (interaction.type === InteractionType.ApplicationCommand) {
    const { data } = interaction;
    if (data.type !== ApplicationCommandType.ChatInput) return `menu ${menuKey(data.name)}`;
    const first = data.options?.[0];
    const sub = first?.type === ApplicationCommandOptionType.Subcommand ? ` ${first.name}` : '';
    return `command ${data.name}${sub}`;
  }
  const name = nameInCustomId(idIn(interaction));
  if (interaction.type === InteractionType.ModalSubmit) return `modal ${name}`;
  return `${interaction.data.component_type === ComponentType.Button ? 'button' : 'select'} ${name}`;
}

/** The arguments in the custom id; null when they do not fit. A command has none. */
export function argsIn(interaction: Handled, args: Args): Record<string, string | number> | null {
  return interaction.type === InteractionType.ApplicationCommand ? {} : readCustomId(args, idIn(interaction));
}

type CommandData = APIChatInputApplicationCommandInteraction['data'];

function mentioned({ resolved }: CommandData, id: string): Mentioned {
  const person = resolved?.users?.[id];
  const found = resolved?.members?.[id];
  return {
    id,
    kind: resolved?.roles?.[id] ? 'role' : 'user',
    isBot: person?.bot ?? false,
    member: found ? { roleIds: found.roles, hasManageGuild: managesGuild(found.permissions) } : null,
  };
}

/** A command's options by name; one that was not given is null. */
export function optionsIn(interaction: Handled, declared: Options): Record<string, unknown> {
  if (interaction.type !== InteractionType.ApplicationCommand) return {};
  const { data } = interaction;
  if (data.type !== ApplicationCommandType.ChatInput) return {};
  const first = data.options?.[0];
  const given = first?.type === ApplicationCommandOptionType.Subcommand ? first.options : data.options;
  const byName = new Map((given ?? []).map((option) => [option.name, option]));
  const read = (name: string): unknown => {
    const option = byName.get(name);
    if (!option || !('value' in option)) return null;
    const { kind } = declared[name] ?? {};
    return kind === 'user' || kind === 'mentionable' ? mentioned(data, String(option.value)) : option.value;
  };
  return Object.fromEntries(Object.keys(declared).map((name) => [name, read(name)]));
}

/** What was chosen in a select menu. */
export function valuesIn(interaction: Handled): readonly string[] {
  return interaction.type === InteractionType.MessageComponent && 'values' in interaction.data
    ? interaction.data.values
    : [];
}

/** A modal's inputs by custom id, trimmed. */
export function fieldsIn(interaction: Handled): Record<string, string> {
  if (interaction.type !== InteractionType.ModalSubmit) return {};
  const inputs = interaction.data.components.flatMap((row) => {
    if ('components' in row) return row.components;
    return 'component' in row ? [row.component] : [];
  });
  const entries = inputs.map((input) => [input.custom_id, 'value' in input ? input.value : null] as const);
  return Object.fromEntries(entries.flatMap(([id, value]) => (typeof value === 'string' ? [[id, value.trim()]] : [])));
}

/** The message that a component sits on. */
export function messageIn(interaction: Handled): APIMessage | null {
  return 'message' in interaction ? (interaction.message ?? null) : null;
}
