import { ComponentType } from 'discord-api-types/v10';
import { fillIn, inputsOf, messageOf, press, pressables } from './act.ts';
import { open, startFromMessage } from './open.ts';
import type { DemoPerson } from './people.ts';
import { byChance, pause, type Scene, say } from './scene.ts';
import { anyStaff, serve } from './serve.ts';
import { comments, details, oneOf, questions } from './words.ts';

/** The member rates the ticket by the stars in the newest direct message, if it has any that were not pressed yet. */
async function rate(scene: Scene, member: DemoPerson): Promise<void> {
  const { control } = scene;
  await pause(scene, 2, 5);
  const message = (await control.directMessages(member.id)).at(-1);
  const stars = message ? pressables(message).filter((one) => one.type === ComponentType.Button) : [];
  const star = stars[Math.min(4, Math.floor(5 * Math.sqrt(Math.random()) + 0.35))];
  // A rated one has a sixth button, for words.
  if (!message || !star || stars.length !== 5) return;
  const rated = messageOf(await press(control, member.id, message, star.customId));
  const words = pressables(rated).find((one) => one.customId.startsWith('rate-comment'));
  if (!words || !byChance(scene, 0.4)) return;
  const form = await press(control, member.id, rated, words.customId);
  if (inputsOf(form).length > 0) await fillIn(control, member.id, form, [oneOf(comments)]);
}

/** Staff makes a ticket of what a member said elsewhere; it is the ticket of who made it, so nobody rates it. */
async function liveFromMessage(scene: Scene, member: DemoPerson): Promise<void> {
  const starter = anyStaff(scene);
  const channelId = await startFromMessage(scene, member, starter);
  if (!channelId) return;
  await pause(scene, 2, 15);
  await serve(scene, channelId, { asker: member, isOpener: false, staff: anyStaff(scene, starter) });
}

/** One ticket from the first click to the stars. */
export async function live(scene: Scene, member: DemoPerson): Promise<void> {
  if (byChance(scene, 0.05)) return liveFromMessage(scene, member);
  const channelId = await open(scene, member);
  if (!channelId) return;
  await pause(scene, 1, 3);
  await say(scene, member, channelId, oneOf(questions));
  if (byChance(scene, 0.5)) await say(scene, member, channelId, oneOf(details));
  // Some wait longer: the figures of waiting tickets are worth a look.
  await pause(scene, 3, byChance(scene, 0.2) ? 120 : 25);
  await serve(scene, channelId, { asker: member, isOpener: true, staff: anyStaff(scene) });
  if (byChance(scene, 0.7)) await rate(scene, member);
}
