import { readdir, readFile } from 'node:fs/promises';
import {
  type APIApplicationCommandOption,
  type APIModalInteractionResponseCallbackData,
  ApplicationCommandOptionType,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord-api-types/v10';
import { describe, expect, test } from 'vitest';
import { isTextKey, locales, resources, translate, type TextKey } from '#locales/index.ts';
import { errors } from '#tickets/errors.ts';
import type { Panel } from '#tickets/panel.ts';
import { type Setting, settings } from '#tickets/settings/registry.ts';
import { commandsOf } from './commands-of.ts';
import { widthOfCustomId } from './custom-id.ts';
import type { Handler } from './define.ts';
import type { Deps } from './deps.ts';
import { keyOf } from './parse.ts';
import { areSame } from './register.ts';
import { interactions } from './registry.ts';
import { rateRows } from './commands/rate.ts';
import { fieldsOf, showDraft } from './panel-draft.ts';

// Discord's limits: https://discord.com/developers/docs/interactions/application-commands and …/components/reference
const nameShape = /^[-_\p{Ll}\p{Lo}\p{N}]{1,32}$/u;
const commands = commandsOf(interactions);
type Node = RESTPostAPIChatInputApplicationCommandsJSONBody | APIApplicationCommandOption;

function everyNode(node: Node): Node[] {
  const inner = ('options' in node ? (node.options ?? []) : []) as Node[];
  return [node, ...inner.flatMap(everyNode)];
}
const nodes = commands.flatMap(everyNode);

describe('commands', () => {
  test('every module of commands/ is in the registry, and no name twice', async () => {
    const files = (await readdir(new URL('./commands', import.meta.url))).filter((name) => !name.includes('.test.'));
    const isHandler = (value: unknown): value is Handler =>
      typeof value === 'object' && value !== null && 'run' in value && 'kind' in value;
    const exported: Handler[] = [];
    for (const file of files) {
      const address = new URL(`./commands/${file}`, import.meta.url).href;
      const module = (await import(/* @vite-ignore */ address)) as Record<string, unknown>;
      exported.push(...Object.values(module).flat().filter(isHandler));
    }
    expect(exported.length).toBeGreaterThan(25);
    expect(exported.filter((handler) => !interactions.includes(handler)).map(keyOf)).toEqual([]);
    const keys = interactions.map(keyOf);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });

  test('names, numbers of options and of choices are within Discord’s limits', () => {
    expect(commands.length).toBeLessThanOrEqual(100);
    for (const node of nodes) {
      expect(node.name, node.name).toMatch(nameShape);
      const options = 'options' in node ? (node.options ?? []) : [];
      expect(options.length, node.name).toBeLessThanOrEqual(25);
      const names = options.map((one) => one.name);
      expect(new Set(names).size, node.name).toBe(names.length);
      const required = options.map((one) => 'required' in one && one.required === true);
      expect(required.lastIndexOf(true), node.name).toBeLessThan(
        required.includes(false) ? required.indexOf(false) : 99,
      );
      const choices = 'choices' in node ? (node.choices ?? []) : [];
      expect(choices.length, node.name).toBeLessThanOrEqual(25);
      for (const choice of choices)
        if (typeof choice.value === 'string') expect(choice.value.length).toBeLessThanOrEqual(100);
    }
  });

  test('descriptions and choices have 1 to 100 characters, in every language', () => {
    for (const node of nodes) {
      const texts = [
        node.description,
        ...Object.values(node.description_localizations ?? {}),
        ...('choices' in node
          ? (node.choices ?? []).flatMap((one) => [one.name, ...Object.values(one.name_localizations ?? {})])
          : []),
      ];
      for (const text of texts)
        expect(Array.from(String(text)).length, `${node.name}: ${text}`).toBeLessThanOrEqual(100);
      expect(node.description.length, node.name).toBeGreaterThan(0);
      for (const name of Object.values(node.name_localizations ?? {})) expect(name).toMatch(nameShape);
    }
    for (const command of commands) {
      const sizes = everyNode(command).map((node) => {
        const choices = 'choices' in node ? (node.choices ?? []) : [];
        return [node.name, node.description, ...choices.flatMap((one) => [one.name, String(one.value)])].join('')
          .length;
      });
      // Discord: 8,000 for all names, descriptions and values of one command together.
      expect(
        sizes.reduce((sum, size) => sum + size, 0),
        command.name,
      ).toBeLessThan(8_000);
    }
  });

  test('each setting has an option of its kind in /settings', () => {
    const command = commands.find((one) => one.name === 'settings');
    const options = (command?.options ?? []).flatMap((group) =>
      group.type === ApplicationCommandOptionType.Subcommand ? (group.options ?? []) : [],
    );
    const isOwn = (name: string) => name !== 'none' && name !== 'reset';
    expect(options.filter((one) => isOwn(one.name))).toHaveLength(Object.keys(settings).length);
  });

  test('what Discord answers to a registration counts as the same; a changed word does not', () => {
    const answered = commands.map((command, i) => ({
      ...structuredClone(command),
      id: String(i),
      version: '1',
      application_id: '2',
      default_member_permissions: null,
      nsfw: false,
      name_localizations: null,
    }));
    expect(areSame(answered.toReversed(), commands)).toBe(true);
    const [first, ...rest] = structuredClone(commands);
    expect(areSame([{ ...first, description: 'Another text' }, ...rest], commands)).toBe(false);
    expect(areSame(rest, commands)).toBe(false);
  });
});

describe('components', () => {
  test('every custom id has at most 100 characters, with the longest ids', () => {
    for (const handler of interactions)
      expect(widthOfCustomId(handler.name, handler.args), handler.name).toBeLessThanOrEqual(100);
  });

  test('the names of buttons, selects and modals hold no separator', () => {
    for (const handler of interactions) if (handler.kind !== 'command') expect(handler.name).toMatch(/^[a-z-]+$/);
  });

  const panel = {
    name: 'P'.repeat(45),
    form: { id: 1, name: 'f', fields: fieldsOf(['a', 'b', 'c', 'd', 'e'].map((q) => q.repeat(45))) },
  };
  // Whatever a form reads first, as long as it may be.
  const row = {
    ...panel,
    id: Number.MAX_SAFE_INTEGER,
    version: 999_999,
    deletedAt: null,
    buttonLabel: 'B'.repeat(80),
    description: 'D'.repeat(100),
    welcome: 'W'.repeat(4_096),
    welcomeFooter: 'F'.repeat(2_048),
    title: 'T'.repeat(255),
    content: 'C'.repeat(4_096),
    text: 'X'.repeat(2_000),
    footer: 'F'.repeat(2_048),
    colour: 0xffffff,
    welcomeColour: 0,
    welcomeTitle: null,
    welcomeImageUrl: null,
    welcomeThumbnailUrl: null,
    imageUrl: null,
    thumbnailUrl: null,
    placeholder: 'P'.repeat(150),
    naming: null,
    buttonEmoji: null,
    maxOpen: null,
    fields: panel.form.fields,
    panels: [],
  };
  const ctx = { db: { query: async () => [row] } };
  const deps = { ctx, panels: { read: async () => panel as unknown as Panel } } as unknown as Deps;
  const forms = interactions.filter((handler) => handler.form !== null);

  test.each(locales.flatMap((locale) => forms.map((handler) => [locale, handler] as const)))(
    'a modal in %s fits Discord',
    async (locale, handler) => {
      const args = Object.fromEntries(
        Object.entries(handler.args).map(([key, arg]) => [key, arg.kind === 'snowflake' ? '1'.repeat(19) : 5]),
      );
      const modal = (await handler.form?.({
        deps,
        guildId: '1',
        locale,
        args: args as never,
      })) as APIModalInteractionResponseCallbackData;
      expect(modal.title.length).toBeLessThanOrEqual(45);
      expect(modal.components.length).toBeLessThanOrEqual(5);
      expect(interactions.some((one) => one.kind === 'modal' && modal.custom_id.split(':')[0] === one.name)).toBe(true);
      for (const row of modal.components) {
        const [input] = 'components' in row ? row.components : [];
        if (!input || !('label' in input)) throw new Error('a modal holds text inputs only');
        expect(input.label?.length ?? 0, input.custom_id).toBeLessThanOrEqual(45);
        expect(input.placeholder?.length ?? 0, input.custom_id).toBeLessThanOrEqual(100);
        expect(input.max_length ?? 0).toBeLessThanOrEqual(4_000);
        expect((input.value ?? '').length).toBeLessThanOrEqual(input.max_length ?? 4_000);
      }
    },
  );

  test.each(locales)('rows, labels and placeholders in %s fit Discord', (locale) => {
    const draft = {
      title: 't',
      content: 'c',
      label: 'l',
      questions: [],
      channelId: '0',
      categoryId: '0',
      preset: 0,
      teamIds: [],
    };
    const rows = [
      ...rateRows(locale, { guildId: '1'.repeat(19), ticketId: 1_000, rating: 3 }),
      ...(showDraft(locale, draft, { channel: 'a', category: 'b', teams: 'd', make: 'c' }, []).components ?? []),
    ];
    expect(rows.length).toBeLessThanOrEqual(5 + 5);
    for (const row of rows) {
      const parts = 'components' in row ? (row.components as { label?: string; placeholder?: string }[]) : [];
      expect(parts.length).toBeLessThanOrEqual(5);
      for (const part of parts) {
        expect(part.label?.length ?? 0).toBeLessThanOrEqual(80);
        expect(part.placeholder?.length ?? 0).toBeLessThanOrEqual(150);
      }
    }
  });
});

describe('texts', () => {
  const placesIn = (text: string) =>
    [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => String(match[1])).toSorted((a, b) => a.localeCompare(b));

  test('every error and every setting has its texts', () => {
    const wanted = [
      ...Object.keys(errors).map((code) => `errors.${code}`),
      ...Object.entries(settings as Record<string, Setting>).flatMap(([name, setting]) => [
        `settings.${name}.title`,
        `settings.${name}.help`,
        `settings.groups.${setting.group}`,
        `commands.settings.${setting.group}.description`,
        ...(setting.kind === 'choice' ? setting.of.map((value) => `settings.${name}.${value}`) : []),
      ]),
    ];
    expect(wanted.filter((key) => !isTextKey(key))).toEqual([]);
  });

  test('every language keeps the places of the source, and has no text that the source lacks', () => {
    for (const [locale, texts] of Object.entries(resources)) {
      for (const [key, text] of Object.entries(texts)) {
        const source = resources.en?.[key] ?? resources.en?.[key.replace(/_(zero|two|few|many)$/, '_other')];
        expect(source, `${locale}: ${key}`).toBeDefined();
        expect(placesIn(text), `${locale}: ${key}`).toEqual(placesIn(source ?? ''));
        expect(text.trim(), `${locale}: ${key}`).not.toBe('');
      }
    }
  });

  test('no text is left over: each is named somewhere in the code, or computed from a registry', async () => {
    const computed =
      /^(errors|settings|languages|permissions|premium|presets|panel|modals\.panel-edit|commands|stats\.picture|problems\.mend)\./;
    const folders = ['./', './commands/', '../effects/', '../effects/steps/'];
    const sources: string[] = [];
    for (const folder of folders) {
      const names = await readdir(new URL(folder, import.meta.url));
      const files = names.filter((name) => name.endsWith('.ts') && !name.includes('.test.'));
      sources.push(
        ...(await Promise.all(files.map((name) => readFile(new URL(`${folder}${name}`, import.meta.url), 'utf8')))),
      );
    }
    const code = sources.join('\n');
    const names = Object.keys(resources.en ?? {}).map((key) => key.replace(/_(one|other)$/, ''));
    const unused = names.filter(
      (key) =>
        !computed.test(key) &&
        !code.includes(`'${key}'`) &&
        !key.startsWith('modals.panel-new.') &&
        !key.startsWith('panel.draft.'),
    );
    expect(unused).toEqual([]);
  });

  test('English of other countries reads the source', () => {
    const key: TextKey = 'buttons.close.label';
    expect(translate('en-GB', key)).toBe('Close');
    expect(translate('xx', key)).toBe('Close');
    expect(translate('en', 'buttons.rate.done', { count: 1 })).toContain('1 star.');
    expect(translate('en', 'buttons.rate.done', { count: 3 })).toContain('3 stars.');
  });
});
