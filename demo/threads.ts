import { ChannelType } from 'discord-api-types/v10';
import type { SimulatedChannel } from '#simulator/client.ts';
import { press, pressables, waitFor } from './act.ts';
import type { DemoPerson } from './people.ts';
import { type Scene, say, type } from './scene.ts';

/** A ticket's number as its thread is called: “Ticket 12”. */
const numberOf = (thread: SimulatedChannel): number => Number(/\d+/.exec(thread.name)?.[0] ?? 0);

/** Staff joins a ticket that is a thread, by the button where staff hear of them. */
export async function joinThread(scene: Scene, thread: SimulatedChannel, staff: DemoPerson): Promise<void> {
  const { control, signal, places } = scene;
  const isOf = new RegExp(`(?<!\\d)${numberOf(thread)}(?!\\d)`);
  const { message, customId } = await waitFor(control, signal, async () => {
    for (const told of (await control.messages(places.threadsChannelId)).toReversed()) {
      const join = pressables(told).find((one) => one.customId.startsWith('join'));
      if (join && isOf.test(told.embeds[0]?.title ?? '')) return { message: told, customId: join.customId };
    }
    return undefined;
  });
  await press(control, staff.id, message, customId);
}

/** Staff opens a closed thread again. */
export async function reopenThread(scene: Scene, thread: SimulatedChannel, staff: DemoPerson): Promise<void> {
  const { control, signal, places, guild } = scene;
  const isOpen = async (wanted: boolean) => {
    const now = (await control.channels(guild.id)).find((one) => one.id === thread.id);
    return (now?.thread?.isArchived === false) === wanted ? true : undefined;
  };
  await waitFor(control, signal, () => isOpen(false));
  await type(scene, staff, places.threadsChannelId, 'reopen', { ticket_id: numberOf(thread) });
  await waitFor(control, signal, () => isOpen(true));
}

/** Staff writes a note in the thread that a ticket's channel has for them, if it has one. */
export async function noteForStaff(scene: Scene, channelId: string, staff: DemoPerson, note: string): Promise<void> {
  const thread = (await scene.control.channels(scene.guild.id)).find(
    (one) => one.type === ChannelType.PrivateThread && one.parentId === channelId,
  );
  if (thread?.thread?.memberIds.includes(staff.id)) await say(scene, staff, thread.id, note);
}
