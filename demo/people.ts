import type { Control, SimulatedGuild } from '#simulator/client.ts';

/** What somebody does in the demo. */
export type DemoRole = 'owner' | 'admin' | 'support' | 'member';
export type DemoPerson = { id: string; name: string; guildId: string; role: DemoRole };
/** One server of the demo with those who live in it. */
export type DemoGuild = {
  id: string;
  name: string;
  people: DemoPerson[];
  supportRoleId: string;
  deskChannelId: string;
};

const supportRole = 'Support';
const deskChannel = 'support-desk';
const supporters = ['Support A', 'Support B', 'Support C'];
const membersPerGuild = 24;
const memberNames = Array.from({ length: membersPerGuild }, (_, i) => `Member ${String(i + 1).padStart(2, '0')}`);

async function findOrAdd(
  control: Control,
  guild: SimulatedGuild,
  name: string,
  roleIds: string[] = [],
): Promise<string> {
  const known = guild.members.find((member) => member.name === name && !member.bot);
  return known ? known.id : (await control.addMember(guild.id, { name, roleIds })).id;
}

async function settle(control: Control, guild: SimulatedGuild): Promise<DemoGuild> {
  const role =
    guild.roles.find((one) => one.name === supportRole) ?? (await control.createRole(guild.id, { name: supportRole }));
  const desk =
    guild.channels.find((one) => one.name === deskChannel) ??
    (await control.createChannel(guild.id, { name: deskChannel }));
  const owner = guild.members.find((member) => member.id === guild.ownerId);
  const person = (id: string, name: string, as: DemoRole): DemoPerson => ({ id, name, guildId: guild.id, role: as });
  const people = [person(guild.ownerId, owner?.name ?? 'Owner', 'owner')];
  people.push(person(await findOrAdd(control, guild, 'Support lead'), 'Support lead', 'admin'));
  for (const name of supporters) people.push(person(await findOrAdd(control, guild, name, [role.id]), name, 'support'));
  for (const name of memberNames) people.push(person(await findOrAdd(control, guild, name), name, 'member'));
  return { id: guild.id, name: guild.name, people, supportRoleId: role.id, deskChannelId: desk.id };
}

/** Lets people move in: those who are missing are added, so a second start finds the same ones. */
export async function preparePeople(control: Control): Promise<DemoGuild[]> {
  const { guilds } = await control.state();
  return Promise.all(guilds.map((guild) => settle(control, guild)));
}
