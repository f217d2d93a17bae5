import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChangeEntry, type Entry, type Facts, foldAll, type MessageEntry, newFacts } from './facts.ts';
import { effective } from './settings/derive.ts';
import { isWarned, nextClosing, nextTimer, type Timed, timerRules, type TimerSettings } from './timers.ts';

const minute = 60_000;
const hour = 60 * minute;
const openedAt = Date.UTC(2026, 0, 5, 12);
const start = { openedAt, openerId: '1', openedPanelId: null };
const calm: Timed = { isExcluded: false, staleAt: null, warnedAt: null, closeRequest: null };
const off: TimerSettings = {
  autoclose: true,
  autocloseNoResponse: null,
  autocloseInactive: null,
  autocloseIgnoresStaff: false,
  autocloseWarning: null,
  staleAfter: null,
};
let serial = 0;
const says = (actorKind: MessageEntry['actorKind'], afterMs: number): MessageEntry => {
  serial += 1;
  const id = String(10_000_000_000_000_000n + BigInt(serial));
  return { kind: 'message', id, at: openedAt + afterMs, actorId: actorKind, actorKind, actorTeamIds: [] };
};
const change = (name: ChangeEntry['name'], afterMs: number, o: Partial<ChangeEntry> = {}): ChangeEntry => {
  serial += 1;
  const by = { actorId: '50', actorKind: 'staff' as const, actorTeamIds: [] };
  return { kind: 'change', name, at: openedAt + afterMs, version: serial, ...by, ...o };
};
const factsOf = (...entries: Entry[]): Facts => foldAll(start, entries).facts;
/** The next timer, counted from the opening. */
const next = (facts: Facts, settings: Partial<TimerSettings>, ticket: Partial<Timed> = {}) => {
  const timer = nextTimer({ ...calm, ...ticket }, facts, { ...off, ...settings });
  return timer && { ...timer, at: timer.at - openedAt };
};

test('nothing is due where nothing is set, where the switch is off, and in a closed ticket', () => {
  expect(next(factsOf(), {})).toBeNull();
  expect(next(factsOf(), { autoclose: false, autocloseInactive: hour, autocloseNoResponse: hour })).toBeNull();
  const request = { by: '2', at: openedAt, reason: null, closesAt: openedAt + hour };
  const closed = factsOf(change('closed', 1));
  expect(next(closed, { autocloseInactive: hour, staleAfter: hour }, { closeRequest: request })).toBeNull();
});

test('without a word of the opener a ticket closes; staff and bots do not answer for them, one word ends it', () => {
  const settings = { autocloseNoResponse: hour };
  const staff = [says('bot', minute), says('staff', 2 * minute)];
  expect(next(factsOf(...staff), settings)).toEqual({ at: hour, kind: 'no-response' });
  expect(next(factsOf(...staff, says('opener', 3 * minute)), settings)).toBeNull();
});

test('the time of inactivity counts from the last message of anybody but a bot', () => {
  const settings = { autocloseInactive: hour };
  const at = (...entries: Entry[]) => next(factsOf(...entries), settings)?.at;
  expect(at()).toBe(hour);
  expect(at(says('observer', minute))).toBe(minute + hour);
  expect(at(says('opener', minute), says('staff', 5 * minute), says('bot', 9 * minute))).toBe(5 * minute + hour);
});

test('where staff do not count, their first answer does, and the next only after the opener wrote', () => {
  const settings = { autocloseInactive: hour, autocloseIgnoresStaff: true };
  const at = (...entries: Entry[]) => next(factsOf(...entries), settings)?.at;
  const first = [says('staff', 10 * minute), says('staff', 20 * minute), says('participant', 25 * minute)];
  expect(at(...first)).toBe(10 * minute + hour);
  const again = [...first, says('opener', 30 * minute), says('staff', 40 * minute), says('staff', 50 * minute)];
  expect(at(...again)).toBe(40 * minute + hour);
});

test('a ticket that waited for its channel, and one that was reopened, count from then', () => {
  const settings = { autocloseNoResponse: hour, staleAfter: 3 * hour };
  const waited = factsOf(change('opened', 0, { readyAt: openedAt + 2 * hour }));
  expect(next(waited, settings)).toEqual({ at: 3 * hour, kind: 'no-response' });
  const reopened = factsOf(says('opener', 1), change('closed', hour), change('reopened', 2 * hour));
  expect(next(reopened, { autocloseInactive: hour })).toEqual({ at: 3 * hour, kind: 'inactive' });
});

