import { createHash } from 'node:crypto';
import { type APIMessage, Routes } from 'discord-api-types/v10';
import { bitsOf } from '#discord/permissions.ts';
import { retryAfterMsOf } from '#discord/rest.ts';
import type { ErrorCode, ErrorContext } from '#tickets/errors.ts';
import type { Panel, PanelMessage, Stray } from '#tickets/panel.ts';
import type { Settings } from '#tickets/settings/registry.ts';
import { readGuild } from '#tickets/store/guild.ts';
import { readPanel } from '#tickets/store/panel.ts';
import {
  listPanelMessages,
  readPanelMessage,
  recordPanelMessage,
  recordPanelMessageSent,
  removePanelMessage,
  removeStray,
} from '#tickets/store/panel-message.ts';
import { missingIn, permissionContext } from './missing-permissions.ts';
import { markOf, type PanelBody, panelBody, withoutEmojis } from './panel-look.ts';
import { refusedEmojis, wrongsOf, wrongText } from './panel-refusal.ts';
import { mutedProblem } from './muted.ts';
import { isForbidden, isGone } from './problems.ts';
import type { EffectDeps } from './seen.ts';

const needed = bitsOf('ViewChannel', 'SendMessages', 'EmbedLinks');
const hashOf = (message: PanelMessage, body: PanelBody): string =>
  createHash('sha256')
    .update(JSON.stringify([message.channelId, body]))
    .digest('base64url')
    .slice(0, 22);

type Problem = { readonly code: ErrorCode; readonly context: ErrorContext };
type Shown = {
  readonly message: PanelMessage;
  readonly panels: readonly Panel[];
  readonly footer: string | null;
  readonly settings: Settings;
};

/**
 * Makes Discord show a panel message as it is: posts it, edits it, takes it away; deletes what it left behind when it moved. It may be
 * interrupted anywhere and run again. A message that somebody deleted in Discord is posted again only when it was asked for.
 */
export async function publishPanel(deps: EffectDeps, o: { guildId: string; panelMessageId: number }): Promise<void> {
  const { db } = deps.ctx;
  const message = await readPanelMessage(db, o.guildId, o.panelMessageId);
  const guild = await readGuild(db, o.guildId);
  if (!message || !guild) return;
  if (message.deletedAt !== null) return takeAway(deps, message);
  for (const stray of message.strays) {
    await removeMessage(deps, message, stray);
    await removeStray(db, o.guildId, { panelMessageId: message.id, stray });
  }
  const panels = (await Promise.all(message.panelIds.map((id) => readPanel(db, o.guildId, id)))).filter(
    (panel): panel is Panel => panel !== null && panel.deletedAt === null,
  );
  if (panels.length === 0) return;
  if (message.channelId === guild.settings.transcriptsChannel)
    return settle(deps, message, { problem: { code: 'panel.transcripts-channel', context: {} } });
  const { settings } = guild;
  await show(deps, { message, panels, footer: settings.footerText, settings });
}

/** Notes how it came out. */
async function settle(
  { ctx }: EffectDeps,
  message: PanelMessage,
  o: { problem: Problem | null; hash?: string },
): Promise<void> {
  const { problem, hash } = o;
  await recordPanelMessage(ctx.db, message.guildId, message.id, {
    problem: problem?.code ?? null,
    problemContext: problem?.context ?? {},
    isPending: false,
    ...(hash !== undefined && { appliedHash: hash }),
  });
  const where = { guildId: message.guildId, panelMessageId: message.id };
  if (problem) ctx.log.warn({ ...where, problem: problem.code, ...problem.context }, 'panel not published as it is');
  else ctx.log.info(where, 'panel published');
}

async function show(deps: EffectDeps, shown: Shown): Promise<void> {
  const { message, panels, footer } = shown;
  const body = panelBody(message, panels, footer);
  const hash = hashOf(message, body);
  // It was deleted by hand; to send it again is somebody's decision.
  const isDeletedByHand = message.messageId === null && message.problem === 'panel.message-missing';
  if (isDeletedByHand || (message.messageId !== null && message.appliedHash === hash)) {
    if (message.isPending) await recordPanelMessage(deps.ctx.db, message.guildId, message.id, { isPending: false });
    return;
  }
  try {
    const { guildId, channelId } = message;
    const problem =
      (await put(deps, shown, body)) ??
      (await mutedProblem(deps.rest, { guildId, channelId, panels, settings: shown.settings }));
    await settle(deps, message, { problem, hash });
  } catch (error) {
    const problem = await problemOf(deps, message, error);
    if (problem === 'later') throw error;
    const { code, context } = problem;
    // It is tried again by the queue; meanwhile people see why it is not there.
    if (code === 'panel.unavailable') {
      await recordPanelMessage(deps.ctx.db, message.guildId, message.id, { problem: code, problemContext: context });
      throw error;
    }
    await settle(deps, message, { problem, ...(code === 'panel.refused' && { hash }) });
  }
}

/** Edits or posts it; without the emojis that Discord refuses, which is then the problem that is shown. */
async function put(deps: EffectDeps, shown: Shown, body: PanelBody): Promise<Problem | null> {
  try {
    return await editOrPost(deps, shown.message, body);
  } catch (error) {
    const refused = refusedEmojis(wrongsOf(error) ?? []);
    if (refused.size === 0) throw error;
    const { message, panels, footer } = shown;
    const other = await editOrPost(deps, message, panelBody(message, withoutEmojis(panels, refused), footer));
    const names = panels.filter((_, i) => refused.has(i)).map((panel) => panel.name);
    return other ?? { code: 'panel.emoji-refused', context: { panels: names.join(', ') } };
  }
}

