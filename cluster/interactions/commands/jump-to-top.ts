import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { channelUrl } from '#discord/addresses.ts';
import { translate } from '#locales/index.ts';
import { AppError } from '#tickets/errors.ts';
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
    const first = applied.welcomeMessageId;
    await reply.show({
      content: translate(locale, 'commands.jumptotop.done'),
      components: buttons({
        type: ComponentType.Button,
        style: ButtonStyle.Link,
        label: translate(locale, 'buttons.jumptotop.label'),
        // Where Docket could not welcome anybody: Discord goes to the oldest message for an id before all.
        url: channelUrl({ web }, guildId, channelId, first === null || first === 'none' ? '0' : first),
      }),
    });
  },
});
