/**
 * Made-up histories of small servers: what people did, with no figure in it. A seed makes the same history each time. They are dense in the
 * cases that figures go wrong at: equal times, exact edges of windows, staff in their own tickets, onlookers, bots, people who were added,
 * reopenings, second ratings, messages 59,999 and 60,000 ms apart.
 */

export type Person = { readonly id: string; readonly role: 'staff' | 'member' | 'onlooker' | 'bot' };
export type Message = { readonly id: string; readonly at: number; readonly authorId: string };
export type ChangeName = 'opened' | 'claimed' | 'released' | 'member_added' | 'closed' | 'reopened' | 'rated';
export type Change = {
  readonly name: ChangeName;
  readonly at: number;
  /** Null is Docket itself. */
  readonly actorId: string | null;
  readonly rating?: number;
  readonly memberId?: string;
};
export type Ticket = {
  readonly id: number;
  readonly openerId: string;
  readonly openedBy: string;
  readonly panelId: number | null;
  readonly openedAt: number;
  /** In the order in which they happened; equal times are possible. */
  readonly changes: readonly Change[];
  readonly messages: readonly Message[];
};
export type Panel = { readonly id: number; readonly name: string; readonly isDeleted: boolean };
export type History = {
  readonly guildId: string;
  readonly now: number;
  readonly days: 7 | 30 | 90;
  readonly people: readonly Person[];
  readonly panels: readonly Panel[];
  readonly tickets: readonly Ticket[];
};

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A seeded source of numbers in [0, 1): mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Dice = { chance(p: number): boolean; below(n: number): number; of<T>(list: readonly T[]): T };

function diceOf(random: () => number): Dice {
  const below = (n: number): number => Math.floor(random() * n);
  return {
    chance: (p) => random() < p,
    below,
    of: (list) => {
      const one = list[below(list.length)];
      if (one === undefined) throw new Error('nothing to choose from');
      return one;
    },
  };
}

/** The history of the server with this number. All share one `now`, 40 days into a year, so that windows reach across its beginning. */
export function makeHistory(number: number): History {
  const dice = diceOf(seeded(number * 7_919 + 1));
  const now = Date.UTC(2026, 1, 10, 14, 20, 33, 500);
  const guildId = String(700_000_000_000_000_000n + BigInt(number));
  const days = dice.of([7, 30, 90] as const);
  const people = peopleOf(number, dice);
  const panels = panelsOf(number, dice);
  const times = Array.from({ length: 1 + dice.below(14) }, () => openingTime(dice, now, days)).toSorted(
    (a, b) => a - b,
  );
  // Ids grow with time, in all servers together and in each.
  const firstId = 10_000 + number * 100;
  const tickets = times.map((openedAt, i) => ticketOf(dice, { id: firstId + i, openedAt, now, people, panels }));
  return { guildId, now, days, people, panels, tickets };
}

function peopleOf(number: number, dice: Dice): Person[] {
  const make = (role: Person['role'], count: number, offset: number): Person[] =>
    Array.from({ length: count }, (_, i) => ({
      id: String(800_000_000_000_000_000n + BigInt(number * 1_000 + offset + i)),
      role,
    }));
  return [
    ...make('staff', 1 + dice.below(3), 0),
    ...make('member', 2 + dice.below(3), 100),
    ...make('onlooker', 1, 200),
    ...make('bot', 1, 300),
  ];
}

function panelsOf(number: number, dice: Dice): Panel[] {
  const names = [
    'Billing',
    'Appeals',
    'Technical help',
    'Zebra',
    'Älg',
    'appeals 2',
    'a',
    'b',
    'c',
    'd',
    'e',
    'f',
    'g',
    'h',
    'i',
    'j',
  ];
  const count = dice.chance(0.2) ? 14 : dice.below(4);
  return Array.from({ length: count }, (_, i) => ({
    id: 2_000 + number * 20 + i,
    name: names[(i * 5 + number) % names.length] ?? '',
    isDeleted: dice.chance(0.2),
  }));
}

