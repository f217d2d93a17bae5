import { readdir } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Db, type Sql, sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { panelValuesOf } from '../actions/edit-panel.ts';
import { messageValuesOf } from '../actions/edit-panel-message.ts';
import { claimTicket } from '../actions/claim.ts';
import { recordMessages } from '../actions/record-messages.ts';
import { createLabel } from '../actions/set-label.ts';
import { setSettings } from '../actions/set-settings.ts';
import { newFacts } from '../facts.ts';
import { createScene } from '../scene.ts';
import { insertBulkClose } from './bulk-close.ts';
import { recordGaps } from './gap.ts';
import { createApiKey } from './identity.ts';
import { insertSchedule } from './schedule.ts';

/**
 * Calls every store function with the ids of another server's things, and prepares every statement that they send against
 * the migrated schema. A new function without an entry here fails the test.
 */
const { pool } = await testDatabase();
const mine = await createScene(pool);
const theirs = await createScene(pool);
const statements: Sql[] = [];
const recorder: Db = {
  query<Row>(statement: Sql) {
    statements.push(statement);
    return pool.query<Row>(statement);
  },
};

const opener = theirs.person();
const madeFrom = theirs.id();
const { panel, panelMessage } = await theirs.panel({
  madeFrom,
  form: {
    name: 'Form',
    fields: [{ label: 'What?', style: 'short', isRequired: true, placeholder: null, minLength: null, maxLength: null }],
  },
});
const ticket = await theirs.open(opener, { panelId: panel.id, answers: [{ label: 'What?', value: 'It.' }] });
const { id: keyId } = await createApiKey(pool, {
  guildId: theirs.guildId,
  hash: Buffer.from('theirs'),
  name: 'n',
  scopes: ['analytics:read'],
  createdBy: null,
});
await recordGaps(pool, theirs.guildId, { from: theirs.start, to: theirs.start + 1 });
const logChannel = theirs.id();
await setSettings(theirs.ctx, theirs.guildId, { by: theirs.owner, patch: { logChannel } });
await claimTicket(theirs.ctx, theirs.guildId, { ticketId: ticket.id, by: theirs.owner, at: theirs.start + 1 });
const { id: labelId } = await createLabel(theirs.ctx, theirs.guildId, { by: theirs.owner, name: 'Theirs', colour: 1 });
const file = {
  id: theirs.id(),
  name: 'x.png',
  sizeBytes: 9,
  contentType: 'image/png',
  url: 'https://cdn.example/x.png',
};
await recordMessages(theirs.ctx, [theirs.message(ticket, theirs.staff, 5, { attachments: [file] })]);
const scheduleId = await insertSchedule(pool, theirs.guildId, { name: 'Theirs' });
const [theirAudit] = await pool.query<{ id: number }>(sql`select id from audit where guild_id = ${theirs.guildId}`);
const panelValues = panelValuesOf(panel);
const messageValues = messageValuesOf(panelMessage);
const g = mine.guildId;
const at = theirs.start;
const [teamId] = ticket.teamIds;
const profile = { name: 'Test', ownerId: mine.owner.id, iconHash: null, memberCount: 3, locale: 'en-US' };
const member = { ticketId: ticket.id, userId: opener.id };
const subject = {
  teamId: teamId ?? 0,
  subjectId: theirs.staff.id,
  subjectKind: 'user' as const,
  level: 'admin' as const,
};
const entry = { kind: 'change' as const, name: 'claimed' as const, version: 99, actorKind: 'staff' as const };
const reservation = {
  id: ticket.id,
  displayScope: 0,
  displayEpoch: 0,
  displayNo: 1,
  mode: 'channel' as const,
  parentId: null,
  memberIds: [opener.id],
  movedFrom: null,
  scheduleId: null,
  interactionId: mine.id(),
  openerId: opener.id,
  openedBy: opener.id,
  teamIds: [],
  source: 'command' as const,
  subject: null,
  sealedAnswers: null,
  wrappedKey: Buffer.alloc(65),
  openedAt: at,
  expiresAt: at,
  facts: newFacts(at, opener.id, null),
  replyToken: null,
};

