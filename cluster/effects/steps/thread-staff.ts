import { type APIGuildMember, type APIRole, RESTJSONErrorCodes as Codes, Routes } from 'discord-api-types/v10';
import { bitsOf, guildPermissions, hasAll } from '#discord/permissions.ts';
import { discordCodeOf } from '#discord/rest.ts';
import { type Actor, refusalOf } from '#tickets/permission.ts';
import { countStaffMessages } from '#tickets/store/message-count.ts';
import { forgetJoined } from '#tickets/store/thread.ts';
import { inThread } from '../in-thread.ts';
import { type Seen, threadMembersOf } from '../seen.ts';
import { record, type Run, type StepFunction } from './run.ts';

/** Left the server, or never was in it or in the thread: not somebody to add or remove. */
export const isAbsent = (error: unknown): boolean => {
  const code = discordCodeOf(error);
  return code === Codes.UnknownMember || code === Codes.UnknownUser;
};

/** Takes somebody out of a thread; that they are not in it is as good. */
export async function takeOut({ deps }: Run, threadId: string, userId: string): Promise<void> {
  await inThread(deps.rest, threadId, () => deps.rest.delete(Routes.threadMembers(threadId, userId))).catch(
    (error: unknown) => {
      if (!isAbsent(error)) throw error;
    },
  );
}

/** Somebody as they are in the server now; null: they have left it. */
async function readActor({ deps }: Run, { guild }: Seen, userId: string): Promise<Actor | null> {
  const { guildId, ownerId } = guild;
  try {
    const member = (await deps.rest.get(Routes.guildMember(guildId, userId))) as APIGuildMember;
    return { id: userId, roleIds: member.roles, isOwner: userId === ownerId, hasManageGuild: false };
  } catch (error) {
    if (discordCodeOf(error) === Codes.UnknownMember) return null;
    throw error;
  }
}

/**
 * Takes those out of a ticket's thread who joined it as staff and could not join it now: removed from the team, a role lost, the team gone.
 * `isThorough`: also those who only wrote in it; who joins by a ping leaves no other trace.
 */
export async function removeFormerStaff(
  run: Run,
  seen: Seen,
  o: { threadId: string; isThorough: boolean },
): Promise<void> {
  const { deps } = run;
  const { ticket, guild } = seen;
  const { guildId, id: ticketId } = ticket;
  const access = { staff: seen.staff, settings: guild.settings };
  const mayJoin = (actor: Actor): boolean => refusalOf(actor, 'ticket.join', access, ticket) === undefined;
  const wrote = o.isThorough
    ? (await countStaffMessages(deps.ctx.db, guildId, [ticketId])).map((row) => row.userId)
    : [];
  const stay = new Set(threadMembersOf(ticket));
  let roles: APIRole[] | null = null;
  const gone: string[] = [];
  for (const userId of new Set([...(ticket.applied.joinedIds ?? []), ...wrote])) {
    if (stay.has(userId)) continue;
    // Whoever is staff by name needs no question.
    if (mayJoin({ id: userId, roleIds: [], isOwner: userId === guild.ownerId, hasManageGuild: false })) continue;
    const actor = await readActor(run, seen, userId);
    if (actor && mayJoin(actor)) continue;
    if (actor && guild.settings.trustManageGuild) {
      roles ??= (await deps.rest.get(Routes.guildRoles(guildId))) as APIRole[];
      const bits = guildPermissions({ guildId, ownerId: guild.ownerId, userId, roleIds: actor.roleIds, roles });
      if (mayJoin({ ...actor, hasManageGuild: hasAll(bits, bitsOf('ManageGuild')) })) continue;
    }
    await takeOut(run, o.threadId, userId);
    gone.push(userId);
  }
  if (gone.length > 0) await forgetJoined(deps.ctx.db, guildId, { ticketId, userIds: gone });
  await record(run, seen, { staffSeenAt: deps.ctx.now() });
}

/** Looks again at who joined as staff: nobody tells Docket of a role that somebody lost. */
export const threadStaffStep: StepFunction = async (run, seen) => {
  const { channelId } = seen.ticket;
  if (!channelId) return record(run, seen, { staffSeenAt: run.deps.ctx.now() });
  await removeFormerStaff(run, seen, { threadId: channelId, isThorough: false }).catch(async (error: unknown) => {
    // Deleted by hand: that closes the ticket, and is no work of this step.
    if (discordCodeOf(error) !== Codes.UnknownChannel) throw error;
    await record(run, seen, { staffSeenAt: run.deps.ctx.now() });
  });
};
