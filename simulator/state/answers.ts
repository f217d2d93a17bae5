import { createProblems, invalid } from '../http/errors.ts';
import { checkModal } from '../validate/components.ts';
import { asObject, checkList, type Json } from '../validate/fields.ts';
import { checkMessage } from '../validate/message.ts';
import { acknowledge } from './interactions.ts';
import type { NewFile } from './messages.ts';
import type { Interaction } from './types.ts';
import type { World } from './world.ts';

// Which answers a kind of interaction may have: https://discord.com/developers/docs/interactions/receiving-and-responding
const answers: Record<number, readonly number[]> = {
  2: [4, 5, 9, 12],
  3: [4, 5, 6, 7, 9, 12],
  4: [8],
  5: [4, 5, 6, 7, 12],
};

/** Takes the first answer, whichever way it came. Throws 50035 for one that does not fit, else as `acknowledge` does. */
export function takeAnswer(world: World, interaction: Interaction, body: Json, files: NewFile[]): number {
  const type = Number(body.type);
  const allowed = answers[interaction.type] ?? [];
  const needsSource = type === 6 || type === 7;
  if (!allowed.includes(type) || (needsSource && interaction.sourceMessageId === null)) {
    throw invalid(['type'], 'BASE_TYPE_CHOICES', `Value must be one of {${allowed.join(', ')}}.`);
  }
  const data = asObject(body.data);
  if (type === 4) checkMessage(data, ['data'], { files: files.length, mayBeEmpty: false });
  if (type === 7) checkMessage(data, ['data'], { files: files.length, mayBeEmpty: true });
  if (type === 8 || type === 9) {
    const problems = createProblems();
    if (type === 9) checkModal(problems, data);
    else checkList(problems, ['data', 'choices'], data.choices, 0, 25);
    problems.throwIfAny();
  }
  acknowledge(world, interaction, type, data, files);
  return type;
}
