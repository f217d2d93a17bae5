const units = { d: 86_400_000, h: 3_600_000, m: 60_000 } as const;
type Unit = keyof typeof units;

/** Milliseconds as people write them: `2d 12h`; what is shorter than a minute is `0m`. */
export function durationText(ms: number): string {
  let rest = ms;
  const parts = (Object.keys(units) as Unit[]).flatMap((unit) => {
    const count = Math.floor(rest / units[unit]);
    rest -= count * units[unit];
    return count > 0 ? [`${count}${unit}`] : [];
  });
  return parts.length > 0 ? parts.join(' ') : '0m';
}

/** Reads `2d 12h`, `90m`, `1h30m` in any order, each unit once; null for anything else. */
export function readDuration(text: string): number | null {
  const written = text.trim().toLowerCase();
  if (!/^(\d{1,5}\s*[dhm]\s*)+$/.test(written)) return null;
  let ms = 0;
  const seen = new Set<string>();
  for (const [, count = '', unit = ''] of written.matchAll(/(\d{1,5})\s*([dhm])/g)) {
    if (seen.has(unit)) return null;
    seen.add(unit);
    ms += Number(count) * units[unit as Unit];
  }
  return ms;
}
