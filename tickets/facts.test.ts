import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChangeEntry, type Entry, fold, foldAll, isNewer, type MessageEntry, newFacts } from './facts.ts';

const openedAt = Date.UTC(2026, 0, 5, 12);
const start = { openedAt, openerId: '1', openedPanelId: null };
let nextId = 0;
const says = (actorKind: MessageEntry['actorKind'], actorId: string, afterS: number): MessageEntry => {
  nextId += 1;
  const id = String(10_000_000_000_000_000n + BigInt(nextId));
  return { kind: 'message', id, at: openedAt + afterS * 1_000, actorId, actorKind, actorTeamIds: [7] };
};
const changes = (name: ChangeEntry['name'], afterS: number, o: Partial<ChangeEntry> = {}): ChangeEntry => {
  nextId += 1;
  const staff = { actorId: '50', actorKind: 'staff' as const, actorTeamIds: [7] };
  return { kind: 'change', name, at: openedAt + afterS * 1_000, version: nextId, ...staff, ...o };
};
const figuresOf = (entries: Entry[], wanted: Entry) => {
  const step = foldAll(start, entries).steps.find((one) => one.entry === wanted);
  if (!step) throw new Error('the entry was not folded');
  return step.figures;
};

test('the first reply carries the time from opening, and the wait from opening', () => {
  const reply = says('staff', '50', 90);
  const entries = [
    changes('opened', 0),
    says('opener', '1', 20),
    says('observer', '9', 30),
    says('bot', '8', 40),
    reply,
  ];
  expect(figuresOf(entries, reply)).toMatchObject({
    firstResponseS: 90,
    ownFirstReplyS: 90,
    waitedS: 90,
    replyNo: 1,
    repliesBefore: 0,
  });
});

test('a second member of staff has an own first reply but no first response', () => {
  const second = says('staff', '51', 300);
  const figures = figuresOf([says('staff', '50', 90), says('opener', '1', 200), second], second);
  expect(figures).toMatchObject({
    firstResponseS: null,
    ownFirstReplyS: 300,
    waitedS: 100,
    replyNo: 2,
    repliesBefore: 1,
  });
});

test('further lines within 60 s are one reply, at 60 s or after another human they are a new one', () => {
  const line = says('staff', '50', 149);
  const late = says('staff', '50', 209);
  const afterOpener = says('staff', '50', 220);
  const entries = [says('staff', '50', 90), line, late, says('opener', '1', 215), afterOpener];
  expect([line, late, afterOpener].map((one) => figuresOf(entries, one).replyNo)).toEqual([0, 2, 3]);
  expect(figuresOf(entries, line).waitedS).toBeNull();
});

test('consecutive messages of the opener are one wait', () => {
  const reply = says('staff', '50', 500);
  const entries = [says('staff', '50', 10), says('opener', '1', 100), says('opener', '1', 400), reply];
  expect(figuresOf(entries, reply).waitedS).toBe(400);
});

test('a reply recorded after the close that followed it counts as before it', () => {
  const reply = says('staff', '50', 60);
  const close = changes('closed', 120);
  const expected = { isFirstResolution: true, repliesBefore: 1, durationS: 120 };
  expect(figuresOf([close, reply], close)).toMatchObject(expected);
  expect(isNewer(fold(newFacts(openedAt, '1', null), close).facts, reply)).toBe(false);
});

test('a closing is credited to staff who closed, else to the assignee, else to the last to reply', () => {
  const byOpener = { actorId: '1', actorKind: 'opener' as const, actorTeamIds: [] };
  const owner = (entries: Entry[], close: ChangeEntry) => figuresOf([...entries, close], close).ownerId;
  expect(owner([says('staff', '51', 5)], changes('closed', 10))).toBe('50');
  expect(owner([changes('claimed', 4), says('staff', '51', 5)], changes('closed', 10, byOpener))).toBe('50');
  expect(owner([says('staff', '51', 5)], changes('closed', 10, byOpener))).toBe('51');
  expect(owner([], changes('closed', 10, { actorId: null, actorKind: 'system' }))).toBeNull();
});

test('only the first closing after a reply resolves; a rating belongs to the claimer at the close', () => {
  const [first, second, third] = [changes('closed', 10), changes('closed', 100), changes('closed', 200)];
  const rated = changes('rated', 300, { actorId: '1', actorKind: 'opener', rating: 4 });
  const entries = [
    first,
    changes('reopened', 20),
    says('staff', '50', 50),
    changes('claimed', 60, { actorId: '77', actorTeamIds: [9] }),
    second,
    changes('reopened', 150),
    third,
    rated,
  ];
  expect([first, second, third].map((one) => figuresOf(entries, one).isFirstResolution)).toEqual([false, true, false]);
  expect(figuresOf(entries, rated)).toMatchObject({ ownerId: '77', ownerTeamIds: [9], rating: 4 });
});

const anyEntry = fc.record({
  afterS: fc.integer({ min: -5, max: 400 }),
  who: fc.constantFrom(
    ['opener', '1'],
    ['staff', '50'],
    ['staff', '51'],
    ['participant', '60'],
    ['observer', '61'],
    ['bot', '70'],
  ),
  change: fc.option(fc.constantFrom('claimed', 'released', 'closed', 'reopened', 'rated'), { freq: 3 }),
});
const history = fc.array(anyEntry, { maxLength: 30 }).map((list) =>
  list.map(({ afterS, who, change }): Entry => {
    const [kind, id] = who as [MessageEntry['actorKind'], string];
    return change
      ? changes(change as ChangeEntry['name'], afterS, { actorKind: kind, actorId: id, rating: 3 })
      : says(kind, id, afterS);
  }),
);

test('any order, and any repetition, of the same entries gives the same facts', () => {
  fc.assert(
    fc.property(history, fc.infiniteStream(fc.nat()), (entries, random) => {
      const numbers = random[Symbol.iterator]();
      const pick = (): number => numbers.next().value ?? 0;
      const shuffled = [...entries, ...entries.filter(() => pick() % 3 === 0)]
        .map((entry) => ({ entry, rank: pick() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ entry }) => entry);
      expect(foldAll(start, shuffled)).toEqual(foldAll(start, entries));
    }),
  );
});

test('folding one by one, newest last, equals folding all at once', () => {
  fc.assert(
    fc.property(history, (entries) => {
      const all = foldAll(start, entries);
      let facts = newFacts(openedAt, '1', null);
      for (const { entry, figures } of all.steps) {
        expect(isNewer(facts, entry)).toBe(true);
        const step = fold(facts, entry);
        expect(step.figures).toEqual(figures);
        facts = step.facts;
      }
      expect(facts).toEqual(all.facts);
    }),
  );
});

test('no duration is ever below zero, whatever the clocks say', () => {
  fc.assert(
    fc.property(history, (entries) => {
      for (const { figures } of foldAll(start, entries).steps) {
        for (const s of [figures.waitedS, figures.firstResponseS, figures.ownFirstReplyS, figures.durationS]) {
          expect(s ?? 0).toBeGreaterThanOrEqual(0);
        }
      }
    }),
  );
});