/** `nothing`: what a function answers where there is nothing; 'refused': a foreign key; 'own': it only touches its server's row. */
type Case = { call: (db: Db) => Promise<unknown>; gives: unknown };
const nothing = (call: Case['call'], ...gives: unknown[]): Case => ({
  call,
  gives: gives.length === 0 ? null : gives[0],
});
const refused = (call: Case['call']): Case => ({ call, gives: 'refused' });
const own = (call: Case['call']): Case => ({ call, gives: 'own' });
type Module = Record<string, unknown>;
const modules: Record<string, Module> = {};
const files = (await readdir(new URL('.', import.meta.url))).filter((file) => /^[a-z-]+\.ts$/.test(file));
// Before a guild is known, or not about data: exempt by design.md 3.
const exempt = new Set(['identity.ts', 'migrate.ts']);
for (const file of files)
  if (!exempt.has(file)) modules[file] = await import(/* @vite-ignore */ new URL(file, import.meta.url).href);
const functions = Object.values(modules).flatMap((module) =>
  Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' ? [name] : [])),
);
const store = Object.assign({}, ...Object.values(modules)) as {
  [K: string]: (db: Db, ...rest: unknown[]) => Promise<unknown>;
};
const fn =
  (name: string) =>
  (db: Db, ...rest: unknown[]) => {
    const found = store[name];
    if (!found) throw new Error(`no store function ${name}`);
    return found(db, ...rest);
  };

const bulk = {
  filter: { panelId: null, categoryId: null, inactiveMs: null, labelId: null },
  reason: null,
  askedBy: theirs.owner,
  askedAt: at,
  ticketIds: [ticket.id],
};
const theirBulk = await insertBulkClose(pool, theirs.guildId, bulk);

