import { isTextKey, translate } from '#locales/index.ts';
import type { ErrorContext } from '#tickets/errors.ts';
import type { RouteDeps } from './app.ts';
import { errorText } from './problem.ts';

/** What hinders Docket in Discord, as it is stored. */
export type Trouble = { readonly code: string; readonly context: ErrorContext };

/** The text of a stored trouble, for people: permissions and channels go by their names. */
export async function troubleText(deps: RouteDeps, guildId: string, { code, context }: Trouble): Promise<string> {
  if (code !== 'discord.permission') return errorText(code, context);
  const { permissions, place } = context;
  return errorText(code, {
    ...context,
    permissions: permissionNames(String(permissions ?? '')),
    place: await placeName(deps, guildId, String(place ?? '')),
  });
}

function permissionNames(names: string): string {
  const words = names.split(',').map((name) => {
    const key = `permissions.${name}`;
    return isTextKey(key) ? translate('en', key) : name;
  });
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(words);
}

async function placeName(deps: RouteDeps, guildId: string, place: string): Promise<string> {
  if (!/^\d+$/.test(place)) return translate('en', 'errors.in-server');
  const channels = await deps.directory.channels(guildId).catch(() => []); // the id says where it is, too
  const found = channels.find((channel) => channel.id === place);
  return found ? `#${found.name}` : place;
}
