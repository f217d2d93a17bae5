/** The lowest round top that two to four equal round steps reach: 59 gives 75 in steps of 25. Whole numbers only. */
export const countScale = (max: number): { min: 0; max: number; interval: number } => {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, max)));
  const steps = [0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5].map((m) => m * magnitude).filter((n) => n >= 1 && n % 1 === 0);
  const candidates = steps.flatMap((step) => [2, 3, 4].map((parts) => ({ top: step * parts, step })));
  const fitting = candidates.filter(({ top }) => top >= max).sort((a, b) => a.top - b.top || b.step - a.step);
  const { top, step } = fitting[0] ?? { top: max, step: max };
  return { min: 0, max: top, interval: step };
};
