import { type APIMessage, ComponentType } from 'discord-api-types/v10';
import { retry } from '#runtime/retry.ts';
import type { CommandOption, Control, SimulatedInteraction } from '#simulator/client.ts';

type Place = { guildId: string; channelId: string; userId: string };
type Pressable = { customId: string; type: ComponentType; label: string };
type Message = Pick<APIMessage, 'id' | 'channel_id' | 'components'>;

/** What can be given to a command's options, by name. */
export type Given = Readonly<Record<string, string | number | boolean>>;

const answerWithinMs = 20_000;
/** What the bot does after its answer (a channel, a message) is waited for so long. */
const followsWithinMs = 60_000;

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

/** What a menu under a message offers: the one whose custom id begins like this. */
export function optionsOf(message: Message, start: string): { label: string; value: string }[] {
  const menu = components(message.components).find(
    (one) => typeof one['custom_id'] === 'string' && one['custom_id'].startsWith(start),
  );
  return (menu?.['options'] ?? []) as { label: string; value: string }[];
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

/** Types a command as people see it: `settings logs` with what its options are given. */
export function type(control: Control, place: Place, words: string, given: Given = {}, signal?: AbortSignal) {
  const [name = '', sub] = words.split(' ');
  const options = Object.entries(given).map(([key, value]) => ({ name: key, value }));
  return command(control, place, name, sub === undefined ? options : [{ name: sub, options }], signal);
}

/** Chooses an entry of the menu that a right click on a message or a person shows. */
export async function chooseIn(control: Control, place: Place, name: string, targetId: string) {
  const { id } = await control.runCommand({ ...place, name, targetId });
  return answered(control, id);
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

/** Asks again whenever anything has happened in the simulator, or after 2 s, until there is an answer; throws when none comes. */
export async function waitFor<T>(control: Control, signal: AbortSignal, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + followsWithinMs;
  for (;;) {
    signal.throwIfAborted();
    const found = await ask();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error('what the bot should have done did not come');
    await nextHappening(control, signal);
  }
}

async function nextHappening(control: Control, signal: AbortSignal): Promise<void> {
  const enough = AbortSignal.timeout(2_000);
  try {
    for await (const _ of control.stream(AbortSignal.any([signal, enough]))) return;
  } catch (error) {
    if (!enough.aborted) throw error;
  }
}
