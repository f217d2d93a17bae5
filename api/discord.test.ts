import type { REST } from '@discordjs/rest';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { addressesOf } from '#discord/addresses.ts';
import { createDirectory } from './discord.ts';
import { fakeDiscord, newId } from './fixture.ts';

const make = () => {
  const discord = fakeDiscord();
  return {
    discord,
    directory: createDirectory({ rest: discord.rest, addresses: addressesOf('https://discord.com/api') }),
  };
};

describe('the directory', () => {
  it('asks once for what many want at the same time', async () => {
    const { discord, directory } = make();
    const [guildId, userId] = [newId(), newId()];
    discord.join(guildId, userId, { name: 'Member 12' });
    const found = await Promise.all([1, 2, 3].map(() => directory.member(guildId, userId)));
    expect(found.map((one) => one?.name)).toEqual(['Member 12', 'Member 12', 'Member 12']);
    expect(discord.asked).toHaveLength(1);
  });

  it('remembers that somebody is no member, and never that Discord was down', async () => {
    const { discord, directory } = make();
    const [guildId, userId] = [newId(), newId()];
    discord.failWith = 502;
    await expect(directory.member(guildId, userId)).rejects.toMatchObject({ code: 'discord.unavailable' });
    discord.failWith = null;
    expect(await directory.member(guildId, userId)).toBeNull();
    expect(await directory.member(guildId, userId)).toBeNull();
    expect(discord.asked).toHaveLength(2);
  });

  it('counts the permissions of @everyone for every member', async () => {
    const { discord, directory } = make();
    const [guildId, userId] = [newId(), newId()];
    discord.join(guildId, userId);
    const member = await directory.member(guildId, userId);
    if (!member) throw new Error('no member');
    expect(await directory.mayManageGuild(guildId, member)).toBe(false);
    const other = make();
    other.discord.join(guildId, userId);
    other.discord.addRole(guildId, guildId, { manageGuild: true });
    expect(await other.directory.mayManageGuild(guildId, member)).toBe(true);
  });

  it('tells how many members a server has now, and what was stored when Discord does not', async () => {
    const counts = new Map([['1', 40]]);
    let asked = 0;
    const rest = {
      get: async (route: string, o?: { query?: URLSearchParams }) => {
        asked += 1;
        const count = counts.get(route.split('/').at(-1) ?? '');
        if (count === undefined) throw Object.assign(new Error('down'), { status: 502 });
        return { roles: [], ...(o?.query?.get('with_counts') === 'true' && { approximate_member_count: count }) };
      },
    } as unknown as REST;
    const directory = createDirectory({ rest, addresses: addressesOf('https://discord.com/api') });
    expect(await directory.memberCount('1', 5)).toBe(40);
    expect(await directory.memberCount('2', 5)).toBe(5);
    counts.set('2', 7);
    expect([await directory.memberCount('1', 5), await directory.memberCount('2', 5), asked]).toEqual([40, 7, 3]);
  });

  it('looks again for a channel or a role that it does not know; who asks too often waits for a turn, and those who wait share it', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { discord, directory } = make();
    const [guildId, channelId, roleId] = [newId(), newId(), newId()];
    discord.join(guildId, newId());
    const hasRole = async (id: string) => (await directory.roles(guildId, [id])).some((one) => one.id === id);
    const hasChannel = async (id: string) => (await directory.channels(guildId, [id])).some((one) => one.id === id);
    expect(await Promise.all([hasChannel(guildId), hasRole(guildId)])).toEqual([false, true]);
    const asked = () => discord.asked.splice(0).length;
    asked();
    discord.addChannel(guildId, channelId, 0);
    discord.addRole(guildId, roleId);
    expect(await Promise.all([hasChannel(channelId), hasChannel(channelId), hasRole(roleId)])).toEqual([
      true,
      true,
      true,
    ]);
    expect(asked()).toBe(2);
    for (let i = 0; i < 4; i += 1) expect(await hasRole(newId())).toBe(false);
    expect(asked()).toBe(4);
    const later = [newId(), newId(), newId()];
    const found = Promise.all(later.map(hasRole));
    for (const id of later) discord.addRole(guildId, id);
    await vi.advanceTimersByTimeAsync(990);
    expect(asked()).toBe(0);
    await vi.advanceTimersByTimeAsync(10);
    expect([await found, asked()]).toEqual([[true, true, true], 1]);
  });

  it('names who has left the server too', async () => {
    const { discord, directory } = make();
    const [guildId, userId] = [newId(), newId()];
    discord.join(guildId, userId, { name: 'Member 12' });
    discord.leave(guildId, userId);
    expect((await directory.people(guildId, [userId, userId])).get(userId)?.name).toBe('Member 12');
  });

  it('names people by their id when Discord does not answer', async () => {
    const { discord, directory } = make();
    const [guildId, userId] = [newId(), newId()];
    discord.failWith = 500;
    expect((await directory.people(guildId, [userId])).get(userId)).toEqual({
      id: userId,
      name: userId,
      avatarUrl: null,
    });
  });
});
