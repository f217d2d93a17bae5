import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { addMember } from '#tickets/actions/add-member.ts';
import { claimTicket } from '#tickets/actions/claim.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { recordMessages } from '#tickets/actions/record-messages.ts';
import { recordGaps } from '#tickets/store/gap.ts';
import { destroyKey } from '#tickets/store/ticket.ts';
import { type Browser, type Fixture, newId, startFixture } from './fixture.ts';
import { actor, addTeam, ctxOf, openedTicket } from './fixture-tickets.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();

let f: Fixture;
let guild: { id: string; ownerId: string };
let owner: Browser;

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
  guild = await f.addGuild();
  owner = await f.signIn(guild.ownerId, [guild.id]);
});
afterAll(() => f.app.close());

const listOf = async (browser: Browser, query = '', guildId = guild.id) =>
  (await f.get(`/api/guilds/${guildId}/tickets${query}`, browser)).json() as {
    tickets: { id: number; opener: { id: string; name: string } }[];
    next: string | null;
  };
const idsOf = (page: { tickets: { id: number }[] }): number[] => page.tickets.map(({ id }) => id);

describe('the list of tickets', () => {
  it('shows a ticket as it is', async () => {
    const openerId = newId();
    f.discord.join(guild.id, openerId, { name: 'Member 12' });
    const { panelId } = await addTeam(f, guild.id, { name: 'Billing' });
    const ticket = await openedTicket(f, guild.id, { openerId, panelId });
    const [row] = (await listOf(owner)).tickets;
    expect(row).toEqual({
      id: ticket.id,
      displayNo: ticket.displayNo,
      lifetimeNo: ticket.lifetimeNo,
      state: 'open',
      panelId,
      panelName: 'Billing',
      opener: { id: openerId, name: 'Member 12' },
      claimedBy: null,
      openedAt: new Date(ticket.openedAt).toISOString(),
      closedAt: null,
      closeReason: null,
      rating: null,
      waiting: 'staff',
      staleAt: null,
      problem: null,
    });
  });

  it('gives every ticket once over its pages, newest first, while new ones are opened', async () => {
    const other = await f.addGuild();
    const browser = await f.signIn(other.ownerId, [other.id]);
    const made: number[] = [];
    for (let i = 0; i < 5; i += 1) made.unshift((await openedTicket(f, other.id)).id);
    const first = await listOf(browser, '?limit=2', other.id);
    await openedTicket(f, other.id); // appears on no later page
    const second = await listOf(browser, `?limit=2&cursor=${first.next}`, other.id);
    const third = await listOf(browser, `?limit=2&cursor=${second.next}`, other.id);
    expect([first, second, third].flatMap(idsOf)).toEqual(made);
    expect(third.next).toBeNull();
  });

  it('shows support the tickets of their teams and no others', async () => {
    const [supportId, otherId] = [newId(), newId()];
    const { panelId } = await addTeam(f, guild.id, { name: 'Own', staffIds: [supportId] });
    const other = await addTeam(f, guild.id, { name: 'Other', staffIds: [otherId] });
    const own = await openedTicket(f, guild.id, { panelId });
    const foreign = await openedTicket(f, guild.id, { panelId: other.panelId });
    const support = await f.signIn(supportId, [guild.id]);
    expect(idsOf(await listOf(support))).toEqual([own.id]);
    expect(idsOf(await listOf(owner))).toEqual(expect.arrayContaining([own.id, foreign.id]));
    const openCount = async (browser: Browser) =>
      (await f.get(`/api/guilds/${guild.id}`, browser)).json().openTicketCount;
    expect([await openCount(support), await openCount(owner)]).toEqual([1, (await listOf(owner)).tickets.length]);
    const answer = await f.get(`/api/guilds/${guild.id}/tickets/${foreign.id}/transcript`, support);
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'ticket.unknown']);
  });

  it('says in words what hinders a ticket', async () => {
    const other = await f.addGuild();
    const browser = await f.signIn(other.ownerId, [other.id]);
    const { id } = await openedTicket(f, other.id);
    const context = { permissions: 'ManageChannels,EmbedLinks', place: 'server' };
    const problem = JSON.stringify({ code: 'discord.permission', context, at: 1 });
    await pool.query(sql`update ticket set applied = jsonb_set(applied, '{problem}', ${problem}) where id = ${id}`);
    expect((await listOf(browser, '', other.id)).tickets[0]).toMatchObject({
      problem: expect.stringContaining('Manage Channels and Embed Links in this server'),
    });
  });

  it('keeps open and closed apart', async () => {
    const ticket = await openedTicket(f, guild.id);
    const by = { ...actor(guild.ownerId), isOwner: true };
    await closeTicket(ctxOf(f), guild.id, { ticketId: ticket.id, by, reason: 'Solved', at: Date.now() });
    expect(idsOf(await listOf(owner))).not.toContain(ticket.id);
    const closed = (await listOf(owner, '?status=closed')).tickets.find(({ id }) => id === ticket.id);
    expect(closed).toMatchObject({ state: 'closed', closeReason: 'Solved', waiting: null });
  });

  it('are searched by number, opener and claimer, over open and closed ones', async () => {
    const [first, second] = [await openedTicket(f, guild.id), await openedTicket(f, guild.id)];
    const by = { ...actor(guild.ownerId), isOwner: true };
    await claimTicket(ctxOf(f), guild.id, { ticketId: second.id, by, at: Date.now() });
    await closeTicket(ctxOf(f), guild.id, { ticketId: first.id, by, reason: 'Solved', at: Date.now() });
    const found = async (query: string) => idsOf(await listOf(owner, `?status=all&${query}`));
    expect(await found(`number=${first.displayNo}`)).toEqual([first.id]);
    expect(await found(`openerId=${second.openerId}`)).toEqual([second.id]);
    expect(await found(`claimerId=${guild.ownerId}`)).toEqual([second.id]);
    expect(await found(`claimerId=${guild.ownerId}&number=${first.displayNo}`)).toEqual([]);
    expect(idsOf(await listOf(owner, `?number=${first.displayNo}`))).toEqual([]); // open ones alone, unless asked
  });

  it('calls people by their id when Discord does not tell in time', async () => {
    const other = await f.addGuild();
    const browser = await f.signIn(other.ownerId, [other.id]);
    const { openerId } = await openedTicket(f, other.id); // nobody whom the fake Discord knows
    expect((await listOf(browser, '', other.id)).tickets[0]?.opener).toEqual({ id: openerId, name: openerId });
  });

  it.each([
    ['?limit=0', 'limit'],
    ['?limit=1000', 'limit'],
    ['?status=gone', 'status'],
    ['?cursor=x', 'cursor'],
    ['?number=0', 'number'],
    ['?openerId=somebody', 'openerId'],
    ['?openerId=99999999999999999999', 'openerId'],
    ['?unknown=1', 'unknown'],
  ])('refuses %s naming the field', async (query, field) => {
    const answer = await f.get(`/api/guilds/${guild.id}/tickets${query}`, owner);
    expect([answer.statusCode, answer.json().errors[0]]).toMatchObject([400, { in: 'querystring', field }]);
  });
});

