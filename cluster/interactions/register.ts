import { Routes } from 'discord-api-types/v10';
import { commandsOf, menusOf } from './commands-of.ts';
import type { RestClient } from './deps.ts';
import { interactions } from './registry.ts';

/** Registers the commands, if Discord has others than these. Returns whether anything was sent. */
export async function registerCommands(o: {
  rest: RestClient;
  applicationId: string;
}): Promise<{ isChanged: boolean }> {
  const route = Routes.applicationCommands(o.applicationId);
  const wanted = [...commandsOf(interactions), ...menusOf(interactions)];
  const registered = (await o.rest.get(route, {
    query: new URLSearchParams({ with_localizations: 'true' }),
  })) as unknown[];
  if (areSame(registered, wanted)) return { isChanged: false };
  await o.rest.put(route, { body: wanted });
  return { isChanged: true };
}

// What we declare; Discord adds ids, versions and defaults of its own, which say nothing about a change.
const declared = new Set([
  'name',
  'name_localizations',
  'description',
  'description_localizations',
  'type',
  'options',
  'choices',
  'value',
  'required',
  'min_value',
  'max_value',
  'min_length',
  'max_length',
  'channel_types',
  'contexts',
  'integration_types',
]);

/** The declared part with Discord's defaults left out, in one order. */
function normalised(node: unknown, isMap = false): unknown {
  if (Array.isArray(node)) return node.map((one) => normalised(one));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(([key, value]) => {
    if (isMap) return true;
    const isEmpty =
      value === null || value === undefined || value === false || (Array.isArray(value) && value.length === 0);
    return declared.has(key) && !isEmpty;
  });
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, value]) => [key, normalised(value, key.endsWith('_localizations'))]));
}

const byName = (commands: readonly unknown[]): string =>
  JSON.stringify(
    commands
      .map((one) => normalised(one))
      .toSorted((a, b) => ((a as { name: string }).name < (b as { name: string }).name ? -1 : 1)),
  );

/** Whether two lists of commands say the same, in whatever order and with whatever Discord added. */
export function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return byName(a) === byName(b);
}
