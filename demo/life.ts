import { ComponentType } from 'discord-api-types/v10';
import { waitMs } from '#runtime/retry.ts';
import type { Control } from '#simulator/client.ts';
import { channelIn, command, fillIn, inputsOf, press, pressables } from './act.ts';
import type { DemoGuild, DemoPerson } from './people.ts';
import type { PanelButton } from './setup.ts';
import { comments, details, oneOf, questions, reasons, replies, subjects, thanks } from './words.ts';

/** One server's life: who is there, where they press, how fast time goes. */
export type Scene = {
  control: Control;
  guild: DemoGuild;
  buttons: PanelButton[];
  /** Multiplies every pause: 1 is the pace of the demo, 0 is as fast as the bot answers. */
  pace: number;
  signal: AbortSignal;
};

const byChance = (share: number): boolean => Math.random() < share;
const staffOf = (guild: DemoGuild): DemoPerson[] =>
  guild.people.filter((one) => one.role === 'support' || one.role === 'admin');

async function pause(scene: Scene, fromS: number, toS: number): Promise<void> {
  const ms = (fromS + Math.random() * (toS - fromS)) * 1_000 * scene.pace;
  if (ms > 0) await waitMs(ms, scene.signal);
  scene.signal.throwIfAborted();
}

/** A member opens a ticket: mostly by a panel's button, sometimes by /open. Returns the ticket's channel, if one was given. */
async function open(scene: Scene, member: DemoPerson): Promise<string | undefined> {
  const { control, guild } = scene;
  if (byChance(0.08)) {
    const place = { guildId: guild.id, channelId: guild.deskChannelId, userId: member.id };
    return channelIn(
      await command(control, place, 'open', [{ name: 'subject', value: oneOf(subjects) }], scene.signal),
    );
  }
  // Earlier panels are pressed more often: real servers are uneven too.
  const button = scene.buttons[Math.floor(Math.random() ** 2 * scene.buttons.length)];
  if (!button) return undefined;
  const message = { id: button.messageId, channel_id: button.channelId, components: [] };
  const pressed = await press(control, member.id, message, button.customId);
  if (inputsOf(pressed).length === 0) return channelIn(pressed);
  return channelIn(await fillIn(control, member.id, pressed, [oneOf(questions)]));
}

/** Staff answers, the member answers back, somebody closes. Works on a channel of an earlier start too. */
export async function serve(scene: Scene, channelId: string, member: DemoPerson | undefined): Promise<void> {
  const { control, guild } = scene;
  const staff = oneOf(staffOf(guild));
  const say = (person: DemoPerson, content: string) => control.sendMessage({ channelId, userId: person.id, content });
  const place = { guildId: guild.id, channelId, userId: staff.id };
  if (byChance(0.6)) await command(control, place, 'claim', [], scene.signal);
  const rounds = 1 + Math.floor(Math.random() * 3);
  for (let round = 0; round < rounds; round += 1) {
    await pause(scene, 1, 6);
    await say(staff, oneOf(replies));
    if (byChance(0.3)) await say(staff, oneOf(replies));
    if (!member) continue;
    await pause(scene, 2, 8);
    await say(member, round === rounds - 1 ? oneOf(thanks) : oneOf(details));
  }
  await pause(scene, 2, 10);
  const closer = member && byChance(0.25) ? member : staff;
  await command(
    control,
    { ...place, userId: closer.id },
    'close',
    [{ name: 'reason', value: oneOf(reasons) }],
    scene.signal,
  );
}

/** The member rates the ticket by the stars in the newest direct message, if it has any. */
async function rate(scene: Scene, member: DemoPerson): Promise<void> {
  await pause(scene, 2, 5);
  const message = (await scene.control.directMessages(member.id)).at(-1);
  const stars = message ? pressables(message).filter((one) => one.type === ComponentType.Button) : [];
  const star = stars[Math.min(4, Math.floor(5 * Math.sqrt(Math.random()) + 0.35))];
  if (!message || !star || stars.length < 5) return;
  const asked = await press(scene.control, member.id, message, star.customId);
  if (inputsOf(asked).length > 0) await fillIn(scene.control, member.id, asked, [oneOf(comments)]);
}

/** One ticket from the first click to the stars. */
export async function live(scene: Scene, member: DemoPerson): Promise<void> {
  const channelId = await open(scene, member);
  if (!channelId) return;
  const write = (content: string) => scene.control.sendMessage({ channelId, userId: member.id, content });
  await pause(scene, 1, 3);
  await write(oneOf(questions));
  if (byChance(0.5)) await write(oneOf(details));
  // Some wait longer: the figures of waiting tickets are worth a look.
  await pause(scene, 3, byChance(0.2) ? 120 : 25);
  await serve(scene, channelId, member);
  if (byChance(0.7)) await rate(scene, member);
}
