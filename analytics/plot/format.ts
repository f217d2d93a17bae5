/** No data. Never 0: a real zero is written 0. */
export const NONE = '–';
const DAY_MS = 86_400_000;

/** What a rise means for the reader; from the metric registry, never from the sign. */
export type Better = 'lower' | 'higher' | null;
export type Delta =
  | { kind: 'none' | 'new' | 'same' }
  | { kind: 'changed'; amount: string; direction: 'up' | 'down'; tone: 'good' | 'bad' | 'flat' };
/** A piece of a figure: `1` and its unit `h`, which is drawn smaller. */
export type Piece = { value: string; unit: string };
export type Format = ReturnType<typeof createFormat>;

/** Every figure that a person reads goes through one of these. `en` reads as written in English, day before month. */
export const createFormat = (locale: string) => {
  const tag = locale === 'en' ? 'en-GB' : locale;
  const integer = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
  // en-GB would write 1.2m, which reads as minutes here.
  const compactNumber = new Intl.NumberFormat(tag.startsWith('en') ? 'en-US' : tag, {
    notation: 'compact',
    maximumFractionDigits: 1,
  });
  const decimals = (n: number) => new Intl.NumberFormat(tag, { minimumFractionDigits: n, maximumFractionDigits: n });
  const [one, two] = [decimals(1), decimals(2)];
  const percent = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 0 });
  const percentOne = new Intl.NumberFormat(tag, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const longUnit = (name: string) => new Intl.NumberFormat(tag, { style: 'unit', unit: name, unitDisplay: 'long' });
  const long = { hour: longUnit('hour'), minute: longUnit('minute') };
  const unit = (name: string) => new Intl.NumberFormat(tag, { style: 'unit', unit: name, unitDisplay: 'narrow' });
  const units = { day: unit('day'), hour: unit('hour'), minute: unit('minute') };
  const date = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, { timeZone: 'UTC', ...options });
  const days = date({ day: 'numeric', month: 'short' });
  const weekdays = date({ weekday: 'short' });
  const fullDays = date({ weekday: 'short', day: 'numeric', month: 'short' });
  const dates = date({ day: 'numeric', month: 'short', year: 'numeric' });
  const moments = date({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

  const count = (n: number | null): string => (n === null ? NONE : integer.format(n));
  /** 12,841 up to a million, then 1.2M: for axes and for places of fixed width. */
  const compact = (n: number): string => (Math.abs(n) < 1_000_000 ? integer.format(n) : compactNumber.format(n));
  const piece = (n: number, name: keyof typeof units): Piece => {
    const parts = units[name].formatToParts(n);
    const pick = (isUnit: boolean) => parts.filter((p) => (p.type === 'unit') === isUnit).map((p) => p.value);
    return { value: pick(false).join('').trim(), unit: pick(true).join('') };
  };
  /** Seconds as hours and minutes, floored: 124h 10m, 38m, <1m (metrics.md 2). */
  const durationPieces = (seconds: number | null): Piece[] => {
    if (seconds === null) return [{ value: NONE, unit: '' }];
    const minutes = Math.floor(seconds / 60);
    if (minutes < 1) {
      const least = piece(1, 'minute');
      return [{ value: `<${least.value}`, unit: least.unit }];
    }
    const rest = piece(minutes % 60, 'minute');
    return minutes < 60 ? [rest] : [piece(Math.floor(minutes / 60), 'hour'), rest];
  };
  const duration = (seconds: number | null): string =>
    durationPieces(seconds)
      .map((p) => p.value + p.unit)
      .join(' ');
  /** A share of 1: 67%, <1%. `fine` keeps one decimal for shares near the whole, where 99.6% is not 100%. */
  const share = (x: number | null, fine = false): string => {
    if (x === null) return NONE;
    if (fine) return percentOne.format(x > 0.999 && x < 1 ? 0.999 : x);
    return x > 0 && x < 0.01 ? `<${percent.format(0.01)}` : percent.format(x);
  };
  const stars = (x: number | null): string => (x === null ? NONE : two.format(x));
  const hour = (h: number | null): string => (h === null ? NONE : `${String(h).padStart(2, '0')}:00`);

  /** Now against before: per cent, or points for ratings. Its arrow is the direction, its colour the `better`. */
  const delta = (now: number | null, before: number | null, better: Better, kind: '%' | 'points' = '%'): Delta => {
    if (now === null || before === null) return { kind: 'none' };
    if (before === 0) return { kind: now === 0 ? 'same' : 'new' };
    const change = kind === '%' ? ((now - before) / Math.abs(before)) * 100 : now - before;
    const size = Math.abs(change);
    const shown = kind === '%' ? (size < 9.95 ? one : integer).format(size) : two.format(size);
    if (size < (kind === '%' ? 0.05 : 0.005)) return { kind: 'same' };
    const amount = kind === 'points' ? shown : size >= 999.5 ? `>${percent.format(9.99)}` : percentOf(shown);
    const direction = change > 0 ? 'up' : 'down';
    if (better === null) return { kind: 'changed', amount, direction, tone: 'flat' };
    return { kind: 'changed', amount, direction, tone: (better === 'higher') === change > 0 ? 'good' : 'bad' };
  };
  // The locale's own place for the sign, around digits that are already rounded.
  const percentOf = (digits: string) =>
    percent
      .formatToParts(0)
      .map((p) => (p.type === 'integer' ? digits : p.value))
      .join('');

  return {
    tag,
    count,
    compact,
    duration,
    durationPieces,
    share,
    stars,
    hour,
    delta,
    /** In a sentence: 4 minutes, 3 hours; floored. */
    longDuration: (seconds: number): string =>
      seconds < 7_200 ? long.minute.format(Math.floor(seconds / 60)) : long.hour.format(Math.floor(seconds / 3_600)),
    /** 22 Nov */
    day: (at: number) => days.format(at),
    /** Sat */
    weekday: (at: number) => weekdays.format(at),
    /** Sat, 22 Nov */
    fullDay: (at: number) => fullDays.format(at).replace(/^(\p{L}+) /u, '$1, '),
    /** 22 Nov 2025 */
    date: (at: number) => dates.format(at),
    /** 22 Nov, 13:42 */
    moment: (at: number) => moments.format(at),
    /** Mon to Sun. 1 January 2024 was a Monday. */
    weekdayNames: Array.from({ length: 7 }, (_, i) => weekdays.format(Date.UTC(2024, 0, 1) + i * DAY_MS)),
    /** A length on an axis, where steps are whole: 30m, 1h, 1d. */
    axisDuration: (seconds: number): string => {
      if (seconds === 0) return count(0);
      const [n, name] = seconds % 86_400 === 0 ? [seconds / 86_400, 'day' as const] : hoursOrMinutes(seconds);
      const { value, unit: letter } = piece(n, name);
      return value + letter;
    },
  };
};

const hoursOrMinutes = (seconds: number): [number, 'hour' | 'minute'] =>
  seconds % 3600 === 0 ? [seconds / 3600, 'hour'] : [Math.floor(seconds / 60), 'minute'];
