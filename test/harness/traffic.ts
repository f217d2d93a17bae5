import { type Control, ControlError } from '#simulator/client.ts';
import { type Desk, openTicket, say } from './desk.ts';

/** What people did while the traffic ran, as the simulator accepted it: the truth that every store is held against. */
export type Sent = { messageIds: Set<string>; channelIds: Set<string>; closed: Set<string> };

/** Channels go when a ticket closes, and commands fail while nobody answers; a person shrugs and goes on. */
const isOfThisWorld = (error: unknown): boolean =>
  error instanceof ControlError ||
  (error instanceof Error && /did not answer|has no message|defined/.test(error.message));

async function pretend(
  control: Control,
  desk: Desk,
  member: string,
  index: number,
  sent: Sent,
  signal: AbortSignal,
): Promise<void> {
  const staff = desk.staff[index % desk.staff.length] ?? '';
  const open = new Set<string>();
  const close = async (channelId: string): Promise<void> => {
    await say(control, desk, channelId, staff, 'close', { reason: 'Solved' });
    sent.closed.add(channelId);
    open.delete(channelId);
  };
  while (!signal.aborted) {
    try {
      // What a fault interrupted is brought to its end first, else the member's limit is soon reached.
      for (const channelId of open) await close(channelId);
      const channelId = await openTicket(control, desk, member);
      sent.channelIds.add(channelId);
      open.add(channelId);
      for (let line = 0; line < 12 && !signal.aborted; line += 1) {
        const userId = line % 3 === 2 ? staff : member;
        sent.messageIds.add((await control.sendMessage({ channelId, userId, content: `line ${line}` })).id);
        if (line === 4) await say(control, desk, channelId, staff, 'claim');
      }
      await close(channelId);
    } catch (error) {
      if (!isOfThisWorld(error)) throw error;
      for (const channelId of open) if (await isGone(control, desk, channelId)) open.delete(channelId);
    }
  }
}

/** A close whose answer was lost has still closed. */
async function isGone(control: Control, desk: Desk, channelId: string): Promise<boolean> {
  return (await control.channels(desk.guild.id)).every((one) => one.id !== channelId);
}

/** Lets `people` members open tickets, write and close without pause while `work` runs. */
export async function withTraffic(
  control: Control,
  desk: Desk,
  work: (sent: Sent) => Promise<void>,
  people = 6,
): Promise<Sent> {
  const stop = new AbortController();
  const sent: Sent = { messageIds: new Set(), channelIds: new Set(), closed: new Set() };
  const lives = desk.members.slice(0, people).map((member, i) => pretend(control, desk, member, i, sent, stop.signal));
  try {
    await work(sent);
  } finally {
    stop.abort();
    await Promise.all(lives);
  }
  return sent;
}
