import { escapeMarkdown, timestamp, truncate } from '#discord/markdown.ts';
import { type TextKey, translate } from '#locales/index.ts';
import { createSchedule } from '#tickets/actions/create-schedule.ts';
import { deleteSchedule } from '#tickets/actions/delete-schedule.ts';
import { earliestChange, editSchedule } from '#tickets/actions/edit-schedule.ts';
import { invalid } from '#tickets/bounds.ts';
import { AppError } from '#tickets/errors.ts';
import { hoursText, parseHours, parseSpan, spanText } from '#tickets/hours-text.ts';
import { type Holiday, type Hours, isOpenAt, nextOpening, type Schedule, versionAt } from '#tickets/schedule.ts';
import { isDate, maxHolidayName, maxScheduleName } from '#tickets/schedule-bounds.ts';
import { listSchedules } from '#tickets/store/schedule.ts';
import { type Call, defineCommand, type Suggest } from '../define.ts';
import { text } from '../options.ts';
import { changeSettings } from './settings.ts';

const schedule = text({ max: maxScheduleName, optional: true });
const zone = text({ max: 64 });

const suggestSchedule: Suggest = async ({ deps, guildId, typed }) => {
  const all = await listSchedules(deps.ctx.db, guildId);
  const wanted = typed.trim().toLowerCase();
  return all
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .map(({ id, name }) => ({ name, value: String(id) }));
};

const suggestZone: Suggest = async ({ typed }) => {
  const wanted = typed.trim().toLowerCase().replaceAll(' ', '_');
  return ['UTC', ...Intl.supportedValuesOf('timeZone')]
    .filter((name) => name.toLowerCase().includes(wanted))
    .map((name) => ({ name, value: name }));
};

/** The office hours that are named, or else the server's, or else the only ones; null when there are none. */
async function scheduleOf({ deps, guildId, guild }: Call, given: string | null): Promise<Schedule | null> {
  const all = await listSchedules(deps.ctx.db, guildId);
  const wanted = given?.trim().toLowerCase();
  if (wanted !== undefined)
    return all.find(({ name }) => name.toLowerCase() === wanted) ?? all.find(({ id }) => String(id) === wanted) ?? null;
  const ofServer = all.find(({ id }) => id === guild.settings.schedule);
  if (!ofServer && all.length > 1) throw invalid('schedule', all.map(({ name }) => name).join(', '));
  return ofServer ?? all[0] ?? null;
}

async function knownSchedule(call: Call, given: string | null): Promise<Schedule> {
  const found = await scheduleOf(call, given);
  if (!found) throw new AppError('schedule.unknown');
  return found;
}

const holidayLine = ({ date, name, ...part }: Holiday): string => {
  const span = part.from !== undefined && part.to !== undefined ? ` ${spanText({ from: part.from, to: part.to })}` : '';
  return `${date}${span} ${escapeMarkdown(name)}`;
};

/** Office hours as an embed: the week, the zone, what comes next, holidays that are still to come, changes that are planned. */
function shown({ locale, deps }: Call, one: Schedule) {
  const now = deps.ctx.now();
  const t = (key: TextKey, vars = {}) => translate(locale, key, vars);
  const held = versionAt(one.versions, now);
  const never = t('commands.schedule.never');
  const opens = nextOpening(one.versions, now);
  const state = isOpenAt(one.versions, now)
    ? t('commands.schedule.open')
    : t('commands.schedule.closed', { opens: opens === null ? never : timestamp(opens, 'R') });
  // From the day before, because the server's date may be behind.
  const today = new Date(now - 86_400_000).toISOString().slice(0, 10);
  const holidays = held.holidays.filter(({ date }) => date >= today).toSorted((a, b) => (a.date < b.date ? -1 : 1));
  const planned = one.versions.filter(({ validFrom }) => validFrom > now);
  const week = (hours: Hours): string => `${hoursText(hours.hours, locale) || never} (${hours.timeZone})`;
  const field = (key: TextKey, lines: readonly string[]) =>
    lines.length > 0 ? [{ name: t(key), value: truncate(lines.join('\n'), 1_024) }] : [];
  return {
    title: escapeMarkdown(one.name),
    description: truncate(`${week(held)}\n${state}`, 4_096),
    fields: [
      ...field('commands.schedule.holidays', holidays.map(holidayLine)),
      ...field(
        'commands.schedule.planned',
        planned.map((version) => `${timestamp(version.validFrom)} ${week(version)}`),
      ),
    ],
  };
}

async function edit(call: Call, before: Schedule, patch: Partial<Hours>): Promise<void> {
  const { deps, guildId, actor, locale, reply } = call;
  const after = await editSchedule(deps.ctx, guildId, { by: actor, scheduleId: before.id, patch, from: null });
  const validFrom = Math.max(
    ...after.versions.map((version) => version.validFrom).filter((at) => at <= earliestChange(deps.ctx.now())),
  );
  const content =
    after.version === before.version
      ? translate(locale, 'commands.schedule.same')
      : translate(locale, 'commands.schedule.done', { from: timestamp(validFrom) });
  await reply.show({ content, embeds: [shown(call, after)] });
}

