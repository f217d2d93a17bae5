import { describe, expect, it } from 'vitest';
import { contrast } from './contrast.ts';
import { dark, discord, light, sequential, type Tokens } from './tokens.ts';

type Pair = readonly [keyof Tokens, keyof Tokens];
const words: Pair[] = [
  ['text', 'card'],
  ['text', 'bg'],
  ['text', 'warnBg'],
  ['text', 'badBg'],
  ['muted', 'card'],
  ['muted', 'bg'],
  ['muted', 'sunken'],
  ['faint', 'card'],
  ['faint', 'bg'],
  ['link', 'card'],
  ['link', 'bg'],
  ['link', 'active'],
  ['onPrimary', 'primary'],
  ['good', 'card'],
  ['good', 'goodBg'],
  ['bad', 'card'],
  ['bad', 'badBg'],
  ['warn', 'warnBg'],
  ['info', 'infoBg'],
];
const graphics: Pair[] = [
  ['control', 'card'],
  ['focus', 'card'],
  ['focus', 'bg'],
  ['series', 'card'],
  ['series', 'track'],
  ['seriesSoft', 'card'],
  ['previous', 'card'],
];

describe.each([
  ['light', light, sequential.light],
  ['dark', dark, sequential.dark],
])('the %s theme', (_, tokens, ramp) => {
  it.each(words)('shows %s on %s at 4.5:1 or more', (front, back) => {
    expect(contrast(tokens[front], tokens[back])).toBeGreaterThanOrEqual(4.5);
  });
  it.each(graphics)('draws %s on %s at 3:1 or more', (front, back) => {
    expect(contrast(tokens[front], tokens[back])).toBeGreaterThanOrEqual(3);
  });
  it('moves every step of the ramp further from the card', () => {
    const steps = ramp.map((colour) => contrast(colour, tokens.card));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(new Set(ramp).size).toBe(8);
  });
  it('can write the peak on the last step of the ramp', () => {
    expect(contrast(ramp[7] ?? '', tokens.card)).toBeGreaterThanOrEqual(4.5);
  });
});

it('reads in Discord', () => {
  for (const colour of [discord.text, discord.muted, discord.good, discord.bad]) {
    expect(contrast(colour, discord.card)).toBeGreaterThanOrEqual(4.5);
  }
  for (const colour of [discord.series, discord.previous]) {
    expect(contrast(colour, discord.card)).toBeGreaterThanOrEqual(3);
  }
});

it('measures contrast as WCAG does', () => {
  expect(contrast('#FFFFFF', '#000000')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#FFFFFF')).toBeCloseTo(4.48, 2);
});
