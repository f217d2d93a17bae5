import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { bitsOf, botPermissions } from '#discord/permissions.ts';
import { type TextKey, translate } from '#locales/index.ts';
import { guildUrl } from '../../links.ts';
import { buttons } from '../components.ts';
import { type Call, defineCommand } from '../define.ts';

/** What the invitation asks for. https://discord.com/developers/docs/topics/oauth2#bot-authorization-flow */
export function inviteUrl(deps: Pick<Call['deps'], 'authorizeUrl' | 'applicationId'>): string {
  const query = new URLSearchParams({
    client_id: deps.applicationId,
    permissions: String(bitsOf(...botPermissions)),
    scope: 'bot applications.commands',
  });
  return `${deps.authorizeUrl}?${query}`;
}

const link = (label: string, url: string) => ({
  type: ComponentType.Button as const,
  style: ButtonStyle.Link as const,
  label,
  url,
});

/** Answers with a text and a button that leads to an address. */
const lead = ({ locale, reply }: Call, content: TextKey, label: TextKey, url: string): Promise<void> =>
  reply.show({ content: translate(locale, content), components: buttons(link(translate(locale, label), url)) });

/** What Docket is, and where it leads (features.md 1.2-01). */
export const aboutCommand = defineCommand({
  name: 'about',
  level: 'member',
  defer: 'ephemeral',
  async run({ deps, guildId, locale, reply }) {
    await reply.show({
      embeds: [
        {
          title: translate(locale, 'commands.about.title'),
          description: translate(locale, 'commands.about.text'),
        },
      ],
      components: buttons(
        link(translate(locale, 'buttons.invite.label'), inviteUrl(deps)),
        ...(deps.publicUrl
          ? [link(translate(locale, 'buttons.panel-link.label'), guildUrl(deps.publicUrl, guildId))]
          : []),
      ),
    });
  },
});

/** Where the bot is let into another server (features.md 1.2-03). */
export const inviteCommand = defineCommand({
  name: 'invite',
  level: 'member',
  defer: 'ephemeral',
  run: (call) => lead(call, 'commands.invite.done', 'buttons.invite.label', inviteUrl(call.deps)),
});

/** Where people vote for the bot, if whoever runs it named a place (features.md 1.2-04). */
export const voteCommand = defineCommand({
  name: 'vote',
  level: 'member',
  defer: 'ephemeral',
  async run(call) {
    const { voteUrl } = call.deps;
    if (voteUrl === null) return call.reply.text('commands.vote.none');
    await lead(call, 'commands.vote.done', 'buttons.vote.label', voteUrl);
  },
});

/** Where the dashboard is (features.md 1.1-17). */
export const dashboardCommand = defineCommand({
  name: 'dashboard',
  level: 'member',
  defer: 'ephemeral',
  async run(call) {
    const { publicUrl } = call.deps;
    if (publicUrl === null) return call.reply.text('commands.dashboard.none');
    await lead(call, 'commands.dashboard.done', 'buttons.panel-link.label', guildUrl(publicUrl, call.guildId));
  },
});
