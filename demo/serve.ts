import { press, pressables, waitFor } from './act.ts';
import type { DemoPerson } from './people.ts';
import { byChance, pause, type Scene, say, staffOf, type } from './scene.ts';
import { panels } from './setup.ts';
import { joinThread, noteForStaff, reopenThread } from './threads.ts';
import { details, labels, notes, oneOf, priorities, reasons, replies, subjects, thanks, together } from './words.ts';

/** Who takes part in a ticket. Of a ticket of an earlier start nobody is known. */
export type Cast = {
  /** Who asks and answers back. */
  asker?: DemoPerson;
  /** Whether the ticket is theirs, so that they may close it and are asked before it is closed. */
  isOpener: boolean;
  staff: DemoPerson;
};
type Ticket = Cast & { channelId: string; isThread: boolean };

/** What tickets can be moved between: those of the third panel are threads, which stay where they are. */
const movable = [panels[0], panels[1], panels[3]] as const;

/** Somebody of the staff for a new ticket. */
export const anyStaff = (scene: Scene, except?: DemoPerson): DemoPerson =>
  oneOf(staffOf(scene.guild).filter((one) => one.id !== except?.id));

/** Staff takes the ticket, or the lead gives it to them. Answers whether anybody holds it. */
async function take(scene: Scene, { channelId, staff }: Ticket): Promise<boolean> {
  const lead = staffOf(scene.guild).find((one) => one.role === 'admin');
  if (lead && lead.id !== staff.id && byChance(scene, 0.1)) {
    await type(scene, lead, channelId, 'assign', { user: staff.id });
    return true;
  }
  if (!byChance(scene, 0.65)) return false;
  await type(scene, staff, channelId, 'claim');
  return true;
}

/** Staff says what kind of ticket it is. */
async function sortIn(scene: Scene, { channelId, staff, isThread }: Ticket): Promise<void> {
  if (byChance(scene, 0.3)) await type(scene, staff, channelId, 'priority', { level: oneOf(priorities) });
  if (byChance(scene, 0.35)) await type(scene, staff, channelId, 'label add', { name: oneOf(labels).name });
  if (byChance(scene, 0.15)) await type(scene, staff, channelId, 'topic', { text: oneOf(subjects) });
  if (!isThread && byChance(scene, 0.08))
    await type(scene, staff, channelId, 'switchpanel', { to_panel: oneOf(movable) });
}

/** Somebody else is let in and says a word. */
async function addGuest(scene: Scene, { channelId, staff, asker }: Ticket): Promise<void> {
  const others = scene.guild.people.filter((one) => one.role === 'member' && one.id !== asker?.id);
  const guest = oneOf(others);
  await type(scene, staff, channelId, 'add', { user: guest.id });
  await pause(scene, 1, 4);
  await say(scene, guest, channelId, oneOf(together));
}

/** Whoever holds the ticket gives it to somebody else. */
async function handOver(scene: Scene, { channelId, staff }: Ticket): Promise<DemoPerson> {
  const next = anyStaff(scene, staff);
  await type(scene, staff, channelId, 'transfer', { user: next.id });
  return next;
}

/** Staff asks whether the ticket may be closed. Answers whether the opener agreed. */
async function askToClose(scene: Scene, { channelId, staff, asker }: Ticket): Promise<boolean> {
  const { control, signal } = scene;
  if (!asker) return false;
  await type(scene, staff, channelId, 'closerequest', { reason: oneOf(reasons) });
  const isAnswer = ({ customId }: { customId: string }) => customId.startsWith('close-ok');
  const asked = await waitFor(control, signal, async () =>
    (await control.messages(channelId)).findLast((message) => pressables(message).some(isAnswer)),
  );
  await pause(scene, 2, 8);
  const isAgreed = byChance(scene, 0.75);
  const pressed = pressables(asked).find((one) => one.customId.startsWith(isAgreed ? 'close-ok' : 'close-no'));
  await press(control, asker.id, asked, pressed?.customId ?? '');
  if (isAgreed) return true;
  await say(scene, asker, channelId, oneOf(details));
  await pause(scene, 2, 8);
  await say(scene, staff, channelId, oneOf(replies));
  return false;
}

async function close(scene: Scene, ticket: Ticket): Promise<void> {
  const { channelId, staff, asker, isOpener } = ticket;
  if (isOpener && byChance(scene, 0.15) && (await askToClose(scene, ticket))) return;
  const closer = asker && isOpener && byChance(scene, 0.25) ? asker : staff;
  await type(scene, closer, channelId, 'close', { reason: oneOf(reasons) });
}

/** Staff answers, the asker answers back, somebody closes. Works on a channel of an earlier start too. */
export async function serve(scene: Scene, channelId: string, cast: Cast): Promise<void> {
  const channel = (await scene.control.channels(scene.guild.id)).find((one) => one.id === channelId);
  if (!channel) throw new Error('the ticket has no channel');
  const isThread = channel.thread !== null;
  const ticket: Ticket = { ...cast, channelId, isThread };
  if (isThread) await joinThread(scene, channel, ticket.staff);
  const isHeld = !isThread && (await take(scene, ticket));
  await sortIn(scene, ticket);
  const { asker } = cast;
  const rounds = 1 + Math.floor(Math.random() * 3);
  for (let round = 0; round < rounds; round += 1) {
    await pause(scene, 1, 6);
    await say(scene, ticket.staff, channelId, oneOf(replies));
    if (byChance(scene, 0.3)) await say(scene, ticket.staff, channelId, oneOf(replies));
    if (round === 0) {
      if (byChance(scene, 0.12)) await noteForStaff(scene, channelId, ticket.staff, oneOf(notes));
      if (byChance(scene, 0.06)) await addGuest(scene, ticket);
      if (isHeld && byChance(scene, 0.08)) ticket.staff = await handOver(scene, ticket);
    }
    if (!asker) continue;
    await pause(scene, 2, 8);
    await say(scene, asker, channelId, round === rounds - 1 ? oneOf(thanks) : oneOf(details));
  }
  await pause(scene, 2, 10);
  await close(scene, ticket);
  if (!isThread || !byChance(scene, 0.25)) return;
  await pause(scene, 3, 10);
  await reopenThread(scene, channel, ticket.staff);
  await say(scene, ticket.staff, channelId, oneOf(replies));
  await pause(scene, 2, 10);
  await type(scene, ticket.staff, channelId, 'close', { reason: oneOf(reasons) });
}
