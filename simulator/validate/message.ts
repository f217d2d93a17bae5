import { createProblems, DiscordError, type Problems } from '../http/errors.ts';
import { checkComponents } from './components.ts';
import {
  asText,
  asArray,
  asObject,
  checkInteger,
  checkList,
  checkText,
  type Json,
  lengthOf,
  type Path,
} from './fields.ts';

/** MessageFlags.IsComponentsV2 */
export const componentsV2 = 1 << 15;
/** MessageFlags.Ephemeral */
export const ephemeral = 1 << 6;
/** MessageFlags.Loading: "thinking…" */
export const loading = 1 << 7;

/**
 * Checks what a client wants to send. Throws 50035 naming each field, or 50006 for an empty message.
 * @param at where the message is in the body: `['data']` for interaction callbacks
 * @param o `mayBeEmpty` for edits, which may leave everything out
 */
export function checkMessage(body: Json, at: Path, o: { files: number; mayBeEmpty: boolean }): void {
  const problems = createProblems();
  const isV2 = (Number(body.flags ?? 0) & componentsV2) !== 0;
  checkText(problems, [...at, 'content'], body.content, { min: 0, max: 2_000 });
  checkInteger(problems, [...at, 'flags'], body.flags, 0, 2 ** 31 - 1);
  if (typeof body.nonce === 'string') checkText(problems, [...at, 'nonce'], body.nonce, { min: 0, max: 25 });
  let total = 0;
  checkList(problems, [...at, 'embeds'], body.embeds, 0, 10).forEach((embed, index) => {
    total += checkEmbed(problems, [...at, 'embeds', index], asObject(embed));
  });
  if (total > 6_000) {
    problems.add([...at, 'embeds'], 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum size of 6000');
  }
  checkList(problems, [...at, 'attachments'], body.attachments, 0, 10);
  if (o.files > 10) problems.add([...at, 'attachments'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 0 and 10 in length.');
  checkComponents(problems, [...at, 'components'], body.components, isV2);
  if (isV2 && (body.content || asArray(body.embeds).length > 0)) {
    const code = 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2';
    problems.add([...at, 'content'], code, 'The field cannot be used when the IS_COMPONENTS_V2 flag is set');
  }
  problems.throwIfAny();
  const parts = [body.embeds, body.components, body.attachments, body.sticker_ids].map((part) => asArray(part).length);
  const isEmpty = !asText(body.content ?? '').trim() && o.files === 0 && parts.every((count) => count === 0);
  if (isEmpty && !o.mayBeEmpty && !body.poll) throw new DiscordError(50006);
}

function checkEmbed(problems: Problems, path: Path, embed: Json): number {
  checkText(problems, [...path, 'title'], embed.title, { min: 0, max: 256 });
  checkText(problems, [...path, 'description'], embed.description, { min: 0, max: 4_096 });
  const footer = asObject(embed.footer);
  const author = asObject(embed.author);
  checkText(problems, [...path, 'footer', 'text'], footer.text, { min: 0, max: 2_048 });
  checkText(problems, [...path, 'author', 'name'], author.name, { min: 0, max: 256 });
  checkInteger(problems, [...path, 'color'], embed.color, 0, 0xffffff);
  let total = 0;
  for (const value of [embed.title, embed.description, footer.text, author.name]) {
    total += lengthOf(asText(value ?? ''));
  }
  checkList(problems, [...path, 'fields'], embed.fields, 0, 25).forEach((value, index) => {
    const field = asObject(value);
    checkText(problems, [...path, 'fields', index, 'name'], field.name, { min: 1, max: 256, required: true });
    checkText(problems, [...path, 'fields', index, 'value'], field.value, { min: 1, max: 1_024, required: true });
    total += lengthOf(asText(field.name ?? '')) + lengthOf(asText(field.value ?? ''));
  });
  return total;
}
