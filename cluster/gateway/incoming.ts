import {
  type APIAttachment,
  type APIMessage,
  type GatewayMessageCreateDispatchData,
  MessageType,
} from 'discord-api-types/v10';
import type { MessageDeletion, MessageEdit } from '#tickets/actions/edit-messages.ts';
import type { IncomingMessage } from '#tickets/actions/record-messages.ts';

/** What happened to a message. */
export type MessageChange =
  | { kind: 'created'; message: IncomingMessage }
  | { kind: 'edited'; edit: MessageEdit }
  | { kind: 'deleted'; deletion: MessageDeletion };

/** Which message a change is about. */
export function placeOf(change: MessageChange): Pick<MessageDeletion, 'guildId' | 'channelId' | 'ticketId' | 'id'> {
  if (change.kind === 'created') return change.message;
  return change.kind === 'edited' ? change.edit : change.deletion;
}

// Discord's epoch, 2015-01-01: https://discord.com/developers/docs/reference#snowflakes
const epochMs = 1_420_070_400_000n;

/** When a snowflake was made (ms). */
export function snowflakeTime(id: string): number {
  return Number((BigInt(id) >> 22n) + epochMs);
}

// Pins, joins, renames and the like are messages of Discord's own, not of somebody in the ticket.
const written = new Set<MessageType>([
  MessageType.Default,
  MessageType.Reply,
  MessageType.ChatInputCommand,
  MessageType.ContextMenuCommand,
]);

const attachmentOf = (file: APIAttachment): IncomingMessage['attachments'][number] => ({
  id: file.id,
  name: file.filename,
  sizeBytes: file.size,
  contentType: file.content_type ?? null,
  url: file.url,
});

// Postgres stores no NUL in a text.
const clean = (text: string | undefined): string => (text ?? '').replaceAll('\u0000', '');

/** Where a message belongs. */
export type Place = { guildId: string; ticketId: number | null };

/** A message as an entry of a ticket; null when it is none: system messages, and what Docket itself says outside `outgoing`. */
export function messageOf(
  data: Omit<GatewayMessageCreateDispatchData, 'mentions' | 'member'> | APIMessage,
  place: Place & { roleIds: readonly string[]; botUserId: string },
): IncomingMessage | null {
  if (!written.has(data.type)) return null;
  const nonce = data.nonce === undefined ? null : String(data.nonce);
  if (data.author.id === place.botUserId && nonce === null) return null;
  return {
    guildId: place.guildId,
    channelId: data.channel_id,
    ticketId: place.ticketId,
    id: data.id,
    authorId: data.author.id,
    isOwn: data.author.id === place.botUserId,
    isBot: data.author.bot === true || data.webhook_id !== undefined,
    roleIds: [...place.roleIds],
    content: clean(data.content),
    attachments: data.attachments.map(attachmentOf),
    nonce,
    at: snowflakeTime(data.id),
  };
}

/** An edit by the author; null when only Discord changed the message (a link's preview, a flag). */
export function editOf(data: APIMessage, place: Place): Extract<MessageChange, { kind: 'edited' }> | null {
  if (!data.edited_timestamp || !written.has(data.type)) return null;
  return {
    kind: 'edited',
    edit: {
      ...place,
      channelId: data.channel_id,
      id: data.id,
      content: clean(data.content),
      attachments: data.attachments.map(attachmentOf),
      editedAt: Date.parse(data.edited_timestamp),
    },
  };
}
