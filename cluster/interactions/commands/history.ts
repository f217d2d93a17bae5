import { type APIEmbed, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { timestamp, truncate } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { AppError } from '#tickets/errors.ts';
import { refusalOf } from '#tickets/permission.ts';
import { readHistory } from '#tickets/store/history.ts';
import { readLabelNames } from '#tickets/store/label.ts';
import { listStaff } from '#tickets/store/staff.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { buttons } from '../components.ts';
import { type Call, defineButton, defineCommand } from '../define.ts';
import { historyWords } from '../history-words.ts';
import { id, number } from '../options.ts';
import type { Shown } from '../reply.ts';

/** So that a page fits an embed's 4,096 characters. */
const perPage = 5;
const maxLine = 750;
const maxPage = 9_999;

async function show(call: Call & { ticket: Ticket }, page: number): Promise<void> {
  const { deps, guildId, guild, ticket, actor, level, locale, reply } = call;
  const { db } = deps.ctx;
  const [staff, history] = await Promise.all([listStaff(db, guildId), readHistory(db, guildId, ticket.id)]);
  const refused = refusalOf(actor, 'ticket.view', { staff, settings: guild.settings }, ticket);
  if (refused) throw new AppError(refused);
  const newestFirst = history.toReversed();
  const last = Math.max(0, Math.ceil(newestFirst.length / perPage) - 1);
  const at = Math.min(page, last, maxPage);
  const changes = newestFirst.slice(at * perPage, (at + 1) * perPage);
  const labelIds = changes.flatMap(({ data }) =>
    [data.before, data.after].flat().filter((one) => typeof one === 'number'),
  );
  const labelNames = await readLabelNames(db, guildId, [...new Set(labelIds)]);
  const hidesCloser = guild.settings.hideCloser && level === 'member';
  const lines = changes.map(
    (change) =>
      `${timestamp(change.at)} ${truncate(historyWords(locale, change, { labelNames, hidesCloser }), maxLine)}`,
  );
  const embed: APIEmbed = {
    title: translate(locale, 'history.title', { number: ticket.displayNo }),
    description: lines.join('\n'),
    footer: { text: `${at + 1} / ${last + 1}` },
  };
  await reply.show({ embeds: [embed], components: pages(call, at, last) });
}

function pages({ locale, ticket }: Call & { ticket: Ticket }, at: number, last: number): Shown['components'] & object {
  if (last === 0) return [];
  const button = (label: 'buttons.older.label' | 'buttons.newest.label', page: number, disabled: boolean) => ({
    type: ComponentType.Button as const,
    style: ButtonStyle.Secondary as const,
    label: translate(locale, label),
    custom_id: historyButton.customId({ ticketId: ticket.id, page }),
    disabled,
  });
  // Two buttons of one message must not have the same id: the newest page is asked for by a number beyond all.
  return buttons(
    button('buttons.newest.label', at === 0 ? maxPage : 0, at === 0),
    button('buttons.older.label', Math.min(at + 1, maxPage - 1), at === last),
  );
}

/** What happened in this ticket, for its opener and its staff (features.md 1.16-04). */
export const historyCommand = defineCommand({
  name: 'history',
  level: 'member',
  forBlocked: true,
  inTicket: true,
  defer: 'ephemeral',
  run: (call) => show(call, 0),
});

/** Another page of it. */
export const historyButton = defineButton({
  name: 'history',
  args: { ticketId: id(), page: number(0, maxPage) },
  level: 'member',
  forBlocked: true,
  inTicket: true,
  defer: 'update',
  run: (call) => show(call, call.args.page),
});
