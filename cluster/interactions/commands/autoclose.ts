import { timestamp } from '#discord/markdown.ts';
import { type TextKey, translate } from '#locales/index.ts';
import { excludeTicket } from '#tickets/actions/exclude.ts';
import { readGuild } from '#tickets/store/guild.ts';
import { type ClosingKind, nextClosing, timerRules } from '#tickets/timers.ts';
import { defineCommand } from '../define.ts';
import { optionsOf, suggestsOf } from '../setting-options.ts';
import { runGroup } from './settings.ts';

/** Shows or changes when tickets close by themselves (features.md 1.2-19): the settings of that group. */
export const autocloseConfigure = defineCommand({
  name: 'autoclose configure',
  level: 'admin',
  defer: 'ephemeral',
  options: optionsOf('autoclose'),
  suggests: suggestsOf('autoclose'),
  run: (call) => runGroup(call, 'autoclose'),
});

/** Keeps a ticket open whatever timers say, or lets them close it again (features.md 1.2-20). */
export const autocloseExclude = defineCommand({
  name: 'autoclose exclude',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  async run({ deps, guildId, ticket, actor, at, reply }) {
    const asked = { ticketId: ticket.id, by: actor, isExcluded: null, at };
    const { isExcluded } = await excludeTicket(deps.ctx, guildId, asked);
    await reply.text(isExcluded ? 'commands.autoclose.exclude.done' : 'commands.autoclose.exclude.undone');
  },
});

const reasons: Record<ClosingKind, TextKey> = {
  'no-response': 'autoclose.no-response',
  inactive: 'autoclose.inactive',
  'close-request': 'autoclose.close-request',
};

/** When a ticket closes by itself, and why. */
export const autocloseStatus = defineCommand({
  name: 'autoclose status',
  level: 'member',
  inTicket: true,
  defer: 'ephemeral',
  async run({ deps, guildId, ticket, locale, reply }) {
    const { ctx } = deps;
    const guild = await readGuild(ctx.db, guildId);
    if (!guild || ticket.state !== 'open') return reply.text('errors.ticket.closed');
    const rules = timerRules(guild.settings, { ...guild, premium: ctx.premium, now: ctx.now() });
    const closing = nextClosing(ticket, ticket.facts, rules, ctx.now());
    const stale =
      ticket.staleAt === null ? [] : [translate(locale, 'autoclose.stale', { since: timestamp(ticket.staleAt) })];
    const next = closing
      ? translate(locale, reasons[closing.kind], {
          when: `${timestamp(closing.at)} (${timestamp(closing.at, 'R')})`,
        })
      : translate(locale, ticket.isExcluded ? 'autoclose.excluded' : 'autoclose.never');
    await reply.show({ content: [next, ...stale].join('\n') });
  },
});
