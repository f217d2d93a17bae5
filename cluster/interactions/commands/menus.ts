import { truncate } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { openTicket } from '#tickets/actions/open.ts';
import { AppError } from '#tickets/errors.ts';
import { readPanel } from '#tickets/store/panel.ts';
import { type Call, defineMenu } from '../define.ts';

/** The longest that a person can write in one message: https://discord.com/developers/docs/resources/message#create-message says 2,000 for bots. */
const quoteMax = 4_000;

/** The panel whose settings such tickets have; null: those of /open (features.md 1.3-41). */
async function panelIdOf({ deps, guild, guildId }: Call): Promise<number | null> {
  const id = guild.settings.contextMenuPanel;
  const panel = id === null ? null : await readPanel(deps.ctx.db, guildId, id);
  return panel && panel.deletedAt === null ? panel.id : null;
}

/** Starts a ticket from a message: its author is added, and its channel is told where the conversation went (features.md 1.9-08). */
export const startTicketMenu = defineMenu({
  name: 'start-ticket',
  target: 'message',
  // The setting contextMenuLevel decides; the verb asks it.
  level: 'member',
  defer: 'ephemeral',
  async run(call) {
    const { deps, guildId, guild, actor, channelId, interactionId, token, at, locale } = call;
    const { author, id: messageId, content, webhook_id } = call.target.message;
    const adds = guild.settings.contextMenuAddsSender;
    const isPerson = author.bot !== true && webhook_id === undefined && author.id !== actor.id;
    const value = truncate(content, quoteMax) || translate(locale, 'menu.no-text');
    await openTicket(deps.ctx, guildId, {
      interactionId,
      opener: actor,
      openedBy: actor,
      panelId: await panelIdOf(call),
      source: 'context_menu',
      subject: null,
      answers: [{ label: translate(locale, 'menu.message'), value }],
      at,
      channelId,
      memberIds: adds && isPerson ? [author.id] : [],
      movedFrom: channelId === null ? null : { channelId, messageId, authorId: author.id, isTold: adds },
      replyToken: token,
    });
  },
});

/** Opens a ticket for somebody; only staff may (features.md 1.9-09). */
export const openForMenu = defineMenu({
  name: 'open-ticket-for',
  target: 'user',
  level: 'support',
  defer: 'ephemeral',
  async run(call) {
    const { deps, guildId, actor, channelId, interactionId, token, at, target } = call;
    if (target.isBot) throw new AppError('user.bot');
    if (!target.member) throw new AppError('user.unknown');
    const opener = target.id === actor.id ? actor : { id: target.id, isOwner: false, ...target.member };
    await openTicket(deps.ctx, guildId, {
      interactionId,
      opener,
      openedBy: actor,
      panelId: await panelIdOf(call),
      source: 'context_menu',
      subject: null,
      answers: [],
      at,
      channelId,
      replyToken: token,
    });
  },
});
