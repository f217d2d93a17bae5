/**
 * Rows are spread by the hash of what their key begins with: FINAL merges rows of one key only where they lie together, so all of them must be
 * on one shard (https://clickhouse.com/docs/engines/table-engines/special/distributed#distributed-writing-data). The id itself would not do: the low
 * 22 bits of a server's snowflake are nearly always the same, and `guild_id % 2` puts every server on one shard.
 */
const shardingKeys: Readonly<Record<string, string>> = {
  event: 'intHash64(guild_id)',
  ticket: 'intHash64(guild_id)',
  dead_letter: 'cityHash64(row)',
  schema_migration: 'cityHash64(name)',
};

/** Where statements are for: one server, or a cluster by its name in `remote_servers`, and the database on each of its hosts. */
export type Target = { readonly cluster: string | null; readonly database: string };

const createTable = /^CREATE TABLE IF NOT EXISTS (\w+) \(/;
const alterTable = /^ALTER TABLE (\w+) (.*)$/s;
const columnAction = /^(?:ADD|DROP|MODIFY|RENAME|COMMENT) COLUMN IF (?:NOT )?EXISTS /;

/**
 * A migration's statements, one at a time as ClickHouse takes them; comments may hold semicolons. On a cluster a table T becomes T_local on every host
 * and T, Distributed over them. Throws for a statement that has no such form yet.
 */
export function statementsOf(text: string, target: Target): string[] {
  const statements = text
    .replace(/^\s*--.*$/gm, '')
    .replaceAll('{engine}', target.cluster === null ? '' : 'Replicated')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
  const { cluster } = target;
  return cluster === null ? statements : statements.flatMap((one) => onCluster(one, { ...target, cluster }));
}

function onCluster(statement: string, o: { cluster: string; database: string }): string[] {
  const [, created] = createTable.exec(statement) ?? [];
  if (created) {
    const key = shardingKeys[created];
    if (!key) throw new Error(`the table ${created} has no sharding key`);
    return [
      withoutDeduplication(statement.replace(createTable, `CREATE TABLE IF NOT EXISTS ${created}_local (`)),
      `CREATE TABLE IF NOT EXISTS ${created} AS ${created}_local ENGINE = Distributed('${checkedCluster(o.cluster)}', '${o.database}', '${created}_local', ${key})`,
    ];
  }
  const [, altered, action = ''] = alterTable.exec(statement) ?? [];
  // Rows are in T_local; T knows columns and nothing else. The second of two may have been cut off: each must bear being repeated.
  if (altered && columnAction.test(action)) {
    return [`ALTER TABLE ${altered}_local ${action}`, `ALTER TABLE ${altered} ${action}`];
  }
  if (altered && /^(?:ADD|DROP) INDEX IF (?:NOT )?EXISTS |^MODIFY (?:TTL|SETTING) /.test(action)) {
    return [`ALTER TABLE ${altered}_local ${action}`];
  }
  throw new Error(`this statement has no form for a cluster: ${statement.slice(0, 80)}`);
}

/**
 * A Replicated table drops, without a word, a block that it took within the last hour
 * (https://clickhouse.com/docs/operations/settings/merge-tree-settings#replicated_deduplication_window). One server does not, and a rebuild that
 * writes the same rows again must count; doubles are the engine's to replace.
 */
function withoutDeduplication(statement: string): string {
  const own = 'replicated_deduplication_window = 0';
  return /\bSETTINGS\b/.test(statement) ? `${statement}, ${own}` : `${statement}\nSETTINGS ${own}`;
}

/** Refuses what is no plain name of a cluster, so that a configured one cannot change a statement. */
export function checkedCluster(name: string): string {
  if (!/^[\w-]+$/.test(name)) throw new Error(`not a cluster's name: ${name}`);
  return name;
}
