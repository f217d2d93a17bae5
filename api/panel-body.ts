// Between what the API says about panels and what the domain keeps: blank fields get their defaults, colours are texts.
import { translate } from '#locales/index.ts';
import { type Preset, presetIn } from '#locales/preset.ts';
import type { FormField } from '#tickets/form.ts';
import {
  type Panel,
  type PanelMessage,
  type PanelMessageValues,
  type PanelValues,
  nameFrom,
  publicationOf,
} from '#tickets/panel.ts';
import type { Places } from '#tickets/panel-places.ts';
import type { RouteDeps } from './app.ts';
import type { NewPanel, NewPanelMessage, PanelMessagePatch, PanelPatch } from './schemas/panel.ts';
import { troubleText } from './trouble.ts';

/** What a guild has in Discord. */
export const placesOf = ({ directory }: RouteDeps, guildId: string): Places => ({
  channels: (wanted) => directory.channels(guildId, wanted),
  roles: (wanted) => directory.roles(guildId, wanted),
  isMember: async (userId) => (await directory.member(guildId, userId)) !== null,
  emojis: async () =>
    (await directory.emojis(guildId)).flatMap(({ id, name, animated = false }) =>
      id && name ? [{ id, name, isAnimated: animated }] : [],
    ),
});

const numberOf = (colour: string): number => Number.parseInt(colour.slice(1), 16);
const colourText = (colour: number): string => `#${colour.toString(16).toUpperCase().padStart(6, '0')}`;

/** Blank fields get their defaults: those of texts that must be there, else none (features.md 1.4-13). */
function filled<T extends object>(given: T, defaults: Partial<Record<keyof T, string>>): T {
  const entries = Object.entries(given).map(([name, value]) => [
    name,
    value === '' ? (defaults[name as keyof T] ?? null) : value,
  ]);
  return Object.fromEntries(entries) as T;
}

const panelDefaults = (locale: string) => ({
  name: translate(locale, 'panel.default.title'),
  buttonLabel: translate(locale, 'panel.default.label'),
});
const messageDefaults = (locale: string) => ({
  title: translate(locale, 'panel.default.title'),
  content: translate(locale, 'panel.default.content'),
});

/** A change of a panel. */
export function panelPatchOf(body: PanelPatch, locale: string): Partial<PanelValues> {
  const { welcomeColour, ...rest } = filled(body, panelDefaults(locale));
  return {
    ...rest,
    ...(welcomeColour !== undefined && { welcomeColour: welcomeColour === null ? null : numberOf(welcomeColour) }),
  };
}

/** A change of a panel message. */
export function messagePatchOf(body: PanelMessagePatch, locale: string): Partial<PanelMessageValues> {
  const { colour, ...rest } = filled(body, messageDefaults(locale));
  return { ...rest, ...(colour !== undefined && { colour: numberOf(colour) }) };
}

/** A new panel message; `colour` is the server's. */
export function newMessageOf(body: NewPanelMessage, locale: string, colour: string): PanelMessageValues {
  return {
    text: null,
    ...messageDefaults(locale),
    colour: numberOf(colour),
    imageUrl: null,
    thumbnailUrl: null,
    footer: null,
    layout: 'buttons',
    placeholder: null,
    ...(messagePatchOf(body, locale) as { channelId: string; panelIds: number[] }),
  };
}

const formOf = (preset: Preset): { name: string; fields: FormField[] } => ({
  name: preset.name,
  fields: preset.questions.map((label) => ({
    label,
    style: 'paragraph',
    isRequired: true,
    placeholder: null,
    minLength: null,
    maxLength: null,
  })),
});

/** A new panel: what is given, then what its preset says, then the defaults. */
export function newPanelOf(body: NewPanel, locale: string, serverColour: string) {
  const { preset: presetId, form: givenForm, channelId, ...given } = body;
  const { text, title: givenTitle, content, colour, imageUrl, thumbnailUrl, footer, ...panel } = given;
  const texts = { text, title: givenTitle, content, colour, imageUrl, thumbnailUrl, footer };
  const isGiven = ([, value]: [string, unknown]): boolean => value !== undefined && value !== '';
  const message = messagePatchOf(Object.fromEntries(Object.entries(texts).filter(isGiven)), locale);
  const patch = panelPatchOf(Object.fromEntries(Object.entries(panel).filter(isGiven)), locale);
  const preset = presetId === undefined ? null : presetIn(locale, presetId);
  const presetForm = preset && patch.formId === undefined ? formOf(preset) : null;
  const title = message.title ?? preset?.name ?? messageDefaults(locale).title;
  return {
    buttonLabel: preset?.name ?? panelDefaults(locale).buttonLabel,
    buttonEmoji: preset?.buttonEmoji ?? null,
    description: preset?.description ?? null,
    categoryId: null,
    welcome: null,
    content: preset?.content ?? messageDefaults(locale).content,
    colour: numberOf(serverColour),
    ...message,
    ...patch,
    title,
    name: patch.name ?? preset?.name ?? nameFrom(title),
    form: givenForm ?? presetForm,
    channelId,
  };
}

/** A panel for an answer. */
export function panelView(panel: Panel, messages: readonly PanelMessage[]) {
  const { form, guildId: _guild, deletedAt: _deleted, welcomeColour, requiredRoleIds, mentions, ...rest } = panel;
  return {
    ...rest,
    requiredRoleIds: [...requiredRoleIds],
    mentions: [...mentions],
    overflowCategoryIds: [...panel.overflowCategoryIds],
    teamIds: [...panel.teamIds],
    welcomeColour: welcomeColour === null ? null : colourText(welcomeColour),
    formId: form?.id ?? null,
    form: form && { id: form.id, name: form.name },
    panelMessageIds: messages.filter((message) => message.panelIds.includes(panel.id)).map(({ id }) => id),
  };
}

/** A panel message for an answer. */
export async function messageView(deps: RouteDeps, message: PanelMessage) {
  const { guildId, problem, problemContext } = message;
  return {
    id: message.id,
    version: message.version,
    text: message.text,
    title: message.title,
    content: message.content,
    colour: colourText(message.colour),
    imageUrl: message.imageUrl,
    thumbnailUrl: message.thumbnailUrl,
    footer: message.footer,
    channelId: message.channelId,
    layout: message.layout,
    placeholder: message.placeholder,
    panelIds: [...message.panelIds],
    messageId: message.messageId,
    status: publicationOf(message),
    problem: problem && (await troubleText(deps, guildId, { code: problem, context: problemContext })),
  };
}
