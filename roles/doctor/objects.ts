import { randomBytes } from 'node:crypto';
import { type Objects, ObjectStoreError } from '#runtime/objects/objects.ts';
import type { Finding } from '../doctor.ts';

/** What to do about a store that refuses, by its code; every other one is about the address or the network. */
const fixes: Record<string, string> = {
  SignatureDoesNotMatch: 'Correct the secret key, and the region of OBJECT_STORE_URL.',
  InvalidAccessKeyId: 'Correct the access key of the object store.',
  AccessDenied: 'Let these keys put, get and delete objects in the bucket.',
  NoSuchBucket: 'Make the bucket, or correct OBJECT_STORE_URL.',
  EACCES: 'Let this user write there, or correct OBJECT_STORE_URL.',
  ENOSPC: 'Make room.',
};

/** Files can be put, read and taken away. */
export async function checkObjects(objects: Objects): Promise<Finding[]> {
  const key = `doctor/${randomBytes(8).toString('hex')}`;
  const bytes = randomBytes(32);
  try {
    await objects.put(key, bytes);
    const read = await objects.get(key, { maxBytes: 100 });
    await objects.delete(key);
    if (read?.equals(bytes)) return [{ kind: 'ok', what: `Files are kept in ${objects.place}` }];
    const fix = 'Let OBJECT_STORE_URL name a store that is consistent after a write.';
    return [{ kind: 'wrong', what: `Files: ${objects.place} did not give back what was put there`, fix }];
  } catch (error) {
    if (!(error instanceof ObjectStoreError)) throw error;
    const fix = fixes[error.code] ?? 'Look at the network, or correct OBJECT_STORE_URL.';
    return [{ kind: 'wrong', what: `Files in ${objects.place}: ${error.message}`, fix }];
  }
}
