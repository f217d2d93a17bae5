import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkSignature, readPublicKey, signedWithinMs } from './signature.ts';

const at = 1_760_000_000;
const now = at * 1_000;
const timestamp = String(at);
const body = Buffer.from('{"type":1,"text":"Grüße"}');

function person() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const hex = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  return { hex, sign: (text: string) => sign(null, Buffer.from(text), privateKey).toString('hex') };
}
const discord = person();
const key = readPublicKey(discord.hex);
const signature = discord.sign(timestamp + body.toString());

// The third test of RFC 8032, 7.1, whose message is the bytes af 82: a key that another implementation wrote.
test('a key in hexadecimal digits is the key of RFC 8032', () => {
  const known = readPublicKey('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025');
  expect(known.asymmetricKeyType).toBe('ed25519');
  expect(known.export({ format: 'jwk' }).x).toBe('_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU');
});

describe('a signature', () => {
  test('of Discord is right', () => {
    expect(checkSignature(key, { signature, timestamp, body, now })).toBe('right');
    expect(checkSignature(key, { signature: signature.toUpperCase(), timestamp, body, now })).toBe('right');
  });

  test.each([
    ['with another body', { body: Buffer.from('{"type":2,"text":"Grüße"}') }],
    ['with another timestamp', { timestamp: String(at + 1) }],
    ['with the border between timestamp and body moved', { timestamp: timestamp.slice(0, -1) }],
    ['by somebody else', { signature: person().sign(timestamp + body.toString()) }],
    ['with one bit changed', { signature: `${signature.slice(0, -1)}${signature.endsWith('0') ? '1' : '0'}` }],
    ['that is too short', { signature: signature.slice(2) }],
    ['that is no hexadecimal text', { signature: 'z'.repeat(128) }],
    ['that is missing', { signature: undefined }],
    ['without a timestamp', { timestamp: undefined }],
    ['with a timestamp that is no number', { timestamp: '1e9' }],
  ])('%s is wrong', (_, changed) => {
    expect(checkSignature(key, { signature, timestamp, body, now, ...changed })).toBe('wrong');
  });

  test.each([
    [signedWithinMs, 'right'],
    [-signedWithinMs, 'right'],
    [signedWithinMs + 1, 'stale'],
    [-signedWithinMs - 1, 'stale'],
  ])('seen %i ms after its time is %s', (ms, verdict) => {
    expect(checkSignature(key, { signature, timestamp, body, now: now + ms })).toBe(verdict);
  });
});

test.each(['', 'abc', 'z'.repeat(64), 'a'.repeat(63)])('"%s" is no public key', (text) => {
  expect(() => readPublicKey(text)).toThrow(RangeError);
});
