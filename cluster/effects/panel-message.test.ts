import { type APIMessage, ButtonStyle, ComponentType, PermissionFlagsBits } from 'discord-api-types/v10';
import type { JobHelpers } from 'graphile-worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { createPanel, type PanelInput } from '#tickets/actions/create-panel.ts';
import { createPanelMessage } from '#tickets/actions/create-panel-message.ts';
import { deletePanel } from '#tickets/actions/delete-panel.ts';
import { deletePanelMessage } from '#tickets/actions/delete-panel-message.ts';
import { editPanel } from '#tickets/actions/edit-panel.ts';
import { editPanelMessage, messageValuesOf } from '#tickets/actions/edit-panel-message.ts';
import { sendPanelMessage } from '#tickets/actions/send-panel-message.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import type { PanelMessageValues } from '#tickets/panel.ts';
import type { Actor } from '#tickets/permission.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { readPanelMessage } from '#tickets/store/panel-message.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { testDatabase } from '#test/harness/postgres.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: Actor;
const emojiId = '1234567890123456789';

beforeAll(async () => {
  bot = await startBot({ database, hasWorker: false });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = { id: guild?.ownerId ?? '', roleIds: [], isOwner: true, hasManageGuild: false };
  const profile = { name: 'Test', ownerId: owner.id, iconHash: null, memberCount: 5, locale: 'en-US' };
  await upsertGuild(bot.ctx.db, guildId, profile);
  await bot.control.limits({ routeBuckets: false });
});
afterAll(() => bot?.stop());
beforeEach(() => bot.control.clearFaults());

const newChannel = async (): Promise<string> => (await bot.control.createChannel(guildId, { name: 'desk' })).id;
const shownIn = (channelId: string): Promise<APIMessage[]> => bot.control.messages(channelId);
const partsOf = (message?: APIMessage) =>
  (message?.components ?? []).flatMap((row) =>
    'components' in row ? (row.components as unknown as Record<string, unknown>[]) : [],
  );

async function panelIn(channelId: string, input: Partial<PanelInput> = {}) {
  return createPanel(bot.ctx, guildId, {
    by: owner,
    name: 'Billing',
    title: 'Open a ticket!',
    content: 'Press.',
    colour: 0x336699,
    buttonLabel: 'Billing',
    buttonEmoji: null,
    channelId,
    categoryId: null,
    form: null,
    welcome: null,
    ...input,
  });
}

/** Runs the job of a panel message once; answers what it was put off to. */
async function publish(panelMessageId: number): Promise<{ runAt?: Date }[]> {
  const added: { runAt?: Date }[] = [];
  const addJob = async (_: string, __: unknown, spec: { runAt?: Date }) => added.push(spec);
  const helpers = { job: { attempts: 1 }, addJob } as unknown as JobHelpers;
  await bot.tasks.panel?.({ guildId, panelMessageId }, helpers);
  return added;
}
const stateOf = (panelMessageId: number) => readPanelMessage(bot.ctx.db, guildId, panelMessageId);
const edit = (panelMessageId: number, patch: Partial<PanelMessageValues>) =>
  editPanelMessage(bot.ctx, guildId, { by: owner, panelMessageId, patch });

test('the server’s footer changes on the messages that have none of their own, by a job each, and on no other', async () => {
  const channelId = await newChannel();
  const [plain, own] = [await panelIn(channelId), await panelIn(channelId, { footer: 'Since 2015' })];
  for (const { panelMessage } of [plain, own]) await publish(panelMessage.id);
  await bot.ctx.db.query(sql`delete from graphile_worker._private_jobs`);
  const change = (patch: object, reset: string[] = []) => setSettings(bot.ctx, guildId, { by: owner, patch, reset });
  await change({ feedback: true });
  await change({ footerText: 'Ask us anything' });
  const queued = await bot.ctx.db.query<{ key: string }>(sql`select key from graphile_worker.jobs`);
  expect(queued.map(({ key }) => key)).toContain(`panel:${plain.panelMessage.id}`);
  expect(queued.map(({ key }) => key)).not.toContain(`panel:${own.panelMessage.id}`);
  expect((await stateOf(plain.panelMessage.id))?.isPending).toBe(true);
  await publish(plain.panelMessage.id);
  const footers = async () =>
    (await shownIn(channelId))
      .map((one) => one.embeds[0]?.footer?.text)
      .toSorted((a = '', b = '') => a.localeCompare(b));
  expect(await footers()).toEqual(['Ask us anything', 'Since 2015']);
  await change({}, ['footerText']);
  await publish(plain.panelMessage.id);
  expect(await footers()).toEqual(['Docket', 'Since 2015']);
});

