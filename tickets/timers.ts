/**
 * When something happens to an open ticket by itself (features.md 1.7): pure, from its facts and the server's settings. `ticket.next_action_at` is
 * what this says, moved by the transaction of the fact that moves it; the sweep acts on it.
 */
import { isEntitled, type PremiumMode } from './entitlement.ts';
import type { Facts } from './facts.ts';
import type { Settings } from './settings/registry.ts';
import type { Ticket } from './ticket.ts';

/** The settings that timers depend on: a change of one of them moves every open ticket of the server. */
export const timerSettings = [
  'autoclose',
  'autocloseNoResponse',
  'autocloseInactive',
  'autocloseIgnoresStaff',
  'autocloseWarning',
  'staleAfter',
] as const satisfies readonly (keyof Settings)[];
export type TimerSettings = Pick<Settings, (typeof timerSettings)[number]>;

/** Why a ticket closes by itself. */
export type ClosingKind = 'no-response' | 'inactive' | 'close-request';
export type TimerKind = ClosingKind | 'stale' | 'warning';

/** What happens next, and when (ms). A moment that has passed is due. */
export type Timer = { readonly at: number; readonly kind: TimerKind };

/** What of a ticket its timers depend on, besides its facts. */
export type Timed = Pick<Ticket, 'isExcluded' | 'staleAt' | 'warnedAt' | 'closeRequest'>;

/** The settings as far as a server is entitled to them now: the two timers are premium (features.md C12). */
export function timerRules(
  settings: Settings,
  o: { premium: PremiumMode; entitledUntil: number | null; now: number },
): TimerSettings {
  if (isEntitled(o.premium, o.entitledUntil, o.now)) return settings;
  return { ...settings, autocloseNoResponse: null, autocloseInactive: null };
}

/** Since when a ticket is open: its channel was there, or it was reopened. */
const sinceOf = (facts: Facts): number => facts.openSince ?? facts.openedAt;

/** The last message of anybody but a bot, or the opening. */
const lastWordOf = (facts: Facts): number => Math.max(sinceOf(facts), facts.lastSpoken?.at ?? 0);

/**
 * What the time of inactivity counts from. Where staff do not count: the opener's last message, or the first answer to it; an opening is a word of
 * the opener's. Facts that are older than this distinction count everybody.
 */
function quietSince(facts: Facts, ignoresStaff: boolean): number {
  if (!ignoresStaff || facts.openerSpokeAt === undefined) return lastWordOf(facts);
  return Math.max(sinceOf(facts), facts.openerSpokeAt ?? 0, facts.staffSpokeAt ?? 0);
}

/** Whether the opener never wrote. Of facts that do not say, only those of a silent ticket do. */
const isUnanswered = (facts: Facts): boolean =>
  facts.openerSpokeAt === undefined ? facts.lastSpoken === null : facts.openerSpokeAt === null;

/** A time that runs out: from when, and until when. */
type Window = { readonly kind: ClosingKind; readonly from: number; readonly at: number };

function windowsOf(facts: Facts, settings: TimerSettings): Window[] {
  if (!settings.autoclose) return [];
  const { autocloseNoResponse: noResponse, autocloseInactive: inactive } = settings;
  const opened = sinceOf(facts);
  const quiet = quietSince(facts, settings.autocloseIgnoresStaff);
  return [
    ...(noResponse !== null && isUnanswered(facts)
      ? [{ kind: 'no-response' as const, from: opened, at: opened + noResponse }]
      : []),
    ...(inactive !== null ? [{ kind: 'inactive' as const, from: quiet, at: quiet + inactive }] : []),
  ];
}

/**
 * A window with its warning: the warning comes first, and the ticket closes no sooner than the warning promised, so that neither an outage nor a
 * shorter setting closes anything without a word. It never comes in the first half of a window.
 */
function warned(window: Window, ticket: Timed, warningMs: number | null): Timer {
  if (warningMs === null) return { kind: window.kind, at: window.at };
  const lead = Math.min(warningMs, Math.floor((window.at - window.from) / 2));
  const warnAt = window.at - lead;
  if (ticket.warnedAt === null || ticket.warnedAt < warnAt) return { kind: 'warning', at: warnAt };
  return { kind: window.kind, at: Math.max(window.at, ticket.warnedAt + lead) };
}

const order: readonly TimerKind[] = ['close-request', 'no-response', 'inactive', 'warning', 'stale'];
const earlier = (a: Timer, b: Timer): number => a.at - b.at || order.indexOf(a.kind) - order.indexOf(b.kind);

/** Everything that will happen to a ticket if nobody says anything, in order. */
function timersOf(ticket: Timed, facts: Facts, settings: TimerSettings): Timer[] {
  if (facts.status !== 'open') return [];
  const closesAt = ticket.closeRequest?.closesAt ?? null;
  const closing: Timer[] = ticket.isExcluded
    ? []
    : [
        ...windowsOf(facts, settings).map((window) => warned(window, ticket, settings.autocloseWarning)),
        ...(closesAt === null ? [] : [{ kind: 'close-request' as const, at: closesAt }]),
      ];
  const stale: Timer[] =
    settings.staleAfter === null || ticket.staleAt !== null
      ? []
      : [{ kind: 'stale', at: lastWordOf(facts) + settings.staleAfter }];
  return [...closing, ...stale].toSorted(earlier);
}

/** When a ticket was marked as stale, as long as it is: a message, or a longer setting, takes the mark away. */
export function staleAtOf(
  ticket: Pick<Timed, 'staleAt'>,
  facts: Facts,
  settings: Pick<TimerSettings, 'staleAfter'>,
): number | null {
  if (ticket.staleAt === null || settings.staleAfter === null) return null;
  return lastWordOf(facts) + settings.staleAfter > ticket.staleAt ? null : ticket.staleAt;
}

/** What happens to a ticket next; null when nothing will. The caller knows that the ticket is open, or the facts say that it is closed. */
export function nextTimer(ticket: Timed, facts: Facts, settings: TimerSettings): Timer | null {
  return timersOf(ticket, facts, settings)[0] ?? null;
}

/** When a ticket will close if nobody says anything, and why, as seen at `now`; null when it will not. What warns first takes its time. */
export function nextClosing(
  ticket: Timed,
  facts: Facts,
  settings: TimerSettings,
  now: number,
): { at: number; kind: ClosingKind } | null {
  let told = ticket;
  for (;;) {
    const next = timersOf(told, facts, settings).find(({ kind }) => kind !== 'stale');
    if (!next) return null;
    const { at, kind } = next;
    if (kind === 'close-request' || kind === 'no-response' || kind === 'inactive') return { at, kind };
    told = { ...told, warnedAt: Math.max(now, at) };
  }
}

/** Whether a ticket is warned about a closing that has not come, so that a warning is worth showing. */
export function isWarned(ticket: Timed, facts: Facts, settings: TimerSettings): boolean {
  return (
    ticket.warnedAt !== null &&
    timersOf(ticket, facts, settings).some(({ kind }) => kind === 'no-response' || kind === 'inactive')
  );
}
