import { ButtonStyle, ChannelType, ComponentType } from 'discord-api-types/v10';
import { channelMention, userMention } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { previewBulkClose, runBulkClose } from '#tickets/actions/bulk-close.ts';
import { AppError } from '#tickets/errors.ts';
import { maxReasonLength } from '#tickets/reason.ts';
import { readDuration } from '#tickets/settings/duration.ts';
import { findPanels } from '#tickets/store/panel.ts';
import { listLabels } from '#tickets/store/label.ts';
import { readTicket } from '#tickets/store/ticket.ts';
import { type Call, defineButton, defineCommand } from '../define.ts';
import { buttons } from '../components.ts';
import { id, text } from '../options.ts';
import { maxSuggestions } from '../suggest.ts';

const hourMs = 60 * 60_000;
/** As many as one looks at before one confirms; an embed has room for more. */
const shownTickets = 15;

/** `3d` in hours, rounded up; null when nothing was given. */
function hoursOf(given: string | null): number | null {
  if (given === null) return null;
  const ms = readDuration(given);
  if (ms === null) throw new AppError('input.invalid', { field: 'inactive_for', fix: 'a time such as 3d or 12h' });
  return Math.ceil(ms / hourMs);
}

/** What was chosen is an id; whoever did not wait for suggestions typed a name. */
function chosen(
  given: string | null,
  among: readonly { id: number; name: string }[],
  code: 'panel.unknown' | 'label.unknown',
) {
  if (given === null) return null;
  const wanted = given.trim().toLowerCase();
  const found =
    among.find(({ name }) => name.toLowerCase() === wanted) ?? among.find(({ id: one }) => String(one) === wanted);
  if (!found) throw new AppError(code);
  return found.id;
}

/** Closes what the preview showed; the answer says how far it is. */
export const closeAllButton = defineButton({
  name: 'close-all',
  args: { bulkId: id() },
  level: 'admin',
  defer: 'update',
  async run({ deps, guildId, actor, args: { bulkId }, token, locale, reply }) {
    const { ticketIds } = await runBulkClose(deps.ctx, guildId, { by: actor, bulkId, replyToken: token });
    await reply.show({ content: translate(locale, 'commands.closeall.begun', { count: ticketIds.length }) });
  },
});

const panelsOf = ({ deps, guildId }: Call, typed: string) =>
  findPanels(deps.ctx.db, guildId, { typed, limit: maxSuggestions });
const labelsOf = ({ deps, guildId }: Call) => listLabels(deps.ctx.db, guildId);
const suggestion = ({ id: one, name }: { id: number; name: string }) => ({ name, value: String(one) });

/** Closes many tickets at once: says how many and which, then asks (features.md 1.2-31). */
export const closeAllCommand = defineCommand({
  name: 'closeall',
  level: 'admin',
  defer: 'ephemeral',
  options: {
    panel: text({ max: 100, optional: true }),
    category: { kind: 'channel', optional: true, types: [ChannelType.GuildCategory] },
    inactive_for: text({ max: 20, optional: true }),
    label: text({ max: 100, optional: true }),
    reason: text({ max: maxReasonLength, optional: true }),
  },
  suggests: {
    panel: async (call) => (await panelsOf(call, call.typed)).map(suggestion),
    label: async (call) => {
      const typed = call.typed.trim().toLowerCase();
      return (await labelsOf(call)).filter(({ name }) => name.toLowerCase().includes(typed)).map(suggestion);
    },
  },
  async run(call) {
    const { deps, guildId, actor, options, locale, reply } = call;
    const known =
      options.panel === null ? [] : [...(await panelsOf(call, options.panel)), ...(await panelsOf(call, ''))];
    const bulk = await previewBulkClose(deps.ctx, guildId, {
      by: actor,
      panelId: chosen(options.panel, known, 'panel.unknown'),
      categoryId: options.category,
      inactiveHours: hoursOf(options.inactive_for),
      labelId: chosen(options.label, options.label === null ? [] : await labelsOf(call), 'label.unknown'),
      reason: options.reason,
    });
    const first = bulk.ticketIds.slice(0, shownTickets);
    const tickets = await Promise.all(first.map((ticketId) => readTicket(deps.ctx.db, guildId, ticketId)));
    const lines = tickets.flatMap((one) =>
      one
        ? [`#${one.displayNo} ${one.channelId ? channelMention(one.channelId) : ''} ${userMention(one.openerId)}`]
        : [],
    );
    const count = bulk.ticketIds.length;
    const more =
      count > first.length ? [translate(locale, 'commands.closeall.more', { count: count - first.length })] : [];
    await reply.show({
      embeds: [
        {
          title: translate(locale, 'commands.closeall.preview', { count }),
          description: [...lines, ...more].join('\n'),
        },
      ],
      components: buttons({
        type: ComponentType.Button,
        style: ButtonStyle.Danger,
        label: translate(locale, 'buttons.close-all.label', { count }),
        custom_id: closeAllButton.customId({ bulkId: bulk.id }),
      }),
    });
  },
});