test('a panel message has text, embed, pictures, footer, and buttons with style and emoji', async () => {
  covers('1.4-03');
  covers('1.4-07');
  covers('1.4-16');
  const channelId = await newChannel();
  await bot.control.updateGuild(guildId, { emojis: [{ id: emojiId, name: 'docket', animated: false }] });
  const made = await panelIn(channelId, {
    buttonEmoji: '📩',
    buttonStyle: 'success',
    text: 'Hello @everyone',
    imageUrl: 'https://cdn.example/a.png',
    thumbnailUrl: 'https://cdn.example/b.png',
    footer: 'Since 2015',
  });
  await publish(made.panelMessage.id);
  const [message] = await shownIn(channelId);
  expect(message).toMatchObject({ content: 'Hello @everyone', mention_everyone: false });
  expect(message?.embeds[0]).toMatchObject({
    title: 'Open a ticket!',
    description: 'Press.',
    color: 0x336699,
    image: { url: 'https://cdn.example/a.png' },
    thumbnail: { url: 'https://cdn.example/b.png' },
    footer: { text: 'Since 2015' },
  });
  expect(partsOf(message)).toMatchObject([{ label: 'Billing', style: ButtonStyle.Success, emoji: { name: '📩' } }]);

  await editPanel(bot.ctx, guildId, {
    by: owner,
    panelId: made.panel.id,
    patch: { buttonLabel: 'Money', buttonEmoji: `<:docket:${emojiId}>`, buttonStyle: 'danger' },
  });
  expect(await stateOf(made.panelMessage.id)).toMatchObject({ isPending: true });
  await publish(made.panelMessage.id);
  const after = await shownIn(channelId);
  expect(after).toHaveLength(1);
  expect(partsOf(after[0])).toMatchObject([{ label: 'Money', style: ButtonStyle.Danger, emoji: { id: emojiId } }]);
  expect(await stateOf(made.panelMessage.id)).toMatchObject({ isPending: false, problem: null });
});

test('several panels stand in one message, as buttons or in a select menu with descriptions', async () => {
  covers('1.4-17');
  covers('1.4-20');
  covers('1.4-21');
  const channelId = await newChannel();
  const panels = [];
  for (let i = 0; i < 25; i += 1) {
    const made = await panelIn(channelId, { name: `Kind ${i}`, buttonLabel: `Kind ${i}`, description: `About ${i}` });
    panels.push(made.panel);
  }
  const place = await newChannel();
  const { panelMessage } = await panelIn(place);
  const values = { ...messageValuesOf(panelMessage), panelIds: panels.map((panel) => panel.id) };
  const multi = await createPanelMessage(bot.ctx, guildId, { by: owner, values });
  await publish(multi.id);
  const [buttons] = await shownIn(place);
  expect(buttons?.components).toHaveLength(5);
  expect(partsOf(buttons)).toHaveLength(25);
  await edit(multi.id, { layout: 'select', placeholder: 'What is it about?' });
  await publish(multi.id);
  const [menu] = await shownIn(place);
  const [select] = partsOf(menu);
  expect(select).toMatchObject({ type: ComponentType.StringSelect, placeholder: 'What is it about?' });
  expect((select?.options as object[] | undefined)?.[24]).toMatchObject({ label: 'Kind 24', description: 'About 24' });
  const tooMany = [...values.panelIds, (await panelIn(place)).panel.id];
  await expect(edit(multi.id, { panelIds: tooMany })).rejects.toMatchObject({
    code: 'input.invalid',
    context: { field: 'panelIds' },
  });
});

test('a message that was deleted by hand stays away until somebody sends it again', async () => {
  covers('1.4-14');
  const channelId = await newChannel();
  const { panelMessage } = await panelIn(channelId);
  await publish(panelMessage.id);
  const [first] = await shownIn(channelId);
  await bot.control.deleteMessage(channelId, first?.id ?? '');
  await edit(panelMessage.id, { title: 'Another title' });
  await publish(panelMessage.id);
  expect(await shownIn(channelId)).toEqual([]);
  expect(await stateOf(panelMessage.id)).toMatchObject({
    problem: 'panel.message-missing',
    messageId: null,
    isPending: false,
  });
  await edit(panelMessage.id, { title: 'A third title' });
  await publish(panelMessage.id);
  expect(await shownIn(channelId)).toEqual([]);
  const resend = () => sendPanelMessage(bot.ctx, guildId, { by: owner, panelMessageId: panelMessage.id });
  await resend();
  await publish(panelMessage.id);
  expect((await shownIn(channelId)).map((one) => one.embeds[0]?.title)).toEqual(['A third title']);
  expect(await stateOf(panelMessage.id)).toMatchObject({ problem: null });

  const [second] = await shownIn(channelId);
  await bot.control.deleteMessage(channelId, second?.id ?? '');
  await resend();
  await publish(panelMessage.id);
  expect(await shownIn(channelId)).toHaveLength(1);
  await resend();
  await publish(panelMessage.id);
  expect(await shownIn(channelId)).toHaveLength(1);
});

