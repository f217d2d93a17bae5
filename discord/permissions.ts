import { createHash } from 'node:crypto';
import { OverwriteType, PermissionFlagsBits } from 'discord-api-types/v10';

/** A permission's name as Discord's developers' pages write it, in camel case: `ManageChannels`. */
export type PermissionName = keyof typeof PermissionFlagsBits;

/** A permission overwrite as Discord's API writes it: permissions are decimal texts. `type` 0 is a role, 1 a member. */
export type Overwrite = { id: string; type: 0 | 1; allow: string; deny: string };

const all = Object.values(PermissionFlagsBits).reduce((sum, bit) => sum | bit, 0n);

/** The bits of some permissions. */
export function bitsOf(...names: readonly PermissionName[]): bigint {
  return names.reduce((sum, name) => sum | PermissionFlagsBits[name], 0n);
}

/** The names of some bits, in Discord's order; bits that Discord has added since are left out. */
export function namesOf(bits: bigint): PermissionName[] {
  const names = Object.keys(PermissionFlagsBits) as PermissionName[];
  // One bit has two names in discord-api-types (the older one is deprecated): the first is kept.
  const seen = new Set<bigint>();
  return names.filter((name) => {
    const bit = PermissionFlagsBits[name];
    if ((bits & bit) === 0n || seen.has(bit)) return false;
    seen.add(bit);
    return true;
  });
}

/** Whether `bits` hold every permission of `wanted`; administrators hold all. */
export function hasAll(bits: bigint, wanted: bigint): boolean {
  return (bits & PermissionFlagsBits.Administrator) !== 0n || (bits & wanted) === wanted;
}

/** The permissions of `wanted` that `bits` lack, by name: what a sentence to the member names. */
export function missing(bits: bigint, wanted: bigint): PermissionName[] {
  return hasAll(bits, wanted) ? [] : namesOf(wanted & ~bits);
}

/** What the bot itself needs in a server to run tickets; `doctor` and the invitation link show it. */
export const botPermissions: readonly PermissionName[] = [
  'ViewChannel',
  'ManageChannels',
  'ManageRoles',
  'SendMessages',
  'ReadMessageHistory',
  'ManageMessages',
  'EmbedLinks',
  'AttachFiles',
  'AddReactions',
  'UseExternalEmojis',
  // Tickets that are private threads.
  'CreatePrivateThreads',
  'SendMessagesInThreads',
  'ManageThreads',
  // What the bot may give to the openers of tickets, or take from them: nobody gives what they lack.
  'SendTTSMessages',
  'UseExternalStickers',
  'SendVoiceMessages',
];

/** What a person in a ticket may do there. */
const inTicket = bitsOf(
  'ViewChannel',
  'SendMessages',
  'ReadMessageHistory',
  'EmbedLinks',
  'AttachFiles',
  'AddReactions',
  'UseExternalEmojis',
  'UseApplicationCommands',
);
const ofBot = bitsOf(
  'ViewChannel',
  'SendMessages',
  'ReadMessageHistory',
  'EmbedLinks',
  'AttachFiles',
  'AddReactions',
  'UseExternalEmojis',
  'ManageChannels',
  'ManageMessages',
);
const toRead = bitsOf('ViewChannel', 'ReadMessageHistory');

/** What an opener may do in their ticket: a switch each (features.md 1.3-42). */
const switched = {
  reactions: bitsOf('AddReactions'),
  tts: bitsOf('SendTTSMessages'),
  embeds: bitsOf('EmbedLinks'),
  files: bitsOf('AttachFiles'),
  emojis: bitsOf('UseExternalEmojis'),
  stickers: bitsOf('UseExternalStickers'),
  voiceMessages: bitsOf('SendVoiceMessages'),
} as const;
/** On or off; what is left out is on. */
export type OpenerSwitches = { readonly [K in keyof typeof switched]?: boolean };

/** The most overwrites of a channel (30060). https://discord.com/developers/docs/topics/opcodes-and-status-codes#json */
export const maxOverwrites = 1_000;

/** Everything that decides who sees a ticket's channel. */
export type TicketAudience = {
  readonly guildId: string;
  readonly botUserId: string;
  readonly openerId: string;
  readonly openerMay?: OpenerSwitches;
  /** Added people. */
  readonly memberIds: readonly string[];
  readonly claimedBy: string | null;
  /** Members of the ticket's teams and bot admins. No claim takes anything from the latter (features.md 1.6-05). */
  readonly staff: readonly { subjectId: string; subjectKind: 'user' | 'role'; isAdmin?: boolean }[];
  /** What a claim changes for the staff who did not claim: nothing, only reading is left, or the ticket is out of sight. */
  readonly claimingMode?: 'disabled' | 'no-changes' | 'readonly' | 'private';
  /** What the bot holds there: it may neither allow nor deny what it lacks (50013). Left out = everything. */
  readonly botBits?: bigint;
};

type Grant = { type: OverwriteType; allow: bigint; deny: bigint };

/**
 * The overwrites of a ticket's channel: hidden from everyone; open to the opener, the added people, the claimer, the staff and the bot.
 * Whoever is several of these gets the most of them. Sorted by id, so equal audiences give equal overwrites. Of more than Discord takes,
 * staff who are named one by one are left out first: roles bring them in again.
 */
