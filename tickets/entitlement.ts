import { AppError } from './errors.ts';

/** Who has every feature: everyone in this installation, or the servers that were entitled until some moment (features.md 1.12). */
export const premiumModes = ['everyone', 'entitled'] as const;
export type PremiumMode = (typeof premiumModes)[number];

/** What premium opens. Its name in words is the locale key `premium.<feature>`. */
export const premiumFeatures = ['panels', 'commandPrefix', 'primaryColour', 'footerText', 'autocloseTimers'] as const;
export type PremiumFeature = (typeof premiumFeatures)[number];

/** Whether a server has every feature at `now`. `entitledUntil` is the last moment (ms) that it was granted for, null when never. */
export function isEntitled(mode: PremiumMode, entitledUntil: number | null, now: number): boolean {
  return mode === 'everyone' || (entitledUntil !== null && now <= entitledUntil);
}

/** Throws `premium.required` naming the feature, where a server is not entitled to it now. */
export function mustBeEntitled(
  ctx: { readonly premium: PremiumMode; now(): number },
  guild: { readonly entitledUntil: number | null },
  feature: PremiumFeature,
): void {
  if (!isEntitled(ctx.premium, guild.entitledUntil, ctx.now())) throw new AppError('premium.required', { feature });
}
