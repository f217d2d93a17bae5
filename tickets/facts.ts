/**
 * Facts are a fold over a ticket's entries (messages and changes) in one order. The same fold serves a message that has just arrived, a late one,
 * the rebuild and the import, so a figure cannot depend on the way that an entry took. Definitions: metrics.md 1-3.
 */

/** What an author was to the ticket when the entry was recorded; never decided again (metrics.md 1.2). */
export const authorKinds = ['opener', 'staff', 'participant', 'observer', 'bot', 'system'] as const;
export type AuthorKind = (typeof authorKinds)[number];

/** How a ticket came to be. */
export const sources = ['panel', 'command', 'message', 'context_menu', 'staff', 'dashboard'] as const;
export type Source = (typeof sources)[number];

/** What may happen to a ticket, besides messages. */
export const changeNames = [
  'opened',
  'claimed',
  'released',
  'member_added',
  'member_removed',
  'closed',
  'reopened',
  'rated',
  'assigned',
  'panel_switched',
  'renamed',
  'topic_set',
  'priority_set',
  'labels_set',
  'close_requested',
  'close_denied',
  'reason_set',
  'excluded',
  'included',
  'went_stale',
  'warned',
] as const;
export type ChangeName = (typeof changeNames)[number];

/** A change of a ticket, as `history` keeps it. `version` is the ticket version that it made. */
export type ChangeEntry = {
  readonly kind: 'change';
  readonly name: ChangeName;
  readonly at: number;
  readonly version: number;
  readonly actorId: string | null;
  readonly actorKind: AuthorKind;
  readonly actorTeamIds: readonly number[];
  /** For `rated`: 1 to 5. */
  readonly rating?: number;
  /** For `assigned`: who holds it from now on. */
  readonly assignee?: Person;
  /** For `panel_switched`: the panel from now on; null for none. */
  readonly panelId?: number | null;
  /** For `opened`: when its channel was there, which may be long after the click. Timers count from then. */
  readonly readyAt?: number;
};

/** A message in a ticket, as `message` keeps it (without its content, which no figure depends on). */
export type MessageEntry = {
  readonly kind: 'message';
  readonly id: string;
  readonly at: number;
  readonly actorId: string;
  readonly actorKind: AuthorKind;
  readonly actorTeamIds: readonly number[];
};

export type Entry = ChangeEntry | MessageEntry;

/** Where an entry stands in its ticket's order: by time, changes before messages, then by id (a version or a snowflake). */
export type EntryKey = { readonly at: number; readonly rank: 0 | 1; readonly id: string };

/** Somebody with the teams that they were in at that moment. */
export type Person = { readonly id: string; readonly teamIds: readonly number[] };

/** All that a ticket's entries so far imply; the state of the fold, kept with the ticket as JSON. Times in ms, durations in whole seconds. */
export type Facts = {
  readonly openedAt: number;
  readonly openerId: string;
  /** The panel now: an event belongs to the panel of its moment. */
  readonly panelId: number | null;
  readonly last: EntryKey | null;
  readonly status: 'open' | 'closed';
  /** Since when the opener waits for staff; null when staff spoke last. */
  readonly waitingSince: number | null;
  readonly replies: number;
  readonly repliers: readonly string[];
  readonly lastReplier: Person | null;
  /** The newest message by a human: only an unbroken run by one member of staff can be one reply. */
  readonly lastSpoken: { readonly id: string; readonly at: number; readonly isReply: boolean } | null;
  /** What timers count from (timers.ts). Facts that were stored before these existed lack them. */
  readonly openSince?: number;
  /** The opener's newest message; null when they never wrote. */
  readonly openerSpokeAt?: number | null;
  /** The first message of staff after it (or after the opening). */
  readonly staffSpokeAt?: number | null;
  readonly claimer: Person | null;
  readonly claimerAtClose: Person | null;
  readonly firstResponseAt: number | null;
  readonly firstResponseBy: string | null;
  readonly firstResponseS: number | null;
  readonly firstResponseOfficeS: number | null;
  readonly closedAt: number | null;
  readonly closedBy: string | null;
  readonly durationS: number | null;
  readonly durationOfficeS: number | null;
  readonly resolvedAt: number | null;
  readonly rating: number | null;
  readonly ratedAt: number | null;
};

/** The figures of one entry: the columns of its event row that the fold decides. */
export type Figures = {
  readonly panelId: number | null;
  readonly ownerId: string | null;
  readonly ownerTeamIds: readonly number[];
  readonly waitedS: number | null;
  readonly waitedOfficeS: number | null;
  readonly firstResponseS: number | null;
  readonly firstResponseOfficeS: number | null;
  readonly ownFirstReplyS: number | null;
  readonly durationS: number | null;
  readonly durationOfficeS: number | null;
  readonly replyNo: number;
  readonly repliesBefore: number;
  readonly rating: number;
  readonly isFirstResolution: boolean;
};

