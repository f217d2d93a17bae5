import type { Problems } from '../http/errors.ts';
import { asObject, checkChoice, checkInteger, checkList, checkText, type Json, type Path } from './fields.ts';

/** Component types: https://discord.com/developers/docs/components/reference */
export const kinds = {
  row: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  userSelect: 5,
  roleSelect: 6,
  mentionableSelect: 7,
  channelSelect: 8,
  section: 9,
  textDisplay: 10,
  thumbnail: 11,
  gallery: 12,
  file: 13,
  separator: 14,
  container: 17,
  label: 18,
  fileUpload: 19,
} as const;

const selects: readonly number[] = [3, 5, 6, 7, 8];
const v2Only: readonly number[] = [9, 10, 11, 12, 13, 14, 17];
const maxComponents = 40;

type Seen = { customIds: Set<string>; count: number };

/** Checks a message's components, which stand at `path`. */
export function checkComponents(problems: Problems, path: Path, value: unknown, isV2: boolean): void {
  const all = checkList(problems, path, value, 0, isV2 ? maxComponents : 5);
  const seen: Seen = { customIds: new Set(), count: 0 };
  all.forEach((component, index) => checkTop(problems, [...path, index], asObject(component), isV2, seen));
  if (seen.count > maxComponents) {
    problems.add(path, 'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED', `The total must not exceed ${maxComponents}.`);
  }
}

function checkTop(problems: Problems, path: Path, component: Json, isV2: boolean, seen: Seen): void {
  seen.count++;
  const type = component.type;
  if (type === kinds.row) return checkRow(problems, path, component, seen);
  if (!isV2 || !v2Only.includes(type as number)) {
    return checkChoice(problems, [...path, 'type'], type, isV2 ? [1, ...v2Only] : [1]);
  }
  if (type === kinds.container) {
    checkList(problems, [...path, 'components'], component.components, 1, maxComponents).forEach((inner, index) =>
      checkTop(problems, [...path, 'components', index], asObject(inner), true, seen),
    );
  } else if (type === kinds.section) {
    checkList(problems, [...path, 'components'], component.components, 1, 3);
    const accessory = asObject(component.accessory);
    if (accessory.type === kinds.button) checkButton(problems, [...path, 'accessory'], accessory, seen);
  } else if (type === kinds.textDisplay) {
    checkText(problems, [...path, 'content'], component.content, { min: 1, max: 4_000, required: true });
  }
}

function checkRow(problems: Problems, path: Path, row: Json, seen: Seen): void {
  const inner = checkList(problems, [...path, 'components'], row.components, 1, 5);
  if (row.components === undefined)
    problems.add([...path, 'components'], 'BASE_TYPE_REQUIRED', 'This field is required');
  let width = 0;
  inner.forEach((value, index) => {
    const component = asObject(value);
    const at = [...path, 'components', index];
    seen.count++;
    if (component.type === kinds.button) {
      width += 1;
      checkButton(problems, at, component, seen);
    } else if (selects.includes(component.type as number)) {
      width += 5;
      checkSelect(problems, at, component, seen);
    } else checkChoice(problems, [...at, 'type'], component.type, [2, ...selects]);
  });
  if (width > 5) {
    problems.add([...path, 'components'], 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'Component layout width exceeded (5)');
  }
}

