/** The colours of one theme by role, never by hue. Contrast is proven by tokens.test.ts. */
export type Tokens = typeof light;

export const light = {
  bg: '#F7F8FB',
  card: '#FFFFFF',
  sunken: '#F1F3F8',
  line: '#E2E5EE',
  control: '#868DA8',
  text: '#1A1E33',
  muted: '#575D78',
  faint: '#676D88',
  primary: '#252B4C',
  onPrimary: '#FFFFFF',
  link: '#45509B',
  active: '#E8ECFB',
  focus: '#5966C0',
  good: '#0B6E69',
  goodBg: '#E2F3F1',
  bad: '#A93A12',
  badBg: '#FCEBE3',
  warn: '#7A5200',
  warnBg: '#FBF1DA',
  info: '#45509B',
  infoBg: '#E8ECFB',
  series: '#4D5AAF',
  seriesSoft: '#818ECE',
  previous: '#777D96',
  grid: '#ECEEF4',
  axis: '#C9CEDC',
  track: '#EDEFF6',
};

export const dark: Tokens = {
  bg: '#10121E',
  card: '#171A2A',
  sunken: '#1E2236',
  line: '#292E45',
  control: '#737A98',
  text: '#E9EBF4',
  muted: '#A7ADC6',
  faint: '#8D94B0',
  primary: '#5966C0',
  onPrimary: '#FFFFFF',
  link: '#AEBBF1',
  active: '#262C4E',
  focus: '#AEBBF1',
  good: '#5FCFC0',
  goodBg: '#14302F',
  bad: '#FF9C73',
  badBg: '#3A2119',
  warn: '#E8BC5C',
  warnBg: '#33290F',
  info: '#AEBBF1',
  infoBg: '#262C4E',
  series: '#8D9CE6',
  seriesSoft: '#5966C0',
  previous: '#868DA9',
  grid: '#22263A',
  axis: '#3A4060',
  track: '#22263B',
};

/** Step 0 is exactly zero; 1 to 7 are equal ranges up to the maximum. More is always further from the card. */
export const sequential = {
  light: ['#F1F3F8', '#E0E5F8', '#C4CDF3', '#A3B0EB', '#8190DA', '#6371C3', '#4855A0', '#252B4C'],
  dark: ['#1F2337', '#2A3158', '#363F72', '#434E8C', '#5966C0', '#7988DB', '#A0AEF0', '#D5DCFB'],
};

/** One OKLCH hue (274), ending at the brand colour; Mantine's tuple with primaryShade { light: 9, dark: 6 }. */
export const docketTuple = [
  '#F4F6FE',
  '#E8ECFB',
  '#D0D8F8',
  '#AEBBF1',
  '#8D9CE6',
  '#707FD8',
  '#5966C0',
  '#45509B',
  '#343D73',
  '#252B4C',
] as const;

/** What an ECharts option needs to know of a theme; `size` is the axis text in px and the measure of everything else. */
export type Palette = {
  text: string;
  muted: string;
  card: string;
  grid: string;
  axis: string;
  series: string;
  soft: string;
  previous: string;
  sequential: readonly string[];
  font: string;
  size: number;
};

const web = (tokens: Tokens, ramp: readonly string[]): Palette => ({
  text: tokens.text,
  muted: tokens.muted,
  card: tokens.card,
  grid: tokens.grid,
  axis: tokens.axis,
  series: tokens.series,
  soft: tokens.seriesSoft,
  previous: tokens.previous,
  sequential: ramp,
  font: 'Inter Variable, Inter, system-ui, sans-serif',
  size: 11.5,
});

export const palettes = { light: web(light, sequential.light), dark: web(dark, sequential.dark) };

/** The picture in Discord stands on the embed's own grey, so it looks the same in every Discord theme. */
export const discord = {
  text: '#F2F3F5',
  muted: '#B5BAC1',
  card: '#2B2D31',
  grid: '#383A40',
  axis: '#4E5058',
  series: '#8D9CE6',
  soft: '#4A5490',
  previous: '#C4C9D0',
  sequential: sequential.dark,
  good: '#5FCFC0',
  bad: '#FF9C73',
  font: 'Inter',
  size: 23,
} satisfies Palette & { good: string; bad: string };
