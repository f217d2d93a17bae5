// Suggestions for an option while somebody types (Discord's autocompletion).
import {
  type APIApplicationCommandAutocompleteInteraction,
  type APIInteraction,
  ApplicationCommandOptionType,
  InteractionResponseType,
  InteractionType,
} from 'discord-api-types/v10';
import { truncate } from '#discord/markdown.ts';
import { AppError } from '#tickets/errors.ts';
import { acknowledge, type FirstAnswer } from './acknowledge.ts';
import type { Handler, Rate, Suggestion } from './define.ts';
import type { Deps } from './deps.ts';
import { prepare } from './guards.ts';
import type { Handled } from './parse.ts';
import { createReply } from './reply.ts';

/** Discord takes 25 choices of 100 characters. https://discord.com/developers/docs/interactions/receiving-and-responding */
export const maxSuggestions = 25;
const maxLength = 100;
/** Every key that somebody presses asks again. */
const rate: Rate = { times: 40, everyMs: 10_000 };

/** Whether somebody types in an option whose values are suggested. */
export const isTyping = (interaction: APIInteraction): interaction is APIApplicationCommandAutocompleteInteraction =>
  interaction.type === InteractionType.ApplicationCommandAutocomplete;

/** The key of the command that somebody types, and what they have typed where. */
function typedIn(interaction: APIApplicationCommandAutocompleteInteraction) {
  const { name, options } = interaction.data;
  const first = options[0];
  const isSub = first?.type === ApplicationCommandOptionType.Subcommand;
  const list = isSub ? (first.options ?? []) : options;
  const option = list.find((one) => 'focused' in one && one.focused);
  const typed = option && 'value' in option ? String(option.value) : '';
  return { key: `command ${name}${isSub ? ` ${first.name}` : ''}`, option: option?.name ?? '', typed };
}

const answer = (suggestions: readonly Suggestion[]): object => ({
  type: InteractionResponseType.ApplicationCommandAutocompleteResult,
  data: {
    choices: suggestions
      .slice(0, maxSuggestions)
      .map(({ name, value }) => ({ name: truncate(name, maxLength), value: value.slice(0, maxLength) })),
  },
});

/** Suggests, within the time that Discord waits; whoever may not use the command is suggested nothing. Never rejects for an expected reason. */
export async function suggest(
  o: {
    deps: Deps;
    handlers: ReadonlyMap<string, Handler>;
    checkRate: (key: string, rate: Rate, now: number) => void;
    within: <T>(work: Promise<T>) => Promise<T>;
  },
  interaction: APIApplicationCommandAutocompleteInteraction,
  receivedAt: number,
  send: FirstAnswer,
): Promise<'done' | 'refused' | 'failed' | 'expired'> {
  const { deps } = o;
  const { key, option, typed } = typedIn(interaction);
  const handler = o.handlers.get(key);
  const find = handler?.suggests[option];
  const work = async (): Promise<readonly Suggestion[]> => {
    const guildId = interaction.guild_id;
    if (!handler || !find || !guildId) return [];
    o.checkRate(`${interaction.member?.user.id ?? ''} typing ${key}`, rate, performance.now());
    const replyIn = (locale: string) =>
      createReply({
        rest: deps.rest,
        applicationId: deps.applicationId,
        token: interaction.token,
        locale,
        defer: 'ephemeral',
      });
    // The guards look only at what every interaction has: who, where, which server.
    const call = await prepare(deps, handler, interaction as unknown as Handled, { guildId, args: {}, replyIn });
    return find({ ...call, typed });
  };
  let outcome: 'done' | 'refused' | 'failed' = 'done';
  const found = await o.within(work()).catch((error: unknown): readonly Suggestion[] => {
    outcome = error instanceof AppError ? 'refused' : 'failed';
    if (outcome === 'failed') deps.log.error({ err: error, key, guildId: interaction.guild_id }, 'suggesting failed');
    return [];
  });
  const acknowledged = await acknowledge(send, answer(found), receivedAt);
  return acknowledged === 'expired' ? 'expired' : outcome;
}
