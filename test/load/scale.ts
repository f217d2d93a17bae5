import { sql } from '#runtime/postgres.ts';
import { claimTicket } from '#tickets/actions/claim.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { activateTicket } from '#tickets/actions/activate.ts';
import { attachChannel } from '#tickets/actions/attach-channel.ts';
import { openTicket } from '#tickets/actions/open.ts';
import type { Actor } from '#tickets/permission.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { listOwnTickets, listTickets, readTicketByChannel, type TicketSearch } from '#tickets/store/ticket.ts';
import { type Bed, profile, quantile, snowflake } from './bed.ts';
import type { Row } from './table.ts';

const repeats = 101;
const most = 2;
const empty = snowflake(900_000);
const large = snowflake(900_001);
const inLarge = 10_000;
const servers = 2_000;
const elsewhere = 100_000;
// A page of the list: both servers fill one, so that what is compared is the search for it.
const page = 50;

const everybody = { teamIds: null, viewerId: null };
let serial = 0;
const next = (): string => {
  serial += 1;
  return snowflake(2_000_000 + serial);
};

/** Copies an open ticket `count` times into a server, with channels and openers of their own. */
async function fill(bed: Bed, o: { from: string; into: string; count: number; displayNo: number }): Promise<void> {
  const start = Number(serial);
  serial += o.count * 3;
  const base = BigInt(snowflake(2_000_000 + start + 1));
  const columns = await bed.pool.query<{ name: string }>(sql`
    select column_name as name from information_schema.columns where table_name = 'ticket' and table_schema = 'public'
      and column_name not in ('guild_id', 'id', 'interaction_id', 'opener_id', 'channel_id', 'display_no', 'lifetime_no')`);
  const rest = columns.map(({ name }) => `"${name}"`).join(', ');
  const values = [o.into, o.count, String(base), o.displayNo, o.from];
  await bed.pool.pg.query(
    `insert into ticket (guild_id, id, interaction_id, opener_id, channel_id, display_no, lifetime_no, ${rest})
     select $1::bigint, nextval('docket_id'), $3::bigint + n::bigint * 4194304 * 3, $3::bigint + n::bigint * 4194304 * 3 + 1, $3::bigint + n::bigint * 4194304 * 3 + 2,
            $4::integer + n, $4::integer + n, ${rest}
     from ticket, generate_series(1, $2::integer) as n where ticket.guild_id = $5::bigint and lifetime_no = 1`,
    values,
  );
}

/** Medians of what people do in a server, in ms. */
async function measure(bed: Bed, guildId: string, staff: Actor): Promise<Record<string, number>> {
  const times = new Map<string, number[]>();
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const from = performance.now();
    const done = await work();
    times.set(name, [...(times.get(name) ?? []), performance.now() - from]);
    return done;
  };
  const { ctx, pool } = bed;
  for (let i = 0; i < repeats; i += 1) {
    const opener: Actor = { id: next(), roleIds: [], isOwner: false, hasManageGuild: false };
    const at = Date.now();
    const asked = { interactionId: next(), opener, openedBy: opener, panelId: null, source: 'command' as const };
    const { ticket } = await timed('open', () =>
      openTicket(ctx, guildId, { ...asked, subject: null, answers: [], at }),
    );
    const channelId = next();
    await attachChannel(ctx, guildId, { ticketId: ticket.id, channelId });
    await activateTicket(ctx, guildId, { ticketId: ticket.id });
    await timed('claim', () => claimTicket(ctx, guildId, { ticketId: ticket.id, by: staff, at }));
    await timed('find by channel', () => readTicketByChannel(pool, guildId, channelId));
    await timed('list', () => listTickets(pool, guildId, { ...everybody, status: 'open', before: null, limit: page }));
    const found = (search: TicketSearch) =>
      listTickets(pool, guildId, { ...everybody, status: 'all', before: null, limit: page, search });
    await timed('search by number', () => found({ number: ticket.displayNo }));
    await timed('search by opener', () => found({ openerId: opener.id }));
    await timed('search by claimer', () => found({ claimerId: staff.id }));
    await timed('own', () => listOwnTickets(pool, guildId, { openerId: opener.id, before: null, limit: 10 }));
    await timed('close', () => closeTicket(ctx, guildId, { ticketId: ticket.id, by: staff, reason: null, at }));
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, quantile(all, 0.5)]));
}

/** What people do in a server with 10,000 open tickets beside 100,000 in 2,000 others, against a server with one page of them in a database with no others. */
export async function benchScale(bed: Bed): Promise<Row[]> {
  const staff: Actor = { id: next(), roleIds: [], isOwner: true, hasManageGuild: true };
  for (const guildId of [empty, large]) await upsertGuild(bed.pool, guildId, profile('Server'));
  const opener: Actor = { id: next(), roleIds: [], isOwner: false, hasManageGuild: false };
  const pattern = await openTicket(bed.ctx, large, {
    interactionId: next(),
    opener,
    openedBy: opener,
    panelId: null,
    source: 'command',
    subject: null,
    answers: [],
    at: Date.now(),
  });
  await attachChannel(bed.ctx, large, { ticketId: pattern.ticket.id, channelId: next() });
  await activateTicket(bed.ctx, large, { ticketId: pattern.ticket.id });
  await fill(bed, { from: large, into: empty, count: page, displayNo: 1_000_000 });
  await bed.pool.pg.query('vacuum analyze ticket');
  await measure(bed, empty, staff); // warms up
  const before = await measure(bed, empty, staff);
  await fill(bed, { from: large, into: large, count: inLarge, displayNo: 1_000_000 });
  for (let g = 0; g < servers; g += 1) {
    const guildId = snowflake(910_000 + g);
    await upsertGuild(bed.pool, guildId, profile(`Server ${g}`));
    await fill(bed, { from: large, into: guildId, count: elsewhere / servers, displayNo: 0 });
  }
  await bed.pool.pg.query('vacuum analyze ticket');
  await measure(bed, large, staff);
  const after = await measure(bed, large, staff);
  return Object.keys(before).map((name) => {
    const ratio = (after[name] ?? 0) / (before[name] ?? 1);
    const ms = (one: number | undefined): string => (one ?? 0).toFixed(2);
    return {
      what: `scale: ${name}`,
      measured: `${ms(after[name])} ms among 10,000 open and 100,000 elsewhere, ${ms(before[name])} ms among 50: ${ratio.toFixed(2)} ×`,
      budget: `≤ ${most} ×`,
      holds: ratio <= most,
    };
  });
}
