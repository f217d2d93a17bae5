import { formatTopic } from '#discord/topic.ts';
import type { Control } from '#simulator/client.ts';
import { activateTicket } from '#tickets/actions/activate.ts';
import { attachChannel } from '#tickets/actions/attach-channel.ts';
import { openTicket } from '#tickets/actions/open.ts';
import type { Ctx } from '#tickets/context.ts';
import { upsertGuild } from '#tickets/store/guild.ts';

let serial = 0;

/** Opens a ticket of a server's owner, with its channel in the simulator, as effects would; returns the channel's id. */
export async function openWithChannel(
  ctx: Ctx,
  control: Control,
  guild: { id: string; ownerId: string },
): Promise<string> {
  const { id: guildId, ownerId } = guild;
  await upsertGuild(ctx.db, guildId, { name: 'G', ownerId, iconHash: null, memberCount: 1, locale: 'en-US' });
  const opener = { id: ownerId, roleIds: [], isOwner: true, hasManageGuild: true };
  const asked = { opener, openedBy: opener, panelId: null, source: 'command' as const, subject: null, answers: [] };
  const { ticket } = await openTicket(ctx, guildId, { interactionId: String((serial += 1)), ...asked, at: ctx.now() });
  const channel = await control.createChannel(guildId, { name: 'ticket' });
  await control.updateChannel(channel.id, { topic: formatTopic(ticket.id) });
  await attachChannel(ctx, guildId, { ticketId: ticket.id, channelId: channel.id });
  await activateTicket(ctx, guildId, { ticketId: ticket.id });
  return channel.id;
}
