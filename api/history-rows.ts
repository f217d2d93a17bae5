import { type Static, Type } from 'typebox';
import { authorKinds } from '#tickets/facts.ts';
import { type HistoryRow, readHistory } from '#tickets/store/history.ts';
import { readLabelNames } from '#tickets/store/label.ts';
import type { Ticket } from '#tickets/ticket.ts';
import type { RouteDeps } from './app.ts';
import type { GuildAccess } from './plugins/guild.ts';
import { iso, moment, nullable, person } from './schemas/basic.ts';
import { named } from './ticket-rows.ts';

/** A change of a ticket as pages show it. */
export const change = Type.Object({
  version: Type.Integer(),
  name: Type.String(),
  at: moment,
  actor: nullable(person),
  actorKind: Type.Enum([...authorKinds]),
  reason: nullable(Type.String()),
  user: nullable(person),
  rating: nullable(Type.Integer()),
  before: nullable(Type.String({ description: 'What stood there: a name, a topic, a priority, names of labels' })),
  after: nullable(Type.String({ description: 'What stands there since' })),
});

/** Everything that happened to a ticket, in order. Who closed it is not said to its opener where the server hides it. */
export async function readHistoryRows(
  deps: RouteDeps,
  guild: GuildAccess,
  ticket: Ticket,
): Promise<Static<typeof change>[]> {
  const changes = await readHistory(deps.pool, guild.id, ticket.id);
  const values = changes.flatMap(({ data }) => [data.before, data.after].flat());
  const labelIds = [...new Set(values.filter((one) => typeof one === 'number'))];
  const acting = changes
    .flatMap(({ actorId, data }) => [actorId, data.userId])
    .filter((one) => typeof one === 'string');
  const [people, labelNames] = await Promise.all([
    deps.directory.people(guild.id, acting),
    readLabelNames(deps.pool, guild.id, labelIds),
  ]);
  const words = (value: HistoryRow['data']['before']): string | null =>
    typeof value === 'string' ? value : (value?.map((id) => labelNames.get(id) ?? String(id)).join(', ') ?? null);
  const hidesCloser = guild.row.settings.hideCloser && guild.actor !== null && guild.level === 'member';
  return changes.map(({ version, name, at, actorId, actorKind, data }) => ({
    version,
    name,
    at: iso(at),
    actor: actorId === null || (hidesCloser && name === 'closed') ? null : named(people, actorId),
    actorKind,
    reason: data.reason ?? null,
    user: data.userId === undefined ? null : named(people, data.userId),
    rating: data.rating ?? null,
    before: words(data.before),
    after: words(data.after),
  }));
}