export function ticketOverwrites(audience: TicketAudience): Overwrite[] {
  const { claimedBy, openerId } = audience;
  const mode = claimedBy === null ? 'no-changes' : (audience.claimingMode ?? 'no-changes');
  const forOthers = mode === 'private' ? 0n : mode === 'readonly' ? toRead : inTicket;
  // Most important first: what does not fit is at the end.
  const grants = new Map<string, Grant>();
  const grant = (id: string, type: OverwriteType, allow: bigint, deny = 0n): void => {
    const before = grants.get(id) ?? { type, allow: 0n, deny: 0n };
    // Of two things that somebody is, the one that allows counts.
    const allowed = before.allow | allow;
    if ((allowed | deny) !== 0n) grants.set(id, { type, allow: allowed, deny: (before.deny | deny) & ~allowed });
  };
  const kindOf = (subjectKind: 'user' | 'role') => (subjectKind === 'role' ? OverwriteType.Role : OverwriteType.Member);
  const byRank = audience.staff.toSorted(
    (a, b) =>
      Number(b.isAdmin ?? false) - Number(a.isAdmin ?? false) ||
      Number(b.subjectKind === 'role') - Number(a.subjectKind === 'role'),
  );

  grant(audience.botUserId, OverwriteType.Member, ofBot);
  const { allow, deny } = openerBits(audience.openerMay ?? {});
  grant(openerId, OverwriteType.Member, allow, deny);
  for (const id of [...(claimedBy === null ? [] : [claimedBy]), ...audience.memberIds]) {
    // An opener whom somebody also added stays an opener; one who holds the ticket is staff.
    if (id !== openerId || id === claimedBy) grant(id, OverwriteType.Member, inTicket);
  }
  for (const { subjectId, subjectKind, isAdmin } of byRank) {
    // A server whose staff are @everyone: its tickets stay hidden all the same.
    if (subjectId === audience.guildId) continue;
    if (isAdmin) grant(subjectId, kindOf(subjectKind), inTicket);
    // Where only reading is left, sending must be denied: the server's own roles allow it to nearly everybody.
    else grant(subjectId, kindOf(subjectKind), forOthers, mode === 'readonly' ? bitsOf('SendMessages') : 0n);
  }

  // An administrator's role can hold everything; what the bot lacks it cannot give. ManageRoles in an overwrite is refused anyway.
  const canGive = audience.botBits === undefined || hasAll(audience.botBits, all) ? all : audience.botBits;
  const overwrites: Overwrite[] = [...grants].slice(0, maxOverwrites - 1).map(([id, one]) => ({
    id,
    type: one.type,
    allow: String(one.allow & canGive),
    deny: String(one.deny & canGive),
  }));
  overwrites.push({ id: audience.guildId, type: OverwriteType.Role, allow: '0', deny: String(bitsOf('ViewChannel')) });
  return sorted(overwrites);
}

function openerBits(may: OpenerSwitches): { allow: bigint; deny: bigint } {
  const names = Object.keys(switched) as (keyof OpenerSwitches)[];
  const deny = names.filter((name) => may[name] === false).reduce((sum, name) => sum | switched[name], 0n);
  const allow = names.reduce((sum, name) => sum | switched[name], inTicket) & ~deny;
  return { allow, deny };
}

const sorted = (overwrites: readonly Overwrite[]): Overwrite[] =>
  overwrites.toSorted((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

/** Equal for equal overwrites, whatever their order: kept as "applied" and compared. */
export function overwritesHash(overwrites: readonly Overwrite[]): string {
  const text = sorted(overwrites)
    .map((one) => `${one.id}:${one.type}:${one.allow}:${one.deny}`)
    .join(',');
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** Somebody's permissions in a whole server: those of @everyone (the role whose id is the server's) and of their roles. */
export function guildPermissions(o: {
  guildId: string;
  ownerId: string;
  userId: string;
  roleIds: readonly string[];
  roles: readonly { id: string; permissions: string }[];
}): bigint {
  if (o.userId === o.ownerId) return all;
  const bits = o.roles
    .filter((role) => role.id === o.guildId || o.roleIds.includes(role.id))
    .reduce((sum, role) => sum | BigInt(role.permissions), 0n);
  return (bits & PermissionFlagsBits.Administrator) !== 0n ? all : bits;
}

/**
 * Somebody's permissions in a channel: @everyone's overwrite, then those of their roles together, then their own.
 * https://discord.com/developers/docs/topics/permissions#permission-overwrites
 */
export function channelPermissions(
  o: Parameters<typeof guildPermissions>[0] & { overwrites: readonly Overwrite[] },
): bigint {
  const base = guildPermissions(o);
  if (base === all) return all;
  const apply = (bits: bigint, overwrites: readonly Overwrite[]): bigint => {
    const deny = overwrites.reduce((sum, one) => sum | BigInt(one.deny), 0n);
    const allow = overwrites.reduce((sum, one) => sum | BigInt(one.allow), 0n);
    return (bits & ~deny) | allow;
  };
  const ofRoles = o.overwrites.filter((one) => one.type === OverwriteType.Role);
  const everyone = apply(
    base,
    ofRoles.filter((one) => one.id === o.guildId),
  );
  const roles = apply(
    everyone,
    ofRoles.filter((one) => one.id !== o.guildId && o.roleIds.includes(one.id)),
  );
  return apply(
    roles,
    o.overwrites.filter((one) => one.type === OverwriteType.Member && one.id === o.userId),
  );
}
