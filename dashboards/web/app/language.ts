import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { createFormat, type Format } from '#analytics/plot/format.ts';
import type { TextKey } from './i18n.ts';

export type Text = (key: TextKey, values?: Record<string, string | number>) => string;

/** The reader's words and number formats. */
export const useLanguage = (): { t: Text; f: Format } => {
  const { t, i18n } = useTranslation();
  const f = useMemo(() => createFormat(i18n.language), [i18n.language]);
  const text: Text = (key, values) => t(key, values ?? {});
  return { t: text, f };
};