test('in another channel it is sent anew, and the old message goes', async () => {
  const [from, to] = [await newChannel(), await newChannel()];
  const { panelMessage } = await panelIn(from);
  await publish(panelMessage.id);
  await edit(panelMessage.id, { channelId: to });
  await publish(panelMessage.id);
  expect(await shownIn(from)).toEqual([]);
  expect(await shownIn(to)).toHaveLength(1);
  expect(await stateOf(panelMessage.id)).toMatchObject({ strays: [], channelId: to });
});

test('a message whose sending was interrupted is found: in its channel, and where it moved away from', async () => {
  const [from, to] = [await newChannel(), await newChannel()];
  const { panelMessage } = await panelIn(from);
  const lost = { kind: 'lose-answer', method: 'POST', path: `/channels/${from}/messages` } as const;
  await bot.control.fault({ ...lost, count: 10 });
  await expect(publish(panelMessage.id)).rejects.toThrow();
  await bot.control.clearFaults();
  expect(await stateOf(panelMessage.id)).toMatchObject({ messageId: null, problem: 'panel.unavailable' });
  await publish(panelMessage.id);
  const [sent] = await shownIn(from);
  expect(await shownIn(from)).toHaveLength(1);
  expect(await stateOf(panelMessage.id)).toMatchObject({ messageId: sent?.id, problem: null });

  // The same panel once more, and nothing was sent: the first message is not taken for the second.
  const values = messageValuesOf(panelMessage);
  const again = await createPanelMessage(bot.ctx, guildId, { by: owner, values });
  await bot.control.fault({ kind: 'status', status: 500, method: lost.method, path: lost.path, count: 10 });
  await expect(publish(again.id)).rejects.toThrow();
  await bot.control.clearFaults();
  await publish(again.id);
  expect(await shownIn(from)).toHaveLength(2);
  await deletePanelMessage(bot.ctx, guildId, { by: owner, panelMessageId: again.id });
  await publish(again.id);

  const other = await panelIn(from);
  await bot.control.fault({ ...lost, count: 10 });
  await expect(publish(other.panelMessage.id)).rejects.toThrow();
  await bot.control.clearFaults();
  expect(await shownIn(from)).toHaveLength(2);
  await edit(other.panelMessage.id, { channelId: to });
  await publish(other.panelMessage.id);
  expect((await shownIn(from)).map((one) => one.id)).toEqual([sent?.id]);
  expect(await shownIn(to)).toHaveLength(1);
});

test('a deleted panel leaves its messages, and a message without panels leaves Discord', async () => {
  covers('1.4-22');
  const channelId = await newChannel();
  const one = await panelIn(channelId, { buttonLabel: 'One' });
  const two = await panelIn(channelId, { buttonLabel: 'Two' });
  const multi = await createPanelMessage(bot.ctx, guildId, {
    by: owner,
    values: { ...messageValuesOf(one.panelMessage), panelIds: [one.panel.id, two.panel.id], title: 'Both' },
  });
  const all = [one.panelMessage.id, two.panelMessage.id, multi.id];
  for (const id of all) await publish(id);
  expect(await shownIn(channelId)).toHaveLength(3);
  await deletePanel(bot.ctx, guildId, { by: owner, panelId: one.panel.id });
  for (const id of all) await publish(id);
  const left = await shownIn(channelId);
  expect(left.map((message) => partsOf(message).map((part) => part.label))).toEqual([['Two'], ['Two']]);
  expect(await stateOf(one.panelMessage.id)).toBeNull();
  await deletePanelMessage(bot.ctx, guildId, { by: owner, panelMessageId: multi.id });
  await publish(multi.id);
  expect(await shownIn(channelId)).toHaveLength(1);
});

