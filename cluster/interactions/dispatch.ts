import { randomBytes } from 'node:crypto';
import type { APIInteraction } from 'discord-api-types/v10';
import { translate } from '#locales/index.ts';
import { metrics } from '#runtime/telemetry.ts';
import { AppError } from '#tickets/errors.ts';
import { isTokenDead } from '../effects/problems.ts';
import { acknowledge, byCallback, type FirstAnswer } from './acknowledge.ts';
import type { Handler } from './define.ts';
import type { Deps } from './deps.ts';
import { createRates, prepare } from './guards.ts';
import { createLanguages } from './languages.ts';
import { createPanelCache, type PanelCache } from './panel-cache.ts';
import { argsIn, fieldsIn, type Handled, isHandled, keyFor, keyOf, messageIn, optionsIn, valuesIn } from './parse.ts';
import { interactions } from './registry.ts';
import { createReply, deferral, modal, notice } from './reply.ts';
import { timeOfSnowflake } from './snowflake.ts';
import { isTyping, suggest } from './suggest.ts';
import { targetIn } from './target.ts';
import { errorText } from './texts.ts';

/** How long a form may wait for its panel. The rest of the 2.5 s is for the way to Discord. */
const formWithinMs = 2_000;
/** How long a form may wait for its language, on a server's first click in this process. */
const languageWithinMs = 500;
/** An interaction's token lives for 15 minutes; a replay older than that has nobody left to answer. */
const tokenLifeMs = 15 * 60_000;

type Outcome = 'done' | 'unheard' | 'refused' | 'failed' | 'expired' | 'stale' | 'too-old';

const busy = new AppError('interaction.busy');

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(busy), Math.max(0, ms));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Takes one interaction. `receivedAt` is of the monotonic clock; `send` carries the first answer, by default to Discord's callback route.
 * Fulfilled when everything that the interaction caused is stored; never rejects.
 */
export type Dispatch = (interaction: APIInteraction, receivedAt: number, send?: FirstAnswer) => Promise<void>;

/** Makes the one door for interactions: acknowledge first and from memory, then guards, then the handler, errors at the end. */
export function createDispatch(
  o: Omit<Deps, 'panels'> & { panels?: PanelCache },
  handlers: readonly Handler[] = interactions,
): Dispatch {
  const deps: Deps = { ...o, panels: o.panels ?? createPanelCache(o.ctx.db) };
  const byKey = new Map(handlers.map((handler) => [keyOf(handler), handler]));
  const checkRate = createRates();
  const languages = createLanguages(o.ctx.db);
  const localeOf = (interaction: APIInteraction): string => languages.localeOf(interaction);

  /** The text for an error. An unexpected one is logged here, once; whoever asked sees a reference to that line. */
  function textOf(error: unknown, locale: string, interaction: Handled, handler: Handler): string {
    if (error instanceof AppError) return errorText(locale, error);
    const reference = randomBytes(4).toString('hex');
    o.log.error(
      { err: error, reference, interactionId: interaction.id, guildId: interaction.guild_id, handler: keyOf(handler) },
      'interaction failed',
    );
    return translate(locale, 'errors.unexpected', { reference });
  }

  async function showForm(
    handler: Handler,
    args: Record<string, string | number>,
    interaction: Handled,
    receivedAt: number,
    send: FirstAnswer,
  ): Promise<Outcome> {
    let locale = localeOf(interaction);
    const guildId = interaction.guild_id ?? String(args.guildId);
    // Not knowing a server's language is no reason to show no form.
    const known = within(languages.read(interaction, guildId), languageWithinMs).catch(() => locale);
    let body: object;
    let outcome: Outcome = 'done';
    try {
      locale = await known;
      const form =
        handler.form?.({ deps, guildId, locale, args: args as never }) ??
        Promise.reject(new AppError('interaction.stale'));
      body = modal(await within(form, formWithinMs - (performance.now() - receivedAt)));
    } catch (error) {
      body = notice(textOf(error, locale, interaction, handler));
      outcome = error instanceof AppError ? 'refused' : 'failed';
    }
    return (await acknowledge(send, body, receivedAt)) === 'expired' ? 'expired' : outcome;
  }

  async function handle(
    handler: Handler,
    args: Record<string, string | number>,
    interaction: Handled,
    receivedAt: number,
    send: FirstAnswer,
  ): Promise<Outcome> {
    if (handler.defer === 'form') return showForm(handler, args, interaction, receivedAt, send);
    const { defer } = handler;
    const acknowledged = await acknowledge(send, deferral(defer), receivedAt);
    if (acknowledged === 'expired') return 'expired';
    if (o.ctx.now() - timeOfSnowflake(interaction.id) > tokenLifeMs) return 'too-old';
    const replyIn = (locale: string) =>
      createReply({ rest: o.rest, applicationId: o.applicationId, token: interaction.token, locale, defer });
    try {
      const guildId = interaction.guild_id ?? (handler.inDms ? String(args.guildId) : null);
      if (!guildId) throw new AppError('guild.unknown');
      const personId = (interaction.member?.user ?? interaction.user)?.id ?? '';
      checkRate(`${personId} ${keyOf(handler)}`, handler.rate, performance.now());
      const call = await prepare(deps, handler, interaction, { guildId, args, replyIn, languages });
      await handler.run({
        ...call,
        args,
        options: optionsIn(interaction, handler.options),
        values: valuesIn(interaction),
        fields: fieldsIn(interaction),
        message: messageIn(interaction),
        target: targetIn(interaction),
        interaction,
      });
      return 'done';
    } catch (error) {
      // The verb is done; where its answer stood is gone with the ticket's channel, or with the token.
      if (isTokenDead(error)) return 'unheard';
      const locale = localeOf(interaction);
      await replyIn(locale).refuse(textOf(error, locale, interaction, handler));
      return error instanceof AppError ? 'refused' : 'failed';
    }
  }

  async function take(interaction: Handled, receivedAt: number, send: FirstAnswer): Promise<Outcome> {
    const handler = byKey.get(keyFor(interaction));
    const args = handler && argsIn(interaction, handler.args);
    if (handler && args) return handle(handler, args, interaction, receivedAt, send);
    await acknowledge(send, notice(translate(localeOf(interaction), 'errors.interaction.stale')), receivedAt);
    return 'stale';
  }

  return async (interaction, receivedAt, send = byCallback(o.rest, interaction)) => {
    let outcome: Outcome;
    try {
      if (isTyping(interaction)) {
        const soon = <T>(work: Promise<T>) => within(work, formWithinMs - (performance.now() - receivedAt));
        const suggesting = { deps, handlers: byKey, checkRate, within: soon };
        outcome = await suggest(suggesting, interaction, receivedAt, send);
      } else if (isHandled(interaction)) outcome = await take(interaction, receivedAt, send);
      else return;
    } catch (error) {
      // Discord could not be reached, or the token has died: nobody is left to be told.
      const key = isHandled(interaction) ? keyFor(interaction) : 'typing';
      o.log.warn({ err: error, interactionId: interaction.id, key }, 'interaction not answered');
      outcome = 'failed';
    }
    metrics.interactions.inc({ outcome });
  };
}
