import { createProblems, type Problems } from '../http/errors.ts';
import { asText, asArray, asObject, checkList, checkText, type Json, type Path } from './fields.ts';

// https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-naming
const namePattern = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const locales =
  /^(id|da|de|en-GB|en-US|es-ES|es-419|fr|hr|it|lt|hu|nl|no|pl|pt-BR|ro|fi|sv-SE|vi|tr|cs|el|bg|ru|uk|hi|th|zh-CN|ja|zh-TW|ko|ar|he)$/;

/** Checks a command, or a bulk of them when `path` starts with its index. Throws 50035. */
export function checkCommands(commands: { path: Path; body: Json; isPartial?: boolean }[]): void {
  const problems = createProblems();
  const names = new Set<string>();
  for (const { path, body, isPartial } of commands) {
    const isChatInput = (body.type ?? 1) === 1;
    if (!isPartial || body.name !== undefined) checkName(problems, [...path, 'name'], body.name, isChatInput);
    if (isChatInput && (!isPartial || body.description !== undefined)) {
      checkText(problems, [...path, 'description'], body.description, { min: 1, max: 100, required: true });
    }
    checkLocalizations(
      problems,
      [...path, 'name_localizations'],
      body.name_localizations,
      isChatInput ? 'name' : 'text',
    );
    checkLocalizations(problems, [...path, 'description_localizations'], body.description_localizations, 'text');
    checkOptions(problems, [...path, 'options'], body.options, 0);
    const key = `${asText(body.type ?? 1)}:${String(body.name)}`;
    if (names.has(key)) {
      const code = 'APPLICATION_COMMANDS_DUPLICATE_NAME';
      problems.add([...path], code, 'Application command names must be unique');
    }
    names.add(key);
    if (sizeOf(body) > 8_000) {
      problems.add([...path], 'APPLICATION_COMMAND_TOO_LARGE', 'Command exceeds maximum size (8000)');
    }
  }
  problems.throwIfAny();
}

function checkName(problems: Problems, path: Path, name: unknown, isChatInput: boolean): void {
  checkText(problems, path, name, { min: 1, max: 32, required: true });
  if (!isChatInput || typeof name !== 'string' || name === '') return;
  if (!namePattern.test(name) || name !== name.toLowerCase()) {
    problems.add(path, 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');
  }
}

function checkLocalizations(problems: Problems, path: Path, value: unknown, kind: 'name' | 'text'): void {
  for (const [locale, text] of Object.entries(asObject(value))) {
    if (!locales.test(locale)) problems.add([...path, locale], 'BASE_TYPE_CHOICES', 'Unknown locale.');
    if (kind === 'name') checkName(problems, [...path, locale], text, true);
    else checkText(problems, [...path, locale], text, { min: 1, max: 100, required: true });
  }
}

function checkOptions(problems: Problems, path: Path, value: unknown, depth: number): void {
  const names = new Set<unknown>();
  let wasOptional = false;
  checkList(problems, path, value, 0, 25).forEach((entry, index) => {
    const option = asObject(entry);
    const at = [...path, index];
    const type = Number(option.type);
    if (!(type >= 1 && type <= 11)) problems.add([...at, 'type'], 'BASE_TYPE_CHOICES', 'Value must be one of 1 to 11.');
    checkName(problems, [...at, 'name'], option.name, true);
    checkText(problems, [...at, 'description'], option.description, { min: 1, max: 100, required: true });
    checkLocalizations(problems, [...at, 'name_localizations'], option.name_localizations, 'name');
    checkLocalizations(problems, [...at, 'description_localizations'], option.description_localizations, 'text');
    if (names.has(option.name)) {
      problems.add([...at, 'name'], 'APPLICATION_COMMAND_OPTIONS_NAME_INVALID', 'Option names must be unique');
    }
    names.add(option.name);
    if (option.required === true && wasOptional) {
      const code = 'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID';
      problems.add(at, code, 'Required options must be placed before non-required options');
    }
    wasOptional ||= option.required !== true && type > 2;
    checkChoices(problems, [...at, 'choices'], option.choices);
    if (option.autocomplete === true && asArray(option.choices).length > 0) {
      problems.add(
        [...at, 'choices'],
        'APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE',
        'Choices exclude autocomplete',
      );
    }
    if (type <= 2 && depth < 2) checkOptions(problems, [...at, 'options'], option.options, depth + 1);
  });
}

function checkChoices(problems: Problems, path: Path, value: unknown): void {
  checkList(problems, path, value, 0, 25).forEach((entry, index) => {
    const choice = asObject(entry);
    checkText(problems, [...path, index, 'name'], choice.name, { min: 1, max: 100, required: true });
    checkLocalizations(problems, [...path, index, 'name_localizations'], choice.name_localizations, 'text');
    if (typeof choice.value === 'string') {
      checkText(problems, [...path, index, 'value'], choice.value, { min: 1, max: 100, required: true });
    }
  });
}

// Discord counts names, descriptions and values of a command and all of its options.
function sizeOf(value: Json): number {
  let size = asText(value.name ?? '').length + asText(value.description ?? '').length;
  for (const choice of asArray(value.choices))
    size += asText(asObject(choice).value ?? '').length + asText(asObject(choice).name ?? '').length;
  for (const option of asArray(value.options)) size += sizeOf(asObject(option));
  return size;
}