describe('one ticket', () => {
  it('shows what was asked, who is in it and what happened', async () => {
    const ctx = ctxOf(f);
    const openerId = newId();
    const memberId = newId();
    f.discord.join(guild.id, openerId, { name: 'Member 12' });
    f.discord.join(guild.id, memberId, { name: 'Member 13' });
    const answers = [{ label: 'Order', value: '1234' }];
    const ticket = await openedTicket(f, guild.id, { openerId, answers, subject: 'Refund' });
    const by = { ...actor(guild.ownerId), isOwner: true };
    await claimTicket(ctx, guild.id, { ticketId: ticket.id, by, at: Date.now() });
    await addMember(ctx, guild.id, { ticketId: ticket.id, by, userId: memberId, at: Date.now() });
    const answer = await f.get(`/api/guilds/${guild.id}/tickets/${ticket.id}`, owner);
    expect(answer.json()).toMatchObject({
      id: ticket.id,
      subject: 'Refund',
      answers,
      members: [{ id: memberId, name: 'Member 13' }],
      claimedBy: { id: guild.ownerId, name: 'Owner' },
    });
    const history = answer.json().history as { name: string; actor: { name: string }; user: { name: string } | null }[];
    expect(history.map(({ name }) => name)).toEqual(['opened', 'claimed', 'member_added']);
    expect(history[2]).toMatchObject({ actor: { name: 'Owner' }, user: { name: 'Member 13' } });
  });

  it('does not exist before it has a channel', async () => {
    const ticket = await openedTicket(f, guild.id);
    await pool.query(sql`update ticket set state = 'reserved' where id = ${ticket.id}`);
    expect((await f.get(`/api/guilds/${guild.id}/tickets/${ticket.id}`, owner)).statusCode).toBe(404);
  });
});

