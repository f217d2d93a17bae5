import { type APIRole, RESTJSONErrorCodes as Codes, Routes } from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import { discordCodeOf } from '#discord/rest.ts';
import { translate } from '#locales/index.ts';
import type { Ctx } from '#tickets/context.ts';
import { AppError } from '#tickets/errors.ts';
import { listOnCall, type OnCall, putOnCall } from '#tickets/store/on-call.ts';
import { addReviewJob } from '#tickets/store/job.ts';
import { listOpenChannels } from '#tickets/store/room.ts';
import { recordJoined } from '#tickets/store/thread.ts';
import type { RestClient } from '../interactions/deps.ts';
import { missingIn, permissionError } from './missing-permissions.ts';
import { isForbidden } from './problems.ts';

export type OnCallDeps = { readonly ctx: Ctx; readonly rest: RestClient; readonly botUserId: string };
type Team = { readonly id: number; readonly name: string };
type Who = {
  readonly guildId: string;
  readonly userId: string;
  readonly roleIds: readonly string[];
  readonly teams: readonly Team[];
};

/** A role's name has at most 100 characters: https://discord.com/developers/docs/resources/guild#create-guild-role */
const nameMax = 100;
const ticketBatch = 100;

/** What is gone need not be given back: the role, or the person. */
const isGone = (error: unknown): boolean => {
  const code = discordCodeOf(error);
  return code === Codes.UnknownRole || code === Codes.UnknownMember || code === Codes.UnknownUser;
};

/**
 * Puts somebody on call for their teams, or takes them off when they are: by a role for each team, which is pinged in new threads
 * (features.md 1.9-05). Answers whether they are on call now.
 * @throws AppError discord.permission
 */
export async function toggleOnCall(deps: OnCallDeps, who: Who, locale: string): Promise<boolean> {
  const { guildId, userId } = who;
  try {
    const known = (await listOnCall(deps.ctx.db, guildId)).filter((row) =>
      who.teams.some((team) => team.id === row.teamId),
    );
    const held = known.filter((row) => who.roleIds.includes(row.roleId));
    for (const { roleId } of held) {
      await deps.rest.delete(Routes.guildMemberRole(guildId, userId, roleId)).catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
    }
    if (held.length > 0) return false;
    for (const roleId of await rolesFor(deps, who, { known, locale }))
      await deps.rest.put(Routes.guildMemberRole(guildId, userId, roleId));
    return true;
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const needed = bitsOf('ManageRoles');
    const lacking = await missingIn(deps.rest, { guildId, botUserId: deps.botUserId, channelId: null, needed });
    // It has the permission, but the role stands above its own: the same thing for whoever can change it.
    throw permissionError(lacking.names.length > 0 ? lacking : { ...lacking, names: ['ManageRoles'] });
  }
}

/** The roles of somebody's teams; one that was never made, or was deleted by hand, is made. */
async function rolesFor(
  deps: OnCallDeps,
  { guildId, teams }: Who,
  o: { known: readonly OnCall[]; locale: string },
): Promise<string[]> {
  const roles = (await deps.rest.get(Routes.guildRoles(guildId))) as APIRole[];
  const roleIds: string[] = [];
  for (const team of teams) {
    const stored = o.known.find((row) => row.teamId === team.id)?.roleId ?? null;
    const isThere = stored !== null && roles.some((role) => role.id === stored);
    roleIds.push(isThere ? stored : await makeRole(deps, guildId, { team, stored, roles, locale: o.locale }));
  }
  return roleIds;
}

async function makeRole(
  { ctx, rest }: OnCallDeps,
  guildId: string,
  o: { team: Team; stored: string | null; roles: readonly APIRole[]; locale: string },
): Promise<string> {
  const name = translate(o.locale, 'on-call.role', { team: o.team.name }).slice(0, nameMax);
  const taken = new Set((await listOnCall(ctx.db, guildId)).map((row) => row.roleId));
  // An interrupted run may have made it: a role of this name that can do nothing and is no other team's.
  const earlier = o.roles.find((role) => role.name === name && role.permissions === '0' && !taken.has(role.id));
  // Everybody may mention it: without that only "Mention All Roles" lets a ping add its people to a thread.
  const body = { name, permissions: '0', mentionable: true };
  const made = earlier ?? ((await rest.post(Routes.guildRoles(guildId), { body })) as APIRole);
  if (await putOnCall(ctx.db, guildId, { teamId: o.team.id, roleId: made.id, instead: o.stored })) return made.id;
  // Two of a team in the same moment: the other's role counts.
  const theirs = (await listOnCall(ctx.db, guildId)).find((row) => row.teamId === o.team.id);
  if (!theirs) {
    // The team was deleted meanwhile.
    await rest.delete(Routes.guildRole(guildId, made.id));
    throw new AppError('team.unknown');
  }
  if (theirs.roleId !== made.id) await rest.delete(Routes.guildRole(guildId, made.id));
  return theirs.roleId;
}

/**
 * Deletes a role that marked who was on call, or takes it from one member and looks at the threads into which it may have called them. What Discord
 * refuses now is the queue's to try again.
 */
export async function takeRoleAway(
  { ctx, rest }: Pick<OnCallDeps, 'ctx' | 'rest'>,
  o: { guildId: string; roleId: string; userId: string | null },
): Promise<void> {
  const { guildId, roleId, userId } = o;
  const route = userId === null ? Routes.guildRole(guildId, roleId) : Routes.guildMemberRole(guildId, userId, roleId);
  await rest.delete(route).catch((error: unknown) => {
    if (!isGone(error)) throw error;
  });
  if (userId === null) return;
  for (let after = 0; ; ) {
    const ids = await listOpenChannels(ctx.db, guildId, { after, limit: ticketBatch });
    for (const ticketId of ids) {
      await recordJoined(ctx.db, guildId, { ticketId, userId });
      await addReviewJob(ctx.db, guildId, ticketId);
    }
    after = ids.at(-1) ?? after;
    if (ids.length < ticketBatch) return;
  }
}
