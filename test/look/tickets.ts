/** Invented tickets, the same on every run: every figure of a fixture is counted from them, so that they agree. */
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
export const NOW = Date.UTC(2025, 10, 22, 14, 20);
export const MIDNIGHT = NOW - (NOW % DAY);

export type Invented = {
  at: number;
  panel: number;
  staff: number;
  waitS: number | null;
  answeredAt: number;
  replies: number;
  stars: number | null;
};

const shape = [
  42, 30, 22, 18, 16, 20, 30, 45, 62, 78, 90, 98, 105, 110, 120, 138, 162, 190, 220, 230, 205, 160, 110, 70,
];
const week = [1.22, 0.92, 0.86, 0.88, 0.95, 1.12, 1.3]; // Sunday first
export const panelNames = [
  ['Technical help', 0.27],
  ['Billing', 0.19],
  ['Account recovery', 0.14],
  ['Report a player', 0.11],
  ['Ban appeal', 0.085],
  ['Bug report', 0.07],
  ['Partnership', 0.05],
  ['Shop', 0.04],
  ['Feedback', 0.025],
  ['', 0.02],
] as const;
const staff = [0.22, 0.19, 0.16, 0.13, 0.11, 0.09, 0.06, 0.04];
const speed = [0.62, 0.8, 1.1, 0.9, 1.35, 0.75, 1.9, 1.2];
const mood = [4.83, 4.74, 4.58, 4.66, 4.41, 4.7, 4.12, 4.5];

const invent = (): Invented[] => {
  let seed = 42;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const poisson = (mean: number) => {
    let [k, p, rest] = [0, Math.exp(-mean), random()];
    while (rest > p && k < 60) {
      rest -= p;
      k += 1;
      p *= mean / k;
    }
    return k;
  };
  const pick = (weights: readonly number[]) => {
    let rest = random() * weights.reduce((a, b) => a + b, 0);
    const found = weights.findIndex((weight) => {
      rest -= weight;
      return rest <= 0;
    });
    return found < 0 ? weights.length - 1 : found;
  };
  const tickets: Invented[] = [];
  for (let t = NOW - 180 * DAY - (NOW % HOUR); t < NOW; t += HOUR) {
    const moment = new Date(t);
    const isOld = t < NOW - 30 * DAY;
    const rate =
      1.52 * (isOld ? 1.06 : 1) * (week[moment.getUTCDay()] ?? 1) * ((shape[moment.getUTCHours()] ?? 0) / 100);
    for (let i = poisson(rate); i > 0; i -= 1) {
      const at = t + random() * HOUR;
      if (at >= NOW) continue;
      const who = pick(staff);
      const waitS = Math.min(
        216_000,
        Math.exp(Math.log(2_150 * (isOld ? 1.24 : 1) * (speed[who] ?? 1)) + 1.5 * normal()),
      );
      const isAnswered = at + waitS * 1_000 < NOW;
      const isRated = isAnswered && random() < 0.34;
      tickets.push({
        at,
        panel: pick(panelNames.map(([, share]) => share)),
        staff: who,
        waitS: isAnswered ? waitS : null,
        answeredAt: at + waitS * 1_000,
        replies: 1 + poisson(2.4),
        stars: isRated ? Math.max(1, Math.min(5, Math.round((mood[who] ?? 4) + normal() * 0.75))) : null,
      });
    }
  }
  return tickets;
};

export const tickets = invent();
