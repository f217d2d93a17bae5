import { ConfigError } from './runtime/config.ts';
import { roleNames, runRole } from './roles/names.ts';

const [role = '', ...args] = process.argv.slice(2);

/** Tells a person what is wrong and ends: 2 means that nothing was attempted. */
function refuse(lines: readonly string[]): never {
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(2);
}

if (!Object.hasOwn(roleNames, role)) {
  const width = Math.max(...Object.keys(roleNames).map((name) => name.length));
  refuse([
    role === '' ? 'Say which role to run: npm run -s docket -- <role>' : `There is no role "${role}". The roles are:`,
    ...Object.entries(roleNames).map(([name, doc]) => `  ${name.padEnd(width)}  ${doc}`),
  ]);
}

try {
  await runRole(role as keyof typeof roleNames, args);
} catch (error) {
  if (error instanceof ConfigError) refuse(error.problems.map((problem) => `- ${problem}`));
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
