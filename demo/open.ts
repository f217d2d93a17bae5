import { channelIn, chooseIn, fillIn, inputsOf, press } from './act.ts';
import { menuIn } from './furnish.ts';
import type { DemoPerson } from './people.ts';
import { byChance, type Scene, say, staffOf, type } from './scene.ts';
import { panelsIn } from './setup.ts';
import { details, oneOf, questions, subjects } from './words.ts';

/** A member opens a ticket: mostly by a panel, sometimes by /open, or staff opens it for them. Returns its channel, if one was given. */
export async function open(scene: Scene, member: DemoPerson): Promise<string | undefined> {
  const { control, guild, places } = scene;
  if (byChance(scene, 0.06))
    return channelIn(await type(scene, member, guild.deskChannelId, 'open', { subject: oneOf(subjects) }));
  if (byChance(scene, 0.04)) {
    const place = { guildId: guild.id, channelId: places.talkChannelId, userId: oneOf(staffOf(guild)).id };
    return channelIn(await chooseIn(control, place, 'Open ticket for…', member.id));
  }
  // Seen anew each time: what a panel asks may have been changed meanwhile, on the dashboard too. The first ones are used more often.
  const nth = (count: number): number => Math.floor(Math.random() ** 2 * count);
  const menu = byChance(scene, 0.2) ? await menuIn(control, places.menuChannelId) : undefined;
  if (menu) return use(scene, member, menu, [menu.values[nth(menu.values.length)] ?? '']);
  const buttons = await panelsIn(control, guild.deskChannelId);
  const button = buttons[nth(buttons.length)];
  return button && use(scene, member, button);
}

/** Presses a panel's button, or chooses in its menu, and answers its form where it has one. */
async function use(
  { control }: Scene,
  member: DemoPerson,
  at: { channelId: string; messageId: string; customId: string },
  values?: string[],
): Promise<string | undefined> {
  const message = { id: at.messageId, channel_id: at.channelId, components: [] };
  const pressed = await press(control, member.id, message, at.customId, values);
  if (inputsOf(pressed).length === 0) return channelIn(pressed);
  return channelIn(await fillIn(control, member.id, pressed, [oneOf(questions), oneOf(details)]));
}

/** A member asks where everybody chats, and staff makes a ticket of the message. Returns its channel, if one was given. */
export async function startFromMessage(
  scene: Scene,
  member: DemoPerson,
  staff: DemoPerson,
): Promise<string | undefined> {
  const { control, guild, places } = scene;
  const asked = await say(scene, member, places.talkChannelId, oneOf(questions));
  const place = { guildId: guild.id, channelId: places.talkChannelId, userId: staff.id };
  return channelIn(await chooseIn(control, place, 'Start Ticket', asked.id));
}
