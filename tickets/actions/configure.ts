import { isDeepStrictEqual } from 'node:util';
import type { Db } from '#runtime/postgres.ts';
import { invalid } from '../bounds.ts';
import type { Ctx } from '../context.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import type { PanelValues } from '../panel.ts';
import type { Actor } from '../permission.ts';
import { writeAudit } from '../store/audit.ts';
import { readForm } from '../store/form.ts';
import { type Guild, lockGuild } from '../store/guild.ts';
import { isReferable } from '../store/reference.ts';
import { listTeams } from '../store/staff.ts';
import { mustMay, readInForce } from './commit.ts';

/** What a change of panels, forms and teams works with. */
export type Desk = {
  readonly db: Db;
  readonly guild: Guild;
  /** Notes the change, with what it was before and after. */
  readonly audit: (action: string, data: Readonly<Record<string, unknown>>) => Promise<void>;
};

/**
 * A change of what a server's admins set up, in one transaction under the lock on the server's row: so that limits hold, and what was read
 * is still so when it is written.
 * @throws AppError guild.unknown, permission.admin, and what `work` says
 */
export function configure<T>(
  ctx: Ctx,
  guildId: string,
  o: { by: Actor; action: 'guild.panels' | 'guild.staff' | 'guild.settings' },
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  return ctx.db.transaction(async (db) => {
    const guild = await lockGuild(db, guildId);
    if (!guild) throw new AppError('guild.unknown');
    mustMay(o.by, o.action, await readInForce(db, guildId));
    const audit: Desk['audit'] = async (action, data) => {
      await writeAudit(db, guildId, { at: ctx.now(), actorId: o.by.id, action, data });
      ctx.log.info({ guildId, action }, 'configuration changed');
    };
    return work({ db, guild, audit });
  });
}

/** Throws `code` when somebody changed it since the version that a change was made from. */
export function mustBeVersion(code: ErrorCode, version: number, ifVersion: number | undefined): void {
  if (ifVersion !== undefined && ifVersion !== version) throw new AppError(code);
}

/** What a patch changes, for the audit; null when it changes nothing. */
export function differences<T extends object>(
  before: T,
  patch: Partial<T>,
): { before: Partial<T>; after: Partial<T> } | null {
  const names = (Object.keys(patch) as (keyof T)[]).filter(
    (name) => patch[name] !== undefined && !isDeepStrictEqual(before[name], patch[name]),
  );
  if (names.length === 0) return null;
  const pick = (from: Partial<T>) => Object.fromEntries(names.map((name) => [name, from[name]])) as Partial<T>;
  return { before: pick(before), after: pick(patch) };
}

/**
 * Checks that what a panel names is there: teams, form, office hours.
 * @throws AppError team.unknown, form.unknown, input.invalid {field: scheduleId}
 */
export async function mustExist(
  { db, guild }: Desk,
  named: Partial<Pick<PanelValues, 'teamIds' | 'formId' | 'scheduleId'>>,
): Promise<void> {
  const { guildId } = guild;
  const { teamIds = [], formId = null, scheduleId = null } = named;
  const teams = teamIds.length > 0 ? await listTeams(db, guildId) : [];
  if (teamIds.some((id) => !teams.some((team) => team.id === id))) throw new AppError('team.unknown');
  if (formId !== null && !(await readForm(db, guildId, formId))) throw new AppError('form.unknown');
  if (scheduleId !== null && !(await isReferable(db, guildId, { to: 'schedule', id: scheduleId })))
    throw invalid('scheduleId', 'office hours of this server');
}
