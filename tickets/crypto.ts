import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import QuickLRU from 'quick-lru';

// Layout of everything sealed: version (1), nonce (12), tag (16), ciphertext. A wrapped key has the wrapping key's name (4) in front.
const format = 1;
const nonceBytes = 12;
const tagBytes = 16;
const nameBytes = 4;
const keyBytes = 32;
// A key is 32 bytes and its wrapped form 65: 20,000 of them are a few megabytes and cover every open ticket of a large cluster.
const cachedKeys = 20_000;

/** What a sealed value belongs to. It is authenticated with the value, so a ciphertext moved elsewhere does not open. */
export type Place = { guildId: string; ticketId: number; row: string };

/** Seals and opens the data keys of tickets. Made once per process from ENCRYPTION_KEY. */
export type Keyring = {
  /** A fresh data key, and its form for the database. */
  create(guildId: string, ticketId: number): { key: KeyObject; wrapped: Buffer };
  /** @throws if no configured key wrapped it, or if it belongs to another ticket */
  open(guildId: string, ticketId: number, wrapped: Buffer): KeyObject;
};

const placeOf = (place: Place): Buffer => Buffer.from(`${place.guildId}/${place.ticketId}/${place.row}`);

function encrypt(key: KeyObject, place: Place, plain: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(placeOf(place));
  const body = cipher.update(plain);
  const rest = cipher.final();
  return Buffer.concat([Buffer.of(format), nonce, cipher.getAuthTag(), body, rest]);
}

function decrypt(key: KeyObject, place: Place, sealed: Buffer): Buffer {
  if (sealed[0] !== format) throw new Error(`unknown format ${sealed[0]} of a sealed value`);
  const tagAt = 1 + nonceBytes;
  const bodyAt = tagAt + tagBytes;
  const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, tagAt), { authTagLength: tagBytes });
  cipher.setAAD(placeOf(place));
  cipher.setAuthTag(sealed.subarray(tagAt, bodyAt));
  return Buffer.concat([cipher.update(sealed.subarray(bodyAt)), cipher.final()]);
}

/** Seals a text under a ticket's key. */
export function seal(key: KeyObject, place: Place, plain: string): Buffer {
  return encrypt(key, place, Buffer.from(plain));
}

/**
 * Opens what `seal` made.
 * @throws if the key, the place or a single bit differs
 */
export function unseal(key: KeyObject, place: Place, sealed: Buffer): string {
  return decrypt(key, place, sealed).toString();
}

/** Seals a file under a ticket's key. The result is 29 bytes longer. */
export function sealBytes(key: KeyObject, place: Place, plain: Buffer): Buffer {
  return encrypt(key, place, plain);
}

/**
 * Opens what `sealBytes` made.
 * @throws if the key, the place or a single bit differs
 */
export function unsealBytes(key: KeyObject, place: Place, sealed: Buffer): Buffer {
  return decrypt(key, place, sealed);
}

/** By how much sealing makes a file longer. */
export const sealedExtraBytes = 1 + nonceBytes + tagBytes;

/**
 * Builds the keyring from ENCRYPTION_KEY: 32-byte keys in base64 or hex, separated by commas, newest first. The first wraps,
 * all unwrap.
 * @throws if a key has another length
 */
export function createKeyring(list: string): Keyring {
  const masters = list
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text, i) => {
      const raw = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
      if (raw.length !== keyBytes)
        throw new Error(`key ${i + 1} of ENCRYPTION_KEY has ${raw.length} bytes, not ${keyBytes}`);
      return { name: createHash('sha256').update(raw).digest().subarray(0, nameBytes), key: createSecretKey(raw) };
    });
  const newest = masters[0];
  if (!newest) throw new Error('ENCRYPTION_KEY holds no key');
  // Keyed by the wrapped form, which is read together with the ticket: a destroyed key is never found here again.
  const opened = new QuickLRU<string, KeyObject>({ maxSize: cachedKeys });
  const place = (guildId: string, ticketId: number): Place => ({ guildId, ticketId, row: 'key' });
  return {
    create(guildId, ticketId) {
      const raw = randomBytes(keyBytes);
      return {
        key: createSecretKey(raw),
        wrapped: Buffer.concat([newest.name, encrypt(newest.key, place(guildId, ticketId), raw)]),
      };
    },
    open(guildId, ticketId, wrapped) {
      const cacheKey = `${guildId}/${ticketId}/${wrapped.toString('latin1')}`;
      const known = opened.get(cacheKey);
      if (known) return known;
      const name = wrapped.subarray(0, nameBytes);
      const master = masters.find((one) => one.name.equals(name));
      if (!master) throw new Error(`no key of ENCRYPTION_KEY opens the key of ticket ${ticketId}`);
      const raw = decrypt(master.key, place(guildId, ticketId), wrapped.subarray(nameBytes));
      const key = createSecretKey(raw);
      opened.set(cacheKey, key);
      return key;
    },
  };
}
