/**
 * Where sealed files are kept: a folder or an S3-compatible store. Keys are made of lower-case letters, digits, `-`, `_` and `.`, in parts between
 * slashes. Every function throws ObjectStoreError when the store does not do what it is asked, after its own retries.
 */
export type Objects = {
  /** Keeps bytes under a key, instead of what was there; durable when it resolves. */
  put(key: string, bytes: Buffer): Promise<void>;
  /** The bytes; null when there are none. More than `maxBytes` is an error. */
  get(key: string, o: { maxBytes: number }): Promise<Buffer | null>;
  /** Removes what is there; nothing there is no error. */
  delete(key: string): Promise<void>;
  /** Where it is, for people: without secrets. */
  readonly place: string;
};

/** The store did not answer, or refused. Holds no address and no key of the store. */
export class ObjectStoreError extends Error {
  /** S3's own code (`NoSuchBucket`, `SignatureDoesNotMatch`, …), the system's (`ENOSPC`), or `http` with a status. */
  readonly code: string;
  constructor(code: string, message: string, o?: ErrorOptions) {
    super(message, o);
    this.name = 'ObjectStoreError';
    this.code = code;
  }
}

/** Refuses a key that could leave its place. A wrong key is a mistake in the program. */
export function checkKey(key: string): void {
  const isPlain = /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/.test(key);
  if (!isPlain || key.length > 500) throw new Error('an object’s key may not be like this');
}
