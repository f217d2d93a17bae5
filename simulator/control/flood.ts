import { invalid } from '../http/errors.ts';
import { createMessage } from '../state/messages.ts';
import { userOf } from '../state/payloads.ts';
import type { Channel } from '../state/types.ts';
import type { World } from '../state/world.ts';
import { asArray, type Json } from '../validate/fields.ts';

const perTurn = 250;

/** Sends messages that are never stored, as fast as asked or as fast as it goes: load for a gateway client. */
export async function flood(world: World, input: Json): Promise<{ sent: number; tookMs: number }> {
  const count = Number(input.count);
  if (!Number.isInteger(count) || count < 1) throw invalid(['count'], 'NUMBER_TYPE_MIN', 'A whole number above 0.');
  const perSecond = Number(input.perSecond ?? Number.POSITIVE_INFINITY);
  const share = Number(input.share ?? 0);
  const content = 'lorem ipsum dolor sit amet '.repeat(75).slice(0, Number(input.contentLength ?? 60));
  const chosen = asArray(input.channelIds)
    .map((id) => world.channels.get(String(id)))
    .filter((c) => c !== undefined);
  const others = [...world.channels.values()].filter((channel) => channel.guildId !== null && channel.type === 0);
  const speakers = new Map<string, string[]>();
  const startedAt = performance.now();
  for (let sent = 0; sent < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond) + 1, sent + perTurn);
    for (; sent < due; sent++) {
      const from = chosen.length > 0 && Math.random() < share ? chosen : others;
      say(world, speakers, from[Math.floor(Math.random() * from.length)], content);
    }
    // Lets the sockets take what was written, and others be served.
    await new Promise((resolve) =>
      due - sent < perTurn && perSecond < 100_000 ? setTimeout(resolve, 1) : setImmediate(resolve),
    );
  }
  return { sent: count, tookMs: performance.now() - startedAt };
}

function say(world: World, speakers: Map<string, string[]>, channel: Channel | undefined, content: string): void {
  const guild = channel?.guildId ? world.guilds.get(channel.guildId) : undefined;
  if (!channel || !guild) return;
  let ids = speakers.get(guild.id);
  if (!ids) {
    ids = [...guild.members.keys()].filter((id) => !userOf(world, id).isBot);
    speakers.set(guild.id, ids);
  }
  const userId = ids[Math.floor(Math.random() * ids.length)];
  if (userId !== undefined)
    createMessage(world, channel, userOf(world, userId), { body: { content }, isFleeting: true });
}
