import type { APIMessage } from 'discord-api-types/v10';
import type { Control, SimulatedInteraction } from '#simulator/client.ts';
import { fillIn, type Given, messageOf, optionsOf, press, pressables, type } from './act.ts';
import type { DemoGuild } from './people.ts';

/** The owner of a server at work in the desk's channel; what an answer does not offer is an error. */
export type Owner = ReturnType<typeof ownerOf>;

/** Whoever owns a server, as somebody who acts. Components are told by the beginning of their custom id, for labels follow the language. */
export function ownerOf(control: Control, guild: DemoGuild, signal: AbortSignal) {
  const userId = guild.people[0]?.id ?? '';
  const place = { guildId: guild.id, channelId: guild.deskChannelId, userId };
  return {
    /** Types a command (`settings logs`); the answer's message. */
    type: async (words: string, given: Given = {}): Promise<APIMessage> =>
      messageOf(await type(control, place, words, given, signal)),
    /** Presses a button, or chooses in a menu. Of several of one beginning the label decides. */
    press(message: APIMessage, start: string, values?: string[], label?: string): Promise<SimulatedInteraction> {
      const found = pressables(message).find(
        (one) => one.customId.startsWith(start) && (label === undefined || one.label === label),
      );
      if (!found) throw new Error(`the answer offers no ${start}: ${message.content}`);
      return press(control, userId, message, found.customId, values);
    },
    /** Sends a form. */
    fill: async (form: SimulatedInteraction, texts: string[]): Promise<APIMessage> =>
      messageOf(await fillIn(control, userId, form, texts)),
  };
}

/** The values of a menu's options that are called so, in this order. */
export const valuesOf = (message: APIMessage, start: string, labels: readonly string[]): string[] =>
  labels.map((label) => {
    const option = optionsOf(message, start).find((one) => one.label === label);
    if (!option) throw new Error(`the menu ${start} has no option “${label}”`);
    return option.value;
  });
