import { deleteMessages, editMessages } from '#tickets/actions/edit-messages.ts';
import { recordMessages } from '#tickets/actions/record-messages.ts';
import type { Ctx } from '#tickets/context.ts';
import type { MessageChange } from './incoming.ts';

/**
 * Stores a batch: first what was written, then edits, then deletions. Of one message they can only have happened in this order, and
 * different messages do not concern each other.
 */
export async function recordChanges(ctx: Ctx, changes: readonly MessageChange[]): Promise<void> {
  const pick = <T>(part: (change: MessageChange) => T | undefined): T[] => changes.flatMap((one) => part(one) ?? []);
  const created = pick((one) => (one.kind === 'created' ? one.message : undefined));
  const edited = pick((one) => (one.kind === 'edited' ? one.edit : undefined));
  const deleted = pick((one) => (one.kind === 'deleted' ? one.deletion : undefined));
  await recordMessages(ctx, created);
  await editMessages(ctx, edited);
  await deleteMessages(ctx, deleted);
}
