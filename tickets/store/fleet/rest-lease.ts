import { type Db, sql } from '#runtime/postgres.ts';

// Discord allows 50 requests a second to a token. 45 a second with 4 at once never makes more than 49 in any second.
const perSecond = 45;
const burst = 4;
const stepMs = 1_000 / perSecond;

// Discord bans an address after 10,000 invalid requests in 10 minutes; other programs may share the address.
const invalidLimit = 8_000;
const invalidWindowMs = 600_000;

/**
 * `granted` requests may be sent: the first in `waitMs` (negative = earlier already), then one each `stepMs`. None: come back in `waitMs`;
 * `isBroken` when that is because too many requests were refused.
 */
export type RestLease = { granted: number; waitMs: number; stepMs: number; isBroken: boolean };

/**
 * Reserves the next `count` moments at which this token may send a request, for every process alike: one statement on one row (1 × 429
 * against 176 with four processes). Grants nothing when the first moment is more than `maxWaitMs` away or invalid requests pile up.
 */
export async function takeRestLease(
  db: Db,
  input: { botId: string; count: number; maxWaitMs: number },
): Promise<RestLease> {
  const { botId, count, maxWaitMs } = input;
  const step = sql`${stepMs}::float8 * interval '1 ms'`;
  const [row] = await db.query<Omit<RestLease, 'stepMs'>>(sql`
    with taken as (
      insert into rest_lease as r (bot_id, next_at)
      values (${botId}::bigint, clock_timestamp() + ${count - burst}::integer * ${step})
      on conflict (bot_id) do update
        set next_at = greatest(r.next_at, clock_timestamp() - ${burst}::integer * ${step}) + ${count}::integer * ${step}
        where r.next_at <= clock_timestamp() + ${maxWaitMs}::float8 * interval '1 ms'
          and (r.blocked_until is null or r.blocked_until <= clock_timestamp())
      returning next_at - ${count}::integer * ${step} as first_at
    )
    select ${count}::integer as granted, extract(epoch from first_at - clock_timestamp())::float8 * 1000 as "waitMs",
           false as "isBroken"
    from taken
    union all
    select 0, extract(epoch from greatest(next_at, blocked_until) - clock_timestamp())::float8 * 1000,
           coalesce(blocked_until > clock_timestamp(), false)
    from rest_lease where bot_id = ${botId}::bigint and not exists (select from taken)`);
  if (!row) throw new Error('the row of the REST limit vanished');
  return { ...row, stepMs };
}

/** Counts one invalid request (401, 403, 429); at 8,000 within 10 minutes the token is blocked until those 10 minutes are over. */
export async function noteInvalidRequest(db: Db, botId: string): Promise<void> {
  const window = sql`${invalidWindowMs}::float8 * interval '1 ms'`;
  await db.query(sql`
    insert into rest_lease as r (bot_id, next_at, invalid_count, invalid_since)
    values (${botId}::bigint, clock_timestamp(), 1, clock_timestamp())
    on conflict (bot_id) do update set
      invalid_count = case when r.invalid_since > clock_timestamp() - ${window} then r.invalid_count + 1 else 1 end,
      invalid_since = case when r.invalid_since > clock_timestamp() - ${window} then r.invalid_since else clock_timestamp() end,
      blocked_until = case
        when r.invalid_since > clock_timestamp() - ${window} and r.invalid_count + 1 >= ${invalidLimit}::integer
        then r.invalid_since + ${window}
        else r.blocked_until
      end`);
}

/** Lets nobody send anything for `forMs`: Discord's own global limit was hit, by this program or another with its token. */
export async function noteGlobalLimit(db: Db, input: { botId: string; forMs: number }): Promise<void> {
  const until = sql`clock_timestamp() + ${input.forMs}::float8 * interval '1 ms'`;
  await db.query(sql`
    insert into rest_lease as r (bot_id, next_at) values (${input.botId}::bigint, ${until})
    on conflict (bot_id) do update set next_at = greatest(r.next_at, ${until})`);
}

/** Whether the breaker of a bot is open, and how near it is: `botId` undefined takes every bot's. */
export async function readBreakers(
  db: Db,
  input: { botId?: string } = {},
): Promise<{ botId: string; openForMs: number; invalidCount: number }[]> {
  const window = sql`${invalidWindowMs}::float8 * interval '1 ms'`;
  const botId = input.botId ?? null;
  return db.query(sql`
    select bot_id as "botId",
           greatest(0, coalesce(extract(epoch from blocked_until - clock_timestamp())::float8 * 1000, 0)) as "openForMs",
           case when invalid_since > clock_timestamp() - ${window} then invalid_count else 0 end as "invalidCount"
    from rest_lease where ${botId}::bigint is null or bot_id = ${botId}::bigint`);
}
