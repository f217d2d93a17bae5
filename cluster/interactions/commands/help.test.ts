import { expect, test } from 'vitest';
import type { Level } from '#tickets/permission.ts';
import { defineCommand } from '../define.ts';
import { helpEmbeds } from './help.ts';

const handlerOf = (name: string, level: Level) =>
  defineCommand({ name, level, defer: 'ephemeral', run: async () => undefined });
const textOf = (embeds: readonly { title: string; description: string }[]): string =>
  embeds.map((one) => one.title + one.description).join('');

test('a command with subcommands is one line, for whoever may use any of them', () => {
  const handlers = [
    handlerOf('stats server', 'admin'),
    handlerOf('stats user', 'support'),
    handlerOf('open', 'member'),
  ];
  expect(helpEmbeds('en', 'support', handlers).map((one) => one.description)).toEqual([
    '`/open` Open a ticket',
    '`/stats` Figures of this server or of a member',
  ]);
  expect(textOf(helpEmbeds('en', 'member', handlers))).not.toContain('stats');
});

test('as many commands as Discord allows fit, with no name cut', () => {
  const names = Array.from({ length: 100 }, (_, i) => `${'x'.repeat(30)}${String(i).padStart(2, '0')}`);
  const known = Array.from({ length: 80 }, () => 'open');
  const embeds = helpEmbeds(
    'en',
    'admin',
    [...names, ...known].map((name) => handlerOf(name, 'admin')),
  );
  for (const name of names) expect(textOf(embeds)).toContain(`/${name}`);
  expect(textOf(embeds).length).toBeLessThanOrEqual(6_000);
  for (const one of embeds) expect(one.description.length).toBeLessThanOrEqual(4_096);
});