const cases: Record<string, Case> = {
  recordApplied: nothing((db) => fn('recordApplied')(db, g, ticket.id, { name: 'x' }), undefined),
  recordSettled: nothing((db) => fn('recordSettled')(db, g, { ticketId: ticket.id, version: 9 }), undefined),
  listAttachments: nothing((db) => fn('listAttachments')(db, mine.ctx.keys, g, ticket.id), []),
  readAttachment: nothing((db) => fn('readAttachment')(db, mine.ctx.keys, g, { ticketId: ticket.id, id: file.id })),
  recordAttachment: nothing((db) => {
    const change = { ticketId: ticket.id, id: file.id, state: 'stored', reason: null, objectKey: 'stolen' };
    return fn('recordAttachment')(db, g, change);
  }, undefined),
  ticketsOfThreads: nothing((db) => fn('ticketsOfThreads')(db, g, [ticket.channelId]), []),
  recordJoined: nothing((db) => fn('recordJoined')(db, g, { ticketId: ticket.id, userId: '5' }), undefined),
  forgetJoined: nothing((db) => fn('forgetJoined')(db, g, { ticketId: ticket.id, userIds: ['5'] }), undefined),
  threadsInChannel: nothing((db) => fn('threadsInChannel')(db, g, ticket.parentId ?? ticket.channelId), []),
  readTicketIdByNumber: nothing((db) => fn('readTicketIdByNumber')(db, g, ticket.displayNo)),
  listOnCall: nothing((db) => fn('listOnCall')(db, g), []),
  putOnCall: nothing((db) => fn('putOnCall')(db, g, { teamId, roleId: '5', instead: null }), false),
  readWantedSince: nothing((db) => fn('readWantedSince')(db, g, ticket.id)),
  addAttachmentJob: nothing((db) => fn('addAttachmentJob')(db, g, ticket.id), undefined),
  writeAudit: own((db) => fn('writeAudit')(db, g, { at, actorId: null, action: 'x', data: {} })),
  upsertGuild: own((db) => fn('upsertGuild')(db, g, profile)),
  markGuildLeft: own((db) => fn('markGuildLeft')(db, g, { at })),
  claimSetup: own((db) => fn('claimSetup')(db, g, { now: at, until: at + 1 })),
  endSetup: nothing((db) => fn('endSetup')(db, g, { until: at + 1 }), undefined),
  readFirstMessageId: nothing((db) => fn('readFirstMessageId')(db, g, { ticketId: ticket.id }), null),
  readGuild: own((db) => fn('readGuild')(db, g)),
  readGuildAndStaff: own((db) => fn('readGuildAndStaff')(db, g)),
  lockGuild: own((db) => fn('lockGuild')(db, g)),
  listAudit: own((db) => fn('listAudit')(db, g, { before: null, limit: 5 })),
  readAudit: nothing((db) => fn('readAudit')(db, g, theirAudit?.id)),
  isReferable: nothing((db) => fn('isReferable')(db, g, { to: 'panel', id: panel.id }), false),
  listReferable: nothing((db) => fn('listReferable')(db, g, { to: 'panel' }), []),
  writeEntitlement: own((db) => fn('writeEntitlement')(db, g, { until: null })),
  writeSettings: own((db) => fn('writeSettings')(db, g, { overrides: {} })),
  lockCounter: own((db) => fn('lockCounter')(db, g)),
  readNow: nothing((db) => fn('readNow')(db, g, at), {
    open: 0,
    closed: 0,
    claimed: 0,
    totalEver: 0,
    awaitingFirstResponse: 0,
    oldestWaitingS: null,
    since: null,
  }),
  readOpenClaimed: nothing((db) => fn('readOpenClaimed')(db, g, theirs.staff.id), 0),
  readPanelNames: nothing((db) => fn('readPanelNames')(db, g), new Map()),
  readLagS: nothing((db) => fn('readLagS')(db, g, at), 0),
  listApiKeys: nothing((db) => fn('listApiKeys')(db, g), []),
  revokeApiKey: nothing((db) => fn('revokeApiKey')(db, g, { keyId, at })),
  recordGaps: own((db) => fn('recordGaps')(db, g, { from: at, to: at + 1 })),
  listGaps: nothing((db) => fn('listGaps')(db, g, ticket.id), []),
  takeNumber: refused((db) => fn('takeNumber')(db, g, { panelId: panel.id })),
  readPlaceholderCounts: nothing((db) => fn('readPlaceholderCounts')(db, g, { openerId: opener.id }), {
    open: 0,
    ever: 0,
    userOpen: 0,
    userEver: 0,
  }),
  readRatings: nothing((db) => fn('readRatings')(db, g), { count: 0, average: null }),
  forgetProblems: nothing((db) => fn('forgetProblems')(db, g, { limit: 5 }), { ticketIds: [], panelMessageIds: [] }),
  listProblems: nothing((db) => fn('listProblems')(db, g, { now: at, limit: 5 }), []),
  readOpenFromMessage: nothing((db) => fn('readOpenFromMessage')(db, g, { openerId: opener.id })),
  addNoticeJob: own((db) => fn('addNoticeJob')(db, g, { messageId: mine.id() })),
  addRoleAwayJob: own((db) => fn('addRoleAwayJob')(db, g, { roleId: mine.id(), userId: null })),
  addTakeAwayJob: own((db) => fn('addTakeAwayJob')(db, g, { channelId: '1', messageId: mine.id(), afterMs: 0 })),
  listMadeCategories: nothing((db) => fn('listMadeCategories')(db, g, { baseId: theirs.guildId }), []),
  claimCategory: own((db) => fn('claimCategory')(db, g, { baseId: mine.guildId, no: 2, now: at, staleBefore: at })),
  recordCategory: nothing(async (db) => {
    await fn('recordCategory')(db, g, { baseId: theirs.guildId, no: 2, categoryId: mine.guildId });
    await fn('recordCategory')(db, g, { baseId: theirs.guildId, no: 2, categoryId: null });
  }, undefined),
  countAhead: nothing((db) => fn('countAhead')(db, g, { ticketId: ticket.id, serverCategoryId: null }), 0),
  listOpenChannels: nothing((db) => fn('listOpenChannels')(db, g, { after: 0, limit: 5 }), []),
  listWaiting: nothing((db) => fn('listWaiting')(db, g, { limit: 5 }), []),
  startEpoch: nothing((db) => fn('startEpoch')(db, g, { panelId: panel.id }), undefined),
  takeLifetimeNo: own((db) => fn('takeLifetimeNo')(db, g)),
  readHistory: nothing((db) => fn('readHistory')(db, g, ticket.id), []),
  insertHistory: refused((db) =>
    fn('insertHistory')(db, g, {
      ticketId: ticket.id,
      entry: { ...entry, at, actorId: opener.id, actorTeamIds: [] },
      data: { askedAt: at },
    }),
  ),
  // A job names both ids; whoever runs it reads the ticket by both and finds nothing.
  addTicketJob: own((db) => fn('addTicketJob')(db, g, 1)),
  addPanelJob: own((db) => fn('addPanelJob')(db, g, 1)),
  insertOutgoing: nothing(
    (db) =>
      fn('insertOutgoing')(db, g, {
        ticketId: ticket.id,
        nonce: 'n',
        actorId: opener.id,
        actorKind: 'staff',
        actorTeamIds: [],
        kind: 'reply',
      }),
    undefined,
  ),
  listPanels: nothing((db) => fn('listPanels')(db, g), []),
  readPanel: nothing((db) => fn('readPanel')(db, g, panel.id)),
  listPanelMessages: nothing((db) => fn('listPanelMessages')(db, g), []),
  readPanelMessage: nothing((db) => fn('readPanelMessage')(db, g, panelMessage.id)),
  insertForm: own((db) => fn('insertForm')(db, g, { name: 'x', fields: [] })),
  listForms: own((db) => fn('listForms')(db, g)),
  readForm: nothing((db) => fn('readForm')(db, g, panel.form?.id)),
  updateForm: nothing(
    (db) => fn('updateForm')(db, g, { formId: panel.form?.id, name: 'stolen', fields: [] }),
    undefined,
  ),
  markFormDeleted: nothing((db) => fn('markFormDeleted')(db, g, { formId: panel.form?.id, at }), undefined),
  countPanels: nothing((db) => fn('countPanels')(db, g), 0),
  readPanelMadeFrom: nothing((db) => fn('readPanelMadeFrom')(db, g, madeFrom)),
  updatePanel: nothing((db) => fn('updatePanel')(db, g, { ...panelValues, panelId: panel.id, teamIds: [] }), undefined),
  markPanelDeleted: nothing((db) => fn('markPanelDeleted')(db, g, { panelId: panel.id, at }), undefined),
  readPanelMessageMadeFrom: nothing((db) => fn('readPanelMessageMadeFrom')(db, g, madeFrom)),
  updatePanelMessage: nothing(
    (db) => fn('updatePanelMessage')(db, g, { ...messageValues, panelMessageId: panelMessage.id, title: 'stolen' }),
    undefined,
  ),
  markPanelMessagePending: nothing(
    (db) => fn('markPanelMessagePending')(db, g, { panelMessageId: panelMessage.id, isToSend: true }),
    undefined,
  ),
  markPanelMessageDeleted: nothing(
    (db) => fn('markPanelMessageDeleted')(db, g, { panelMessageId: panelMessage.id, at }),
    undefined,
  ),
  recordPanelMessageGone: nothing((db) => fn('recordPanelMessageGone')(db, g, { messageId: '1' }), undefined),
  removePanelMessage: nothing((db) => fn('removePanelMessage')(db, g, panelMessage.id), undefined),
  recordPanelMessageSent: nothing((db) => {
    const sent = { panelMessageId: panelMessage.id, channelId: '1', messageId: '1' };
    return fn('recordPanelMessageSent')(db, g, sent);
  }, undefined),
  removeStray: nothing((db) => {
    const stray = { channelId: '1', messageId: null };
    return fn('removeStray')(db, g, { panelMessageId: panelMessage.id, stray });
  }, undefined),
  listManagedTeams: own((db) => fn('listManagedTeams')(db, g)),
  readTeam: nothing((db) => fn('readTeam')(db, g, teamId)),
  insertTeam: own((db) => fn('insertTeam')(db, g, { name: 'x' })),
  updateTeam: nothing((db) => fn('updateTeam')(db, g, { teamId, name: 'stolen' }), undefined),
  takeOnCall: nothing((db) => fn('takeOnCall')(db, g, { teamId })),
  lockTeam: nothing((db) => fn('lockTeam')(db, g, { teamId }), undefined),
  removeTeam: nothing((db) => fn('removeTeam')(db, g, { teamId }), undefined),
  countTicketsOfTeam: nothing((db) => fn('countTicketsOfTeam')(db, g, teamId), 0),
  insertPanel: refused((db) =>
    fn('insertPanel')(db, g, { ...panelValues, madeFrom: null, formId: panel.form?.id, teamIds: [teamId] }),
  ),
  insertPanelMessage: refused((db) =>
    fn('insertPanelMessage')(db, g, { ...messageValues, madeFrom: null, panelIds: [panel.id] }),
  ),
  recordPanelMessage: nothing(
    (db) => fn('recordPanelMessage')(db, g, panelMessage.id, { messageId: '1', creatingSince: at }),
    undefined,
  ),
  countStaffMessages: nothing((db) => fn('countStaffMessages')(db, g, [ticket.id]), []),
  findPanels: nothing((db) => fn('findPanels')(db, g, { typed: '', limit: 5 }), []),
  listOwnTickets: nothing(
    (db) => fn('listOwnTickets')(db, g, { openerId: opener.id, before: ticket.id + 1, limit: 5 }),
    [],
  ),
  readClaimToPing: nothing((db) => fn('readClaimToPing')(db, g, { ticketId: ticket.id, version: 99 })),
  addLogJob: own((db) => fn('addLogJob')(db, g, { afterMs: 0 })),
  listLogChannels: nothing((db) => fn('listLogChannels')(db, g), []),
  takeLogBatch: nothing((db) => fn('takeLogBatch')(db, g, { channelId: logChannel, limit: 5 })),
  dropLogPosts: nothing((db) => fn('dropLogPosts')(db, g, { channelId: logChannel, batch: null }), 0),
  listLogProblems: nothing((db) => fn('listLogProblems')(db, g), []),
  recordLogProblem: own((db) => fn('recordLogProblem')(db, g, { channelId: logChannel, code: 'x', context: {}, at })),
  clearLogProblem: own((db) => fn('clearLogProblem')(db, g, logChannel)),
  listLabels: nothing((db) => fn('listLabels')(db, g), []),
  readLabels: nothing((db) => fn('readLabels')(db, g, [labelId]), []),
  readLabelNames: nothing((db) => fn('readLabelNames')(db, g, [labelId]), new Map()),
  insertLabel: own((db) => fn('insertLabel')(db, g, { name: 'x', colour: 0 })),
  updateLabel: nothing((db) => fn('updateLabel')(db, g, { labelId, name: 'x', colour: 0, ifVersion: 1 })),
  deleteLabel: nothing((db) => fn('deleteLabel')(db, g, { labelId, at })),
  listStaff: own((db) => fn('listStaff')(db, g)),
  listTeams: own((db) => fn('listTeams')(db, g)),
  readDefaultTeamId: own((db) => fn('readDefaultTeamId')(db, g)),
  putStaff: nothing((db) => fn('putStaff')(db, g, { ...subject, addedBy: opener.id }), false),
  dropStaff: nothing((db) => fn('dropStaff')(db, g, subject), false),
  readTicket: nothing((db) => fn('readTicket')(db, g, ticket.id)),
  readTicketByChannel: nothing((db) => fn('readTicketByChannel')(db, g, ticket.channelId)),
  readTicketByInteraction: nothing((db) => fn('readTicketByInteraction')(db, g, ticket.interactionId)),
  lockTicket: nothing((db) => fn('lockTicket')(db, g, ticket.id)),
  listTickets: nothing((db) => {
    const search = { number: ticket.displayNo, openerId: opener.id };
    const page = { status: 'all', teamIds: [teamId], viewerId: opener.id, before: ticket.id + 1, limit: 5, search };
    return fn('listTickets')(db, g, page);
  }, []),
  countOpenTickets: nothing((db) => fn('countOpenTickets')(db, g, { teamIds: [teamId], viewerId: opener.id }), 0),
  countActive: nothing(
    (db) =>
      fn('countActive')(db, g, { openerId: opener.id, panelId: panel.id, limits: { user: 5, panel: 5, guild: 5 } }),
    {
      user: 0,
      panel: 0,
      guild: 0,
    },
  ),
  insertTicket: refused((db) => fn('insertTicket')(db, g, { ...reservation, panelId: panel.id })),
  updateTicket: refused((db) =>
    fn('updateTicket')(db, g, { ...ticket, version: ticket.version + 2, changedAt: at, closeReason: 'stolen' }),
  ),
  writeComment: nothing((db) => fn('writeComment')(db, g, { ticketId: ticket.id, sealed: Buffer.of(1) }), undefined),
  insertMember: nothing((db) => fn('insertMember')(db, g, { ...member, addedBy: opener.id, at }), undefined),
  deleteMember: nothing((db) => fn('deleteMember')(db, g, member), undefined),
  readKey: nothing((db) => fn('readKey')(db, g, ticket.id)),
  destroyKey: nothing((db) => fn('destroyKey')(db, g, ticket.id), undefined),
  readTranscript: nothing((db) => fn('readTranscript')(db, mine.ctx.keys, g, ticket.id), {
    messages: [],
    answers: [],
    comment: null,
    isErased: false,
  }),
  scheduleInForce: nothing((db) => fn('scheduleInForce')(db, g, { scheduleId })),
  listSchedules: nothing((db) => fn('listSchedules')(db, g), []),
  readSchedule: nothing((db) => fn('readSchedule')(db, g, scheduleId)),
  insertSchedule: own((db) => fn('insertSchedule')(db, g, { name: 'Mine' })),
  updateSchedule: nothing((db) => fn('updateSchedule')(db, g, { scheduleId, name: 'stolen', ifVersion: 1 }), false),
  writeScheduleVersion: refused((db) => {
    const version = { timeZone: 'UTC', hours: [], holidays: [], validFrom: at };
    return fn('writeScheduleVersion')(db, g, { scheduleId, ...version });
  }),
  markScheduleDeleted: nothing((db) => fn('markScheduleDeleted')(db, g, { scheduleId, at }), false),
  usesOfSchedule: nothing((db) => fn('usesOfSchedule')(db, g, scheduleId), { panels: [], isServers: false }),
  holdOpenTicket: nothing((db) => fn('holdOpenTicket')(db, g, ticket.id)),
  lockOpenTickets: nothing((db) => fn('lockOpenTickets')(db, g, { after: 0, limit: 5 }), []),
  writeTimers: nothing((db) => fn('writeTimers')(db, g, [{ id: ticket.id, nextActionAt: at, staleAt: at }]), undefined),
  postponeTimer: nothing(
    (db) => fn('postponeTimer')(db, g, { ticketId: ticket.id, until: at, problem: null }),
    undefined,
  ),
  addTimersJob: own((db) => fn('addTimersJob')(db, g)),
  addReviewJob: own((db) => fn('addReviewJob')(db, g, ticket.id)),
  addAccessJob: own((db) => fn('addAccessJob')(db, g)),
  addBulkCloseJob: own((db) => fn('addBulkCloseJob')(db, g, 1)),
  listClosable: nothing((db) => fn('listClosable')(db, g, { openerId: opener.id }), []),
  markOpenerSeen: nothing((db) => fn('markOpenerSeen')(db, g, { openerId: opener.id, at }), undefined),
  wantOpenerSeen: nothing((db) => fn('wantOpenerSeen')(db, g, { ticketId: ticket.id, before: at + 9 }), undefined),
  findBulkTickets: nothing((db) => {
    const filter = { panelId: panel.id, categoryId: null, inactiveMs: null, labelId: null };
    return fn('findBulkTickets')(db, g, { filter, ticketCategory: null, now: at, limit: 5 });
  }, []),
  insertBulkClose: own((db) => fn('insertBulkClose')(db, g, { ...bulk, askedBy: mine.owner, ticketIds: [] })),
  lockBulkClose: nothing((db) => fn('lockBulkClose')(db, g, theirBulk.id)),
  readBulkClose: nothing((db) => fn('readBulkClose')(db, g, theirBulk.id)),
  writeBulkClose: nothing((db) => fn('writeBulkClose')(db, g, { ...theirBulk, state: 'done', at }), undefined),
  entryOf: own(() => Promise.resolve()),
  bodyOf: own(() => Promise.resolve()),
  partOf: own(() => Promise.resolve()),
};

