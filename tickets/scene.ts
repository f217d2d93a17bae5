import { randomBytes } from 'node:crypto';
import { createLog } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres.ts';
import { activateTicket } from './actions/activate.ts';
import { addStaff } from './actions/add-staff.ts';
import { attachChannel } from './actions/attach-channel.ts';
import { createPanel, type PanelInput } from './actions/create-panel.ts';
import { type OpenInput, openTicket } from './actions/open.ts';
import type { IncomingMessage } from './actions/record-messages.ts';
import type { Ctx } from './context.ts';
import { createKeyring } from './crypto.ts';
import type { PremiumMode } from './entitlement.ts';
import type { Actor } from './permission.ts';
import { upsertGuild } from './store/guild.ts';
import type { Ticket } from './ticket.ts';

/** A server in tests: its people, its tickets, and messages in them. Nothing here is used by a running Docket. */
export type Scene = {
  readonly ctx: Ctx;
  readonly guildId: string;
  readonly owner: Actor;
  /** Support in the Default team. */
  readonly staff: Actor;
  /** The time at which everything starts (ms). */
  readonly start: number;
  readonly id: () => string;
  readonly person: () => Actor;
  readonly panel: (input?: Partial<PanelInput>) => ReturnType<typeof createPanel>;
  /** Reserves a ticket. */
  readonly reserve: (opener: Actor, input?: Partial<OpenInput>) => Promise<Ticket>;
  /** Opens a ticket with a channel. */
  readonly open: (opener: Actor, input?: Partial<OpenInput>) => Promise<Ticket & { channelId: string }>;
  /** A message `afterS` seconds after the start. */
  readonly message: (
    ticket: Ticket,
    author: Actor,
    afterS: number,
    input?: Partial<IncomingMessage>,
  ) => IncomingMessage;
};

const epoch = 1_420_070_400_000n; // Discord's

/** A snowflake of a moment (ms); `n` tells apart what happens in one millisecond. */
export function snowflakeAt(at: number, n = 0): string {
  return String(((BigInt(at) - epoch) << 22n) + BigInt(n));
}

/** Somebody without any role. */
export const person = (id: string): Actor => ({ id, roleIds: [], isOwner: false, hasManageGuild: false });

let serial = 0;

/** Makes a server with an owner and one member of staff. */
export async function createScene(pool: Pool, o: { start?: number; premium?: PremiumMode } = {}): Promise<Scene> {
  const start = o.start ?? Date.UTC(2026, 0, 5, 9);
  // Unlike any id of a message: from another year.
  const id = (): string => snowflakeAt(Date.UTC(2020, 0, 1), ++serial);
  const guildId = id();
  const owner = { ...person(id()), isOwner: true };
  const staff = person(id());
  const ctx: Ctx = {
    db: pool,
    log: createLog({ role: 'test', level: 'silent' }),
    now: () => start,
    keys: createKeyring(randomBytes(32).toString('base64')),
    premium: o.premium ?? 'everyone',
  };
  await upsertGuild(pool, guildId, {
    name: 'Test',
    ownerId: owner.id,
    iconHash: null,
    memberCount: 3,
    locale: 'en-US',
  });
  await addStaff(ctx, guildId, { by: owner, subjectId: staff.id, subjectKind: 'user', level: 'support' });

  const reserve: Scene['reserve'] = async (opener, input = {}) => {
    const asked = { interactionId: id(), opener, openedBy: opener, panelId: null, source: 'command' as const };
    const { ticket } = await openTicket(ctx, guildId, { ...asked, subject: null, answers: [], at: start, ...input });
    return ticket;
  };
  return {
    ctx,
    guildId,
    owner,
    staff,
    start,
    id,
    person: () => person(id()),
    panel: (input = {}) =>
      createPanel(ctx, guildId, {
        by: owner,
        name: 'Support',
        title: 'Open a ticket!',
        content: 'Press the button.',
        colour: 0x252b4c,
        buttonLabel: 'Support',
        buttonEmoji: null,
        channelId: id(),
        categoryId: null,
        form: null,
        welcome: null,
        ...input,
      }),
    reserve,
    async open(opener, input) {
      const { id: ticketId } = await reserve(opener, input);
      const channelId = id();
      await attachChannel(ctx, guildId, { ticketId, channelId });
      return { ...(await activateTicket(ctx, guildId, { ticketId })), channelId };
    },
    message(ticket, author, afterS, input = {}) {
      const at = start + afterS * 1_000;
      return {
        guildId: ticket.guildId,
        channelId: ticket.channelId ?? '1',
        ticketId: ticket.id,
        id: snowflakeAt(at, ++serial),
        authorId: author.id,
        isBot: false,
        roleIds: author.roleIds,
        content: `after ${afterS} seconds`,
        attachments: [],
        nonce: null,
        at,
        ...input,
      };
    },
  };
}
