import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { channelUrl } from '#discord/addresses.ts';
import { translate } from '#locales/index.ts';
import { AppError } from '#tickets/errors.ts';
import { readFirstMessageId } from '#tickets/store/message-count.ts';
import { buttons } from '../components.ts';
import { defineCommand } from '../define.ts';

/** A button that leads to the ticket's first message (features.md 1.2-12). */
export const jumpToTopCommand = defineCommand({
  name: 'jumptotop',
  level: 'member',
  inTicket: true,
  defer: 'ephemeral',
  async run({ deps, guildId, ticket, locale, reply }) {
    const { channelId, applied } = ticket;
    if (!channelId) throw new AppError('ticket.not-here');
    const { origin: web } = new URL(deps.authorizeUrl); // Discord's own
    const welcome = applied.welcomeMessageId;
    // Where Docket could not welcome anybody.
    const isWelcomed = welcome !== null && welcome !== 'none';
    const first = isWelcomed ? welcome : await readFirstMessageId(deps.ctx.db, guildId, { ticketId: ticket.id });
    if (first === null) return reply.show({ content: translate(locale, 'commands.jumptotop.none'), components: [] });
    await reply.show({
      content: translate(locale, 'commands.jumptotop.done'),
      components: buttons({
        type: ComponentType.Button,
        style: ButtonStyle.Link,
        label: translate(locale, 'buttons.jumptotop.label'),
        url: channelUrl({ web }, guildId, channelId, first),
      }),
    });
  },
});
