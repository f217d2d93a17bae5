/** npm run bench [row …]: the speeds of design.md 10, as one table. Rows: gateway ack opens scale messages kafka analytics start deploy fleet. */
import { availableParallelism, loadavg } from 'node:os';
import { printLine } from '#runtime/stdout.ts';
import { benchAnalytics } from './analytics.ts';
import { type Bed, makeBed } from './bed.ts';
import { benchDeploy } from './deploy.ts';
import { benchFleet } from './fleet.ts';
import { benchGateway } from './gateway.ts';
import { benchKafka, benchMessages } from './messages.ts';
import { benchOpens } from './opens.ts';
import { benchScale } from './scale.ts';
import { benchAck, benchStart } from './stack.ts';
import { type Row, tableOf } from './table.ts';

const onBed = (bench: (bed: Bed) => Promise<Row | Row[]>) => async (): Promise<Row[]> => {
  const bed = await makeBed();
  try {
    return [await bench(bed)].flat();
  } finally {
    await bed.close();
  }
};
const benches: Record<string, () => Promise<Row[]>> = {
  gateway: async () => [await benchGateway()].flat(),
  ack: async () => [await benchAck()],
  opens: onBed(benchOpens),
  scale: onBed(benchScale),
  messages: onBed(benchMessages),
  kafka: onBed(benchKafka),
  analytics: onBed(benchAnalytics),
  start: async () => [await benchStart()],
  deploy: benchDeploy,
  fleet: benchFleet,
};

const wanted = process.argv.slice(2).filter((one) => !one.startsWith('--'));
const unknown = wanted.filter((one) => !(one in benches));
if (unknown.length > 0) {
  printLine(`No such row: ${unknown.join(', ')}. Rows: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}
// Others on the machine take processor time that the figures then lack.
const load = (): string => loadavg()[0]?.toFixed(1) ?? '';
const loadBefore = load();
const rows: Row[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  printLine(`${name} …`);
  rows.push(...(await bench()));
}
printLine(tableOf(rows));
printLine(
  `${availableParallelism()} processors, load ${loadBefore} before and ${load()} after, the bench's own included`,
);
process.exitCode = rows.every((row) => row.holds) ? 0 : 1;
