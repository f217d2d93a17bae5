import { sql } from '#runtime/postgres.ts';
import { activateTicket } from '#tickets/actions/activate.ts';
import { attachChannel } from '#tickets/actions/attach-channel.ts';
import { createPanel } from '#tickets/actions/create-panel.ts';
import { openTicket } from '#tickets/actions/open.ts';
import { recordMessages } from '#tickets/actions/record-messages.ts';
import { objectKeyOf } from '#tickets/attachment.ts';
import type { Ctx } from '#tickets/context.ts';
import { sealBytes } from '#tickets/crypto.ts';
import type { Actor } from '#tickets/permission.ts';
import { recordAttachment } from '#tickets/store/attachment.ts';
import { readKey } from '#tickets/store/ticket.ts';
import { sealedRow } from '#tickets/store/transcript.ts';
import type { Answer, Ticket } from '#tickets/ticket.ts';
import { type Fixture, newId } from './fixture.ts';

/** What the actions need, from a server's parts. */
export const ctxOf = ({ deps }: Fixture): Ctx => ({
  db: deps.pool,
  log: deps.log,
  now: deps.now,
  keys: deps.keys,
  premium: deps.premium,
});

/** Somebody without roles. */
export const actor = (id: string): Actor => ({ id, roleIds: [], isOwner: false, hasManageGuild: false });

/** Opens a ticket as far as Discord would see it: with a channel, and open. */
export async function openedTicket(
  f: Fixture,
  guildId: string,
  o: { openerId?: string; panelId?: number | null; answers?: Answer[]; subject?: string } = {},
): Promise<Ticket> {
  const opener = actor(o.openerId ?? newId());
  const ctx = ctxOf(f);
  const { ticket } = await openTicket(ctx, guildId, {
    interactionId: newId(),
    opener,
    openedBy: opener,
    panelId: o.panelId ?? null,
    source: 'panel',
    subject: o.subject ?? null,
    answers: o.answers ?? [],
    at: f.deps.now(),
  });
  await attachChannel(ctx, guildId, { ticketId: ticket.id, channelId: newId() });
  return activateTicket(ctx, guildId, { ticketId: ticket.id });
}

/** A panel with a form, and the message that shows it. */
export async function madePanel(
  f: Fixture,
  guild: { id: string; ownerId: string },
): Promise<{ panelId: number; panelMessageId: number; formId: number; teamId: number }> {
  const { panel, panelMessage } = await createPanel(ctxOf(f), guild.id, {
    by: { ...actor(guild.ownerId), isOwner: true },
    name: 'Support',
    title: 'Open a ticket!',
    content: 'Press.',
    colour: 0x252b4c,
    buttonLabel: 'Open',
    buttonEmoji: null,
    channelId: newId(),
    categoryId: null,
    welcome: null,
    form: {
      name: 'Form',
      fields: [
        { label: 'What?', style: 'short', isRequired: true, placeholder: null, minLength: null, maxLength: null },
      ],
    },
  });
  const [teamId = 0] = panel.teamIds;
  return { panelId: panel.id, panelMessageId: panelMessage.id, formId: panel.form?.id ?? 0, teamId };
}

/** Adds a team with one panel of its own, and support staff. */
export async function addTeam(
  f: Fixture,
  guildId: string,
  o: { name: string; staffIds?: string[] },
): Promise<{ teamId: number; panelId: number }> {
  const db = f.deps.pool;
  const [team] = await db.query<{ id: number }>(
    sql`insert into team (guild_id, name) values (${guildId}, ${o.name}) returning id`,
  );
  const [panel] = await db.query<{ id: number }>(
    sql`insert into panel (guild_id, name, button_label) values (${guildId}, ${o.name}, ${o.name}) returning id`,
  );
  if (!team || !panel) throw new Error('no team was made');
  await db.query(
    sql`insert into panel_team (guild_id, panel_id, team_id) values (${guildId}, ${panel.id}, ${team.id})`,
  );
  for (const staffId of o.staffIds ?? []) {
    f.discord.join(guildId, staffId);
    await db.query(sql`
      insert into team_member (guild_id, team_id, subject_id, subject_kind, level)
      values (${guildId}, ${team.id}, ${staffId}, 'user', 'support')`);
  }
  return { teamId: team.id, panelId: panel.id };
}

/** A message with a file that a worker has kept already. */
export async function keptFile(
  f: Fixture,
  ticket: Ticket,
  o: { name?: string; contentType?: string | null; bytes?: Buffer; isKept?: boolean } = {},
): Promise<{ id: string; messageId: string; url: string }> {
  const { guildId, id: ticketId } = ticket;
  const { name = 'a file.txt', contentType = 'text/plain', bytes = Buffer.from('its content') } = o;
  const [id, messageId] = [newId(), newId()];
  const url = `https://cdn.discordapp.com/attachments/1/${id}/x`;
  await recordMessages(ctxOf(f), [
    {
      guildId,
      channelId: ticket.channelId ?? '',
      ticketId,
      id: messageId,
      authorId: ticket.openerId,
      isBot: false,
      roleIds: [],
      content: '',
      attachments: [{ id, name, sizeBytes: bytes.length, contentType, url }],
      nonce: null,
      at: f.deps.now(),
    },
  ]);
  if (o.isKept !== false) {
    const wrapped = await readKey(f.deps.pool, guildId, ticketId);
    if (!wrapped) throw new Error('the ticket has no key');
    const objectKey = objectKeyOf(guildId, ticketId, id);
    const key = f.deps.keys.open(guildId, ticketId, wrapped);
    await f.deps.objects.put(objectKey, sealBytes(key, { guildId, ticketId, row: sealedRow.file(id) }, bytes));
    await recordAttachment(f.deps.pool, guildId, { ticketId, id, state: 'stored', reason: null, objectKey });
  }
  return { id, messageId, url: `/api/guilds/${guildId}/tickets/${ticketId}/attachments/${id}` };
}