/** Counts the seconds between two times (ms) that lie in office hours. */
export type OfficeClock = (from: number, to: number) => number;

/** Lines of one author less than this apart, with nobody between, are one reply (metrics.md 1.3). */
export const sameReplyMs = 60_000;

/** Whole seconds from one time to another, never below 0: clocks of two machines may disagree. */
export const secondsBetween: OfficeClock = (from, to) => Math.max(0, Math.floor((to - from) / 1_000));

/** The facts of a ticket before its first entry. */
export function newFacts(openedAt: number, openerId: string, panelId: number | null): Facts {
  return {
    openedAt,
    openerId,
    panelId,
    last: null,
    status: 'open',
    waitingSince: openedAt,
    replies: 0,
    repliers: [],
    lastReplier: null,
    lastSpoken: null,
    openSince: openedAt,
    openerSpokeAt: null,
    staffSpokeAt: null,
    claimer: null,
    claimerAtClose: null,
    firstResponseAt: null,
    firstResponseBy: null,
    firstResponseS: null,
    firstResponseOfficeS: null,
    closedAt: null,
    closedBy: null,
    durationS: null,
    durationOfficeS: null,
    resolvedAt: null,
    rating: null,
    ratedAt: null,
  };
}

/** An entry's place in the order. */
export function keyOf(entry: Entry): EntryKey {
  return entry.kind === 'change'
    ? { at: entry.at, rank: 0, id: String(entry.version) }
    : { at: entry.at, rank: 1, id: entry.id };
}

/** Negative when `a` comes first. Ids compare as numbers of any length. */
export function compareKeys(a: EntryKey, b: EntryKey): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.id.length !== b.id.length) return a.id.length - b.id.length;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Whether an entry comes after all that the facts hold; if not, the ticket must be folded anew from its stored entries. */
export function isNewer(facts: Facts, entry: Entry): boolean {
  return facts.last === null || compareKeys(facts.last, keyOf(entry)) < 0;
}

type Step = { facts: Facts; figures: Figures };

const figuresOf = (facts: Facts, part: Partial<Figures> = {}): Figures => ({
  panelId: facts.panelId,
  ownerId: facts.claimer?.id ?? null,
  ownerTeamIds: facts.claimer?.teamIds ?? [],
  waitedS: null,
  waitedOfficeS: null,
  firstResponseS: null,
  firstResponseOfficeS: null,
  ownFirstReplyS: null,
  durationS: null,
  durationOfficeS: null,
  replyNo: 0,
  repliesBefore: facts.replies,
  rating: 0,
  isFirstResolution: false,
  ...part,
});

function foldMessage(facts: Facts, entry: MessageEntry, office: OfficeClock): Step {
  const { actorId, actorKind, at } = entry;
  if (actorKind === 'bot' || actorKind === 'system') return { facts, figures: figuresOf(facts) };
  const spoken = { ...facts, lastSpoken: { id: actorId, at, isReply: actorKind === 'staff' } };
  if (actorKind === 'opener') {
    const heard = { ...spoken, openerSpokeAt: at, staffSpokeAt: null };
    return { facts: { ...heard, waitingSince: facts.waitingSince ?? at }, figures: figuresOf(facts) };
  }
  if (actorKind !== 'staff') return { facts: spoken, figures: figuresOf(facts) };

  const before = facts.lastSpoken;
  const continues = before?.isReply === true && before.id === actorId && at - before.at < sameReplyMs;
  const replies = facts.replies + (continues ? 0 : 1);
  const isFirst = facts.firstResponseAt === null;
  const isOwnFirst = !facts.repliers.includes(actorId);
  const fromOpening = secondsBetween(facts.openedAt, at);
  // Counting office hours takes a step per day, so it is done for the first reply only.
  const fromOpeningOffice = isFirst ? office(facts.openedAt, at) : null;
  const waited = facts.waitingSince;
  return {
    facts: {
      ...spoken,
      staffSpokeAt: facts.staffSpokeAt ?? at,
      replies,
      waitingSince: null,
      repliers: isOwnFirst ? [...facts.repliers, actorId] : facts.repliers,
      lastReplier: { id: actorId, teamIds: entry.actorTeamIds },
      ...(isFirst && {
        firstResponseAt: at,
        firstResponseBy: actorId,
        firstResponseS: fromOpening,
        firstResponseOfficeS: fromOpeningOffice,
      }),
    },
    figures: figuresOf(facts, {
      replyNo: continues ? 0 : replies,
      ...(waited !== null && { waitedS: secondsBetween(waited, at), waitedOfficeS: office(waited, at) }),
      ...(isFirst && { firstResponseS: fromOpening, firstResponseOfficeS: fromOpeningOffice }),
      ...(isOwnFirst && { ownFirstReplyS: fromOpening }),
    }),
  };
}

