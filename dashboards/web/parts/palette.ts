import { useComputedColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type Palette, palettes } from '#analytics/plot/tokens.ts';

/** The colours of the theme in use, for charts. */
export const usePalette = (): Palette => palettes[useComputedColorScheme('light', { getInitialValueInEffect: false })];

/** Whether the page is as narrow as a phone: charts then take fewer labels. */
export const useIsPhone = (): boolean =>
  useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false }) ?? false;