describe('a transcript', () => {
  const say = async (ticket: { id: number; channelId: string | null }, authorId: string, content: string) => {
    const id = newId();
    await recordMessages(ctxOf(f), [
      {
        guildId: guild.id,
        channelId: ticket.channelId ?? '',
        ticketId: ticket.id,
        id,
        authorId,
        isBot: false,
        roleIds: [],
        content,
        attachments: [],
        nonce: null,
        at: Date.now(),
      },
    ]);
    return id;
  };
  const read = (ticketId: number, browser: Browser) =>
    f.get(`/api/guilds/${guild.id}/tickets/${ticketId}/transcript`, browser);

  it('says when edits and deletions may have been missed', async () => {
    const ticket = await openedTicket(f, guild.id);
    const gap = { from: ticket.openedAt + 1_000, to: ticket.openedAt + 2_000 };
    await recordGaps(pool, guild.id, gap);
    const { gaps } = (await read(ticket.id, owner)).json();
    expect(gaps).toEqual([{ from: new Date(gap.from).toISOString(), to: new Date(gap.to).toISOString() }]);
  });

  it('gives what was said, by whom, in order', async () => {
    const openerId = newId();
    f.discord.join(guild.id, openerId, { name: 'Member 12' });
    const ticket = await openedTicket(f, guild.id, { openerId });
    const first = await say(ticket, openerId, 'My order <b>1234</b> is late');
    const second = await say(ticket, guild.ownerId, 'Let me look');
    const transcript = (await read(ticket.id, owner)).json();
    expect(transcript).toMatchObject({
      ticket: { id: ticket.id },
      contentMissing: false,
      erased: false,
      gaps: [],
      messages: [
        {
          id: first,
          author: { id: openerId, name: 'Member 12', kind: 'opener' },
          content: 'My order <b>1234</b> is late',
        },
        { id: second, author: { id: guild.ownerId, name: 'Owner' }, content: 'Let me look', deleted: false },
      ],
    });
  });

  it('is for the opener, who was added, the staff of its teams and admins; for nobody else', async () => {
    const [openerId, memberId, staffId, otherStaffId, strangerId, outsiderId] = Array.from({ length: 6 }, newId) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const { panelId } = await addTeam(f, guild.id, { name: 'Its team', staffIds: [staffId] });
    await addTeam(f, guild.id, { name: 'Another', staffIds: [otherStaffId] });
    for (const userId of [openerId, memberId, strangerId]) f.discord.join(guild.id, userId);
    const ticket = await openedTicket(f, guild.id, { openerId, panelId });
    const by = { ...actor(guild.ownerId), isOwner: true };
    await addMember(ctxOf(f), guild.id, { ticketId: ticket.id, by, userId: memberId, at: Date.now() });
    const codeFor = async (userId: string) => (await read(ticket.id, await f.signIn(userId, []))).statusCode;
    const codes = await Promise.all(
      [guild.ownerId, openerId, memberId, staffId, otherStaffId, strangerId, outsiderId].map(codeFor),
    );
    expect(codes).toEqual([200, 200, 200, 200, 404, 404, 404]);
  });

  it('stays readable to an opener who left the server, and no longer to staff who did', async () => {
    const [openerId, staffId] = [newId(), newId()];
    const { panelId } = await addTeam(f, guild.id, { name: 'Leavers', staffIds: [staffId] });
    const ticket = await openedTicket(f, guild.id, { openerId, panelId });
    const by = actor(staffId);
    await claimTicket(ctxOf(f), guild.id, { ticketId: ticket.id, by, at: Date.now() });
    f.discord.leave(guild.id, staffId);
    expect((await read(ticket.id, await f.signIn(openerId, []))).statusCode).toBe(200);
    expect((await read(ticket.id, await f.signIn(staffId, []))).statusCode).toBe(404);
  });

  it('says so when Discord shows Docket no content', async () => {
    const openerId = newId();
    const ticket = await openedTicket(f, guild.id, { openerId });
    await say(ticket, openerId, '');
    expect((await read(ticket.id, owner)).json()).toMatchObject({ contentMissing: true });
  });

  it('keeps authors and times, and no word, once it is erased', async () => {
    const openerId = newId();
    const ticket = await openedTicket(f, guild.id, { openerId });
    await say(ticket, openerId, 'secret words');
    await destroyKey(pool, guild.id, ticket.id);
    const answer = await read(ticket.id, owner);
    expect(answer.json()).toMatchObject({ erased: true, messages: [{ author: { id: openerId }, content: null }] });
    expect(answer.body).not.toContain('secret');
  });
});