function foldClose(facts: Facts, entry: ChangeEntry, office: OfficeClock): Step {
  const closer =
    entry.actorKind === 'staff' && entry.actorId ? { id: entry.actorId, teamIds: entry.actorTeamIds } : null;
  // The credit goes to the closer; an opener or a timer that closes credits the assignee, or else the last to reply (metrics.md 3).
  const credited = closer ?? facts.claimer ?? facts.lastReplier;
  const isFirstResolution = facts.resolvedAt === null && facts.replies > 0;
  const durationS = secondsBetween(facts.openedAt, entry.at);
  const durationOfficeS = office(facts.openedAt, entry.at);
  return {
    facts: {
      ...facts,
      status: 'closed',
      closedAt: entry.at,
      closedBy: entry.actorId,
      durationS,
      durationOfficeS,
      claimerAtClose: facts.claimer,
      resolvedAt: isFirstResolution ? entry.at : facts.resolvedAt,
    },
    figures: figuresOf(facts, {
      ownerId: credited?.id ?? null,
      ownerTeamIds: credited?.teamIds ?? [],
      durationS,
      durationOfficeS,
      isFirstResolution,
    }),
  };
}

function foldChange(facts: Facts, entry: ChangeEntry, office: OfficeClock): Step {
  const same = (next: Facts): Step => ({ facts: next, figures: figuresOf(next) });
  switch (entry.name) {
    case 'assigned':
      return same({ ...facts, claimer: entry.assignee ?? null });
    case 'panel_switched':
      return same({ ...facts, panelId: entry.panelId ?? null });
    case 'claimed':
      return same({ ...facts, claimer: entry.actorId ? { id: entry.actorId, teamIds: entry.actorTeamIds } : null });
    case 'released':
      return { facts: { ...facts, claimer: null }, figures: figuresOf(facts) };
    case 'closed':
      return foldClose(facts, entry, office);
    case 'reopened':
      return same({
        ...facts,
        status: 'open',
        closedAt: null,
        closedBy: null,
        durationS: null,
        durationOfficeS: null,
        openSince: entry.at,
        staffSpokeAt: null,
      });
    case 'rated': {
      const rating = entry.rating ?? 0;
      const owner = facts.claimerAtClose;
      const figures = figuresOf(facts, { ownerId: owner?.id ?? null, ownerTeamIds: owner?.teamIds ?? [], rating });
      return { facts: { ...facts, rating, ratedAt: entry.at }, figures };
    }
    case 'opened':
      return same({ ...facts, openSince: Math.max(facts.openedAt, entry.readyAt ?? 0) });
    // Nothing that a figure depends on.
    case 'member_added':
    case 'member_removed':
    case 'renamed':
    case 'topic_set':
    case 'priority_set':
    case 'labels_set':
    case 'close_requested':
    case 'close_denied':
    case 'reason_set':
    case 'excluded':
    case 'included':
    case 'went_stale':
    case 'warned':
      return same(facts);
  }
}

/** Folds one entry, which must be newer than all before it (`isNewer`). */
export function fold(facts: Facts, entry: Entry, office: OfficeClock = secondsBetween): Step {
  const step = entry.kind === 'message' ? foldMessage(facts, entry, office) : foldChange(facts, entry, office);
  return { facts: { ...step.facts, last: keyOf(entry) }, figures: step.figures };
}

/** Folds a ticket's entries, in whatever order they come; equal keys count once. Returns the facts and each entry with its figures. */
export function foldAll(
  start: Pick<Facts, 'openedAt' | 'openerId'> & { readonly openedPanelId: number | null },
  entries: readonly Entry[],
  office: OfficeClock = secondsBetween,
): { facts: Facts; steps: { entry: Entry; figures: Figures }[] } {
  const ordered = entries.toSorted((a, b) => compareKeys(keyOf(a), keyOf(b)));
  let facts = newFacts(start.openedAt, start.openerId, start.openedPanelId);
  const steps: { entry: Entry; figures: Figures }[] = [];
  for (const entry of ordered) {
    if (!isNewer(facts, entry)) continue;
    const step = fold(facts, entry, office);
    facts = step.facts;
    steps.push({ entry, figures: step.figures });
  }
  return { facts, steps };
}
