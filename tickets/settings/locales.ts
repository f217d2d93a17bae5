/** Languages that Docket speaks completely; each has a file in locales/, and a test there holds the two lists together. */
export const locales = ['en', 'de', 'ar', 'ja'] as const;