async function editOrPost(deps: EffectDeps, message: PanelMessage, body: PanelBody): Promise<Problem | null> {
  if (message.messageId !== null) {
    try {
      await deps.rest.patch(Routes.channelMessage(message.channelId, message.messageId), { body });
      return null;
    } catch (error) {
      if (!isGone(error)) throw error;
      // A wish to send it has no hash (sendPanelMessage).
      if (message.appliedHash !== null) {
        await recordPanelMessage(deps.ctx.db, message.guildId, message.id, { messageId: null });
        return { code: 'panel.message-missing', context: {} };
      }
    }
  }
  await post(deps, message, body);
  return null;
}

async function post(deps: EffectDeps, message: PanelMessage, body: PanelBody): Promise<void> {
  const { ctx, creationRest } = deps;
  const { guildId, channelId, id: panelMessageId } = message;
  const known = message.creatingSince === null ? null : await findSent(deps, message, body);
  let messageId = known;
  if (messageId === null) {
    const since = message.creatingSince ?? ctx.now();
    if (message.creatingSince === null) {
      await recordPanelMessage(ctx.db, guildId, panelMessageId, { messageId: null, creatingSince: since });
    }
    // Of this attempt alone: Discord would answer with the earlier message, even if somebody has deleted it since.
    const nonce = `${panelMessageId.toString(36)}.${since.toString(36)}`;
    const route = Routes.channelMessages(channelId);
    const sent = await creationRest.post(route, { body: { ...body, nonce, enforce_nonce: true } });
    messageId = (sent as APIMessage).id;
  }
  await recordPanelMessageSent(ctx.db, guildId, { panelMessageId, channelId, messageId });
}

const discordEpochMs = 1_420_070_400_000;
/** Discord's clock and this one may differ by so much. */
const clockSlackMs = 60_000;

/** The message that an interrupted attempt may have posted: since then, by the bot, with these buttons, and not another panel message's. */
async function findSent(deps: EffectDeps, message: PanelMessage, body: PanelBody): Promise<string | null> {
  const since = Math.max(0, (message.creatingSince ?? 0) - clockSlackMs - discordEpochMs);
  const query = new URLSearchParams({ limit: '100', after: String(BigInt(since) << 22n) });
  const found = (await deps.rest.get(Routes.channelMessages(message.channelId), { query })) as APIMessage[];
  const others = new Set((await listPanelMessages(deps.ctx.db, message.guildId)).map((one) => one.messageId));
  const mark = markOf(body);
  const isIt = (one: APIMessage): boolean =>
    one.author.id === deps.botUserId && !others.has(one.id) && JSON.stringify(one.components).includes(mark);
  return found.find(isIt)?.id ?? null;
}

/** What an error means for people; `later`: Discord's limits, which are waited for. */
async function problemOf(deps: EffectDeps, message: PanelMessage, error: unknown): Promise<Problem | 'later'> {
  const { guildId, channelId } = message;
  if (retryAfterMsOf(error) !== null) return 'later';
  if (isGone(error)) return { code: 'discord.channel-gone', context: {} };
  if (isForbidden(error)) {
    const lacking = await missingIn(deps.rest, { guildId, botUserId: deps.botUserId, channelId, needed });
    return { code: 'discord.permission', context: permissionContext(lacking) };
  }
  const wrongs = wrongsOf(error);
  if (wrongs) return { code: 'panel.refused', context: { reason: wrongText(wrongs) } };
  return { code: 'panel.unavailable', context: {} };
}

/** Deletes a message that a panel message has left behind. What is gone, or cannot be seen any more, is as good as deleted. */
async function removeMessage(deps: EffectDeps, message: PanelMessage, stray: Stray): Promise<void> {
  try {
    const messageId = stray.messageId ?? (await findStray(deps, message, stray.channelId));
    if (messageId !== null) await deps.rest.delete(Routes.channelMessage(stray.channelId, messageId));
  } catch (error) {
    if (!isGone(error) && !isForbidden(error)) throw error;
  }
}

/** One whose sending was interrupted before its id was known. */
async function findStray(deps: EffectDeps, message: PanelMessage, channelId: string): Promise<string | null> {
  const panels = await Promise.all(message.panelIds.map((id) => readPanel(deps.ctx.db, message.guildId, id)));
  const known = panels.filter((panel): panel is Panel => panel !== null);
  if (known.length === 0) return null;
  return findSent(deps, { ...message, channelId }, panelBody(message, known, null));
}

async function takeAway(deps: EffectDeps, message: PanelMessage): Promise<void> {
  const { guildId, channelId, messageId, creatingSince, id: panelMessageId } = message;
  const own = messageId !== null || creatingSince !== null ? [{ channelId, messageId }] : [];
  for (const stray of [...message.strays, ...own]) await removeMessage(deps, message, stray);
  await removePanelMessage(deps.ctx.db, guildId, panelMessageId);
  deps.ctx.log.info({ guildId, panelMessageId }, 'panel message taken away');
}
