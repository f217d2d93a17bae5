import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { createChannel } from './channels.ts';
import { addMember, announceGuild, createRole, createUser, hashOf } from './people.ts';
import { everything, usual } from './permissions.ts';
import type { Guild } from './types.ts';
import { applicationOf, type World } from './world.ts';

/** How many people have the Staff role. */
const staffCount = 2;
const places = ['Example Server', 'Second Server', 'Third Server', 'Fourth Server', 'Fifth Server', 'Sixth Server'];

/** What somebody is called: by what they are in their server, so that nobody is taken for a person who exists. */
function personName(index: number): string {
  if (index === 0) return 'Owner';
  return index <= staffCount ? `Agent ${index}` : `Member ${String(index - staffCount).padStart(2, '0')}`;
}

/** Makes the application and its bot, once. `flags`: all three privileged intents, as an app in under 100 servers has. */
export function furnish(world: World, name: string): void {
  if (world.application) return;
  const owner = createUser(world, { name: 'Developer' });
  const bot = createUser(world, { name, isBot: true });
  const keys = generateKeyPairSync('ed25519');
  const encodedId = Buffer.from(bot.id).toString('base64').replace(/=+$/, '');
  world.saveApplication({
    id: bot.id,
    name,
    ownerId: owner.id,
    flags: (1 << 13) | (1 << 15) | (1 << 19),
    token: `${encodedId}.${randomBytes(4).toString('base64url')}.${randomBytes(28).toString('base64url')}`,
    clientSecret: randomBytes(24).toString('base64url'),
    publicKey: keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex'),
    privateKeyPem: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    isPublic: true,
  });
}

/** A server with an owner, `members` people, a Staff role with two of them, the bot with its role, and some channels. */
export function createGuild(world: World, o: { name?: string; members: number }): Guild {
  const id = world.nextId();
  const guild: Guild = {
    id,
    name: o.name ?? guildName(world.guilds.size),
    icon: hashOf(id),
    ownerId: '',
    locale: 'en-US',
    joinedAt: Date.now(),
    isUnavailable: false,
    roles: new Map(),
    members: new Map(),
    channels: new Map(),
    version: 0,
  };
  world.saveGuild(guild);
  const everyone = {
    id,
    guildId: id,
    name: '@everyone',
    permissions: usual,
    color: 0,
    hoist: false,
    mentionable: false,
  };
  world.saveRole(guild, { ...everyone, position: 0, botId: null });
  const bot = applicationOf(world);
  const botRole = createRole(world, guild, {
    name: bot.name,
    permissions: everything & ~P.Administrator,
    botId: bot.id,
  });
  const staff = createRole(world, guild, {
    name: 'Staff',
    permissions: usual | P.ManageMessages,
    color: 0x3ba55d,
    hoist: true,
  });
  for (let index = 0; index < Math.max(1, o.members); index++) {
    const user = createUser(world, { name: personName(index) });
    if (index === 0) guild.ownerId = user.id;
    addMember(world, guild, user.id, index >= 1 && index <= staffCount ? [staff.id] : []);
  }
  addMember(world, guild, bot.id, [botRole.id]);
  const information = createChannel(world, guild, { name: 'Information', type: 4 });
  createChannel(world, guild, { name: 'general', parentId: information.id, topic: 'Anything goes' });
  createChannel(world, guild, { name: 'support', parentId: information.id, topic: 'Open a ticket here' });
  createChannel(world, guild, {
    name: 'staff',
    parentId: information.id,
    overwrites: [
      { id: guild.id, type: 0, allow: '0', deny: P.ViewChannel.toString() },
      { id: staff.id, type: 0, allow: P.ViewChannel.toString(), deny: '0' },
      { id: botRole.id, type: 0, allow: P.ViewChannel.toString(), deny: '0' },
    ],
  });
  createChannel(world, guild, { name: 'Tickets', type: 4 });
  world.saveGuild(guild);
  announceGuild(world, guild);
  return guild;
}

function guildName(index: number): string {
  const round = Math.floor(index / places.length);
  return `${places[index % places.length]}${round === 0 ? '' : ` ${round + 1}`}`;
}
