import { type CSSVariablesResolver, createTheme } from '@mantine/core';
import { dark, docketTuple, light, sequential, type Tokens } from '#analytics/plot/tokens.ts';

const font = "'Inter Variable', Inter, system-ui, 'Noto Sans', 'Noto Sans JP', 'Noto Sans Arabic', sans-serif";

export const theme = createTheme({
  fontFamily: font,
  fontFamilyMonospace: "ui-monospace, 'DejaVu Sans Mono', monospace",
  colors: { docket: [...docketTuple] },
  primaryColor: 'docket',
  primaryShade: { light: 9, dark: 6 },
  defaultRadius: 6,
  respectReducedMotion: true,
  cursorType: 'pointer',
});

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const roles = (tokens: Tokens, ramp: readonly string[]): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(tokens).map(([name, colour]) => [`--${kebab(name)}`, colour])),
  ...Object.fromEntries(ramp.map((colour, step) => [`--seq-${step}`, colour])),
  '--mantine-color-body': tokens.bg,
  '--mantine-color-text': tokens.text,
  '--mantine-color-dimmed': tokens.muted,
  '--mantine-color-default-border': tokens.line,
});

/** The tokens as CSS variables, one per role: `onPrimary` is `--on-primary`. Components use these alone. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--font': font },
  light: roles(light, sequential.light),
  dark: roles(dark, sequential.dark),
});
