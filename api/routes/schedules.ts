import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { createSchedule } from '#tickets/actions/create-schedule.ts';
import { deleteSchedule } from '#tickets/actions/delete-schedule.ts';
import { editSchedule } from '#tickets/actions/edit-schedule.ts';
import { AppError } from '#tickets/errors.ts';
import type { Actor } from '#tickets/permission.ts';
import { isOpenAt, nextOpening, type Schedule } from '#tickets/schedule.ts';
import { maxHolidayName, maxHolidays, maxRanges, maxScheduleName } from '#tickets/schedule-bounds.ts';
import { listSchedules, readSchedule } from '#tickets/store/schedule.ts';
import { type App, ctxOf, type RouteDeps } from '../app.ts';
import { conditionHeaders, tag, versionIn } from '../condition.ts';
import { guildOf } from '../plugins/guild.ts';
import { answers, docketId, guildParams, iso, isoOrNull, moment, nullable } from '../schemas/basic.ts';

const strict = { additionalProperties: false };
const minutes = (maximum: number) => Type.Integer({ minimum: 0, maximum, description: 'Minutes since midnight' });
const range = Type.Object(
  {
    day: Type.Integer({ minimum: 1, maximum: 7, description: 'Monday is 1' }),
    from: minutes(1_439),
    to: Type.Integer({
      minimum: 0,
      maximum: 1_440,
      description: 'At or before `from`: on the next day. A whole day is 0 to 1440',
    }),
  },
  strict,
);
const holiday = Type.Object(
  {
    date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    name: Type.String({ minLength: 1, maxLength: maxHolidayName }),
    from: Type.Optional(minutes(1_439)),
    to: Type.Optional(minutes(1_440)),
  },
  { ...strict, description: 'A date on which the weekly hours do not hold: closed, or open for a part of the day' },
);
const name = Type.String({ minLength: 1, maxLength: maxScheduleName });
const hours = {
  timeZone: Type.String({ minLength: 1, maxLength: 64, description: "IANA's name, such as Europe/Berlin" }),
  hours: Type.Array(range, { maxItems: maxRanges }),
  holidays: Type.Array(holiday, { maxItems: maxHolidays }),
};
const version = Type.Object({ validFrom: moment, ...hours });
const schedule = Type.Object({
  id: docketId,
  name: Type.String(),
  version: Type.Integer({ description: 'The ETag, without its quotes' }),
  versions: Type.Array(version, {
    description: 'Each holds from its moment until the next one’s; the first holds for all time before it too',
  }),
  isOpen: Type.Boolean(),
  nextOpening: nullable(moment),
});
const create = Type.Object({ name, ...hours }, strict);
const patch = Type.Object(
  {
    name: Type.Optional(name),
    timeZone: Type.Optional(hours.timeZone),
    hours: Type.Optional(hours.hours),
    holidays: Type.Optional(hours.holidays),
    from: Type.Optional(
      Type.String({
        maxLength: 40,
        pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})$',
        description:
          'When the change begins to hold, ISO 8601; without it in a minute or two. Nothing changes before it',
      }),
    ),
  },
  strict,
);
const scheduleParams = Type.Object({ ...guildParams.properties, scheduleId: docketId });

function actorOf(request: FastifyRequest): Actor {
  const { actor } = guildOf(request);
  if (!actor) throw new AppError('permission.admin');
  return actor;
}

/** Office hours of a server. */
export function schedulesRoutes(app: App, deps: RouteDeps): void {
  const ctx = ctxOf(deps);
  const config = { access: 'guild.settings' as const };
  const bodyOf = (one: Schedule): Static<typeof schedule> => ({
    id: one.id,
    name: one.name,
    version: one.version,
    versions: one.versions.map(({ validFrom, ...said }) => ({
      validFrom: iso(validFrom),
      timeZone: said.timeZone,
      hours: [...said.hours],
      holidays: [...said.holidays],
    })),
    isOpen: isOpenAt(one.versions, deps.now()),
    nextOpening: isoOrNull(nextOpening(one.versions, deps.now())),
  });

  app.get(
    '/api/guilds/:guildId/schedules',
    {
      config,
      schema: {
        summary: "A server's office hours",
        params: guildParams,
        response: answers(Type.Object({ schedules: Type.Array(schedule) })),
      },
    },
    async (request) => ({ schedules: (await listSchedules(deps.pool, guildOf(request).id)).map(bodyOf) }),
  );

  app.get(
    '/api/guilds/:guildId/schedules/:scheduleId',
    { config, schema: { summary: 'Office hours', params: scheduleParams, response: answers(schedule) } },
    async (request, reply) => {
      const found = await readSchedule(deps.pool, guildOf(request).id, request.params.scheduleId);
      if (!found || found.deletedAt !== null) throw new AppError('schedule.unknown');
      tag(reply, found.version);
      return bodyOf(found);
    },
  );

  app.post(
    '/api/guilds/:guildId/schedules',
    {
      config,
      schema: {
        summary: 'Makes office hours, which hold once the setting `schedule` or a panel names them',
        params: guildParams,
        body: create,
        response: answers(schedule),
      },
    },
    async (request, reply) => {
      const made = await createSchedule(ctx, guildOf(request).id, { by: actorOf(request), ...request.body });
      tag(reply, made.version);
      return bodyOf(made);
    },
  );

  app.patch(
    '/api/guilds/:guildId/schedules/:scheduleId',
    {
      config,
      schema: {
        summary: 'Changes what it names from a moment on; figures of the time before stay what they are',
        params: scheduleParams,
        headers: conditionHeaders,
        body: patch,
        response: answers(schedule),
      },
    },
    async (request, reply) => {
      const { from, ...said } = request.body;
      const changed = await editSchedule(ctx, guildOf(request).id, {
        by: actorOf(request),
        scheduleId: request.params.scheduleId,
        patch: said,
        from: from === undefined ? null : Date.parse(from),
        ifVersion: versionIn(request),
      });
      tag(reply, changed.version);
      return bodyOf(changed);
    },
  );

  app.delete(
    '/api/guilds/:guildId/schedules/:scheduleId',
    {
      config,
      schema: {
        summary: 'Deletes office hours that nothing names; tickets opened under them are still counted by them',
        params: scheduleParams,
        headers: conditionHeaders,
        response: answers(Type.Object({ deleted: Type.Boolean() })),
      },
    },
    async (request) => {
      const { scheduleId } = request.params;
      const input = { by: actorOf(request), scheduleId, ifVersion: versionIn(request) };
      await deleteSchedule(ctx, guildOf(request).id, input);
      return { deleted: true };
    },
  );
}
