import { DiscordError } from '../http/errors.ts';
import { createInteraction } from '../state/interactions.ts';
import type { Interaction } from '../state/types.ts';
import type { World } from '../state/world.ts';
import { everyComponent, kinds } from '../validate/components.ts';
import { asArray, asObject, asText, type Json, lengthOf } from '../validate/fields.ts';
import { channelFor } from './acts.ts';
import { cannot, createResolved, type Resolve } from './resolved.ts';

/** Somebody presses a button or chooses in a select. */
export function useComponent(
  world: World,
  input: { channelId: string; messageId: string; userId: string; customId: string; values?: string[] },
): Interaction {
  const channel = channelFor(world, input.channelId, input.userId, 0n);
  const message = world.messagesOf(channel.id).get(input.messageId);
  const isHidden = message?.ephemeralFor !== null && message?.ephemeralFor !== input.userId;
  if (!message || isHidden) throw new DiscordError(10008);
  const component = [...everyComponent(message.body.components)].find((other) => other.custom_id === input.customId);
  if (!component) throw cannot(`The message has no component ${input.customId}.`);
  if (component.disabled === true) throw cannot('The component is disabled.');
  const isSelect = component.type !== kinds.button;
  const values = input.values ?? [];
  const resolved = createResolved(world, channel);
  if (isSelect) requireValues(component, values, resolved.add);
  return createInteraction(world, {
    type: 3,
    channel,
    userId: input.userId,
    source: message,
    data: {
      id: component.id,
      custom_id: input.customId,
      component_type: component.type,
      ...(isSelect ? { values } : {}),
      ...(resolved.isEmpty() ? {} : { resolved: resolved.value }),
    },
  });
}

// Select types and the option type with the same meaning.
const selectResolves: Record<number, number> = { 5: 6, 6: 8, 7: 9, 8: 7 };

function requireValues(select: Json, values: string[], resolve: Resolve): void {
  const min = Number(select.min_values ?? 1);
  const max = Number(select.max_values ?? 1);
  if (values.length < min || values.length > max) throw cannot(`Between ${min} and ${max} values must be chosen.`);
  const kind = selectResolves[Number(select.type)];
  if (kind !== undefined) for (const value of values) resolve(kind, value);
  else {
    const offered = asArray(select.options).map((option) => asObject(option).value);
    if (values.some((value) => !offered.includes(value))) throw cannot('The select offers no such value.');
  }
}

/** Somebody sends a modal. */
export function submitModal(
  world: World,
  input: { interactionId: string; userId: string; values: Record<string, string | string[]> },
): Interaction {
  const shown = world.interactions.get(input.interactionId);
  if (!shown?.modal) throw new DiscordError(10062);
  if (shown.userId !== input.userId) throw new DiscordError(50013);
  const channel = channelFor(world, shown.channelId, input.userId, 0n);
  const source = world.messagesOf(channel.id).get(shown.sourceMessageId ?? '') ?? null;
  const resolved = createResolved(world, channel);
  const components = asArray(shown.modal.components)
    .map(asObject)
    .map((top, index) => {
      const at = { type: top.type, id: Number(top.id ?? index * 2 + 1) };
      const answer = (inner: unknown, id: number) => answerOf(asObject(inner), id, input.values, resolved.add);
      if (top.type === kinds.label) return { ...at, component: answer(top.component, at.id + 1) };
      if (top.type === kinds.row) return { ...at, components: [answer(asArray(top.components)[0], at.id + 1)] };
      return at;
    });
  return createInteraction(world, {
    type: 5,
    channel,
    userId: input.userId,
    source,
    triggeredBy: shown,
    data: {
      custom_id: shown.modal.custom_id,
      components,
      ...(resolved.isEmpty() ? {} : { resolved: resolved.value }),
    },
  });
}

function answerOf(field: Json, id: number, values: Record<string, string | string[]>, resolve: Resolve): Json {
  const customId = String(field.custom_id);
  const given = values[customId];
  const at = { type: field.type, id: Number(field.id ?? id), custom_id: customId };
  if (field.type !== kinds.textInput) {
    const list = given === undefined ? [] : [given].flat();
    if (field.required !== false || list.length > 0) requireValues(field, list, resolve);
    return { ...at, values: list };
  }
  const text = asText(given ?? field.value ?? '');
  if (text === '' && field.required !== false) throw cannot(`The field ${customId} is required.`);
  const length = lengthOf(text);
  if (text !== '' && length < Number(field.min_length ?? 0)) throw cannot(`The field ${customId} is too short.`);
  if (length > Number(field.max_length ?? 4_000)) throw cannot(`The field ${customId} is too long.`);
  return { ...at, value: text };
}
