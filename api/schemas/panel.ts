import { type Static, type TSchema, Type } from 'typebox';
import { formBounds } from '#tickets/form.ts';
import { buttonStyles, messageBounds, outsideHours, panelBounds, panelLayouts, publications } from '#tickets/panel.ts';
import { teamBounds } from '#tickets/team.ts';
import { presetIds } from '#locales/preset.ts';
import { docketId, guildParams, levelSchema, nullable, snowflake } from './basic.ts';

const text = (maxLength: number, description?: string) =>
  Type.String({ maxLength, ...(description !== undefined && { description }) });
const colour = Type.String({ pattern: '^#[0-9a-fA-F]{6}$', description: 'Such as #252B4C' });
const picture = Type.String({ maxLength: panelBounds.url, description: 'http(s), with a path that ends in .png' });
const mention = Type.Object({ id: snowflake, kind: Type.Enum(['user', 'role']) }, { additionalProperties: false });
const list = <T extends TSchema>(of: T, maxItems: number) => Type.Array(of, { maxItems });

const panelFields = {
  name: text(panelBounds.name),
  buttonLabel: text(panelBounds.buttonLabel),
  buttonEmoji: nullable(Type.String({ maxLength: 100, description: 'Pasted, by name, or one of the server’s own' })),
  buttonStyle: Type.Enum([...buttonStyles]),
  description: nullable(text(panelBounds.description, 'Under its name in a select menu')),
  categoryId: nullable(snowflake),
  formId: nullable(docketId),
  welcome: nullable(text(panelBounds.welcome)),
  welcomeTitle: nullable(text(panelBounds.welcomeTitle)),
  welcomeColour: nullable(colour),
  welcomeImageUrl: nullable(picture),
  welcomeThumbnailUrl: nullable(picture),
  welcomeFooter: nullable(text(panelBounds.welcomeFooter)),
  naming: nullable(text(panelBounds.naming, 'With placeholders; null: the server’s naming scheme')),
  claimButton: nullable(Type.Boolean()),
  requiredRoleIds: list(snowflake, panelBounds.requiredRoles),
  mentions: list(mention, panelBounds.mentions),
  mode: nullable(Type.Enum(['channel', 'thread'])),
  overflowCategoryIds: list(snowflake, panelBounds.overflowCategories),
  scheduleId: nullable(docketId),
  outsideHours: nullable(Type.Enum([...outsideHours])),
  maxOpen: nullable(Type.Integer({ minimum: 1, maximum: panelBounds.maxOpen })),
  teamIds: list(docketId, panelBounds.teams),
};
const messageFields = {
  text: nullable(text(messageBounds.text, 'Plain text above the embed')),
  title: text(messageBounds.title),
  content: text(messageBounds.content),
  colour,
  imageUrl: nullable(picture),
  thumbnailUrl: nullable(picture),
  footer: nullable(text(messageBounds.footer)),
  channelId: snowflake,
};
const menuFields = {
  layout: Type.Enum([...panelLayouts]),
  placeholder: nullable(text(messageBounds.placeholder)),
  panelIds: list(docketId, messageBounds.panels),
};
const field = Type.Object(
  {
    label: text(formBounds.label),
    style: Type.Enum(['short', 'paragraph']),
    isRequired: Type.Boolean(),
    placeholder: nullable(text(formBounds.placeholder)),
    minLength: nullable(Type.Integer({ minimum: 0, maximum: formBounds.answer })),
    maxLength: nullable(Type.Integer({ minimum: 1, maximum: formBounds.answer })),
  },
  { additionalProperties: false },
);
const formFields = { name: text(formBounds.name), fields: Type.Array(field, { maxItems: 25 }) };

type Fields = Record<string, TSchema>;
type Optional<T extends Fields> = { [K in keyof T]: ReturnType<typeof Type.Optional<T[K]>> };
const optional = <T extends Fields>(fields: T): Optional<T> =>
  Object.fromEntries(Object.entries(fields).map(([name, of]) => [name, Type.Optional(of)])) as Optional<T>;
const body = <T extends Fields>(fields: T) => Type.Object(fields, { additionalProperties: false });