function openingTime(dice: Dice, now: number, days: number): number {
  const midnight = now - (now % day);
  const window = dice.of([7, 30, days]) * dice.of([1, 2]);
  switch (dice.below(8)) {
    case 0:
      return now - window * day + dice.of([-1, 0, 1]);
    case 1:
      return midnight - dice.of([0, 1, 4, 5, days - 1, days, 2 * days - 1, 2 * days]) * day + dice.of([-1, 0, 1]);
    case 2:
      return now - 7 * day - dice.of([25 * hour, 25 * hour - 1, hour, 24 * hour]);
    case 3:
      return now - dice.of([0, 1, second, hour]);
    case 4:
      return Date.UTC(2026, 0, 1) + dice.of([-1, 0, 1, -day]);
    default:
      return now - 1 - dice.below(150 * day);
  }
}

const gap = (dice: Dice): number =>
  dice.of([0, 1, 500, 30 * second, minute - 1, minute, minute + 1, 10 * minute, hour, 25 * hour, 3 * day]);

/** The last millisecond of a UTC day: the reply that must not fall into the next. */
const endOfDay = (at: number): number => at - (at % day) + day - 1;

function ticketOf(
  dice: Dice,
  o: { id: number; openedAt: number; now: number; people: readonly Person[]; panels: readonly Panel[] },
): Ticket {
  const { id, openedAt, now, people, panels } = o;
  const staff = people.filter((person) => person.role === 'staff');
  const members = people.filter((person) => person.role === 'member');
  const opener = dice.of(dice.chance(0.2) ? staff : members);
  const openedBy = dice.chance(0.15) ? dice.of(staff) : opener;
  const changes: Change[] = [{ name: 'opened', at: openedAt, actorId: openedBy.id }];
  const messages: Message[] = [];
  let at = openedAt;
  let status: 'open' | 'closed' = 'open';
  let wasClosed = false;
  let speaker = opener;
  for (let step = dice.below(16); step > 0; step -= 1) {
    const next = dice.chance(0.05) ? endOfDay(at) : at + gap(dice);
    if (next >= now) break;
    at = next;
    const change = dice.chance(0.35) ? changeOf(dice, { at, status, wasClosed, opener, staff, members }) : null;
    if (change) {
      if (change.name === 'closed') [status, wasClosed] = ['closed', true];
      if (change.name === 'reopened') status = 'open';
      changes.push(change);
      continue;
    }
    if (!dice.chance(0.4)) speaker = dice.chance(0.45) ? dice.of(staff) : dice.chance(0.5) ? opener : dice.of(people);
    messages.push({ id: snowflake(id, messages.length, dice), at, authorId: speaker.id });
  }
  const panelId = panels.length === 0 || dice.chance(0.25) ? null : dice.of(panels).id;
  return { id, openerId: opener.id, openedBy: openedBy.id, panelId, openedAt, changes, messages };
}

/** Ids of one ticket's messages differ but need not grow: equal times are ordered by id alone. */
const snowflake = (ticketId: number, n: number, dice: Dice): string =>
  String(900_000_000_000_000_000n + BigInt(ticketId) * 100_000n + BigInt(dice.below(900) * 100 + n));

function changeOf(
  dice: Dice,
  o: {
    at: number;
    status: 'open' | 'closed';
    wasClosed: boolean;
    opener: Person;
    staff: readonly Person[];
    members: readonly Person[];
  },
): Change | null {
  const { at } = o;
  if (o.status === 'closed') {
    if (dice.chance(0.6)) return { name: 'rated', at, actorId: o.opener.id, rating: 1 + dice.below(5) };
    return { name: 'reopened', at, actorId: dice.of(o.staff).id };
  }
  switch (dice.below(5)) {
    case 0:
    case 1:
      return { name: 'claimed', at, actorId: dice.of(o.staff).id };
    case 2:
      return { name: 'released', at, actorId: dice.of(o.staff).id };
    case 3:
      return { name: 'member_added', at, actorId: dice.of(o.staff).id, memberId: dice.of(o.members).id };
    default:
      return { name: 'closed', at, actorId: dice.of([null, o.opener.id, dice.of(o.staff).id]) };
  }
}
