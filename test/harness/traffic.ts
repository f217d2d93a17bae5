import { parseTopic } from '#discord/topic.ts';
import { waitMs } from '#runtime/retry.ts';
import { type Control, ControlError } from '#simulator/client.ts';
import { type Desk, openTicket, say } from './desk.ts';

/** What people did while the traffic ran, as the simulator accepted it: the truth that every store is held against. */
export type Sent = {
  messageIds: Set<string>;
  channelIds: Set<string>;
  closed: Set<string>;
  /** Messages whose sender never learned whether they arrived: Discord itself was away at that moment. */
  unanswered: number;
};

/** Nothing has been sent yet. */
export const nothingSent = (): Sent => ({
  messageIds: new Set(),
  channelIds: new Set(),
  closed: new Set(),
  unanswered: 0,
});

// A person who was refused takes a breath before the next try.
const shrugMs = 250;

/** Channels go when a ticket closes, and commands fail while nobody answers; a person shrugs and goes on. */
const isOfThisWorld = (error: unknown): boolean =>
  error instanceof ControlError ||
  isAway(error) ||
  (error instanceof Error && /did not answer|has no message|defined/.test(error.message));

/** Discord itself does not answer: fetch says no more than that. */
const isAway = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || /fetch failed|terminated/.test(error.message));

/** The channels of a member's tickets, as the member sees them in Discord. */
async function ticketsOf(control: Control, desk: Desk, member: string): Promise<string[]> {
  const channels = await control.channels(desk.guild.id);
  return channels
    .filter((one) => parseTopic(one.topic) !== null && one.overwrites.some(({ id }) => id === member))
    .map((one) => one.id);
}

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
  const write = async (channelId: string, userId: string, content: string): Promise<void> => {
    try {
      sent.messageIds.add((await control.sendMessage({ channelId, userId, content })).id);
    } catch (error) {
      if (isAway(error)) sent.unanswered += 1;
      throw error;
    }
  };
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
        await write(channelId, line % 3 === 2 ? staff : member, `line ${line}`);
        if (line === 4) await say(control, desk, channelId, staff, 'claim');
      }
      await close(channelId);
    } catch (error) {
      if (!isOfThisWorld(error)) throw error;
      await waitMs(shrugMs, signal).catch(() => undefined); // only the signal ends it
      // A close whose answer was lost has still closed, and a ticket whose answer was lost is there all the same.
      const there = await ticketsOf(control, desk, member).catch(() => [...open]);
      open.clear();
      for (const channelId of there) open.add(channelId);
    }
  }
}

/** People who open tickets, write and close without pause. */
export type Traffic = { readonly sent: Sent; stop(): Promise<void> };

/** Lets `people` members of each desk live until stopped. What happens is added to `sent`. */
export function startTraffic(
  control: Control,
  desks: readonly Desk[],
  o: { people?: number; sent?: Sent } = {},
): Traffic {
  const stop = new AbortController();
  const sent = o.sent ?? nothingSent();
  const lives = desks.flatMap((desk) =>
    desk.members.slice(0, o.people ?? 6).map((member, i) => pretend(control, desk, member, i, sent, stop.signal)),
  );
  const whole = Promise.all(lives);
  whole.catch(() => undefined); // told by stop()
  return {
    sent,
    async stop() {
      stop.abort();
      await whole;
    },
  };
}

/** Lets `people` members open tickets, write and close without pause while `work` runs. */
export async function withTraffic(
  control: Control,
  desk: Desk,
  work: (sent: Sent) => Promise<void>,
  people = 6,
): Promise<Sent> {
  const traffic = startTraffic(control, [desk], { people });
  try {
    await work(traffic.sent);
  } finally {
    await traffic.stop();
  }
  return traffic.sent;
}
