import { type APIMessage, ComponentType } from 'discord-api-types/v10';
import { retry } from '#runtime/retry.ts';
import type { CommandOption, Control, SimulatedInteraction } from '#simulator/client.ts';

type Place = { guildId: string; channelId: string; userId: string };
type Pressable = { customId: string; type: ComponentType; label: string };
type Message = Pick<APIMessage, 'id' | 'channel_id' | 'components'>;

const answerWithinMs = 20_000;

/** Every component below a node, however rows, sections and labels are nested. */
function components(node: unknown): Record<string, unknown>[] {
  if (Array.isArray(node)) return node.flatMap(components);
  if (typeof node !== 'object' || node === null) return [];
  const one = node as Record<string, unknown>;
  return [one, ...components(one['components']), ...components(one['component'])];
}

/** What can be pressed under a message, in order. */
export function pressables(message: Message): Pressable[] {
  return components(message.components)
    .filter((one) => typeof one['custom_id'] === 'string')
    .map((one) => ({
      customId: String(one['custom_id']),
      type: Number(one['type']),
      label: typeof one['label'] === 'string' ? one['label'] : '',
    }));
}

/** Waits for the bot's answer; throws when none comes, so that the story is given up rather than half told. */
async function answered(control: Control, id: string): Promise<SimulatedInteraction> {
  const interaction = await control.interaction(id, { waitMs: answerWithinMs, until: 'answer' });
  if (interaction.state !== 'acknowledged') throw new Error('the bot did not answer');
  return interaction;
}

/** Types a slash command and waits for the answer. A bot that is still starting is tried again for a minute. */
export async function command(
  control: Control,
  place: Place,
  name: string,
  options: CommandOption[] = [],
  signal?: AbortSignal,
) {
  return retry({ attempts: 30, minMs: 500, maxMs: 2_000, ...(signal && { signal }) }, async () => {
    const { id } = await control.runCommand({ ...place, name, options });
    return answered(control, id);
  });
}

/** Presses a button, or chooses values in a select, and waits for the answer. */
export async function press(control: Control, userId: string, message: Message, customId: string, values?: string[]) {
  const { id } = await control.useComponent({
    channelId: message.channel_id,
    messageId: message.id,
    userId,
    customId,
    ...(values && { values }),
  });
  return answered(control, id);
}

/** The ids of a form's inputs, in order. */
export function inputsOf(interaction: SimulatedInteraction): string[] {
  return components(interaction.modal?.components)
    .filter((one) => one['type'] === ComponentType.TextInput)
    .map((one) => String(one['custom_id']));
}

/** Fills in a form with texts in order (the last one serves the rest; an empty one is left out) and waits for the answer. */
export async function fillIn(control: Control, userId: string, form: SimulatedInteraction, texts: string[]) {
  const filled = inputsOf(form).map((id, i) => [id, texts[Math.min(i, texts.length - 1)] ?? ''] as const);
  const values = Object.fromEntries(filled.filter(([, text]) => text !== ''));
  const { id } = await control.submitModal({ interactionId: form.id, userId, values });
  return answered(control, id);
}

/** The newest message of an answer. */
export function messageOf(interaction: SimulatedInteraction): APIMessage {
  const message = interaction.messages.at(-1);
  if (!message) throw new Error('the answer has no message');
  return message;
}

/** The channel that an answer points to. */
export function channelIn(interaction: SimulatedInteraction): string | undefined {
  return /<#(\d{17,20})>/.exec(JSON.stringify(interaction.messages))?.[1];
}
