import { discordApi } from '#discord/addresses.ts';
import { choice, flag, integer, port, text, url } from '#runtime/config.ts';
import { logLevels } from '#runtime/log.ts';
import { objectVariables } from '#runtime/objects/open.ts';
import type { AttachmentLimits } from '#tickets/attachment.ts';
import { premiumModes } from '#tickets/entitlement.ts';

// The variables that more than one role declares, or that the chart offers. Each role's file says which of them it reads.

const postgres = ['postgres', 'postgresql'];
const databaseDoc = 'Postgres, by a session connection (LISTEN and locks need one; no transaction pooler)';
const clickhouseDoc = 'ClickHouse’s HTTP interface; the path names the database (docket)';
const keyDoc = 'keys that seal what people write: 32 bytes each in base64, newest first, separated by commas';
const keyFix = 'Make one with: openssl rand -base64 32';
const tokenDoc = 'the bot’s token';
const tokenFix = 'Copy it from https://discord.com/developers/applications, page Bot.';

export const DATABASE_URL = url({ protocols: postgres, secret: true, doc: databaseDoc });
export const CLICKHOUSE_URL = url({ secret: true, doc: clickhouseDoc });
export const CLICKHOUSE_CLUSTER = text({
  optional: true,
  pattern: /^[\w-]+$/,
  fix: 'Set it to a name of letters, digits, _ and -, as ClickHouse’s remote_servers has it.',
  doc: 'the cluster of ClickHouse servers that tables are spread over, by its name in their remote_servers',
});
export const ENCRYPTION_KEY = text({ secret: true, doc: keyDoc, fix: keyFix });
export const DISCORD_TOKEN = text({ secret: true, doc: tokenDoc, fix: tokenFix });
export const DISCORD_API_URL = url({ default: discordApi, doc: 'Discord’s API; every other address follows from it' });
export const DISCORD_CLIENT_SECRET = text({
  optional: true,
  secret: true,
  doc: 'the application’s OAuth2 secret; without it sign-in is off',
});
export const PORT = port({ default: 3_000, doc: 'where the dashboard and its API listen' });
export const HEALTH_PORT = port({ default: 3_001, doc: 'where /livez, /readyz and /metrics listen' });
export const INTERACTIONS = choice({
  of: ['gateway', 'http'],
  default: 'gateway',
  doc: 'how interactions come: by the gateway, or posted by Discord to the role interactions',
});
export const INTERACTIONS_URL = url({
  optional: true,
  doc: 'where Discord reaches POST /interactions; set at Discord by whoever reads it',
});
export const INTERACTIONS_PORT = port({
  default: 3_002,
  doc: 'where `up` listens for interactions that Discord posts',
});
export const DISCORD_PUBLIC_KEY = text({
  optional: true,
  doc: 'the application’s public key, 64 hexadecimal digits',
  fix: 'Copy it from https://discord.com/developers/applications, page General Information, or leave it unset.',
});
export const DATA_DIR = text({ default: './.docket', doc: 'the folder of everything embedded' });
export const LOG_LEVEL = choice({ of: logLevels, default: 'info', doc: 'the least severe line that is logged' });
export const TOTAL_SHARDS = integer({
  min: 1,
  max: 16_384,
  optional: true,
  doc: 'shards of the whole bot; default: what it runs with already, else what Discord recommends',
});
export const SHARDS_PER_CLUSTER = integer({ min: 1, max: 64, default: 8, doc: 'gateway shards in one process' });
export const SHARD_LEASE_S = integer({
  min: 5,
  max: 300,
  default: 30,
  doc: 'seconds for which a shard stays a process’s when nothing is heard from it',
});
export const SHARD_GRACE_S = integer({
  min: 1,
  max: 3_600,
  default: 30,
  doc: 'seconds for which a shard that nobody serves waits for its own pod before another takes it',
});
export const PREMIUM = choice({
  of: premiumModes,
  default: 'everyone',
  doc: 'which servers have every feature: everyone, or those that were entitled to it',
});
export const VOTE_URL = url({ optional: true, doc: 'where people vote for the bot; /vote links to it' });
export const WORKER_CONCURRENCY = integer({ min: 1, max: 100, default: 8, doc: 'tickets that are worked on at once' });