test('an emoji that Discord refuses is shown as the problem, and the panel is sent without it', async () => {
  const channelId = await newChannel();
  await bot.control.updateGuild(guildId, { emojis: [{ id: emojiId, name: 'docket', animated: false }] });
  const gone = await panelIn(channelId, { name: 'Gone', buttonEmoji: `<:docket:${emojiId}>` });
  const fine = await panelIn(channelId, { name: 'Fine', buttonEmoji: '📩' });
  await bot.control.updateGuild(guildId, { emojis: [] });
  for (const layout of ['buttons', 'select'] as const) {
    const place = await newChannel();
    const { id } = await createPanelMessage(bot.ctx, guildId, {
      by: owner,
      values: {
        ...messageValuesOf(gone.panelMessage),
        panelIds: [fine.panel.id, gone.panel.id],
        channelId: place,
        layout,
      },
    });
    await publish(id);
    const [message] = await shownIn(place);
    const shown = partsOf(message);
    const options = layout === 'select' ? (shown[0]?.options as Record<string, unknown>[]) : shown;
    expect(options.map((one) => (one.emoji as { name?: string } | undefined)?.name)).toEqual(['📩', undefined]);
    expect(await stateOf(id)).toMatchObject({ problem: 'panel.emoji-refused', problemContext: { panels: 'Gone' } });
    const before = (await bot.control.counts()).requests;
    await publish(id);
    expect((await bot.control.counts()).requests).toBe(before);
  }
});

test('what Discord answers is shown, retried where that helps, and never sends it twice', async () => {
  covers('1.4-15');
  const channelId = await newChannel();
  const { panelMessage } = await panelIn(channelId);
  const posts = { method: 'POST', path: `/channels/${channelId}/messages` };
  await bot.control.fault({ kind: 'status', status: 500, count: 20, ...posts });
  await expect(publish(panelMessage.id)).rejects.toThrow();
  expect(await stateOf(panelMessage.id)).toMatchObject({ problem: 'panel.unavailable', isPending: true });
  await bot.control.clearFaults();
  await publish(panelMessage.id);
  expect(await shownIn(channelId)).toHaveLength(1);
  expect(await stateOf(panelMessage.id)).toMatchObject({ problem: null, isPending: false });

  const { roles } = await bot.control.guild(guildId);
  const role = roles.find((one) => one.name === 'Bot');
  const lacking = BigInt(role?.permissions ?? 0) & ~PermissionFlagsBits.SendMessages;
  const closed = await bot.control.createChannel(guildId, {
    name: 'closed',
    overwrites: [{ id: guildId, type: 0, allow: '0', deny: String(PermissionFlagsBits.SendMessages) }],
  });
  await bot.control.updateRole(guildId, role?.id ?? '', { permissions: String(lacking) });
  const refused = await panelIn(closed.id);
  await publish(refused.panelMessage.id);
  expect(await stateOf(refused.panelMessage.id)).toMatchObject({
    problem: 'discord.permission',
    problemContext: { permissions: 'SendMessages', place: closed.id },
    isPending: false,
  });
  await bot.control.updateRole(guildId, role?.id ?? '', { permissions: role?.permissions ?? '' });
  await bot.control.deleteChannel(closed.id);
  await sendPanelMessage(bot.ctx, guildId, { by: owner, panelMessageId: refused.panelMessage.id });
  await publish(refused.panelMessage.id);
  expect(await stateOf(refused.panelMessage.id)).toMatchObject({ problem: 'discord.channel-gone' });
});

test('a limit of Discord puts it off; it is no problem', async () => {
  const channelId = await newChannel();
  const { panelMessage } = await panelIn(channelId);
  const path = `/channels/${channelId}/messages`;
  await bot.control.fault({ kind: 'status', status: 429, retryAfterS: 30, method: 'POST', path });
  const before = Date.now();
  const [later] = await publish(panelMessage.id);
  expect(Number(later?.runAt) - before).toBeGreaterThan(20_000);
  expect(await stateOf(panelMessage.id)).toMatchObject({ isPending: true, problem: null });
});

test('it never stands in the transcripts channel, whichever was chosen first', async () => {
  covers('1.4-04');
  const channelId = await newChannel();
  const { panelMessage } = await panelIn(channelId);
  await setSettings(bot.ctx, guildId, { by: owner, patch: { transcriptsChannel: channelId } });
  await publish(panelMessage.id);
  expect(await shownIn(channelId)).toEqual([]);
  expect(await stateOf(panelMessage.id)).toMatchObject({ problem: 'panel.transcripts-channel' });
  await expect(panelIn(channelId)).rejects.toMatchObject({ code: 'input.invalid', context: { field: 'channelId' } });
  const elsewhere = await panelIn(await newChannel());
  await expect(edit(elsewhere.panelMessage.id, { channelId })).rejects.toMatchObject({ code: 'input.invalid' });
});
