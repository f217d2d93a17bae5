import { ComponentType } from 'discord-api-types/v10';
import { expect } from 'vitest';
import { channelIn, command, fillIn, inputsOf, messageOf, press, pressables } from '#demo/act.ts';
import { type DemoGuild, preparePeople } from '#demo/people.ts';
import { type PanelButton, setUp } from '#demo/setup.ts';
import { createLog } from '#runtime/log.ts';
import type { Control } from '#simulator/client.ts';

/** A server set up by slash commands, with people who can act. */
export type Desk = { guild: DemoGuild; buttons: PanelButton[]; owner: string; staff: string[]; members: string[] };

/** Sets the first server up the way an owner does. */
export async function openDesk(control: Control, index = 0): Promise<Desk> {
  const guild = (await preparePeople(control))[index];
  if (!guild) throw new Error('the simulator has no such server');
  const log = createLog({ role: 'test', level: 'warn' });
  const buttons = await setUp(control, guild, log, AbortSignal.timeout(60_000));
  const ids = (role: string): string[] => guild.people.filter((one) => one.role === role).map((one) => one.id);
  return { guild, buttons, owner: ids('owner')[0] ?? '', staff: ids('support'), members: ids('member') };
}

/** A member opens a ticket by the first panel's button; answers its channel. */
export async function openTicket(control: Control, desk: Desk, member: string): Promise<string> {
  const button = desk.buttons[0];
  if (!button) throw new Error('the desk has no panel');
  const message = { id: button.messageId, channel_id: button.channelId, components: [] };
  const pressed = await press(control, member, message, button.customId);
  const answer = inputsOf(pressed).length > 0 ? await fillIn(control, member, pressed, ['A question']) : pressed;
  const channel = channelIn(answer);
  expect(channel, JSON.stringify(answer.messages)).toBeDefined();
  return channel ?? '';
}

/** Types a command in a channel of the desk; answers the text of what came back. */
export async function say(control: Control, desk: Desk, channelId: string, userId: string, name: string, options = {}) {
  const list = Object.entries(options).map(([key, value]) => ({ name: key, value: value as string }));
  const answer = await command(control, { guildId: desk.guild.id, channelId, userId }, name, list);
  return messageOf(answer);
}

/** Closes a ticket without reading the answer: the channel that it stands in may be gone by then. */
export async function closeTicket(control: Control, desk: Desk, channelId: string, userId: string, reason?: string) {
  const options = reason === undefined ? [] : [{ name: 'reason', value: reason }];
  await command(control, { guildId: desk.guild.id, channelId, userId }, 'close', options);
}

/** Gives the ticket of the newest direct message so many stars. */
export async function rate(control: Control, member: string, stars: number): Promise<void> {
  const message = (await control.directMessages(member)).at(-1);
  if (!message) throw new Error('no direct message came');
  const star = pressables(message).filter((one) => one.type === ComponentType.Button)[stars - 1];
  if (!star) throw new Error('the message has no stars');
  const asked = await press(control, member, message, star.customId);
  if (inputsOf(asked).length > 0) await fillIn(control, member, asked, ['Good']);
}

/** Asks until an answer satisfies, each time something has happened or a moment has passed; the deadline fails the test with the last answer. */
export async function until<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean, withinMs = 30_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (performance.now() > deadline)
      throw new Error(`not within ${withinMs} ms; last: ${JSON.stringify(answer)?.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
