import { escapeMarkdown } from '#discord/markdown.ts';
import { AppError } from '#tickets/errors.ts';
import { teamIdsOf } from '#tickets/permission.ts';
import { listStaff, listTeams } from '#tickets/store/staff.ts';
import { toggleOnCall } from '../../effects/on-call.ts';
import { defineCommand } from '../define.ts';

/** Puts who asks on call for their teams' new threads, or takes them off (features.md 1.2-13). */
export const onCallCommand = defineCommand({
  name: 'on-call',
  level: 'support',
  defer: 'ephemeral',
  async run({ deps, guildId, actor, locale, reply }) {
    const { ctx, botRest: rest, botUserId } = deps;
    const mine = teamIdsOf(actor, await listStaff(ctx.db, guildId));
    const teams = (await listTeams(ctx.db, guildId)).filter((team) => mine.includes(team.id));
    if (teams.length === 0) throw new AppError('on-call.no-team');
    const who = { guildId, userId: actor.id, roleIds: actor.roleIds, teams };
    const isOnCall = await toggleOnCall({ ctx, rest, botUserId }, who, locale);
    const names = new Intl.ListFormat(locale).format(teams.map((team) => escapeMarkdown(team.name)));
    await reply.text(isOnCall ? 'commands.on-call.on' : 'commands.on-call.off', { teams: names });
  },
});
