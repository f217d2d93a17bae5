import { ChannelType } from 'discord-api-types/v10';
import type { Log } from '#runtime/log.ts';
import { waitMs } from '#runtime/retry.ts';
import type { Control } from '#simulator/client.ts';
import { live, type Scene, serve } from './life.ts';
import type { DemoGuild } from './people.ts';
import { setUp } from './setup.ts';

/** At most this many tickets of a server are open at once, so that the demo can run for days. */
const openAtOnce = 10;
/** A new member comes every 2 to 6 s, less often in later servers. */
const arrivalS = { from: 2, spread: 4 };

/** Each of the members lives one story at a time; a story that fails is logged and forgotten. */
async function inhabit(scene: Scene, log: Log, rank: number): Promise<void> {
  const busy = new Set<string>();
  const stories = new Set<Promise<void>>();
  const tell = (id: string, story: Promise<void>): void => {
    busy.add(id);
    const told = story
      .catch((err: unknown) => {
        if (!scene.signal.aborted) log.debug({ err }, 'a demo story ended early');
      })
      .finally(() => {
        busy.delete(id);
        stories.delete(told);
      });
    stories.add(told);
  };

  const members = scene.guild.people.filter((one) => one.role === 'member');
  // Tickets of an earlier start are served to their end.
  const left = (await scene.control.channels(scene.guild.id)).filter(
    (one) => one.type === ChannelType.GuildText && one.topic?.includes('ticket'),
  );
  for (const channel of left) tell(channel.id, serve(scene, channel.id, undefined));
  while (!scene.signal.aborted) {
    const free = members.filter((one) => !busy.has(one.id));
    const member = free[Math.floor(Math.random() * free.length)];
    if (member && stories.size < openAtOnce) tell(member.id, live(scene, member));
    const pauseMs = (arrivalS.from + Math.random() * arrivalS.spread) * 1_000 * scene.pace * (rank + 1);
    await waitMs(pauseMs, scene.signal).catch(() => undefined);
  }
  await Promise.all(stories);
}

/**
 * Fills the simulator with life: sets each server up by slash commands, then lets people come at a steady rate, with a cap on open tickets.
 * Acts through the control API alone, as people do through Discord. Resolves once every server is set up.
 */
export async function startDemo(o: {
  control: Control;
  guilds: DemoGuild[];
  log: Log;
  pace?: number;
}): Promise<{ stop(): Promise<void> }> {
  const controller = new AbortController();
  const { signal } = controller;
  const lives = o.guilds.map(async (guild, rank) => {
    const buttons = await setUp(o.control, guild, o.log, signal);
    return { scene: { control: o.control, guild, buttons, pace: o.pace ?? 1, signal }, rank };
  });
  const stop = async (running: Promise<unknown>[]): Promise<void> => {
    controller.abort(new Error('stopping'));
    await Promise.allSettled(running);
  };
  try {
    const ready = await Promise.all(lives);
    const running = ready.map(({ scene, rank }) => inhabit(scene, o.log, rank));
    return { stop: () => stop(running) };
  } catch (error) {
    await stop(lives);
    throw error;
  }
}
