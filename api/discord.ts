import type { REST } from '@discordjs/rest';
import {
  type APIEmoji,
  type APIGuild,
  type APIGuildChannel,
  type APIGuildMember,
  type APIRole,
  type APIUser,
  Routes,
} from 'discord-api-types/v10';
import QuickLRU from 'quick-lru';
import { type Addresses, avatarUrl } from '#discord/addresses.ts';
import { bitsOf, hasAll } from '#discord/permissions.ts';
import { AppError } from '#tickets/errors.ts';

/** Somebody as pages show them. */
export type Person = { id: string; name: string; avatarUrl: string | null };
/** Somebody in a guild. */
export type Member = Person & { roleIds: readonly string[]; isBot: boolean };

/** What Discord knows about people, read by the bot and remembered for a short while. */
export type Directory = {
  /** The member, or null when this person is not in that guild (or the bot is not). Throws `discord.unavailable`. */
  member(guildId: string, userId: string): Promise<Member | null>;
  /** Whether a member's roles allow to manage the server. */
  mayManageGuild(guildId: string, member: Member): Promise<boolean>;
  /** A guild's channels, threads apart; looked up anew when what is remembered lacks one of `wanted`, for it may just have been made. */
  channels(guildId: string, wanted?: readonly string[]): Promise<readonly APIGuildChannel[]>;
  /** A guild's own emojis. */
  emojis(guildId: string): Promise<readonly APIEmoji[]>;
  /** A guild's roles, @everyone among them; `wanted` as for channels. */
  roles(guildId: string, wanted?: readonly string[]): Promise<readonly APIRole[]>;
  /** How many members a guild has; `stored` when Discord does not tell in time. A number that is shown is worth no failure. */
  memberCount(guildId: string, stored: number): Promise<number>;
  /** Names and faces. Whom Discord does not tell in time is called by their id: a list must not wait for faces. */
  people(guildId: string, userIds: readonly string[]): Promise<ReadonlyMap<string, Person>>;
};

// Roles decide who may see what, so they are remembered briefly; names are only names. 10,000 of each are a few megabytes.
const ROLES_MS = 15_000;
const NAMES_MS = 10 * 60_000;
/** What is unknown is looked for anew at once a few times, then so often at most: whoever sends wrong ids must not use up Discord's limit. */
const ANEW_MS = 1_000;
const ANEW_AT_ONCE = 5;
const MAX_ENTRIES = 10_000;
const WITHIN_MS = 1_500;
const PEOPLE_AT_ONCE = 100;
const manageGuild = bitsOf('ManageGuild');

type Remembered<T> = { (...key: string[]): Promise<T>; forget(...key: string[]): void };

/** Remembers answers, never failures; those who ask at the same time share one request. */
function remember<T>(maxAge: number, read: (...key: string[]) => Promise<T>): Remembered<T> {
  const known = new QuickLRU<string, Promise<T>>({ maxSize: MAX_ENTRIES, maxAge });
  const ask = (...key: string[]): Promise<T> => {
    const name = key.join('/');
    const before = known.get(name);
    if (before) return before;
    const answer = read(...key);
    known.set(name, answer);
    answer.catch(() => known.get(name) === answer && known.delete(name));
    return answer;
  };
  return Object.assign(ask, { forget: (...key: string[]) => void known.delete(key.join('/')) });
}

/** Lets each guild's look through at its time; those who wait for one share it. */
function createTurns(): (guildId: string) => Promise<void> {
  const next = new QuickLRU<string, number>({ maxSize: MAX_ENTRIES });
  const waiting = new Map<string, Promise<void>>();
  return (guildId) => {
    const before = waiting.get(guildId);
    if (before) return before;
    const now = Date.now();
    const at = Math.max(next.get(guildId) ?? 0, now);
    next.set(guildId, at + ANEW_MS);
    const waitMs = at - now - (ANEW_AT_ONCE - 1) * ANEW_MS;
    if (waitMs <= 0) return Promise.resolve();
    const turn = new Promise<void>((resolve) => setTimeout(resolve, waitMs)).finally(() => waiting.delete(guildId));
    waiting.set(guildId, turn);
    return turn;
  };
}

