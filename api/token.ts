import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret of 256 bits that fits a cookie or an address. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** What is kept of a secret: its SHA-256, which lets nobody in. A secret of 256 random bits needs no salt and no slow hash. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Whether two secrets are the same, in a time that does not tell how much of them is. */
export const isSameToken = (given: string, known: string): boolean =>
  timingSafeEqual(hashToken(given), hashToken(known));