/** The same without being required: for roles that can do without, or find the value elsewhere. */
export const optional = {
  DATABASE_URL: url({ protocols: postgres, secret: true, optional: true, doc: databaseDoc }),
  CLICKHOUSE_URL: url({ secret: true, optional: true, doc: clickhouseDoc }),
  ENCRYPTION_KEY: text({ secret: true, optional: true, doc: keyDoc, fix: keyFix }),
  DISCORD_TOKEN: text({ secret: true, optional: true, doc: tokenDoc, fix: tokenFix }),
} as const;

// Sets of them that go together.
export const databases = { DATABASE_URL, CLICKHOUSE_URL };
export const bot = { DISCORD_TOKEN, DISCORD_API_URL };
export const observation = { HEALTH_PORT, LOG_LEVEL };
export const publicAddress = {
  PUBLIC_URL: url({ optional: true, doc: 'where people reach the dashboard' }),
  HTTP_EXTERNAL: url({ optional: true, doc: 'another name of PUBLIC_URL' }),
};

/** Where people reach the dashboard, by either name. */
export function publicUrlOf(config: {
  PUBLIC_URL: string | undefined;
  HTTP_EXTERNAL: string | undefined;
}): string | null {
  return config.PUBLIC_URL ?? config.HTTP_EXTERNAL ?? null;
}

/** The event log; `kafkaOf` in roles/kafka.ts says what they mean together. */
export const kafka = {
  KAFKA_BROKERS: text({
    optional: true,
    doc: 'Kafka’s brokers, as host:port, separated by commas; without them events go straight from Postgres to ClickHouse',
  }),
  KAFKA_TOPIC: text({
    default: 'docket.events',
    doc: 'the topic of the events; its readers are the group <topic>.ingest',
  }),
  KAFKA_PARTITIONS: integer({
    min: 1,
    max: 1_000,
    default: 24,
    doc: 'the topic’s partitions; docs/kafka.md says how to add some',
  }),
  KAFKA_REPLICATION_FACTOR: integer({
    min: 1,
    max: 15,
    optional: true,
    doc: 'copies of each message when the topic is made; default: 3, or as many as there are brokers',
  }),
  KAFKA_MIN_INSYNC_REPLICAS: integer({
    min: 1,
    max: 15,
    optional: true,
    doc: 'copies that must be written before a message counts, when the topic is made; default: 2 of 3, else 1',
  }),
  KAFKA_RETENTION_HOURS: integer({
    min: 1,
    max: 87_600,
    default: 168,
    doc: 'hours for which the topic keeps messages, when it is made: how long ClickHouse may be away',
  }),
  KAFKA_CLIENT_ID: text({ default: 'docket', doc: 'how this process calls itself in Kafka’s logs and quotas' }),
  KAFKA_TLS: flag({ default: false, doc: 'whether brokers are spoken to by TLS' }),
  KAFKA_TLS_CA: text({
    optional: true,
    doc: 'a file of certificates (PEM) that sign the brokers’; default: those that Node knows',
  }),
  KAFKA_SASL_MECHANISM: choice({
    of: ['none', 'plain', 'scram-sha-256', 'scram-sha-512'],
    default: 'none',
    doc: 'how brokers ask who one is',
  }),
  KAFKA_SASL_USERNAME: text({ optional: true, doc: 'who one is to the brokers' }),
  KAFKA_SASL_PASSWORD: text({ optional: true, secret: true, doc: 'the password of KAFKA_SASL_USERNAME' }),
};

/** Where files are kept. DATA_DIR holds them when no store is named. */
export const objectStore = { ...objectVariables, DATA_DIR };

/** Which files of messages are kept. */
export const attachments = {
  ATTACHMENT_MAX_MB: integer({
    min: 0,
    max: 100,
    default: 25,
    doc: 'files of messages are kept up to this size; 0 keeps none',
  }),
  ATTACHMENT_TYPES: text({
    default: '*/*',
    doc: 'content types of files that are kept, separated by commas: image/*,application/pdf',
    fix: 'Set it to content types such as image/* or application/pdf, separated by commas.',
  }),
};

/** The limits that these variables mean. */
export function attachmentLimitsOf(config: { ATTACHMENT_MAX_MB: number; ATTACHMENT_TYPES: string }): AttachmentLimits {
  const types = config.ATTACHMENT_TYPES.split(',').map((type) => type.trim().toLowerCase());
  const isAll = types.includes('*/*');
  return { maxBytes: config.ATTACHMENT_MAX_MB * 1_000_000, types: isAll ? [] : types.filter((type) => type !== '') };
}
