/** Where a file of a message is: on its way, in the object store, or not there and why (`AttachmentReason`). */
export const attachmentStates = ['wanted', 'stored', 'refused', 'failed', 'erased'] as const;
export type AttachmentState = (typeof attachmentStates)[number];

/**
 * Why a file is not there. `off`, `too-large`, `type` and `address` are refusals of this installation; `gone` and `cdn` are Discord's; `store`: the
 * object store is away and waited for; `erased`: the ticket's key was destroyed; `before`: the message is older than the keeping of files.
 */
export const attachmentReasons = [
  'off',
  'too-large',
  'type',
  'address',
  'gone',
  'cdn',
  'store',
  'erased',
  'before',
] as const;
export type AttachmentReason = (typeof attachmentReasons)[number];

/** What an installation keeps. */
export type AttachmentLimits = {
  /** 0 keeps none. */
  readonly maxBytes: number;
  /** Content types in lower case; `image/*` is every image, an empty list is everything. */
  readonly types: readonly string[];
};

/** The content type without its parameters, in lower case; what Discord does not tell is `application/octet-stream`. */
export function plainType(contentType: string | null): string {
  return contentType?.split(';')[0]?.trim().toLowerCase() || 'application/octet-stream';
}

/** Why a file is refused from what is known of it; null when it is to be kept. */
export function refusalOfFile(
  file: { sizeBytes: number; contentType: string | null },
  limits: AttachmentLimits,
): AttachmentReason | null {
  if (limits.maxBytes === 0) return 'off';
  if (file.sizeBytes > limits.maxBytes) return 'too-large';
  const type = plainType(file.contentType);
  const isTaken =
    limits.types.length === 0 || limits.types.includes(type) || limits.types.includes(`${type.split('/')[0]}/*`);
  return isTaken ? null : 'type';
}

// What a browser shows as a picture and can do nothing else with. SVG is a document with scripts, so it is not among them.
const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Whether a file may be shown in a page; every other one is only ever downloaded. */
export function isPicture(contentType: string | null): boolean {
  return pictures.has(plainType(contentType));
}

/** Where a file is in the object store. */
export function objectKeyOf(guildId: string, ticketId: number, attachmentId: string): string {
  return `attachments/${guildId}/${ticketId}/${attachmentId}`;
}
