import type { RawFile } from '@discordjs/rest';
import {
  type APIEmbed,
  type APIMessageTopLevelComponent,
  type APIModalInteractionResponseCallbackData,
  InteractionResponseType,
  MessageFlags,
  RESTJSONErrorCodes,
  Routes,
} from 'discord-api-types/v10';
import { discordCodeOf } from '#discord/rest.ts';
import { type TextKey, type TextVars, translate } from '#locales/index.ts';
import { retry } from '#runtime/retry.ts';
import type { Defer } from './define.ts';
import type { RestClient } from './deps.ts';

/** What a reply shows. What is left out is taken away from the message that is edited. */
export type Shown = {
  readonly content?: string;
  readonly embeds?: readonly APIEmbed[];
  readonly components?: readonly APIMessageTopLevelComponent[];
  readonly files?: readonly (RawFile & { readonly description?: string })[];
};

/** Answers to one interaction, through its token: these routes need no bot token and count in no limit. */
export type Reply = {
  /** The promised answer, as text. */
  text(key: TextKey, vars?: TextVars): Promise<void>;
  /** The promised answer (or, after `update`, the clicked message). */
  show(shown: Shown): Promise<void>;
  /** A text for the one who asked, as their answer, and another that everyone in the channel sees. */
  announce(own: TextKey, everyone: TextKey, vars?: TextVars): Promise<void>;
  /** Says what went wrong, to the one who asked only; after `update` the clicked message stays as it is. */
  refuse(text: string): Promise<void>;
};

/** No reply ever pings anybody by what somebody wrote. */
export const noMentions = { parse: [] };

const bodyOf = (shown: Shown) => ({
  content: shown.content ?? '',
  embeds: shown.embeds ?? [],
  components: shown.components ?? [],
  allowed_mentions: noMentions,
  attachments: (shown.files ?? []).map((file, id) => ({ id, filename: file.name, description: file.description })),
});

/**
 * Uses an interaction's token, which exists once Discord has taken the first answer. TRICKY: an answer that was an HTTP response has been
 * sent, not taken, and for up to some seconds Discord says 10015 (discord-api-docs#7220), so this is tried for about 6 s.
 */
function byToken<T>(use: () => Promise<T>): Promise<T> {
  const isTooEarly = (error: unknown): boolean => discordCodeOf(error) === RESTJSONErrorCodes.UnknownWebhook;
  return retry({ attempts: 8, minMs: 50, maxMs: 3_000, when: isTooEarly }, use);
}

/** Edits the answer that an interaction's token belongs to. */
export async function editOriginal(
  rest: RestClient,
  applicationId: string,
  token: string,
  shown: Shown,
): Promise<void> {
  const route = Routes.webhookMessage(applicationId, token, '@original');
  const files = shown.files && { files: [...shown.files] };
  await byToken(() => rest.patch(route, { auth: false, body: bodyOf(shown), ...files }));
}

/** The reply of one acknowledged interaction. */
export function createReply(o: {
  rest: RestClient;
  applicationId: string;
  token: string;
  locale: string;
  defer: Defer;
}): Reply {
  const show = (shown: Shown) => editOriginal(o.rest, o.applicationId, o.token, shown);
  const followUp = async (content: string, flags?: MessageFlags) => {
    const body = { content, flags, allowed_mentions: noMentions };
    await byToken(() => o.rest.post(Routes.webhook(o.applicationId, o.token), { auth: false, body }));
  };
  return {
    show,
    text: (key, vars) => show({ content: translate(o.locale, key, vars) }),
    async announce(own, everyone, vars) {
      // In this order: the first follow-up of a promised answer would be taken for that answer.
      await show({ content: translate(o.locale, own, vars) });
      await followUp(translate(o.locale, everyone, vars));
    },
    refuse: (text) => (o.defer === 'update' ? followUp(text, MessageFlags.Ephemeral) : show({ content: text })),
  };
}

/** How an interaction was taken: `mine` by this process now, `already` by an earlier one (a replay), `expired` by nobody in time. */
export type Acknowledged = 'mine' | 'already' | 'expired';

const answers: Record<Defer, object> = {
  ephemeral: {
    type: InteractionResponseType.DeferredChannelMessageWithSource,
    data: { flags: MessageFlags.Ephemeral },
  },
  public: { type: InteractionResponseType.DeferredChannelMessageWithSource },
  update: { type: InteractionResponseType.DeferredMessageUpdate },
};

/** The callback that promises an answer. */
export const deferral = (defer: Defer): object => answers[defer];
/** The callback that shows a modal. */
export const modal = (data: APIModalInteractionResponseCallbackData): object => ({
  type: InteractionResponseType.Modal,
  data,
});
/** The callback that answers at once, for the one who asked. */
export const notice = (content: string): object => ({
  type: InteractionResponseType.ChannelMessageWithSource,
  data: { content, flags: MessageFlags.Ephemeral, allowed_mentions: noMentions },
});
