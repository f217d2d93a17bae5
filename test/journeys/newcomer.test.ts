import { type APIMessage, ChannelType, ComponentType, MessageFlags } from 'discord-api-types/v10';
import { afterEach, expect, test } from 'vitest';
import { channelIn, command, fillIn, inputsOf, messageOf, press, pressables } from '#demo/act.ts';
import type { CommandOption, SimulatedInteraction } from '#simulator/client.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';

// From an empty server to a rated ticket as its owner would find the way: each word typed, button pressed and choice made is an action.
let bot: Bot | undefined;
afterEach(() => bot?.stop());

const worded = new Set(['content', 'title', 'description', 'label', 'placeholder', 'text', 'value', 'name']);
/** What people read of a message or form, below any nesting: not its ids. */
function wordsOf(node: unknown): string {
  if (typeof node !== 'object' || node === null) return '';
  const entries = Object.entries(node).filter(([key]) => key !== 'emoji');
  return entries
    .map(([key, one]) => (typeof one === 'string' && worded.has(key) && !one.includes(':') ? `${one}\n` : wordsOf(one)))
    .join('');
}
const shown = ({ flags }: APIMessage): boolean => !((flags ?? 0) & MessageFlags.Ephemeral);
const idOf = (message: APIMessage, name: string): string => {
  const found = pressables(message).find(({ customId }) => customId.split(':')[0] === name);
  if (!found) throw new Error(`no ${name} in ${wordsOf(message)}`);
  return found.customId;
};

/** Goes through everything once. Answers how many actions it took, and every text that was read on the way. */
async function walk(language?: string): Promise<{ actions: number; read: string[] }> {
  const here = await startBot({ database: await testDatabase(), lastWordsMs: 0 });
  bot = here;
  const { control } = here;
  const [guild] = here.simulator.guilds;
  if (!guild) throw new Error('the simulator has no server');
  const { id: guildId, ownerId: owner } = guild;
  const join = async (name: string) => (await control.addMember(guildId, { name })).id;
  const [helper, member] = [await join('Helper'), await join('Member')];
  const lobby = (await control.createChannel(guildId, { name: 'lobby' })).id;

  let actions = 0;
  const read: string[] = [];
  const note = (answer: SimulatedInteraction): SimulatedInteraction => {
    actions += 1;
    read.push(
      wordsOf(answer.messages.map(({ content, embeds, components }) => ({ content, embeds, components }))),
      wordsOf(answer.modal),
    );
    return answer;
  };
  const type = async (userId: string, channelId: string, name: string, ...options: CommandOption[]) =>
    note(await command(control, { guildId, channelId, userId }, name, options));
  const push = async (userId: string, message: APIMessage, customId: string, ...values: string[]) =>
    note(await press(control, userId, message, customId, values.length > 0 ? values : undefined));
  const fill = async (userId: string, form: SimulatedInteraction, ...texts: string[]) =>
    note(await fillIn(control, userId, form, texts));
  const write = async (userId: string, channelId: string, content: string): Promise<void> => {
    actions += 1;
    await control.sendMessage({ channelId, userId, content });
  };
  const value = (name: string, given: string): CommandOption => ({ name, value: given });
  /** Looks at a channel until a message of Docket's that all can see has a button of this name. */
  const look = async (messages: () => Promise<APIMessage[]>, name: string): Promise<APIMessage> => {
    const has = (one: APIMessage) =>
      shown(one) && pressables(one).some(({ customId }) => customId.split(':')[0] === name);
    const found = (await until(messages, (all) => all.some(has))).findLast(has) as APIMessage;
    read.push(wordsOf({ content: found.content, embeds: found.embeds, components: found.components }));
    return found;
  };

  if (language !== undefined) await type(owner, lobby, 'language', value('language', language));
  await type(owner, lobby, 'setup', { name: 'auto', type: 1 });
  const made = () => control.channels(guildId);
  await until(made, (all) => all.some((one) => one.type === ChannelType.GuildCategory && one.overwrites.length > 0));
  await type(owner, lobby, 'addsupport', value('user_or_role', helper));
  await type(owner, lobby, 'settings', { name: 'feedback', options: [{ name: 'feedback', value: true }] });

  const home = messageOf(await type(owner, lobby, 'panel'));
  const form = await push(owner, home, idOf(home, 'panel-new'));
  const draft = messageOf(await fill(owner, form, ''));
  const chooser = pressables(draft).find((one) => one.type === ComponentType.ChannelSelect)?.customId ?? '';
  const placed = messageOf(await push(owner, draft, chooser, lobby));
  await push(owner, placed, idOf(placed, 'panel-make'));

  const panel = await look(() => control.messages(lobby), 'open');
  const pressed = await push(member, panel, idOf(panel, 'open'));
  const opened = inputsOf(pressed).length > 0 ? await fill(member, pressed, 'Help') : pressed;
  const ticket = channelIn(opened) ?? '';
  await look(() => control.messages(ticket), 'claim');
  await write(member, ticket, 'I was charged twice.');
  await type(helper, ticket, 'claim');
  await write(helper, ticket, 'The second payment is on its way back.');
  await type(helper, ticket, 'closerequest');
  const question = await look(() => control.messages(ticket), 'close-ok');
  await push(member, question, idOf(question, 'close-ok'));

  const stars = await look(() => control.directMessages(member), 'rate');
  const asked = await push(member, stars, pressables(stars)[4]?.customId ?? '');
  if (inputsOf(asked).length > 0) await fill(member, asked, 'Quick');
  return { actions, read };
}

test('a new owner comes from an empty server to a rated ticket in fewer than 20 actions', async () => {
  covers('1.1-01');
  const { actions, read } = await walk();
  expect(actions).toBeLessThan(20);
  expect(read.join('\n')).toContain('Press the button to talk to the staff.');
});

test('again in German, without an English word', async () => {
  covers('1.1-08');
  const { actions, read } = await walk('de');
  expect(actions).toBeLessThan(20);
  expect(read.join('\n')).toContain('Drücke den Button, um mit dem Support zu sprechen.');
  expect(
    read.filter((text) => /\b(the|your|you|is|are|was|this|ticket's|choose|closed?|please)\b/i.test(text)),
  ).toEqual([]);
});
