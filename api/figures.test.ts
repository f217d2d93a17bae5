import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIngest } from '#analytics/ingest/ingest.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createPanel } from '#tickets/actions/create-panel.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { rateTicket } from '#tickets/actions/rate.ts';
import { recordMessages } from '#tickets/actions/record-messages.ts';
import { recordPanelMessage } from '#tickets/store/panel-message.ts';
import { takeOutbox } from '#tickets/store/fleet/outbox.ts';
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

/** What the drain does: everything that waits goes into ClickHouse. */
async function ingestAll(): Promise<void> {
  const ingest = createIngest({ clickhouse: client, pool, log: f.deps.log });
  await ingest(await takeOutbox(pool, 10_000), new AbortController().signal);
}

describe('the figures of a ticket that ran its course', () => {
  const [openerId, staffId] = [newId(), newId()];
  const base = (): string => `/api/guilds/${guild.id}/analytics`;

  beforeAll(async () => {
    const ctx = ctxOf(f);
    f.discord.join(guild.id, openerId, { name: 'Member 12' });
    const { panelId } = await addTeam(f, guild.id, { name: 'Billing', staffIds: [staffId] });
    const ticket = await openedTicket(f, guild.id, { openerId, panelId });
    const at = Date.now();
    await recordMessages(ctx, [
      {
        guildId: guild.id,
        channelId: ticket.channelId ?? '',
        ticketId: ticket.id,
        id: newId(),
        authorId: staffId,
        isBot: false,
        roleIds: [],
        content: 'Hello',
        attachments: [],
        nonce: null,
        at,
      },
    ]);
    await closeTicket(ctx, guild.id, { ticketId: ticket.id, by: actor(staffId), reason: null, at: at + 1 });
    await rateTicket(ctx, guild.id, { ticketId: ticket.id, by: actor(openerId), rating: 5, comment: null, at: at + 2 });
    await ingestAll();
  });

  it('are those of the server', async () => {
    const answer = await f.get(`${base()}/overview`, owner);
    expect(answer.json()).toMatchObject({
      tickets: { ever: 1, d7: 1, d30: 1 },
      status: { open: 0, closed: 1, closureRate: 1 },
      firstResponse: { window: { count: 1 } },
      rating: { mean: 5, count: 1, stars: [0, 0, 0, 0, 1] },
      panels: [{ name: 'Billing', opened: 1, share: 1 }],
    });
    expect(answer.json().perDay.at(-1).opened).toBe(1);
    expect(
      answer
        .json()
        .arrivals.flat()
        .reduce((sum: number, count: number) => sum + count),
    ).toBe(1);
  });

  it('are those of the member who opened it, under their name', async () => {
    const answer = await f.get(`${base()}/users/${openerId}`, owner);
    expect(answer.json()).toMatchObject({
      user: { id: openerId, name: 'Member 12', avatarUrl: null },
      view: 'member',
      member: { opened: 1, closed: 1, ratingGiven: { mean: 5, count: 1 } },
      staff: null,
    });
  });

  it('are those of the staff who answered it', async () => {
    const answer = await f.get(`${base()}/users/${staffId}?days=7`, owner);
    expect(answer.json()).toMatchObject({
      view: 'staff',
      days: 7,
      staff: { answered: 1, ownFirstReply: { count: 1 } },
    });
    expect(answer.json().staff.perDay).toHaveLength(7);
  });

  it("are in no other server, not even for the same person's id", async () => {
    const other = await f.addGuild();
    const browser = await f.signIn(other.ownerId, [other.id]);
    expect((await f.get(`/api/guilds/${other.id}/analytics/users/${openerId}`, browser)).statusCode).toBe(404);
    const overview = (await f.get(`/api/guilds/${other.id}/analytics/overview`, browser)).json();
    expect(overview).toMatchObject({
      tickets: { ever: 0, since: null, d30: 0 },
      status: { closureRate: null, oldestWaitingS: null },
      firstResponse: { window: { mean: null, count: 0 } },
      rating: { mean: null },
      peakHour: null,
    });
  });
});

describe('panels', () => {
  it('say where they are shown, or why not', async () => {
    const { id: guildId } = guild;
    const by = { ...actor(guild.ownerId), isOwner: true };
    const panelOf = async (name: string) =>
      createPanel(ctxOf(f), guildId, {
        by,
        name,
        title: `${name} here`,
        content: 'Press the button',
        colour: 0x252b4c,
        buttonLabel: 'Open',
        buttonEmoji: null,
        channelId: newId(),
        categoryId: null,
        form: null,
        welcome: null,
      });
    const [shown, failed, waiting] = [await panelOf('Shown'), await panelOf('Failed'), await panelOf('Waiting')];
    const messageId = newId();
    await recordPanelMessage(pool, guildId, shown.panelMessage.id, { messageId, isPending: false });
    await recordPanelMessage(pool, guildId, failed.panelMessage.id, {
      problem: 'discord.permission',
      problemContext: { permissions: 'SendMessages', place: failed.panelMessage.channelId },
    });
    f.discord.addChannel(guildId, failed.panelMessage.channelId, 0, 'help');
    const { panels } = (await f.get(`/api/guilds/${guildId}/panels`, owner)).json();
    const channelId = shown.panelMessage.channelId;
    expect(panels).toEqual([
      expect.objectContaining({ name: 'Billing', status: 'hidden', title: null, channelId: null }),
      expect.objectContaining({
        id: shown.panel.id,
        name: 'Shown',
        title: 'Shown here',
        channelId,
        messageId,
        status: 'published',
        problem: null,
      }),
      expect.objectContaining({
        name: 'Failed',
        status: 'missing-permission',
        problem: expect.stringContaining('in #help'),
      }),
      expect.objectContaining({ id: waiting.panel.id, status: 'waiting', messageId: null }),
    ]);
  });
});
