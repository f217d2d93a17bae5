import {
  type AnyInteractionGateway,
  ApplicationCommandTypes,
  ButtonStyles,
  ChannelTypes,
  Client,
  ComponentTypes,
  type CommandInteraction,
  type ComponentInteraction,
  MessageFlags,
  type ModalSubmitInteraction,
  OverwriteTypes,
  Permissions,
  TextInputStyles,
} from 'oceanic.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { type Control, createControl } from './client.ts';
import { type Simulator, startSimulator } from './server.ts';

const log = createLog({ role: 'test', level: 'silent' });

describe('oceanic.js', () => {
  let simulator: Simulator;
  let control: Control;
  let client: Client;
  let guildId: string;
  let memberId: string;
  let otherId: string;
  let channelId: string;

  beforeAll(async () => {
    simulator = await startSimulator({ port: 0, dataDir: null, guilds: 2, log, limits: { identifyWindowMs: 0 } });
    control = createControl(simulator.control);
    const guild = simulator.guilds[0];
    guildId = guild?.id ?? '';
    memberId = guild?.memberIds.at(-1) ?? '';
    otherId = guild?.memberIds.at(-2) ?? '';
    channelId = (await control.channels(guildId)).find((channel) => channel.name === 'general')?.id ?? '';
    client = new Client({
      auth: `Bot ${simulator.token}`,
      rest: { baseURL: `${simulator.api}/v10` },
      gateway: { intents: ['GUILDS', 'GUILD_MESSAGES', 'GUILD_MEMBERS', 'MESSAGE_CONTENT'], getAllUsers: true },
    });
    client.on('error', () => undefined);
    const ready = new Promise<void>((resolve) => client.once('ready', () => resolve()));
    await client.connect();
    await ready;
  });

  afterAll(async () => {
    client.disconnect(false);
    await simulator.close();
  });

  async function interaction<T extends AnyInteractionGateway>(): Promise<T> {
    return await new Promise((resolve) => client.once('interactionCreate', (given) => resolve(given as T)));
  }

  it('logs in and knows servers, channels and all members', async () => {
    expect(client.user.id).toBe(simulator.applicationId);
    const guild = client.guilds.get(guildId);
    expect(guild?.channels.get(channelId)?.name).toBe('general');
    // It asks for the members of each server without waiting for them.
    await expect.poll(() => guild?.members.size).toBe(13);
  });

  it('answers a command with a modal, and the modal after "thinking"', async () => {
    await client.application.bulkEditGlobalCommands([
      { type: ApplicationCommandTypes.CHAT_INPUT, name: 'ask', description: 'Asks something' },
    ]);
    const given = interaction<CommandInteraction>();
    const { id } = await control.runCommand({ guildId, channelId, userId: memberId, name: 'ask' });
    const command = await given;
    expect(command.data.name).toBe('ask');
    await command.createModal({
      title: 'Ask',
      customID: 'form',
      components: [
        {
          type: ComponentTypes.ACTION_ROW,
          components: [
            { type: ComponentTypes.TEXT_INPUT, customID: 'why', label: 'Why?', style: TextInputStyles.SHORT },
          ],
        },
      ],
    });
    expect((await control.interaction(id, { waitMs: 5_000 })).modal?.title).toBe('Ask');

    const submitted = interaction<ModalSubmitInteraction>();
    const sent = await control.submitModal({ interactionId: id, userId: memberId, values: { why: 'because' } });
    const modal = await submitted;
    expect(modal.data.components.getTextInput('why')).toBe('because');
    await modal.defer(MessageFlags.EPHEMERAL);
    await modal.editOriginal({ content: 'noted' });
    const answered = await control.interaction(sent.id, { waitMs: 5_000, until: 'answer' });
    expect(answered.messages[0]).toMatchObject({ content: 'noted', flags: MessageFlags.EPHEMERAL });
  });

  it('updates a message with a file when its button is pressed, and follows up', async () => {
    const message = await client.rest.channels.createMessage(channelId, {
      content: 'press it',
      components: [
        {
          type: ComponentTypes.ACTION_ROW,
          components: [{ type: ComponentTypes.BUTTON, style: ButtonStyles.PRIMARY, customID: 'press', label: 'Press' }],
        },
      ],
      files: [{ name: 'hello.txt', contents: Buffer.from('hello') }],
    });
    expect(await (await fetch(message.attachments.first()?.url ?? '')).text()).toBe('hello');
    const pressed = interaction<ComponentInteraction>();
    const { id } = await control.useComponent({
      channelId,
      messageId: message.id,
      userId: memberId,
      customId: 'press',
    });
    const press = await pressed;
    await press.editParent({ content: 'pressed', components: [] });
    await press.createFollowup({ content: 'thank you', flags: MessageFlags.EPHEMERAL });
    const seen = await control.interaction(id, { waitMs: 5_000 });
    expect(seen.messages.map((m) => m.content)).toEqual(['pressed', 'thank you']);
  });

  it('creates a private channel that others cannot write to', async () => {
    const channel = await client.rest.guilds.createChannel(guildId, ChannelTypes.GUILD_TEXT, {
      name: 'Private Matter',
      permissionOverwrites: [
        { id: guildId, type: OverwriteTypes.ROLE, allow: 0n, deny: Permissions.VIEW_CHANNEL },
        { id: memberId, type: OverwriteTypes.MEMBER, allow: Permissions.VIEW_CHANNEL, deny: 0n },
        { id: simulator.applicationId, type: OverwriteTypes.MEMBER, allow: Permissions.VIEW_CHANNEL, deny: 0n },
      ],
    });
    const say = async () => await control.sendMessage({ channelId: channel.id, userId: otherId, content: 'hi' });
    await expect(say()).rejects.toMatchObject({ code: 50001 });
    await client.rest.channels.editPermission(channel.id, otherId, {
      type: OverwriteTypes.MEMBER,
      allow: Permissions.VIEW_CHANNEL,
      deny: 0n,
    });
    await say();
    await client.rest.channels.deletePermission(channel.id, otherId);
    await expect(say()).rejects.toMatchObject({ code: 50001 });
    await client.rest.channels.delete(channel.id);
  });

  it('resumes after a cut connection and misses nothing', async () => {
    const heard: string[] = [];
    const last = new Promise<void>((resolve) => {
      client.on('messageCreate', (message) => {
        heard.push(message.content);
        if (message.content === '5') resolve();
      });
    });
    await control.fault({ kind: 'drop' });
    for (const content of ['1', '2', '3', '4', '5'])
      await control.sendMessage({ channelId, userId: memberId, content });
    await last;
    expect(heard).toEqual(['1', '2', '3', '4', '5']);
    expect(await control.counts()).toMatchObject({ identifies: 1, resumes: 1, failedResumes: 0, violations: {} });
  });
});
