import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  type ChatInputCommandInteraction,
  Client,
  Events,
  GatewayIntentBits,
  type Interaction,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  OverwriteType,
  PermissionFlagsBits,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { type Control, createControl } from './client.ts';
import { type Simulator, startSimulator } from './server.ts';

const log = createLog({ role: 'test', level: 'silent' });

describe("discord.js's default client", () => {
  let simulator: Simulator;
  let control: Control;
  let client: Client;
  let guildId: string;
  let memberId: string;
  let channelId: string;

  beforeAll(async () => {
    simulator = await startSimulator({ port: 0, dataDir: null, guilds: 2, log, limits: { identifyWindowMs: 0 } });
    control = createControl(simulator.control);
    guildId = simulator.guilds[0]?.id ?? '';
    memberId = simulator.guilds[0]?.memberIds.at(-1) ?? '';
    channelId = (await control.channels(guildId)).find((channel) => channel.name === 'general')?.id ?? '';
    client = new Client({
      intents: [
        GatewayIntentBits.Guilds,
        GatewayIntentBits.GuildMessages,
        GatewayIntentBits.GuildMembers,
        GatewayIntentBits.MessageContent,
        GatewayIntentBits.DirectMessages,
      ],
      rest: { api: simulator.api },
    });
    const ready = once<Client<true>>(Events.ClientReady);
    await client.login(simulator.token);
    await ready;
  });

  afterAll(async () => {
    await client.destroy();
    await simulator.close();
  });

  async function once<T>(event: string): Promise<T> {
    return await new Promise((resolve) => client.once(event, resolve as never));
  }

  it('logs in and knows servers, roles, channels and itself', () => {
    expect(client.user?.id).toBe(simulator.applicationId);
    expect(client.guilds.cache.size).toBe(2);
    const guild = client.guilds.cache.get(guildId);
    expect(guild?.memberCount).toBe(13);
    expect(guild?.channels.cache.get(channelId)?.name).toBe('general');
    expect(guild?.members.me?.permissions.has(PermissionFlagsBits.ManageChannels)).toBe(true);
  });

  it('hears what people write, with content', async () => {
    const heard = once<{ content: string; member: { id: string } | null }>(Events.MessageCreate);
    await control.sendMessage({ channelId, userId: memberId, content: 'good morning' });
    const message = await heard;
    expect(message.content).toBe('good morning');
    expect(message.member?.id).toBe(memberId);
  });

  it('answers a command with a modal, and the modal after "thinking"', async () => {
    await client.application?.commands.set([
      {
        name: 'ask',
        description: 'Asks something',
        options: [{ name: 'topic', description: 'About what', type: 3, required: true }],
      },
    ]);

    const pending = once<Interaction>(Events.InteractionCreate);
    const { id } = await control.runCommand({
      guildId,
      channelId,
      userId: memberId,
      name: 'ask',
      options: [{ name: 'topic', value: 'keys' }],
    });
    const command = (await pending) as ChatInputCommandInteraction;
    expect(command.options.getString('topic')).toBe('keys');
    expect(command.memberPermissions?.has(PermissionFlagsBits.SendMessages)).toBe(true);
    const input = new TextInputBuilder().setCustomId('why').setStyle(TextInputStyle.Paragraph);
    const label = new LabelBuilder().setLabel('Why?').setTextInputComponent(input);
    await command.showModal(new ModalBuilder().setCustomId('form').setTitle('Ask').addLabelComponents(label));
    const shown = await control.interaction(id, { waitMs: 5_000 });
    expect(shown).toMatchObject({ state: 'acknowledged', callbackType: 9, modal: { custom_id: 'form' } });

    const submitted = once<Interaction>(Events.InteractionCreate);
    const sent = await control.submitModal({ interactionId: id, userId: memberId, values: { why: 'because' } });
    const modal = await submitted;
    if (!modal.isModalSubmit()) throw new Error('it should be a modal');
    expect(modal.fields.getTextInputValue('why')).toBe('because');
    await modal.deferReply({ flags: MessageFlags.Ephemeral });
    await modal.editReply('noted');
    const answered = await control.interaction(sent.id, { waitMs: 5_000, until: 'answer' });
    expect(answered.messages[0]).toMatchObject({ content: 'noted', flags: MessageFlags.Ephemeral });
  });

  it('updates a message when its button is pressed, and follows up', async () => {
    const channel = await client.channels.fetch(channelId);
    if (!channel?.isSendable()) throw new Error('it should be a text channel');
    const button = new ButtonBuilder().setCustomId('press').setLabel('Press').setStyle(ButtonStyle.Primary);
    const message = await channel.send({
      content: 'press it',
      components: [new ActionRowBuilder<ButtonBuilder>().addComponents(button)],
      files: [{ attachment: Buffer.from('hello'), name: 'hello.txt' }],
    });
    const file = message.attachments.first();
    expect(await (await fetch(file?.url ?? '')).text()).toBe('hello');
    const pressed = once<Interaction>(Events.InteractionCreate);
    const { id } = await control.useComponent({
      channelId,
      messageId: message.id,
      userId: memberId,
      customId: 'press',
    });
    const interaction = await pressed;
    if (!interaction.isButton()) throw new Error('it should be a button');
    const response = await interaction.update({ content: 'pressed', components: [], withResponse: true });
    expect(response.resource?.message?.content).toBe('pressed');
    await interaction.followUp({ content: 'thank you', flags: MessageFlags.Ephemeral });
    const seen = await control.interaction(id, { waitMs: 5_000 });
    expect(seen.messages.map((m) => m.content)).toEqual(['pressed', 'thank you']);
    expect((await channel.messages.fetch()).some((m) => m.content === 'thank you')).toBe(false);
  });

  it('creates a private channel that others cannot write to', async () => {
    const guild = await client.guilds.fetch(guildId);
    const channel = await guild.channels.create({
      name: 'Private Matter',
      permissionOverwrites: [
        { id: guild.id, deny: ['ViewChannel'] },
        { id: memberId, allow: ['ViewChannel', 'SendMessages'] },
        { id: simulator.applicationId, allow: ['ViewChannel'] },
      ],
    });
    expect(channel.name).toBe('private-matter');
    const other = simulator.guilds[0]?.memberIds.at(-2) ?? '';
    await expect(control.sendMessage({ channelId: channel.id, userId: other, content: 'hi' })).rejects.toMatchObject({
      code: 50001,
    });
    await channel.permissionOverwrites.edit(other, { ViewChannel: true }, { type: OverwriteType.Member });
    await control.sendMessage({ channelId: channel.id, userId: other, content: 'hi' });
    await channel.permissionOverwrites.delete(other);
    await expect(control.sendMessage({ channelId: channel.id, userId: other, content: 'hi' })).rejects.toMatchObject({
      code: 50001,
    });
    await channel.delete();
  });

  it('fetches all members and opens a direct channel', async () => {
    const guild = await client.guilds.fetch(guildId);
    expect((await guild.members.fetch()).size).toBe(13);
    const member = await guild.members.fetch(memberId);
    await member.send('psst');
    expect((await control.directMessages(memberId)).at(-1)?.content).toBe('psst');
    await control.setDmsClosed(memberId, true);
    await expect(member.send('psst')).rejects.toMatchObject({ code: 50007 });
    await control.setDmsClosed(memberId, false);
  });

  it('resumes after a cut connection and misses nothing', async () => {
    const heard: string[] = [];
    const last = new Promise<void>((resolve) => {
      client.on(Events.MessageCreate, (message) => {
        heard.push(message.content);
        if (message.content === '5') resolve();
      });
    });
    const resumed = once(Events.ShardResume);
    await control.fault({ kind: 'drop' });
    for (const content of ['1', '2', '3', '4', '5'])
      await control.sendMessage({ channelId, userId: memberId, content });
    await resumed;
    await last;
    expect(heard).toEqual(['1', '2', '3', '4', '5']);
    expect(await control.counts()).toMatchObject({ identifies: 1, resumes: 1, failedResumes: 0 });
  });
});
