import { createIngest } from '#analytics/ingest/ingest.ts';
import { startDrain } from '#analytics/log/drain.ts';
import { createKafka } from '#analytics/log/kafka.ts';
import { startKafkaLog } from '#analytics/log/kafka-log.ts';
import { readProgress } from '#analytics/log/progress.ts';
import { createBatcher } from '#cluster/gateway/messages.ts';
import { recordChanges } from '#cluster/gateway/record.ts';
import type { MessageChange } from '#cluster/gateway/incoming.ts';
import { sql } from '#runtime/postgres.ts';
import { printLine } from '#runtime/stdout.ts';
import { startKafka, whyNoKafka } from '#test/harness/kafka.ts';
import { activateTicket } from '#tickets/actions/activate.ts';
import { attachChannel } from '#tickets/actions/attach-channel.ts';
import { openTicket } from '#tickets/actions/open.ts';
import { outboxDepth } from '#tickets/store/fleet/outbox.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { type Bed, profile, snowflake } from './bed.ts';
import type { Row } from './table.ts';

const guilds = 100;
const tickets = 2_000;
const sustainedS = Number(process.argv.find((one) => one.startsWith('--seconds='))?.slice(10) ?? 30);
const burst = 200_000;

type Place = { guildId: string; channelId: string; ticketId: number; openerId: string };

async function openOne(bed: Bed, n: number): Promise<Place> {
  const guildId = snowflake(500 + (n % guilds));
  const opener = { id: snowflake(2_000_000 + n), roleIds: [], isOwner: false, hasManageGuild: false };
  const { ticket } = await openTicket(bed.ctx, guildId, {
    interactionId: snowflake(70_000_000 + n),
    opener,
    openedBy: opener,
    panelId: null,
    source: 'command',
    subject: null,
    answers: [],
    at: Date.now(),
  });
  const channelId = snowflake(80_000_000 + n);
  await attachChannel(bed.ctx, guildId, { ticketId: ticket.id, channelId });
  await activateTicket(bed.ctx, guildId, { ticketId: ticket.id });
  return { guildId, channelId, ticketId: ticket.id, openerId: opener.id };
}

/** Tickets over 100 servers to write into. */
async function openMany(bed: Bed): Promise<Place[]> {
  for (let n = 0; n < guilds; n += 1) await upsertGuild(bed.pool, snowflake(500 + n), profile(`Server ${n}`));
  const places: Place[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < tickets) places.push(await openOne(bed, next++));
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return places;
}

/** A way from the outbox to ClickHouse: how many rows that left the outbox are still on it, and its end. */
type Way = { readonly name: string; behind(): Promise<number>; stop(): Promise<void> };

function embedded({ url, clickhouse, pool, log }: Bed): Way {
  const drain = startDrain({ url, handler: createIngest({ clickhouse, pool, log }), log });
  return { name: '', behind: async () => 0, stop: () => drain.stop() };
}

async function throughKafka({ url, clickhouse, pool, log }: Bed): Promise<Way> {
  const broker = await startKafka();
  const topic = 'docket.events';
  const place = { brokers: [broker.brokers], clientId: 'bench', topic, tls: false };
  const carrying = startKafkaLog({
    place,
    settings: { partitions: 24, retentionMs: 3_600_000 },
    log,
    drain: { url },
    ingest: createIngest({ clickhouse, pool, log }),
    onRefused: (refused) => log.error({ err: refused }, 'no topic'),
  });
  const admin = createKafka(place, log).admin();
  await admin.connect();
  return {
    name: ' through Kafka',
    behind: async () => (await readProgress(admin, topic)).behind,
    async stop() {
      await admin.disconnect();
      await carrying.stop();
      await broker.stop();
    },
  };
}

/** As benchMessages, with a broker of this machine between the outbox and ClickHouse; nothing where none can be started. */
export async function benchKafka(bed: Bed): Promise<Row[]> {
  const reason = await whyNoKafka();
  if (reason === undefined) return measure(bed, await throughKafka(bed));
  printLine(`kafka: not measured, because ${reason}`);
  return [];
}

/** Messages handed to the gateway's batcher, and how long until ClickHouse has counted the last of them. */
export function benchMessages(bed: Bed): Promise<Row[]> {
  return measure(bed, embedded(bed));
}

async function measure(bed: Bed, way: Way): Promise<Row[]> {
  const places = await openMany(bed);
  const batcher = createBatcher<MessageChange>({
    record: (batch) => recordChanges(bed.ctx, batch),
    onStored: () => undefined,
    describe: () => ({}),
    log: bed.log,
  });
  let sent = 0;
  const push = async (): Promise<void> => {
    if (batcher.isFull) await batcher.room();
    const place = places[sent % places.length];
    if (!place) return;
    sent += 1;
    const isReply = sent % 3 === 0;
    const message = {
      guildId: place.guildId,
      channelId: place.channelId,
      ticketId: place.ticketId,
      id: String(BigInt(Date.now() - 1_420_070_400_000) * 4_194_304n + BigInt(sent % 4_194_304)),
      authorId: isReply ? snowflake(900_000) : place.openerId,
      isBot: false,
      roleIds: [],
      content: 'A message of ordinary length, as people write them in a ticket.',
      attachments: [],
      nonce: null,
      at: Date.now(),
    };
    batcher.push({ kind: 'created', message }, () => undefined);
  };
  const counted = async (): Promise<number> => {
    const query = "select count() as n from event final where name like 'message.%'";
    const rows = await (await bed.clickhouse.query({ query, format: 'JSONEachRow' })).json<{ n: string }>();
    return Number(rows[0]?.n ?? 0);
  };
  const settle = async (): Promise<number> => {
    const from = performance.now();
    await batcher.drain();
    const isBehind = async (): Promise<boolean> => (await outboxDepth(bed.pool)) > 0 || (await way.behind()) > 0;
    while (performance.now() - from < 180_000 && (await isBehind())) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return (performance.now() - from) / 1_000;
  };
  await settle();
  const from = performance.now();
  while (performance.now() - from < sustainedS * 1_000) for (let i = 0; i < 500; i += 1) await push();
  const behindS = await settle();
  const sustained = sent / ((performance.now() - from) / 1_000);
  const [before, burstFrom] = [sent, performance.now()];
  for (let i = 0; i < burst; i += 1) await push();
  await settle();
  const burstS = (performance.now() - burstFrom) / 1_000;
  const inPostgres = (await bed.pool.query<{ n: number }>(sql`select count(*) as n from message`))[0]?.n ?? 0;
  const inClickhouse = await counted();
  await way.stop();
  const isWhole = inPostgres === sent && inClickhouse === sent;
  return [
    {
      what: `messages → ClickHouse${way.name}, ${sustainedS} s`,
      measured: `${Math.round(sustained)}/s, the last counted ${behindS.toFixed(1)} s after it was sent; ${sent - inPostgres} lost, ${inClickhouse - sent} too many or few counted`,
      budget: '≥ 5,000/s',
      holds: sustained >= 5_000 && isWhole,
    },
    {
      what: `burst of ${(sent - before).toLocaleString('en-GB')}${way.name}`,
      measured: `all counted ${burstS.toFixed(1)} s after its begin`,
      budget: '≤ 90 s',
      holds: burstS <= 90,
    },
  ];
}
