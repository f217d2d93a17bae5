import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/**
 * How far the time of a signature may be from this machine's. Discord names no bound (discord-api-docs#6209). An interaction that nobody
 * answered in 3 s is dead, so seconds would do; the rest of the minute is for a clock that is off, which would refuse every interaction.
 */
export const signedWithinMs = 60_000;

/** What a signature is worth: `stale` is right, but of another time. */
export type Verdict = 'right' | 'wrong' | 'stale';

/** An application's public key as Discord writes it: 64 hexadecimal digits. Throws RangeError when it is no such key. */
export function readPublicKey(hex: string): KeyObject {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new RangeError('A public key has 64 hexadecimal digits.');
  const x = Buffer.from(hex, 'hex').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

/**
 * Checks that Discord sent a request: Ed25519 over the timestamp's text and the raw body.
 * https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint
 * @param signed `signature` and `timestamp` (s) are the headers X-Signature-Ed25519 and X-Signature-Timestamp, `now` is in ms
 */
export function checkSignature(
  key: KeyObject,
  signed: { signature: string | undefined; timestamp: string | undefined; body: Uint8Array; now: number },
): Verdict {
  const { signature = '', timestamp = '', body, now } = signed;
  // Nothing is computed for what cannot be a signature.
  if (!/^[0-9a-f]{128}$/i.test(signature) || !/^\d{1,12}$/.test(timestamp)) return 'wrong';
  const message = Buffer.concat([Buffer.from(timestamp), body]);
  if (!verify(null, message, key, Buffer.from(signature, 'hex'))) return 'wrong';
  return Math.abs(now - Number(timestamp) * 1_000) > signedWithinMs ? 'stale' : 'right';
}
