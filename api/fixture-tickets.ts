import { sql } from '#runtime/postgres.ts';
import { activateTicket } from '#tickets/actions/activate.ts';
import { attachChannel } from '#tickets/actions/attach-channel.ts';
import { openTicket } from '#tickets/actions/open.ts';
import type { Ctx } from '#tickets/context.ts';
import type { Actor } from '#tickets/permission.ts';
import type { Answer, Ticket } from '#tickets/ticket.ts';
import { type Fixture, newId } from './fixture.ts';

/** What the actions need, from a server's parts. */
export const ctxOf = ({ deps }: Fixture): Ctx => ({ db: deps.pool, log: deps.log, now: deps.now, keys: deps.keys });

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
