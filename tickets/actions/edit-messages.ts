import type { Db } from '#runtime/postgres.ts';
import { attachmentsOf } from '../attachments-of.ts';
import type { Ctx } from '../context.ts';
import { seal } from '../crypto.ts';
import { insertAttachments } from '../store/fleet/attachment.ts';
import { editSealed, findMessages, keepingGuilds, markDeleted, ticketsOfChannels } from '../store/fleet/message.ts';
import { type Attachment, bodyOf, sealedRow } from '../store/transcript.ts';

/** A message somewhere in a ticket. */
type Pointed = { guildId: string; channelId: string; ticketId: number | null; id: string };

/** An edit as the gateway brings it. */
export type MessageEdit = Pointed & { content: string; attachments: readonly Attachment[]; editedAt: number };

/** A deletion as the gateway brings it; `at` is when it arrived, because Discord does not say when it happened. */
export type MessageDeletion = Pointed & { at: number };

/** Replaces the stored text of edited messages. No figure changes (design.md 6), so nothing is told. */
export async function editMessages(ctx: Ctx, edits: readonly MessageEdit[]): Promise<void> {
  if (edits.length === 0) return;
  await ctx.db.transaction(async (db) => {
    const placed = await place(db, edits);
    // One edit a message: an update meets each row once, whichever of several rows it is given.
    const newest = new Map<string, (typeof placed)[number]>();
    for (const edit of placed.toSorted((a, b) => a.editedAt - b.editedAt)) newest.set(edit.id, edit);
    const found = await findMessages(db, [...newest.values()]);
    const keeping = await keepingGuilds(
      db,
      found.map(({ guildId }) => guildId),
    );
    const sealed = found.flatMap(({ guildId, ticketId, id, wrapped }) => {
      const edit = newest.get(id);
      if (!edit || !wrapped) return [];
      const isKept = keeping.has(guildId);
      const body = JSON.stringify(bodyOf(edit, isKept));
      const key = ctx.keys.open(guildId, ticketId, wrapped);
      const at = { guildId, ticketId, row: sealedRow.message(id) };
      const files = isKept ? attachmentsOf(key, { guildId, ticketId, id, attachments: edit.attachments }) : [];
      return [{ guildId, ticketId, id, sealed: seal(key, at, body), at: edit.editedAt, files }];
    });
    if (sealed.length > 0) await editSealed(db, sealed);
    // A bot may add files by editing. What an edit takes away stays kept: it was said.
    await insertAttachments(
      db,
      sealed.flatMap(({ files }) => files),
    );
  });
}

/** Marks messages as deleted. They stay in every figure and, marked, in the transcript. */
export async function deleteMessages(ctx: Ctx, deletions: readonly MessageDeletion[]): Promise<void> {
  if (deletions.length === 0) return;
  await ctx.db.transaction(async (db) => {
    const placed = await place(db, deletions);
    if (placed.length > 0) await markDeleted(db, placed);
  });
}

async function place<T extends Pointed>(db: Db, pointed: readonly T[]): Promise<(T & { ticketId: number })[]> {
  const unknown = pointed.filter((one) => one.ticketId === null);
  const found = unknown.length === 0 ? [] : await ticketsOfChannels(db, unknown);
  const ofChannel = new Map(found.map((row) => [row.channelId, row.ticketId]));
  return pointed.flatMap((one) => {
    const ticketId = one.ticketId ?? ofChannel.get(one.channelId);
    return ticketId === undefined ? [] : [{ ...one, ticketId }];
  });
}
