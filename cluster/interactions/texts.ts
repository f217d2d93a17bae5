import { channelMention, roleMention, timestamp, userMention } from '#discord/markdown.ts';
import { isTextKey, type TextVars, translate } from '#locales/index.ts';
import { isSnowflake } from '#runtime/snowflake.ts';
import { boundsOf } from '#tickets/settings/derive.ts';
import { type SettingName, settings } from '#tickets/settings/registry.ts';
import { boundsText, titleText } from './setting-text.ts';

/** What hinders something, as an AppError or a stored problem says it. */
type Trouble = { readonly code: string; readonly context: Readonly<Record<string, string | number | boolean | null>> };

/** The text of an expected error, for people. Permissions and places are named as Discord names them. */
export function errorText(locale: string, trouble: Trouble): string {
  const vars: TextVars = Object.fromEntries(
    Object.entries(trouble.context).map(([name, value]) => [name, String(value ?? '–')]),
  );
  if (trouble.code.startsWith('thread.')) {
    const { user, place } = trouble.context;
    if (typeof user === 'string') vars.user = userMention(user);
    if (typeof place === 'string') vars.place = channelMention(place);
  }
  if (trouble.code === 'discord.permission') {
    const place = String(trouble.context.place ?? '');
    vars.place = isSnowflake(place) ? channelMention(place) : translate(locale, 'errors.in-server');
    vars.permissions = permissionNames(locale, String(trouble.context.permissions ?? ''));
  }
  if (trouble.code === 'open.role-required')
    vars.roles = String(trouble.context.roles).split(',').map(roleMention).join(' ');
  if (trouble.code === 'open.closed-hours')
    vars.opensAt = trouble.context.opensAt === null ? '–' : timestamp(Number(trouble.context.opensAt), 'R');
  if (trouble.code === 'premium.required') {
    const feature = `premium.${String(trouble.context.feature)}`;
    if (isTextKey(feature)) vars.feature = translate(locale, feature);
  }
  const field = String(trouble.context.field ?? '');
  if (Object.hasOwn(settings, field)) {
    const name = field as SettingName;
    vars.field = titleText(locale, name);
    // Other fixes are of one place alone, and in English like the API's.
    if (trouble.context.fix === boundsOf(name)) vars.fix = boundsText(locale, name);
  }
  const key = `errors.${trouble.code}`;
  return translate(locale, isTextKey(key) ? key : 'errors.other', vars);
}

/** `ManageChannels,EmbedLinks` in words. */
function permissionNames(locale: string, names: string): string {
  const words = names.split(',').map((name) => {
    const key = `permissions.${name}`;
    return isTextKey(key) ? translate(locale, key) : name;
  });
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(words);
}

/** A member or role as Discord draws it. */
export const mention = (subject: { id: string; kind: 'user' | 'role' }): string =>
  subject.kind === 'role' ? roleMention(subject.id) : userMention(subject.id);
