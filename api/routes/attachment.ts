import { Type } from 'typebox';
import { isPicture, plainType } from '#tickets/attachment.ts';
import { sealedExtraBytes, unsealBytes } from '#tickets/crypto.ts';
import { AppError } from '#tickets/errors.ts';
import { readAttachment } from '#tickets/store/attachment.ts';
import { readKey } from '#tickets/store/ticket.ts';
import { sealedRow } from '#tickets/store/transcript.ts';
import type { App, RouteDeps } from '../app.ts';
import { guildOf } from '../plugins/guild.ts';
import { HttpError } from '../problem.ts';
import { answers, snowflake, ticketParams } from '../schemas/basic.ts';
import { readTicketFor } from './ticket.ts';

const params = Type.Object({ ...ticketParams.properties, attachmentId: snowflake });
const file = { description: 'The file', content: { 'application/octet-stream': { schema: Type.Any() } } };

// The most that ATTACHMENT_MAX_MB may be: what was stored under an earlier, higher limit is still served.
const MAX_BYTES = 100_000_000 + sealedExtraBytes;

// Nothing that somebody sent may run here: not as a page, not in a frame, not with scripts.
const policy = "default-src 'none'; sandbox; frame-ancestors 'none'";

/** RFC 6266: a name for every browser, and the true one (RFC 8187) for those that read it. */
export function dispositionOf(name: string, isShown: boolean): string {
  const plain = name.replaceAll(/[^\w.-]/g, '_').slice(-150) || 'file';
  const safe = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${isShown ? 'inline' : 'attachment'}; filename="${plain}"; filename*=UTF-8''${safe}`;
}

/** A file of a transcript, for those who may read it. */
export function attachmentRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/guilds/:guildId/tickets/:ticketId/attachments/:attachmentId',
    {
      config: { access: 'ticket.view' },
      schema: { summary: 'A file of a ticket', params, response: { ...answers(Type.Any()), 200: file } },
    },
    async (request, reply) => {
      const ticket = await readTicketFor(deps, guildOf(request), request.params.ticketId);
      const { guildId, id: ticketId } = ticket;
      const { attachmentId: id } = request.params;
      const known = await readAttachment(deps.pool, deps.keys, guildId, { ticketId, id });
      const wrapped = await readKey(deps.pool, guildId, ticketId);
      if (!known?.secret || known.state !== 'stored' || known.objectKey === null || !wrapped)
        throw new AppError('attachment.unknown');
      const bytes = await readObject(deps, known.objectKey);
      const key = deps.keys.open(guildId, ticketId, wrapped);
      const isShown = isPicture(known.contentType);
      return reply
        .headers({
          'content-security-policy': policy,
          'content-disposition': dispositionOf(known.secret.name, isShown),
        })
        .type(isShown ? plainType(known.contentType) : 'application/octet-stream')
        .send(unsealBytes(key, { guildId, ticketId, row: sealedRow.file(id) }, bytes));
    },
  );
}

async function readObject(deps: RouteDeps, objectKey: string): Promise<Buffer> {
  const bytes = await deps.objects.get(objectKey, { maxBytes: MAX_BYTES }).catch((cause: unknown) => {
    throw new HttpError('objects.unavailable', { cause });
  });
  if (bytes) return bytes;
  throw new HttpError('objects.unavailable', { cause: new Error('a stored file is not in the object store') });
}
