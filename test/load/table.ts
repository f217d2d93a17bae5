/** One line of the bench's table. */
export type Row = { what: string; measured: string; budget: string; holds: boolean };

/** The table as text, columns aligned. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.what, row.measured, row.budget, row.holds ? 'holds' : 'MISSED']);
  const all = [['what', 'measured', 'budget', ''], ...cells];
  const widths = all[0]?.map((_, i) => Math.max(...all.map((line) => line[i]?.length ?? 0))) ?? [];
  return all
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