test('exclusion stops every closing, a close request’s too, and no stale mark', () => {
  const closeRequest = { by: '2', at: openedAt, reason: null, closesAt: openedAt + minute };
  const settings = { autocloseNoResponse: hour, autocloseInactive: hour, autocloseWarning: 5 * minute };
  expect(next(factsOf(), settings, { closeRequest })).toEqual({ at: minute, kind: 'close-request' });
  expect(next(factsOf(), settings, { closeRequest, isExcluded: true })).toBeNull();
  expect(next(factsOf(), { ...settings, staleAfter: hour }, { isExcluded: true })).toEqual({ at: hour, kind: 'stale' });
  expect(next(factsOf(), { autoclose: false }, { closeRequest })?.at).toBe(minute);
  expect(next(factsOf(), {}, { closeRequest: { ...closeRequest, closesAt: null } })).toBeNull();
});

test('a stale mark comes once, and a ticket without autoclose gets it too', () => {
  expect(next(factsOf(), { autoclose: false, staleAfter: hour })).toEqual({ at: hour, kind: 'stale' });
  expect(next(factsOf(), { staleAfter: hour }, { staleAt: openedAt + hour })).toBeNull();
});

describe('a warning', () => {
  const settings = { autocloseInactive: 10 * hour, autocloseWarning: hour };

  test('comes before the closing, and the closing no sooner than it promised', () => {
    expect(next(factsOf(), settings)).toEqual({ at: 9 * hour, kind: 'warning' });
    expect(next(factsOf(), settings, { warnedAt: openedAt + 9 * hour })).toEqual({ at: 10 * hour, kind: 'inactive' });
    const late = { warnedAt: openedAt + 12 * hour };
    expect(next(factsOf(), settings, late)).toEqual({ at: 13 * hour, kind: 'inactive' });
  });

  test('is given again after a message, and when a setting puts the closing off', () => {
    const warnedAt = openedAt + 9 * hour;
    const said = factsOf(says('opener', 9.5 * hour));
    expect(next(said, settings, { warnedAt })).toEqual({ at: 18.5 * hour, kind: 'warning' });
    const longer = { ...settings, autocloseInactive: 20 * hour };
    expect(next(factsOf(), longer, { warnedAt })).toEqual({ at: 19 * hour, kind: 'warning' });
    expect(isWarned({ ...calm, warnedAt }, factsOf(), { ...off, ...settings })).toBe(true);
    expect(isWarned({ ...calm, warnedAt }, said, { ...off, ...settings })).toBe(false);
  });

  test('comes no earlier than half the window, however long it is', () => {
    expect(next(factsOf(), { autocloseInactive: hour, autocloseWarning: 5 * hour })?.at).toBe(hour / 2);
  });

  test('is taken into account when people ask when a ticket closes', () => {
    const closing = (now: number, ticket = calm) =>
      nextClosing(ticket, factsOf(), { ...off, ...settings }, openedAt + now);
    expect(closing(hour)).toEqual({ at: openedAt + 10 * hour, kind: 'inactive' });
    expect(closing(20 * hour)).toEqual({ at: openedAt + 21 * hour, kind: 'inactive' });
    expect(closing(hour, { ...calm, isExcluded: true })).toBeNull();
  });
});

test('without premium the two timers rest, and nothing else', () => {
  const settings = effective({ autoclose: true, autocloseInactive: hour, autocloseNoResponse: hour, staleAfter: hour });
  const rules = (entitledUntil: number | null) =>
    timerRules(settings, { premium: 'entitled', entitledUntil, now: openedAt });
  expect(nextTimer(calm, factsOf(), rules(null))?.kind).toBe('stale');
  expect(nextTimer(calm, factsOf(), rules(openedAt))?.kind).toBe('no-response');
});

test('facts that were stored before timers existed still have theirs', () => {
  const { openSince: _, openerSpokeAt: __, staffSpokeAt: ___, ...old } = newFacts(openedAt, '1', null);
  const settings = { autocloseNoResponse: hour };
  expect(next(old, settings)).toEqual({ at: hour, kind: 'no-response' });
  const spoken = { ...old, lastSpoken: { id: '1', at: openedAt + minute, isReply: false } };
  expect(next(spoken, settings)).toBeNull();
  expect(next(spoken, { autocloseInactive: hour, autocloseIgnoresStaff: true })?.at).toBe(minute + hour);
});

