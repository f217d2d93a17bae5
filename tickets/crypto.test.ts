import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createKeyring, seal, unseal } from './crypto.ts';

const master = (): string => randomBytes(32).toString('base64');
const place = { guildId: '100000000000000001', ticketId: 1_000, row: 'message/1' };

describe('sealed texts', () => {
  const { key } = createKeyring(master()).create(place.guildId, place.ticketId);

  test('come back as they were, and never look the same twice', () => {
    const text = 'Grüße 👋\u0000';
    const [one, other] = [seal(key, place, text), seal(key, place, text)];
    expect(unseal(key, place, one)).toBe(text);
    expect(one.equals(other)).toBe(false);
    expect(one.includes(Buffer.from('Grüße'))).toBe(false);
  });

  test.each([
    ['another server', { ...place, guildId: '100000000000000002' }],
    ['another ticket', { ...place, ticketId: 1_001 }],
    ['another row', { ...place, row: 'message/2' }],
  ])('do not open as if they belonged to %s', (_, wrong) => {
    const sealed = seal(key, place, 'secret');
    expect(() => unseal(key, wrong, sealed)).toThrow();
  });

  test('do not open with a single bit changed, with another key, or in another format', () => {
    const sealed = seal(key, place, 'secret');
    for (const at of [0, 1, 13, sealed.length - 1]) {
      const damaged = Buffer.from(sealed);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      expect(() => unseal(key, place, damaged)).toThrow();
    }
    const { key: other } = createKeyring(master()).create(place.guildId, place.ticketId);
    expect(() => unseal(other, place, sealed)).toThrow();
  });
});

describe('the keyring', () => {
  test('opens what any of its keys wrapped, so that a new first key can be added', () => {
    const [old, newest] = [master(), master()];
    const { key, wrapped } = createKeyring(old).create(place.guildId, place.ticketId);
    const rotated = createKeyring(`${newest}, ${old}`);
    expect(unseal(rotated.open(place.guildId, place.ticketId, wrapped), place, seal(key, place, 'x'))).toBe('x');
    const fresh = rotated.create(place.guildId, place.ticketId);
    expect(() => createKeyring(old).open(place.guildId, place.ticketId, fresh.wrapped)).toThrow(
      'no key of ENCRYPTION_KEY',
    );
  });

  test('does not open the key of another ticket, even one it has just opened', () => {
    const keys = createKeyring(master());
    const { wrapped } = keys.create(place.guildId, place.ticketId);
    keys.open(place.guildId, place.ticketId, wrapped);
    expect(() => keys.open(place.guildId, place.ticketId + 1, wrapped)).toThrow();
  });

  test('takes 32 bytes in base64 or hex, and says which key is wrong', () => {
    expect(() => createKeyring(randomBytes(32).toString('hex'))).not.toThrow();
    expect(() => createKeyring(`${master()},c2hvcnQ=`)).toThrow('key 2 of ENCRYPTION_KEY has 5 bytes');
    expect(() => createKeyring(' , ')).toThrow('holds no key');
  });
});
