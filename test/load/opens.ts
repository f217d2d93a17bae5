import { openTicket } from '#tickets/actions/open.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import type { Bed } from './bed.ts';
import { profile, snowflake } from './bed.ts';
import type { Row } from './table.ts';

const guilds = 100;
const connections = 16;
const opens = 8_000;

/** Openings over 100 servers on 16 connections, outbox and job included. */
export async function benchOpens(bed: Bed): Promise<Row> {
  for (let g = 0; g < guilds; g += 1) {
    await upsertGuild(bed.pool, snowflake(g), profile(`Server ${g}`));
  }
  let next = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < opens) {
        const n = next;
        next += 1;
        const opener = { id: snowflake(1_000_000 + n), roleIds: [], isOwner: false, hasManageGuild: false };
        await openTicket(bed.ctx, snowflake(n % guilds), {
          interactionId: snowflake(50_000_000 + n),
          opener,
          openedBy: opener,
          panelId: null,
          source: 'command',
          subject: null,
          answers: [],
          at: Date.now(),
        });
      }
    }),
  );
  const perSecond = opens / ((performance.now() - from) / 1_000);
  return { what: 'opens', measured: `${Math.round(perSecond)}/s`, budget: '≥ 500/s', holds: perSecond >= 500 };
}