const { channelId: _channel, ...messageDefaults } = messageFields;
/** A new panel with the message that shows it. What is left out or blank gets its default. */
export const newPanel = body({
  preset: Type.Optional(Type.Enum([...presetIds], { description: 'What to begin with; given fields replace its own' })),
  channelId: snowflake,
  ...optional(panelFields),
  ...optional(messageDefaults),
  form: Type.Optional(body(formFields)),
});
export const panelPatch = body(optional(panelFields));
export const newPanelMessage = body({
  channelId: snowflake,
  panelIds: menuFields.panelIds,
  ...optional(messageDefaults),
  layout: Type.Optional(menuFields.layout),
  placeholder: Type.Optional(menuFields.placeholder),
});
export const panelMessagePatch = body(optional({ ...messageFields, ...menuFields }));
export const newForm = body(formFields);
export const formPatch = body(optional(formFields));
export const newTeam = body({ name: text(teamBounds.name) });
export const teamPatch = body(optional({ name: text(teamBounds.name) }));
export const teamMemberBody = body({ level: Type.Optional(Type.Enum(['support', 'admin'])) });

const publication = {
  messageId: nullable(snowflake),
  status: Type.Enum([...publications]),
  problem: nullable(Type.String({ description: 'Why it is not there as it should be, for people' })),
};
export const panelMessageAnswer = Type.Object({
  id: docketId,
  version: Type.Integer(),
  ...messageFields,
  ...menuFields,
  ...publication,
});
export const panelMessagesAnswer = Type.Object({ panelMessages: Type.Array(panelMessageAnswer) });
export const panelAnswer = Type.Object({
  id: docketId,
  version: Type.Integer(),
  ...panelFields,
  form: nullable(Type.Object({ id: docketId, name: Type.String() })),
  panelMessageIds: Type.Array(docketId, { description: 'The messages that show it' }),
});
/** In lists, with the newest message that shows it; `hidden` when none does. */
export const panelsAnswer = Type.Object({
  panels: Type.Array(
    Type.Object({
      ...panelAnswer.properties,
      title: nullable(Type.String()),
      channelId: nullable(snowflake),
      messageId: nullable(snowflake),
      status: Type.Enum([...publications, 'hidden']),
      problem: nullable(Type.String()),
    }),
  ),
});
export const madePanel = Type.Object({ panel: panelAnswer, panelMessage: panelMessageAnswer });
export const presetsAnswer = Type.Object({
  presets: Type.Array(
    Type.Object({
      id: Type.Enum([...presetIds]),
      name: Type.String(),
      content: Type.String(),
      buttonEmoji: Type.String(),
      description: Type.String(),
      questions: Type.Array(Type.String()),
    }),
  ),
});

const user = Type.Object({ id: docketId, name: Type.String() });
export const formAnswer = Type.Object({
  id: docketId,
  version: Type.Integer(),
  ...formFields,
  panels: Type.Array(user, { description: 'The panels that ask it' }),
});
export const formsAnswer = Type.Object({ forms: Type.Array(formAnswer) });
export const teamAnswer = Type.Object({
  id: docketId,
  version: Type.Integer(),
  name: Type.String(),
  isDefault: Type.Boolean(),
  panels: Type.Array(user, { description: 'The panels whose tickets it gets' }),
  members: Type.Array(
    Type.Object({ id: snowflake, kind: Type.Enum(['user', 'role']), level: levelSchema, name: Type.String() }),
  ),
});
export const teamsAnswer = Type.Object({ teams: Type.Array(teamAnswer) });
/** What is left of something that was deleted. */
export const deletedAnswer = Type.Object({ id: docketId });

export const panelParams = Type.Object({ ...guildParams.properties, panelId: docketId });
export const panelMessageParams = Type.Object({ ...guildParams.properties, panelMessageId: docketId });
export const formParams = Type.Object({ ...guildParams.properties, formId: docketId });
export const teamParams = Type.Object({ ...guildParams.properties, teamId: docketId });
export const teamMemberParams = Type.Object({ ...teamParams.properties, subjectId: snowflake });

export type NewPanel = Static<typeof newPanel>;
export type PanelPatch = Static<typeof panelPatch>;
export type NewPanelMessage = Static<typeof newPanelMessage>;
export type PanelMessagePatch = Static<typeof panelMessagePatch>;
