import { ChannelType } from 'discord-api-types/v10';
import { type TextKey, translate } from '#locales/index.ts';
import { AppError } from '#tickets/errors.ts';
import { settings } from '#tickets/settings/registry.ts';
import { claimSetup, endSetup } from '#tickets/store/guild.ts';
import { type AutoStep, autoSteps, runAutoSetup } from '../auto-setup.ts';
import { type Call, defineCommand } from '../define.ts';
import type { Option } from '../options.ts';
import { changeSettings, savedSettings } from './settings.ts';

const channelOption = <const T extends boolean>(optional: T, ...types: ChannelType[]) =>
  ({ kind: 'channel', optional, types }) as const satisfies Option;

/** Changes settings and answers what they are now. */
async function save(call: Call, patch: Parameters<typeof changeSettings>[1], note?: TextKey): Promise<void> {
  const changed = await changeSettings(call, patch);
  const names = Object.keys(patch) as (keyof typeof settings)[];
  const content = [translate(call.locale, 'commands.settings.done'), note && translate(call.locale, note)];
  await call.reply.show(await savedSettings(call, changed, { names, content: content.filter(Boolean).join(' ') }));
}

/** Where /open makes tickets (features.md 1.1-11). */
export const setupCategory = defineCommand({
  name: 'setup category',
  level: 'admin',
  defer: 'ephemeral',
  options: { category: channelOption(false, ChannelType.GuildCategory) },
  run: (call) => save(call, { ticketCategory: call.options.category }),
});

/** How many tickets a member may have open (features.md 1.1-12). */
export const setupLimit = defineCommand({
  name: 'setup limit',
  level: 'admin',
  defer: 'ephemeral',
  options: {
    limit: {
      kind: 'integer',
      optional: false,
      min: settings.openTicketsPerUser.min,
      max: settings.openTicketsPerUser.max,
    },
  },
  run: (call) => save(call, { openTicketsPerUser: call.options.limit }),
});

/** The prefix, which slash commands do not need (features.md 1.1-13). */
export const setupPrefix = defineCommand({
  name: 'setup prefix',
  level: 'admin',
  defer: 'ephemeral',
  options: { prefix: { kind: 'text', optional: false, max: settings.commandPrefix.max } },
  run: (call) => save(call, { commandPrefix: call.options.prefix }, 'commands.setup.prefix.note'),
});

/** Where summaries of closed tickets go (features.md 1.1-14). */
export const setupTranscripts = defineCommand({
  name: 'setup transcripts',
  level: 'admin',
  defer: 'ephemeral',
  options: { channel: channelOption(false, ChannelType.GuildText, ChannelType.GuildAnnouncement) },
  run: (call) => save(call, { transcriptsChannel: call.options.channel }),
});

/** Whether tickets are threads, and where staff hear of them (features.md 1.1-15). */
export const setupThreads = defineCommand({
  name: 'setup use-threads',
  level: 'admin',
  defer: 'ephemeral',
  options: {
    use_threads: { kind: 'flag', optional: false },
    ticket_notification_channel: channelOption(true, ChannelType.GuildText, ChannelType.GuildAnnouncement),
  },
  async run(call) {
    const { use_threads: useThreads, ticket_notification_channel: given } = call.options;
    // Chosen before is chosen still; whether it is still there is checked when it is chosen, and shown when it is gone.
    if (useThreads && given === null && call.guild.settings.threadNotificationChannel === null)
      throw new AppError('setup.channel-required');
    await save(call, { useThreads, ...(given !== null && { threadNotificationChannel: given }) });
  },
});

/** What stands in every new ticket whose panel says nothing of its own (features.md 1.1-16). */
export const setupWelcome = defineCommand({
  name: 'setup welcomemessage',
  level: 'admin',
  defer: 'ephemeral',
  options: { message: { kind: 'text', optional: false, max: settings.welcomeMessage.max } },
  run: (call) => save(call, { welcomeMessage: call.options.message }),
});

/** The same command typed twice makes nothing twice, whichever pods hear of it. It takes seconds; with Discord's limits on roles and channels a minute or two. */
const setupMs = 5 * 60_000;

/** Roles, a channel and a category, so that tickets can be opened at once (features.md 1.1-10). It can be repeated. */
export const setupAuto = defineCommand({
  name: 'setup auto',
  level: 'admin',
  defer: 'ephemeral',
  rate: { times: 5, everyMs: 60_000 },
  async run(call) {
    const { guildId, locale, reply } = call;
    const { ctx } = call.deps;
    const { db } = ctx;
    const started = ctx.now();
    const until = started + setupMs;
    if (!(await claimSetup(db, guildId, { now: started, until }))) throw new AppError('setup.running');
    const done = new Map<AutoStep, string>();
    const lines = (failed?: AutoStep): string[] =>
      autoSteps.map((step) => {
        const what = translate(locale, `commands.setup.auto.steps.${step}`);
        const result = done.get(step);
        if (result !== undefined) return `✅ ${what} ${result}`.trimEnd();
        return failed === undefined || step !== failed ? `▫️ ${what}` : `❌ ${what}`;
      });
    const show = (failed?: AutoStep) => reply.show({ content: lines(failed).join('\n') });
    let current: AutoStep = autoSteps[0];
    try {
      const changed = await runAutoSetup(call, {
        async onStep(step) {
          current = step;
          await show();
        },
        onDone: (step, result) => void done.set(step, result),
        change: (patch) => changeSettings(call, patch),
      });
      const content = [...lines(), '', translate(locale, 'commands.setup.auto.done')].join('\n');
      if (!changed) return reply.show({ content });
      const names = ['ticketCategory', 'transcriptsChannel'] as const;
      await reply.show(await savedSettings(call, changed, { names, content }));
    } catch (error) {
      // What has been made stays, and is found again by the next run.
      await show(current);
      throw error;
    } finally {
      await endSetup(db, guildId, { until });
    }
  },
});
