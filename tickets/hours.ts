import type { Db } from '#runtime/postgres.ts';
import type { OutsideHours, Panel } from './panel.ts';
import { isOpenAt, nextOpening } from './schedule.ts';
import type { Settings } from './settings/registry.ts';
import { scheduleInForce } from './store/schedule.ts';

/** The office hours of a moment: whose, whether it is open, when it opens next (ms), and what happens to who comes outside them. */
export type OfficeHours = {
  readonly scheduleId: number | null;
  readonly isOpen: boolean;
  readonly opensAt: number | null;
  readonly outside: OutsideHours;
};

/** A panel's hours come before the server's; without any, or once they were deleted, it is always open. */
export async function officeHoursOf(
  db: Db,
  guildId: string,
  o: {
    panel: Pick<Panel, 'scheduleId' | 'outsideHours'> | null;
    settings: Pick<Settings, 'schedule' | 'outsideHours'>;
    at: number;
  },
): Promise<OfficeHours> {
  const outside = o.panel?.outsideHours ?? o.settings.outsideHours;
  for (const scheduleId of [o.panel?.scheduleId ?? null, o.settings.schedule]) {
    const found = scheduleId === null ? null : await scheduleInForce(db, guildId, { scheduleId });
    if (!found) continue;
    const isOpen = isOpenAt(found.versions, o.at);
    return { scheduleId, isOpen, opensAt: isOpen ? null : nextOpening(found.versions, o.at), outside };
  }
  return { scheduleId: null, isOpen: true, opensAt: null, outside };
}
