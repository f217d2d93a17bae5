import { ComponentType } from 'discord-api-types/v10';
import type { Log } from '#runtime/log.ts';
import type { Control } from '#simulator/client.ts';
import { messageOf, pressables, waitFor } from './act.ts';
import { type Owner, ownerOf } from './owner.ts';
import type { DemoGuild } from './people.ts';

/** A panel's button in a channel. */
export type PanelButton = { channelId: string; messageId: string; customId: string; label: string };

/** The panels of each server. */
export const panels = ['Technical help', 'Billing', 'Account recovery', 'Report a player'] as const;
const question = 'What is it about?';

/** The panels that stand in a channel: messages with one button. */
export async function panelsIn(control: Control, channelId: string): Promise<PanelButton[]> {
  return (await control.shownMessages(channelId)).flatMap((message) =>
    pressables(message)
      .filter((one) => one.type === ComponentType.Button)
      .map((one) => ({ channelId, messageId: message.id, customId: one.customId, label: one.label })),
  );
}

/** Makes a panel the way an owner does: /panel, its button, the form, then the channel (and no category). */
async function makePanel(owner: Owner, channelId: string, name: string): Promise<void> {
  const form = await owner.press(await owner.type('panel'), 'panel-new');
  // The second panel of each server asks a question first, so that both ways are lived through.
  const asks = name === panels[1] ? question : '';
  const draft = await owner.fill(form, [name, 'Press the button and tell us.', name, asks, '']);
  const placed = messageOf(await owner.press(draft, 'panel-channel', [channelId]));
  await owner.press(placed, 'panel-make');
}

/**
 * Sets a server up by slash commands as its owner, once: staff, feedback, panels. What stands already is left alone.
 * Returns the panels' buttons.
 */
export async function setUp(control: Control, guild: DemoGuild, log: Log, signal: AbortSignal): Promise<PanelButton[]> {
  const standing = await panelsIn(control, guild.deskChannelId);
  if (standing.length >= panels.length) return standing;
  const owner = ownerOf(control, guild, signal);
  const lead = guild.people.find((person) => person.role === 'admin');
  if (lead) await owner.type('addadmin', { user_or_role: lead.id });
  await owner.type('addsupport', { user_or_role: guild.supportRoleId });
  await owner.type('settings feedback', { feedback: true });
  for (const name of panels.slice(standing.length)) await makePanel(owner, guild.deskChannelId, name);
  log.info({ guildId: guild.id }, 'demo server set up');

  return waitFor(control, signal, async () => {
    const found = await panelsIn(control, guild.deskChannelId);
    return found.length >= panels.length ? found : undefined;
  });
}
