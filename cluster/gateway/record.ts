import { deleteMessages, editMessages } from '#tickets/actions/edit-messages.ts';
import { recordMessages } from '#tickets/actions/record-messages.ts';
import type { Ctx } from '#tickets/context.ts';
import type { MessageChange } from './incoming.ts';

/**
 * Stores a batch: first what was written, then edits, then deletions. Of one message they can only have happened in this order, and
 * different messages do not concern each other.
 */
export async function recordChanges(ctx: Ctx, changes: readonly MessageChange[]): Promise<void> {
  await recordMessages(
    ctx,
    changes.flatMap((one) => (one.kind === 'created' ? [one.message] : [])),
  );
  await editMessages(
    ctx,
    changes.flatMap((one) => (one.kind === 'edited' ? [one.edit] : [])),
  );
  await deleteMessages(
    ctx,
    changes.flatMap((one) => (one.kind === 'deleted' ? [one.deletion] : [])),
  );
}