/** A guild's list out of what is remembered, read anew when it lacks a wanted id. */
function listIn<A, T extends { readonly id: string }>(source: Remembered<A>, listOf: (answer: A) => readonly T[]) {
  const turnOf = createTurns();
  return async (guildId: string, wanted: readonly string[] = []): Promise<readonly T[]> => {
    const answer = source(guildId);
    const known = listOf(await answer);
    if (wanted.every((id) => known.some((one) => one.id === id))) return known;
    // Another answer is one that was asked for after this question: new enough.
    if (source(guildId) === answer) await turnOf(guildId);
    if (source(guildId) === answer) source.forget(guildId);
    return listOf(await source(guildId));
  };
}

/** Makes the directory. */
export function createDirectory(o: { rest: REST; addresses: Addresses }): Directory {
  const personOf = (user: APIUser): Person => ({
    id: user.id,
    name: user.global_name ?? user.username,
    avatarUrl: user.avatar ? avatarUrl(o.addresses, user) : null,
  });
  const readMember = async (guildId: string, userId: string): Promise<Member | null> => {
    const found = await orNull(o.rest.get(Routes.guildMember(guildId, userId)) as Promise<APIGuildMember>);
    if (!found) return null;
    const person = personOf(found.user);
    return { ...person, name: found.nick ?? person.name, roleIds: found.roles, isBot: found.user.bot ?? false };
  };
  const member = remember(ROLES_MS, readMember as (...key: string[]) => Promise<Member | null>);
  const query = new URLSearchParams({ with_counts: 'true' });
  const guild = remember(ROLES_MS, (guildId: string) =>
    orNull(o.rest.get(Routes.guild(guildId), { query }) as Promise<APIGuild>),
  );
  const counted = remember(NAMES_MS, async (guildId: string) => (await guild(guildId))?.approximate_member_count);
  const channels = remember(ROLES_MS, async (guildId: string) => {
    const found = await orNull(o.rest.get(Routes.guildChannels(guildId)) as Promise<APIGuildChannel[]>);
    return found ?? [];
  });
  const person = remember(NAMES_MS, async (guildId: string, userId: string): Promise<Person | null> => {
    const known = await member(guildId, userId);
    if (known) return known;
    const user = await orNull(o.rest.get(Routes.user(userId)) as Promise<APIUser>);
    return user && personOf(user);
  });

  return {
    member,
    channels: listIn(channels, (found) => found),
    roles: listIn(guild, (found) => found?.roles ?? []),
    emojis: async (guildId) => (await guild(guildId))?.emojis ?? [],
    async mayManageGuild(guildId, { roleIds }) {
      const found = await guild(guildId);
      // The role @everyone has the guild's id and belongs to every member.
      const roles = found?.roles.filter((role) => role.id === guildId || roleIds.includes(role.id)) ?? [];
      return roles.some((role) => hasAll(BigInt(role.permissions), manageGuild));
    },
    async memberCount(guildId, stored) {
      const count = await inTime(counted(guildId).catch(() => undefined));
      return count ?? stored;
    },
    async people(guildId, userIds) {
      const ids = [...new Set(userIds)];
      const found = new Map<string, Person>(ids.map((id) => [id, { id, name: id, avatarUrl: null }]));
      const reads = ids.slice(0, PEOPLE_AT_ONCE).map(async (id) => {
        const known = await person(guildId, id).catch(() => null); // a name is worth no failure: the id stands for it
        if (known) found.set(id, { id: known.id, name: known.name, avatarUrl: known.avatarUrl });
      });
      await inTime(Promise.all(reads));
      return new Map(found);
    },
  };
}

/** An answer, or undefined when it takes longer than a page should wait for something that it can do without. */
async function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  const { promise: deadline, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, WITHIN_MS, undefined);
  return Promise.race([answer, deadline]).finally(() => clearTimeout(timer));
}

/** Discord's "there is no such thing for you" (403, 404) as null; everything else as `discord.unavailable`. */
async function orNull<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (cause) {
    const status = (cause as { status?: unknown }).status;
    if (status === 404 || status === 403) return null;
    throw new AppError('discord.unavailable', {}, { cause });
  }
}