// All that belongs to the other server, as one text: nothing of it may change.
const theirRows = async () => {
  const tables = await pool.query<{ name: string }>(sql`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'guild_id' order by table_name`);
  expect(tables.length).toBeGreaterThan(15);
  const rows = await Promise.all(
    tables.map(({ name }) =>
      pool.pg.query(`select * from ${name} where guild_id = $1 order by 1, 2`, [theirs.guildId]),
    ),
  );
  return JSON.stringify(rows.map((answer) => answer.rows));
};

describe('the store', () => {
  let before = '';
  beforeAll(async () => {
    before = await theirRows();
  });

  test('has an entry here for each of its functions', () => {
    expect(Object.keys(cases).sort()).toEqual(functions.sort());
  });

  test.each(Object.entries(cases))('%s neither shows nor changes what is another server’s', async (_, one) => {
    const call = one.call(recorder);
    if (one.gives === 'refused') await expect(call).rejects.toThrow();
    else {
      const answer = await call;
      if (one.gives !== 'own') expect(answer).toEqual(one.gives);
      for (const id of [ticket.id, panel.id, opener.id, theirs.guildId, theirs.staff.id]) {
        expect(JSON.stringify(answer) ?? '').not.toMatch(new RegExp(`\\b${id}\\b`));
      }
    }
    expect(await theirRows()).toBe(before);
  });

  test('sends statements that name the server, and that the schema knows', async () => {
    const exceptions = ['nextval', 'graphile_worker'];
    for (const { text } of statements) {
      if (!exceptions.some((word) => text.includes(word))) expect(text).toContain('guild_id');
    }
    const texts = [...new Set(statements.map((statement) => statement.text))];
    const client = await pool.pg.connect();
    try {
      for (const [i, text] of texts.entries()) await client.query(`prepare scope_${i} as ${text}`);
    } finally {
      client.release(true);
    }
    expect(texts.length).toBeGreaterThan(40);
  });
});
