/** The lowest round top that two to four equal round steps reach: 59 gives 75 in steps of 25. Whole numbers only. */
export const countScale = (max: number): { min: 0; max: number; interval: number } => {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, max)));
  const steps = [0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5].map((m) => m * magnitude).filter((n) => n >= 1 && n % 1 === 0);
  const candidates = steps.flatMap((step) => [2, 3, 4].map((parts) => ({ top: step * parts, step })));
  const fitting = candidates.filter(({ top }) => top >= max).sort((a, b) => a.top - b.top || b.step - a.step);
  const { top, step } = fitting[0] ?? { top: max, step: max };
  return { min: 0, max: top, interval: step };
};

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const roundSteps = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 4, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100].map((n) => n * DAY),
];

/** The same for seconds: steps that people count time in, 30m, 1h, 1d. */
export const durationScale = (maxS: number): { min: 0; max: number; interval: number } => {
  const candidates = roundSteps.flatMap((step) => [2, 3, 4].map((parts) => ({ top: step * parts, step })));
  const fitting = candidates.filter(({ top }) => top >= maxS).sort((a, b) => a.top - b.top || b.step - a.step);
  const { top, step } = fitting[0] ?? { top: maxS, step: maxS };
  return { min: 0, max: top, interval: step };
};
