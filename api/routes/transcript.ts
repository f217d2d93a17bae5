import { Type } from 'typebox';
import { AppError } from '#tickets/errors.ts';
import { authorKinds } from '#tickets/facts.ts';
import { listGaps } from '#tickets/store/gap.ts';
import { readTranscript, type TranscriptMessage } from '#tickets/store/transcript.ts';
import { listAttachments } from '#tickets/store/attachment.ts';
import type { App, RouteDeps } from '../app.ts';
import { filesOf } from '../attachments.ts';
import { guildOf } from '../plugins/guild.ts';
import { attachment } from '../schemas/attachment.ts';
import { answers, face, iso, isoOrNull, moment, nullable, snowflake, ticketParams } from '../schemas/basic.ts';
import { ticketRow } from '../schemas/ticket.ts';
import { readRows } from '../ticket-rows.ts';
import { readTicketFor } from './ticket.ts';

const message = Type.Object({
  id: snowflake,
  author: Type.Object({ ...face.properties, kind: Type.Enum([...authorKinds]) }),
  at: moment,
  content: nullable(Type.String({ description: 'Null when it was erased, or not kept' })),
  attachments: Type.Array(attachment),
  editedAt: nullable(moment),
  deleted: Type.Boolean(),
});
const transcript = Type.Object({
  ticket: ticketRow,
  messages: Type.Array(message),
  contentMissing: Type.Boolean({
    description: 'Discord does not show Docket what people write (Message Content intent)',
  }),
  notKept: Type.Boolean({ description: 'The server kept no words when some of these messages were sent' }),
  erased: Type.Boolean({ description: 'Every word of this ticket was erased on request' }),
  gaps: Type.Array(Type.Object({ from: moment, to: moment }), {
    description: 'Times in which edits and deletions were not seen',
  }),
});

/** What was said in a ticket, for those who had access to it (features.md 1.8-11). */
export function transcriptRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/guilds/:guildId/tickets/:ticketId/transcript',
    {
      config: { access: 'ticket.view' },
      schema: { summary: "A ticket's transcript", params: ticketParams, response: answers(transcript) },
    },
    async (request) => {
      const ticket = await readTicketFor(deps, guildOf(request), request.params.ticketId);
      const { guildId, id } = ticket;
      const [words, files, gaps, [row]] = await Promise.all([
        readTranscript(deps.pool, deps.keys, guildId, id),
        listAttachments(deps.pool, deps.keys, guildId, id),
        listGaps(deps.pool, guildId, id),
        readRows(deps, guildId, [ticket]),
      ]);
      if (!row) throw new AppError('ticket.unknown');
      const filesOfMessage = Map.groupBy(files, ({ messageId }) => messageId);
      const authorIds = words.messages.map(({ authorId }) => authorId);
      const people = await deps.directory.people(guildId, authorIds);
      return {
        ticket: row,
        messages: words.messages.map(({ id: messageId, authorId, authorKind, at, body, editedAt, deletedAt }) => ({
          id: messageId,
          author: {
            id: authorId,
            name: people.get(authorId)?.name ?? authorId,
            avatarUrl: people.get(authorId)?.avatarUrl ?? null,
            kind: authorKind,
          },
          at: iso(at),
          content: body && body.isKept !== false ? body.content : null,
          attachments: filesOf({ body }, filesOfMessage.get(messageId) ?? [], { guildId, ticketId: id }),
          editedAt: isoOrNull(editedAt),
          deleted: deletedAt !== null,
        })),
        contentMissing: isContentMissing(words.messages),
        notKept: words.messages.some(({ body }) => body?.isKept === false),
        erased: words.isErased,
        gaps: gaps.map(({ from, to }) => ({ from: iso(from), to: iso(to) })),
      };
    },
  );
}

/** Without the Message Content intent Discord sends people's messages empty, files and all. One word proves the intent. */
function isContentMissing(messages: readonly TranscriptMessage[]): boolean {
  const human = messages.filter(
    ({ authorKind, body }) => body && body.isKept !== false && authorKind !== 'bot' && authorKind !== 'system',
  );
  return human.length > 0 && human.every(({ body }) => body?.content === '' && body.attachments.length === 0);
}