/** What the timers must do, said plainly: minute by minute over the whole story, without the fold. */
type Said = { at: number; who: 'opener' | 'staff' | 'bot' | 'observer' };
function model(
  story: readonly Said[],
  settings: TimerSettings,
  o: { isExcluded: boolean; asksAt: number | null; until: number },
) {
  let warnedFor: number | null = null;
  for (let now = 0; now <= o.until; now += 1) {
    const heard = story.filter((one) => one.at <= now && one.who !== 'bot');
    const bySomebody = Math.max(0, ...heard.map((one) => one.at));
    const ofOpener = heard.filter((one) => one.who === 'opener').map((one) => one.at);
    const lastOfOpener = Math.max(0, ...ofOpener);
    const answer = heard.find(
      (one) => one.who === 'staff' && one.at >= lastOfOpener && isAfter(story, one, lastOfOpener),
    );
    const quiet = settings.autocloseIgnoresStaff ? Math.max(lastOfOpener, answer?.at ?? 0) : bySomebody;
    if (o.isExcluded) continue;
    if (o.asksAt !== null && now >= o.asksAt) return { closed: now, warnedFor };
    if (!settings.autoclose) continue;
    const windows = [
      ...(settings.autocloseNoResponse !== null && ofOpener.length === 0 ? [[0, settings.autocloseNoResponse]] : []),
      ...(settings.autocloseInactive !== null ? [[quiet, quiet + settings.autocloseInactive]] : []),
    ] as [number, number][];
    for (const [from, at] of windows) {
      const lead =
        settings.autocloseWarning === null ? null : Math.min(settings.autocloseWarning, Math.floor((at - from) / 2));
      if (
        lead === null
          ? now >= at
          : warnedFor !== null && warnedFor >= at - lead && now >= Math.max(at, warnedFor + lead)
      )
        return { closed: now, warnedFor };
    }
    for (const [from, at] of windows) {
      if (settings.autocloseWarning === null) continue;
      const lead = Math.min(settings.autocloseWarning, Math.floor((at - from) / 2));
      if (now >= at - lead && (warnedFor === null || warnedFor < at - lead)) warnedFor = now;
    }
  }
  return { closed: null, warnedFor };
}
/** In one minute the order of the story counts. */
const isAfter = (story: readonly Said[], one: Said, at: number): boolean =>
  one.at > at || story.indexOf(one) > story.findLastIndex((other) => other.who === 'opener' && other.at === at);

test('over random histories and settings a ticket closes in the minute that the model says', () => {
  const span = 60;
  const time = fc.option(fc.integer({ min: 2, max: 40 }), { nil: null });
  const rules = fc.record({
    autoclose: fc.boolean(),
    autocloseNoResponse: time,
    autocloseInactive: time,
    autocloseIgnoresStaff: fc.boolean(),
    autocloseWarning: time,
    staleAfter: fc.constant(null),
  });
  const said = fc.record({
    at: fc.integer({ min: 1, max: span }),
    who: fc.constantFrom('opener' as const, 'staff' as const, 'bot' as const, 'observer' as const),
  });
  const stories = fc.array(said, { maxLength: 12 }).map((all) => all.toSorted((a, b) => a.at - b.at));
  const property = fc.property(
    stories,
    rules,
    fc.boolean(),
    fc.option(fc.integer({ min: 1, max: span }), { nil: null }),
    (story, settings, isExcluded, asksAt) => {
      const until = 3 * span;
      const expected = model(story, settings, { isExcluded, asksAt, until });
      // The same story as Docket lives it: a message moves the timer, the sweep acts on what is due.
      const closeRequest =
        asksAt === null ? null : { by: '2', at: openedAt, reason: null, closesAt: openedAt + asksAt };
      let ticket: Timed = { ...calm, isExcluded, closeRequest };
      let closed: number | null = null;
      for (let now = 0; now <= until && closed === null; now += 1) {
        const facts = factsOf(...story.filter((one) => one.at <= now).map((one) => says(one.who, one.at)));
        for (;;) {
          const due = nextTimer(ticket, facts, settings);
          if (!due || due.at > openedAt + now) break;
          if (due.kind === 'warning') ticket = { ...ticket, warnedAt: openedAt + now };
          else {
            closed = now;
            break;
          }
        }
      }
      const warnedFor = ticket.warnedAt === null ? null : ticket.warnedAt - openedAt;
      expect({ closed, warnedFor }).toEqual(expected);
    },
  );
  fc.assert(property, { numRuns: 300 });
});