/** Shows the server's office hours. */
export const scheduleShow = defineCommand({
  name: 'schedule show',
  level: 'admin',
  defer: 'ephemeral',
  options: { schedule },
  suggests: { schedule: suggestSchedule },
  async run(call) {
    const { deps, guildId, locale, options, reply } = call;
    const all = options.schedule === null ? await listSchedules(deps.ctx.db, guildId) : [];
    if (options.schedule === null && all.length === 0) return reply.text('commands.schedule.none');
    if (all.length <= 1) return reply.show({ embeds: [shown(call, await knownSchedule(call, options.schedule))] });
    const lines = all.map((one) => `**${escapeMarkdown(one.name)}**\n${shown(call, one).description}`);
    const title = translate(locale, 'commands.schedule.title');
    await reply.show({ embeds: [{ title, description: truncate(lines.join('\n\n'), 4_096) }] });
  },
});

/** Sets the weekly hours: makes office hours where there are none, and the server's then follow them. */
export const scheduleSet = defineCommand({
  name: 'schedule set',
  level: 'admin',
  defer: 'ephemeral',
  options: { hours: text({ max: 1_000 }), timezone: text({ max: 64, optional: true }), schedule },
  suggests: { timezone: suggestZone, schedule: suggestSchedule },
  async run(call) {
    const { deps, guildId, guild, actor, locale, options, reply } = call;
    const hours = parseHours(options.hours, locale);
    const zoneGiven = options.timezone === null ? {} : { timeZone: options.timezone.trim() };
    const before = await scheduleOf(call, options.schedule);
    if (before) return edit(call, before, { hours, ...zoneGiven });
    const made = await createSchedule(deps.ctx, guildId, {
      by: actor,
      name: options.schedule ?? translate(locale, 'schedule.title'),
      timeZone: 'UTC',
      hours,
      holidays: [],
      ...zoneGiven,
    });
    const isServers = guild.settings.schedule === null;
    if (isServers) await changeSettings(call, { schedule: made.id });
    const content = translate(locale, isServers ? 'commands.schedule.made' : 'commands.schedule.made-more');
    await reply.show({ content, embeds: [shown(call, made)] });
  },
});

/** Sets the time zone that the hours are of. */
export const scheduleTimezone = defineCommand({
  name: 'schedule timezone',
  level: 'admin',
  defer: 'ephemeral',
  options: { timezone: zone, schedule },
  suggests: { timezone: suggestZone, schedule: suggestSchedule },
  run: async (call) =>
    edit(call, await knownSchedule(call, call.options.schedule), { timeZone: call.options.timezone.trim() }),
});

/** Closes a date, or opens it for a part of the day; `remove` makes it a day like others again. */
export const scheduleHoliday = defineCommand({
  name: 'schedule holiday',
  level: 'admin',
  defer: 'ephemeral',
  options: {
    date: text({ max: 10 }),
    name: text({ max: maxHolidayName, optional: true }),
    hours: text({ max: 30, optional: true }),
    remove: { kind: 'flag', optional: true },
    schedule,
  },
  suggests: { schedule: suggestSchedule },
  async run(call) {
    const { deps, locale, options } = call;
    const date = options.date.trim();
    if (!isDate(date)) throw invalid('date', 'a date such as 2026-12-25');
    const before = await knownSchedule(call, options.schedule);
    const { holidays } = versionAt(before.versions, earliestChange(deps.ctx.now()));
    const others = holidays.filter((one) => one.date !== date);
    if (options.remove) {
      if (others.length === holidays.length) throw invalid('date', 'the date of a holiday of these office hours');
      return edit(call, before, { holidays: others });
    }
    const name = options.name?.trim() || translate(locale, 'schedule.holiday');
    const part = options.hours === null ? {} : parseSpan(options.hours.trim(), 'hours');
    await edit(call, before, { holidays: [...others, { date, name, ...part }] });
  },
});

/** Deletes office hours that nothing names any more. */
export const scheduleDelete = defineCommand({
  name: 'schedule delete',
  level: 'admin',
  defer: 'ephemeral',
  options: { schedule: text({ max: maxScheduleName }) },
  suggests: { schedule: suggestSchedule },
  async run(call) {
    const { deps, guildId, actor, options, reply } = call;
    const { id, name } = await knownSchedule(call, options.schedule);
    await deleteSchedule(deps.ctx, guildId, { by: actor, scheduleId: id });
    await reply.text('commands.schedule.deleted', { name: escapeMarkdown(name) });
  },
});
