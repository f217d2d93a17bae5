import { type APIEmbed, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { truncate } from '#discord/markdown.ts';
import { isTextKey, translate } from '#locales/index.ts';
import { retryProblems } from '#tickets/actions/retry-problems.ts';
import { listProblems, type Problem } from '#tickets/store/problem.ts';
import { buttons } from '../components.ts';
import { type Call, defineButton, defineCommand } from '../define.ts';
import { errorText } from '../texts.ts';

/** An embed has at most 25 fields and 6,000 characters; ten problems are enough to begin with. */
const shown = 10;
const fieldMax = 500;

/** What hinders something, and how to mend it, in words. */
function fieldOf(locale: string, problem: Problem): { name: string; value: string } {
  const { code, context, count, displayNo, panelMessageId } = problem;
  const number = displayNo ?? 0;
  const ofTicket =
    count > 1
      ? translate(locale, 'problems.tickets', { number, more: count - 1 })
      : translate(locale, 'problems.ticket', { number });
  const name =
    displayNo !== null ? ofTicket : translate(locale, panelMessageId !== null ? 'problems.panel' : 'problems.place');
  const key = `problems.mend.${code}`;
  const mend = translate(locale, isTextKey(key) ? key : 'problems.mend.other');
  return { name, value: truncate(`${errorText(locale, { code, context })}\n➜ ${mend}`, fieldMax) };
}

async function shownProblems({ deps, guildId, locale, guild }: Call) {
  const problems = await listProblems(deps.ctx.db, guildId, { now: deps.ctx.now(), limit: shown });
  if (problems.length === 0) return { content: translate(locale, 'problems.none'), embeds: [], components: [] };
  const embed: APIEmbed = {
    title: translate(locale, 'problems.title'),
    color: Number.parseInt(guild.settings.primaryColour.slice(1), 16),
    fields: problems.map((problem) => fieldOf(locale, problem)),
  };
  const retry = {
    type: ComponentType.Button as const,
    style: ButtonStyle.Primary as const,
    label: translate(locale, 'buttons.problems-retry.label'),
    custom_id: problemsRetryButton.customId({}),
  };
  return { content: '', embeds: [embed], components: buttons(retry) };
}

/** After mending: what was given up is tried again. */
export const problemsRetryButton = defineButton({
  name: 'problems-retry',
  args: {},
  level: 'support',
  defer: 'update',
  async run({ deps, guildId, actor, locale, reply }) {
    await retryProblems(deps.ctx, guildId, { by: actor });
    await reply.show({ content: translate(locale, 'problems.retried'), embeds: [], components: [] });
  },
});

/** What hinders Docket in this server now, each with how to mend it. */
export const problemsCommand = defineCommand({
  name: 'problems',
  level: 'support',
  defer: 'ephemeral',
  run: async (call) => call.reply.show(await shownProblems(call)),
});
