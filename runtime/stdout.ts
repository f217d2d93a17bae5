/** Writes one line to standard output: what a role answers to a person or a script. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
