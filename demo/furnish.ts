import { ComponentType, PermissionFlagsBits } from 'discord-api-types/v10';
import type { Log } from '#runtime/log.ts';
import type { Control, SimulatedGuild, SimulatedOverwrite } from '#simulator/client.ts';
import { messageOf, optionsOf, pressables, waitFor } from './act.ts';
import { type Owner, ownerOf, valuesOf } from './owner.ts';
import type { DemoGuild } from './people.ts';
import { panels } from './setup.ts';
import { labels, playerForm } from './words.ts';

/** A message whose menu opens tickets; `values` are those of its options, in their order. */
export type PanelMenu = { channelId: string; messageId: string; customId: string; values: string[] };
/** Where things are in a server, besides the desk. */
export type Places = {
  /** Where all panels stand as a menu. */
  menuChannelId: string;
  /** Where members chat, and staff find what should be a ticket. */
  talkChannelId: string;
  /** Where staff hear of tickets that are threads. */
  threadsChannelId: string;
};

const names = { menu: 'help-menu', threads: 'ticket-threads', log: 'ticket-log', talk: 'general' } as const;
const billingTeam = 'Billing team';
/** The panel whose tickets are threads: whom they are about wants few to see them. */
const privatePanel = panels[2];

/** Sees a channel that nobody else does: the bot and the staff. */
function forStaff(known: SimulatedGuild, guild: DemoGuild): SimulatedOverwrite[] {
  const sees = String(PermissionFlagsBits.ViewChannel);
  const may = (id: string, type: 0 | 1) => ({ id, type, allow: sees, deny: '0' });
  const people = guild.people.filter((one) => one.role === 'admin').map((one) => one.id);
  const bots = known.members.filter((one) => one.bot).map((one) => one.id);
  return [
    { id: guild.id, type: 0, allow: '0', deny: sees },
    may(guild.supportRoleId, 0),
    ...[...people, ...bots].map((id) => may(id, 1)),
  ];
}

async function settlePlaces(control: Control, guild: DemoGuild): Promise<Record<keyof typeof names, string>> {
  const known = await control.guild(guild.id);
  const overwrites = forStaff(known, guild);
  const find = async (name: string, isForStaff: boolean): Promise<string> =>
    known.channels.find((one) => one.name === name)?.id ??
    (await control.createChannel(guild.id, { name, ...(isForStaff && { overwrites }) })).id;
  return {
    menu: await find(names.menu, false),
    threads: await find(names.threads, true),
    log: await find(names.log, true),
    talk: await find(names.talk, false),
  };
}

/** The menu of panels in a channel, once it stands there. */
export async function menuIn(control: Control, channelId: string): Promise<PanelMenu | undefined> {
  for (const message of await control.shownMessages(channelId)) {
    const menu = pressables(message).find((one) => one.type === ComponentType.StringSelect);
    if (!menu) continue;
    const values = optionsOf(message, menu.customId).map((one) => one.value);
    return { channelId, messageId: message.id, customId: menu.customId, values };
  }
  return undefined;
}

async function makeLabels(owner: Owner): Promise<void> {
  const listed = JSON.stringify((await owner.type('label list')).embeds);
  for (const { name, colour } of labels) if (!listed.includes(name)) await owner.type('label create', { name, colour });
}

async function makeTeam(owner: Owner, name: string, userIds: string[]): Promise<void> {
  const list = await owner.type('team');
  if (optionsOf(list, 'team-pick').some((one) => one.label === name)) return;
  const made = await owner.fill(await owner.press(list, 'team-new'), [name]);
  await owner.press(made, 'team-add', userIds);
}

async function makeForm(owner: Owner, name: string, questions: readonly string[]): Promise<void> {
  const list = await owner.type('form');
  if (optionsOf(list, 'form-pick').some((one) => one.label === name)) return;
  await owner.fill(await owner.press(list, 'form-new'), [name, questions.join('\n')]);
}

/** Changes one thing about a panel; all are called as the menus call them. */
async function setPanel(owner: Owner, panel: string, what: string, chosen: readonly string[]): Promise<void> {
  const home = await owner.type('panel');
  const view = messageOf(await owner.press(home, 'panel-pick', valuesOf(home, 'panel-pick', [panel])));
  const menu = messageOf(await owner.press(view, 'choose:panel', valuesOf(view, 'choose:panel', [what])));
  await owner.press(menu, 'panel-set', valuesOf(menu, 'panel-set', chosen));
}

/** Puts all panels into one message, as a menu. */
async function combine(owner: Owner, channelId: string): Promise<void> {
  const begun = messageOf(await owner.press(await owner.type('panel'), 'panel-combine'));
  const ids = valuesOf(begun, 'panel-combine-panels', panels);
  const all = messageOf(await owner.press(begun, 'panel-combine-panels', ids));
  const placed = messageOf(await owner.press(all, 'panel-combine-channel', [channelId]));
  const asMenu = messageOf(await owner.press(placed, 'panel-combine-layout', undefined, 'Menu'));
  await owner.press(asMenu, 'panel-combine-make');
}

/** The two servers are not alike: the first has a thread for staff in each ticket, the second is set up by one command and has office hours. */
async function differ(owner: Owner, isFirst: boolean): Promise<void> {
  if (isFirst) {
    await owner.type('settings threads', { staff_thread: true });
    return;
  }
  await owner.type('setup auto');
  const hours = await owner.type('schedule show');
  if (hours.embeds.length === 0)
    await owner.type('schedule set', { hours: 'mon-fri 08:00-18:00, sat 10:00-14:00', timezone: 'Europe/Berlin' });
  await owner.type('settings hours', { outside_hours: 'notice' });
}

/**
 * Gives a server that has its panels the rest, by slash commands as its owner, once: settings, labels, a team, a form, threads, a menu. The menu is
 * last, so where it stands everything is left alone; until it does, what was made is found again by its name.
 */
export async function furnish(
  control: Control,
  guild: DemoGuild,
  o: { isFirst: boolean; log: Log; signal: AbortSignal },
): Promise<Places> {
  const { log, signal } = o;
  const at = await settlePlaces(control, guild);
  const found: Places = { menuChannelId: at.menu, talkChannelId: at.talk, threadsChannelId: at.threads };
  if (await menuIn(control, at.menu)) return found;

  const owner = ownerOf(control, guild, signal);
  await owner.type('settings logs', { log_channel: at.log });
  await owner.type('settings threads', { thread_notification_channel: at.threads, thread_close_action: 'archive' });
  await owner.type('autoclose configure', {
    autoclose: true,
    autoclose_no_response: '3d',
    autoclose_inactive: '7d',
    autoclose_warning: '1d',
    stale_after: '4h',
  });
  await differ(owner, o.isFirst);
  await makeLabels(owner);
  const [, ...clerks] = guild.people.filter((one) => one.role === 'support').map((one) => one.id);
  await makeTeam(owner, billingTeam, clerks);
  await makeForm(owner, playerForm.name, playerForm.questions);
  await setPanel(owner, panels[1], 'Teams that work on its tickets', ['Default', billingTeam]);
  await setPanel(owner, panels[3], 'Form that it asks', [playerForm.name]);
  await setPanel(owner, privatePanel, 'Channels or threads', ['Threads']);
  await owner.type('settings context', { context_menu_panel: panels[0] });
  await combine(owner, at.menu);
  await waitFor(control, signal, () => menuIn(control, at.menu));
  log.info({ guildId: guild.id }, 'demo server furnished');
  return found;
}
