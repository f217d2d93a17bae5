import { retry, waitMs } from '#runtime/retry.ts';
import { type Control, ControlError } from '#simulator/client.ts';
import { type Given, type as typeIn } from './act.ts';
import type { Places } from './furnish.ts';
import type { DemoGuild, DemoPerson } from './people.ts';

/** One server's life: who is there, where they meet, how fast time goes. */
export type Scene = {
  control: Control;
  guild: DemoGuild;
  places: Places;
  /** Multiplies every pause: 1 is the pace of the demo, 0 is as fast as the bot answers. */
  pace: number;
  /** Between 0 and 1, as Math.random; always 0, and everything that may happen does. */
  chance: () => number;
  signal: AbortSignal;
};

/** Whether something happens that happens so often. */
export const byChance = (scene: Scene, share: number): boolean => scene.chance() < share;

/** Those who answer tickets. */
export const staffOf = (guild: DemoGuild): DemoPerson[] =>
  guild.people.filter((one) => one.role === 'support' || one.role === 'admin');

/** Lets between so many seconds pass. */
export async function pause(scene: Scene, fromS: number, toS: number): Promise<void> {
  const ms = (fromS + Math.random() * (toS - fromS)) * 1_000 * scene.pace;
  if (ms > 0) await waitMs(ms, scene.signal);
  scene.signal.throwIfAborted();
}

/** Somebody types a command in a channel. */
export const type = (scene: Scene, person: DemoPerson, channelId: string, words: string, given: Given = {}) =>
  typeIn(scene.control, { guildId: scene.guild.id, channelId, userId: person.id }, words, given, scene.signal);

/** What somebody is told who may not see a channel, or not write in it: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json */
const refusals = [50001, 50013];

/** Somebody writes in a channel; when it was just opened to them, once it lets them: commands are answered before that. */
export const say = (scene: Scene, person: DemoPerson, channelId: string, content: string) =>
  retry(
    {
      attempts: 12,
      minMs: 100,
      maxMs: 1_000,
      signal: scene.signal,
      when: (error) => error instanceof ControlError && refusals.includes(error.code),
    },
    () => scene.control.sendMessage({ channelId, userId: person.id, content }),
  );
