import { ChannelType } from 'discord-api-types/v10';
import type { Log } from '#runtime/log.ts';
import { waitMs } from '#runtime/retry.ts';
import type { Control } from '#simulator/client.ts';
import { furnish } from './furnish.ts';
import { live } from './life.ts';
import type { DemoGuild } from './people.ts';
import { type Scene, staffOf } from './scene.ts';
import { serve } from './serve.ts';
import { setUp } from './setup.ts';

/** At most this many tickets of a server are open at once, so that the demo can run for days. */
const openAtOnce = 10;
/** A new member comes every 2 to 6 s, less often in later servers. */
const arrivalS = { from: 2, spread: 4 };

/** The channels and threads of tickets that are open. */
async function leftIn({ control, guild }: Scene): Promise<string[]> {
  const all = await control.channels(guild.id);
  const inChannels = all.filter((one) => one.type === ChannelType.GuildText && one.topic?.includes('Docket ticket'));
  const channelIds = inChannels.map((one) => one.id);
  // Threads in a ticket's channel are for its staff.
  const threads = all.filter(
    (one) =>
      one.type === ChannelType.PrivateThread && !one.thread?.isArchived && !channelIds.includes(one.parentId ?? ''),
  );
  return [...channelIds, ...threads.map((one) => one.id)];
}

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
  // Tickets of an earlier start are served to their end, by the lead: what somebody holds only admins may write in.
  const lead = staffOf(scene.guild).find((one) => one.role === 'admin');
  if (lead) for (const id of await leftIn(scene)) tell(id, serve(scene, id, { isOpener: false, staff: lead }));
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
    const { control, log, pace = 1 } = o;
    await setUp(control, guild, log, signal);
    const places = await furnish(control, guild, { isFirst: rank === 0, log, signal });
    return { scene: { control, guild, places, pace, chance: Math.random, signal }, rank };
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
