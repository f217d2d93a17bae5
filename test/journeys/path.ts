import { afterAll, beforeAll, expect, test } from 'vitest';
import { command, messageOf } from '#demo/act.ts';
import type { CommandOption } from '#simulator/client.ts';
import type { Overview, UserFigures } from '#analytics/query/types.ts';
import { type Desk, openDesk, openTicket, rate, say, until } from '../harness/desk.ts';
import { runRole, type Stack } from '../harness/stack.ts';

/** The whole path on a stack: from the click of a member to the points on the charts. */
export function walkPath(start: () => Promise<Stack>): void {
  let stack: Stack;
  let desk: Desk;
  let token: string;

  beforeAll(async () => {
    stack = await start();
    desk = await openDesk(stack.control);
    token = (await runRole(['key', 'create', '--guild', desk.guild.id, '--scope', 'analytics:read'], stack.env)).stdout;
  }, 120_000);
  afterAll(() => stack?.stop(), 60_000);

  const read = async <T>(path: string, guildId = desk.guild.id): Promise<T> => {
    const response = await fetch(`${stack.ready.api}/guilds/${guildId}/analytics/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(200);
    return (await response.json()) as T;
  };

  test('a click becomes a channel, an answer, a rating, and points on the charts', async () => {
    const [member, staff] = [desk.members[0] ?? '', desk.staff[0] ?? ''];
    const channelId = await openTicket(stack.control, desk, member);
    const welcome = await until(
      () => stack.control.messages(channelId),
      (list) => list.length > 0,
    );
    expect(JSON.stringify(welcome)).toContain(member);

    await stack.control.sendMessage({ channelId, userId: member, content: 'Hello?' });
    await say(stack.control, desk, channelId, staff, 'claim');
    await stack.control.sendMessage({ channelId, userId: staff, content: 'Hello, I am here.' });
    const answered = await until(
      () => read<Overview>('overview?days=30'),
      (one) => one.firstResponse.allTime.count === 1,
    );
    expect(answered.status).toMatchObject({ open: 1, closed: 0, claimed: 1, awaitingFirstResponse: 0 });
    expect(answered.tickets).toMatchObject({ ever: 1, d7: 1, d30: 1 });
    expect(answered.perDay.at(-1)?.opened).toBe(1);

    await say(stack.control, desk, channelId, staff, 'close', { reason: 'Solved' });
    await until(
      () => stack.control.channels(desk.guild.id),
      (list) => list.every((one) => one.id !== channelId),
    );
    await until(
      () => stack.control.directMessages(member),
      (list) => list.length > 0,
    );
    await rate(stack.control, member, 4);
    const rated = await until(
      () => read<Overview>('overview?days=30'),
      (one) => one.rating.allTimeCount === 1,
    );
    expect(rated).toMatchObject({ rating: { mean: 4, count: 1 }, status: { open: 0, closed: 1, claimed: 0 } });

    const figures = await read<UserFigures>(`users/${staff}?days=30`);
    expect(figures).toMatchObject({ view: 'staff', staff: { answered: 1, d7: 1, rating: { mean: 4, count: 1 } } });
    expect(await read<UserFigures>(`users/${member}?days=30`)).toMatchObject({
      view: 'member',
      member: { opened: 1, closed: 1 },
    });
  });

  test('/stats answers with figures and a picture', async () => {
    const place = { guildId: desk.guild.id, channelId: desk.guild.deskChannelId, userId: desk.owner };
    const ask = (options: CommandOption[]) => command(stack.control, place, 'stats', options);
    for (const options of [
      [{ name: 'server' }],
      [{ name: 'user', options: [{ name: 'user', value: desk.staff[0] ?? '' }] }],
    ]) {
      const message = messageOf(await ask(options));
      const [picture] = message.attachments;
      expect(picture?.description, JSON.stringify(message)).toMatch(/\d/);
      const png = Buffer.from(await (await fetch(picture?.url ?? '')).arrayBuffer());
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1800, 900]);
    }
  }, 30_000);

  test('fifty clicks at once open exactly the limit', async () => {
    const member = desk.members[5] ?? '';
    const before = (await read<Overview>('overview?days=7')).tickets.ever;
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => openTicket(stack.control, desk, member)));
    expect(answers.filter((one) => one.status === 'fulfilled')).toHaveLength(5);
    const after = await until(
      () => read<Overview>('overview?days=7'),
      (one) => one.tickets.ever >= before + 5,
    );
    expect(after.tickets.ever).toBe(before + 5);
  }, 90_000);

  test('verify finds no difference', async () => {
    const { code, answer } = await stack.verify();
    expect(code, JSON.stringify(answer)).toBe(0);
  });

  test('a key of one server reads nothing of another', async () => {
    const other = stack.simulator.guilds[1]?.id ?? '';
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${stack.ready.api}/guilds/${other}/analytics/overview?days=7`, { headers });
    expect(response.status).toBe(404);
  });
}
