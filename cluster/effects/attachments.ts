import type { TaskList } from 'graphile-worker';
import { type APIMessage, RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { discordCodeOf } from '#discord/rest.ts';
import { type Objects, ObjectStoreError } from '#runtime/objects/objects.ts';
import { metrics } from '#runtime/telemetry.ts';
import {
  type AttachmentLimits,
  type AttachmentReason,
  type AttachmentState,
  objectKeyOf,
  refusalOfFile,
} from '#tickets/attachment.ts';
import type { Ctx } from '#tickets/context.ts';
import { sealBytes } from '#tickets/crypto.ts';
import {
  type AttachmentSecret,
  listAttachments,
  recordAttachment,
  type StoredAttachment,
} from '#tickets/store/attachment.ts';
import { addTicketJob } from '#tickets/store/job.ts';
import { readKey, readTicket } from '#tickets/store/ticket.ts';
import { sealedRow } from '#tickets/store/transcript.ts';
import type { RestClient } from '../interactions/deps.ts';
import { CdnError, fetchFile } from './fetch-file.ts';
import { paced } from './paced.ts';
import { isForbidden, isGone } from './problems.ts';

/** What keeping files needs. */
export type AttachmentDeps = {
  readonly ctx: Ctx;
  /** With the bot's token, behind open tickets: asked only for addresses that have expired. */
  readonly rest: RestClient;
  readonly objects: Objects;
  /** Where Discord's files are (addressesOf(…).cdn). */
  readonly cdn: string;
  readonly limits: AttachmentLimits;
  readonly timeoutMs?: number;
};

type Job = { guildId: string; ticketId: number };
/** What became of a file, or when to come back for it (ms from now). */
type Fate = {
  state: AttachmentState;
  reason: AttachmentReason | null;
  attempts?: number;
  objectKey?: string;
  againInMs?: number;
};

const timeoutMs = 60_000;
// 2, 4, 8 … seconds, at most half an hour: twelve tries are an hour and a half, longer than the CDN has ever been away for.
const tries = 12;
const backoffMs = (attempt: number): number => Math.min(1_800_000, 1_000 * 2 ** attempt);
const storeBackoffMs = 30_000;
/**
 * How many jobs of files run at once, beside those of tickets, which must never wait for a transfer. A file is in memory twice while it is sealed: two
 * at once bound that to four times the largest.
 */
export const attachmentConcurrency = 2;

/** The present address of a file: Discord signs it anew each time a message is read. Null when message or file are gone. */
async function freshUrl(
  deps: AttachmentDeps,
  channelId: string | null,
  file: StoredAttachment,
): Promise<string | null> {
  if (channelId === null) return null;
  try {
    const message = (await deps.rest.get(Routes.channelMessage(channelId, file.messageId))) as APIMessage;
    return message.attachments.find((one) => one.id === file.id)?.url ?? null;
  } catch (error) {
    if (isGone(error) || isForbidden(error) || discordCodeOf(error) === RESTJSONErrorCodes.UnknownGuild) return null;
    throw error;
  }
}

/** Reads a file at its stored address, and once more at a fresh one when that has expired. Throws CdnError. */
async function fetchOnceMore(
  deps: AttachmentDeps,
  file: StoredAttachment & { secret: AttachmentSecret },
  channelId: string | null,
): Promise<Buffer> {
  const { cdn, limits } = deps;
  const ask = (url: string): Promise<Buffer> =>
    fetchFile({ url, cdn, maxBytes: limits.maxBytes, timeoutMs: deps.timeoutMs ?? timeoutMs });
  try {
    return await ask(file.secret.url);
  } catch (error) {
    if (!(error instanceof CdnError && error.isStale)) throw error;
    const url = await freshUrl(deps, channelId, file);
    if (url === null) throw new CdnError('gone', { reason: 'gone' });
    return ask(url);
  }
}

function fateOf(error: unknown, file: StoredAttachment): Fate {
  if (error instanceof ObjectStoreError) return { state: 'wanted', reason: 'store', againInMs: storeBackoffMs };
  if (!(error instanceof CdnError)) throw error;
  if (error.reason === 'too-large' || error.reason === 'address') return { state: 'refused', reason: error.reason };
  const attempts = file.attempts + 1;
  // What a fresh address does not give either may be an address that has not spread yet: a few more tries.
  const isOver = error.reason === 'gone' || attempts >= (error.isPassing ? tries : 4);
  if (isOver) return { state: 'failed', reason: error.isStale ? 'gone' : error.reason, attempts };
  return { state: 'wanted', reason: 'cdn', attempts, againInMs: backoffMs(attempts) };
}

async function keep(deps: AttachmentDeps, job: Job, file: StoredAttachment, channelId: string | null): Promise<Fate> {
  const { ctx, objects } = deps;
  const { guildId, ticketId } = job;
  const { secret } = file;
  if (secret === null) {
    if (file.objectKey !== null) await objects.delete(file.objectKey);
    return { state: 'erased', reason: 'erased' };
  }
  const refused = refusalOfFile(file, deps.limits);
  if (refused) return { state: 'refused', reason: refused };
  const bytes = await fetchOnceMore(deps, { ...file, secret }, channelId);
  // Read again after the transfer: a ticket that was erased meanwhile must leave nothing behind.
  const wrapped = await readKey(ctx.db, guildId, ticketId);
  if (!wrapped) return { state: 'erased', reason: 'erased' };
  const key = ctx.keys.open(guildId, ticketId, wrapped);
  const objectKey = objectKeyOf(guildId, ticketId, file.id);
  await objects.put(objectKey, sealBytes(key, { guildId, ticketId, row: sealedRow.file(file.id) }, bytes));
  return { state: 'stored', reason: null, objectKey };
}

/** Files that are wanted, and files of a ticket whose key is gone. */
const isOpen = (file: StoredAttachment): boolean =>
  file.state === 'wanted' || (file.secret === null && file.state !== 'erased');

/** Takes a ticket's files to where they should be. Answers when to come back (ms), or null. */
async function keepFiles(deps: AttachmentDeps, job: Job): Promise<number | null> {
  const { ctx } = deps;
  const { guildId, ticketId } = job;
  const files = (await listAttachments(ctx.db, ctx.keys, guildId, ticketId)).filter(isOpen);
  if (files.length === 0) return null;
  const ticket = await readTicket(ctx.db, guildId, ticketId);
  let comeBackInMs = Infinity;
  for (const file of files) {
    const fate = await keep(deps, job, file, ticket?.channelId ?? null).catch((error: unknown) => fateOf(error, file));
    const { againInMs, ...change } = fate;
    await recordAttachment(ctx.db, guildId, { ticketId, id: file.id, ...change });
    metrics.attachments.inc({ state: fate.state, reason: fate.reason ?? 'none' });
    const facts = { guildId, ticketId, attachmentId: file.id, reason: fate.reason, attempts: fate.attempts };
    if (fate.state === 'stored') ctx.log.debug(facts, 'attachment stored');
    else if (fate.state !== 'erased')
      ctx.log.warn(facts, againInMs ? 'attachment not stored yet' : 'attachment not stored');
    comeBackInMs = Math.min(comeBackInMs, againInMs ?? Infinity);
  }
  if (comeBackInMs !== Infinity) return Date.now() + comeBackInMs;
  // The channel of a closed ticket waits for its files (plan.ts).
  if (ticket?.state === 'closed' && ticket.applied.channelDeletedAt === null)
    await addTicketJob(ctx.db, guildId, ticketId);
  return null;
}

/** The job that keeps the files of messages: one a ticket, which takes everything that is wanted when it runs. */
export function createAttachmentTasks(deps: AttachmentDeps): TaskList {
  return {
    async attachments(payload, helpers) {
      const job = payload as Job;
      const queue = `attachments:${job.ticketId}`;
      await paced({ task: 'attachments', queue, payload: job, helpers }, () => keepFiles(deps, job));
    },
  };
}
