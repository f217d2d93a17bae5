import { ComponentType, MessageFlags } from 'discord-api-types/v10';
import type { Log } from '#runtime/log.ts';
import type { Control } from '#simulator/client.ts';
import { command, fillIn, messageOf, press, pressables } from './act.ts';
import type { DemoGuild } from './people.ts';

/** A panel's button in a channel. */
export type PanelButton = { channelId: string; messageId: string; customId: string; label: string };

const panels = ['Technical help', 'Billing', 'Account recovery', 'Report a player'];
const question = 'What is it about?';

/** The panels that stand in a channel: messages with one button. */
async function panelsIn(control: Control, channelId: string): Promise<PanelButton[]> {
  const messages = await control.messages(channelId);
  // What only one person sees (the answers to the owner's own commands) is nobody else's to press.
  const shown = messages.filter((message) => !((message.flags ?? 0) & MessageFlags.Ephemeral));
  return shown.flatMap((message) =>
    pressables(message)
      .filter((one) => one.type === ComponentType.Button)
      .map((one) => ({ channelId, messageId: message.id, customId: one.customId, label: one.label })),
  );
}

/** Makes a panel the way an owner does: /panel, its button, the form, then the channel (and no category). */
async function makePanel(control: Control, guild: DemoGuild, name: string, signal: AbortSignal): Promise<void> {
  const owner = guild.people[0]?.id ?? '';
  const place = { guildId: guild.id, channelId: guild.deskChannelId, userId: owner };
  const offered = messageOf(await command(control, place, 'panel', [], signal));
  const button = pressables(offered).find((one) => one.type === ComponentType.Button);
  if (!button) throw new Error('/panel offers no button');
  const form = await press(control, owner, offered, button.customId);
  // The second panel of each server asks a question first, so that both ways are lived through.
  const asks = name === panels[1] ? question : '';
  const chosen = await fillIn(control, owner, form, [name, 'Press the button and tell us.', name, asks, '']);
  const choice = messageOf(chosen);
  const channel = pressables(choice).find((one) => one.type === ComponentType.ChannelSelect);
  if (!channel) throw new Error('the panel cannot be given a channel');
  const placed = messageOf(await press(control, owner, choice, channel.customId, [guild.deskChannelId]));
  const done = pressables(placed).find((one) => one.type === ComponentType.Button);
  if (done) await press(control, owner, placed, done.customId);
}

/**
 * Sets a server up by slash commands as its owner, once: staff, feedback, panels. What stands already is left alone.
 * Returns the panels' buttons.
 */
export async function setUp(control: Control, guild: DemoGuild, log: Log, signal: AbortSignal): Promise<PanelButton[]> {
  const standing = await panelsIn(control, guild.deskChannelId);
  if (standing.length >= panels.length) return standing;
  const place = { guildId: guild.id, channelId: guild.deskChannelId, userId: guild.people[0]?.id ?? '' };
  const lead = guild.people.find((person) => person.role === 'admin');
  if (lead) await command(control, place, 'addadmin', [{ name: 'user_or_role', value: lead.id }], signal);
  await command(control, place, 'addsupport', [{ name: 'user_or_role', value: guild.supportRoleId }], signal);
  await command(
    control,
    place,
    'settings',
    [{ name: 'feedback', options: [{ name: 'feedback', value: true }] }],
    signal,
  );
  for (const name of panels.slice(standing.length)) await makePanel(control, guild, name, signal);
  log.info({ guildId: guild.id }, 'demo server set up');

  for (;;) {
    signal.throwIfAborted();
    const found = await panelsIn(control, guild.deskChannelId);
    if (found.length >= panels.length) return found;
    await nextHappening(control, signal);
  }
}

/** Waits until anything happens in the simulator, or 2 s: a panel's message is written by the worker a moment after the command. */
async function nextHappening(control: Control, signal: AbortSignal): Promise<void> {
  const enough = AbortSignal.timeout(2_000);
  try {
    for await (const _ of control.stream(AbortSignal.any([signal, enough]))) return;
  } catch (error) {
    if (!enough.aborted) throw error;
  }
}
