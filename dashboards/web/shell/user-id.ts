/** The id in what somebody typed or pasted: digits, or a mention (`<@!123>`); null when it is none. */
export const userIdIn = (text: string): string | null => {
  const digits = text.trim().match(/^<@!?(\d+)>$/)?.[1] ?? text.trim();
  return /^[1-9]\d{16,18}$/.test(digits) ? digits : null;
};

/** What remains in the field while typing or pasting: digits alone. */
export const onlyDigits = (text: string): string => text.replace(/\D/g, '').slice(0, 19);