function checkCustomId(problems: Problems, path: Path, component: Json, seen: Seen): void {
  checkText(problems, [...path, 'custom_id'], component.custom_id, { min: 1, max: 100, required: true });
  const id = String(component.custom_id);
  if (seen.customIds.has(id)) {
    problems.add([...path, 'custom_id'], 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated');
  }
  seen.customIds.add(id);
}

function checkButton(problems: Problems, path: Path, button: Json, seen: Seen): void {
  checkChoice(problems, [...path, 'style'], button.style, [1, 2, 3, 4, 5, 6]);
  checkText(problems, [...path, 'label'], button.label, { min: 0, max: 80 });
  if (button.style === 5) checkText(problems, [...path, 'url'], button.url, { min: 1, max: 512, required: true });
  else if (button.style !== 6) checkCustomId(problems, path, button, seen);
  if (!button.label && !button.emoji && button.style !== 6) {
    problems.add([...path, 'label'], 'BUTTON_COMPONENT_INVALID', 'A button must have a label or an emoji');
  }
}

function checkSelect(problems: Problems, path: Path, select: Json, seen: Seen): void {
  checkCustomId(problems, path, select, seen);
  checkText(problems, [...path, 'placeholder'], select.placeholder, { min: 0, max: 150 });
  checkInteger(problems, [...path, 'min_values'], select.min_values, 0, 25);
  checkInteger(problems, [...path, 'max_values'], select.max_values, 1, 25);
  if (select.type !== kinds.stringSelect) return;
  if (select.options === undefined) problems.add([...path, 'options'], 'BASE_TYPE_REQUIRED', 'This field is required');
  const values = new Set<unknown>();
  checkList(problems, [...path, 'options'], select.options, 1, 25).forEach((value, index) => {
    const option = asObject(value);
    const at = [...path, 'options', index];
    checkText(problems, [...at, 'label'], option.label, { min: 1, max: 100, required: true });
    checkText(problems, [...at, 'value'], option.value, { min: 1, max: 100, required: true });
    checkText(problems, [...at, 'description'], option.description, { min: 0, max: 100 });
    if (values.has(option.value)) {
      problems.add(
        [...at, 'value'],
        'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
        'The specified option value is already used',
      );
    }
    values.add(option.value);
  });
}

/** Checks a modal: title, custom id and one to five inputs, each in a row or a label. */
export function checkModal(problems: Problems, data: Json): void {
  checkText(problems, ['data', 'title'], data.title, { min: 1, max: 45, required: true });
  checkText(problems, ['data', 'custom_id'], data.custom_id, { min: 1, max: 100, required: true });
  if (data.components === undefined) {
    problems.add(['data', 'components'], 'BASE_TYPE_REQUIRED', 'This field is required');
  }
  const seen: Seen = { customIds: new Set(), count: 0 };
  checkList(problems, ['data', 'components'], data.components, 1, 5).forEach((value, index) => {
    const top = asObject(value);
    const path: Path = ['data', 'components', index];
    if (top.type === kinds.label) {
      checkText(problems, [...path, 'label'], top.label, { min: 1, max: 45, required: true });
      checkText(problems, [...path, 'description'], top.description, { min: 0, max: 100 });
      checkInput(problems, [...path, 'component'], asObject(top.component), seen, false);
    } else if (top.type === kinds.row) {
      checkList(problems, [...path, 'components'], top.components, 1, 1).forEach((inner, at) =>
        checkInput(problems, [...path, 'components', at], asObject(inner), seen, true),
      );
    } else if (top.type !== kinds.textDisplay) checkChoice(problems, [...path, 'type'], top.type, [1, 10, 18]);
  });
}

function checkInput(problems: Problems, path: Path, input: Json, seen: Seen, hasLabel: boolean): void {
  if (!hasLabel && selects.includes(input.type as number)) return checkSelect(problems, path, input, seen);
  if (!hasLabel && input.type === kinds.fileUpload) return checkCustomId(problems, path, input, seen);
  if (input.type !== kinds.textInput) return checkChoice(problems, [...path, 'type'], input.type, [kinds.textInput]);
  checkCustomId(problems, path, input, seen);
  checkChoice(problems, [...path, 'style'], input.style, [1, 2]);
  if (hasLabel) checkText(problems, [...path, 'label'], input.label, { min: 1, max: 45, required: true });
  checkText(problems, [...path, 'placeholder'], input.placeholder, { min: 0, max: 100 });
  checkText(problems, [...path, 'value'], input.value, { min: 0, max: 4_000 });
  checkInteger(problems, [...path, 'min_length'], input.min_length, 0, 4_000);
  checkInteger(problems, [...path, 'max_length'], input.max_length, 1, 4_000);
}

/** Every component inside, depth first. */
export function* everyComponent(components: unknown): Generator<Json> {
  for (const value of Array.isArray(components) ? components : []) {
    const component = asObject(value);
    yield component;
    yield* everyComponent(component.components);
    for (const key of ['accessory', 'component']) {
      if (component[key] !== undefined) yield* everyComponent([component[key]]);
    }
  }
}

/** Copies components with what Discord fills in: numbers, and how many values a select takes. */
export function numbered(components: unknown): Json[] {
  const copy = structuredClone(Array.isArray(components) ? components : []) as Json[];
  let next = 1;
  for (const component of everyComponent(copy)) {
    component.id ??= next;
    if (selects.includes(component.type as number)) {
      component.min_values ??= 1;
      component.max_values ??= 1;
    }
    next = Math.max(next, Number(component.id)) + 1;
  }
  return copy;
}
