import { type Db, sql } from '#runtime/postgres.ts';
import type { AuthorKind } from '../facts.ts';

/** Notes for whom a message will be sent, before it is sent: MESSAGE_CREATE brings the nonce back and is attributed by it. */
export async function insertOutgoing(
  db: Db,
  guildId: string,
  input: {
    ticketId: number;
    nonce: string;
    actorId: string;
    actorKind: AuthorKind;
    actorTeamIds: readonly number[];
    kind: 'tag' | 'reply';
  },
): Promise<void> {
  await db.query(sql`
    insert into outgoing (guild_id, nonce, ticket_id, actor_id, actor_kind, actor_team_ids, kind)
    select guild_id, ${input.nonce}, id, ${input.actorId}, ${input.actorKind}, ${input.actorTeamIds}::bigint[], ${input.kind}
    from ticket where guild_id = ${guildId} and id = ${input.ticketId}
    on conflict do nothing`);
}
