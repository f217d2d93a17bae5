import { createProblems } from '../http/errors.ts';
import type { World } from '../state/world.ts';
import { asArray, asObject, asText, type Path } from './fields.ts';

const code = 'BUTTON_COMPONENT_INVALID_EMOJI';

/** Refuses what is no emoji, and own emojis of servers that no longer have them, in buttons and in options of menus (50035). */
export function checkEmojis(world: World, components: unknown): void {
  const problems = createProblems();
  const own = new Set([...world.guilds.values()].flatMap((guild) => (guild.emojis ?? []).map((emoji) => emoji.id)));
  const look = (value: unknown, path: Path): void => {
    const node = asObject(value);
    if (node.emoji !== undefined && node.emoji !== null) {
      const { id, name } = asObject(node.emoji);
      if (id !== undefined && id !== null) {
        if (!own.has(asText(id))) problems.add([...path, 'emoji', 'id'], code, 'Invalid emoji');
      } else if (!/^\p{RGI_Emoji}$/v.test(asText(name ?? ''))) {
        problems.add([...path, 'emoji', 'name'], code, 'Invalid emoji');
      }
    }
    for (const key of ['components', 'options'] as const)
      asArray(node[key]).forEach((inner, index) => look(inner, [...path, key, index]));
  };
  asArray(components).forEach((row, index) => look(row, ['components', index]));
  problems.throwIfAny();
}
