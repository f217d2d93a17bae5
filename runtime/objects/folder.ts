import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkKey, type Objects, ObjectStoreError } from './objects.ts';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';
const failure = (what: string, error: unknown): ObjectStoreError =>
  new ObjectStoreError(codeOf(error), `The folder of objects could not ${what}: ${codeOf(error)}`, { cause: error });

/** Writes a file so that it is there as a whole or not at all, whatever is killed meanwhile. */
async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const aside = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    const file = await open(aside, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}

/** Keeps objects as files below a folder, each readable by this user alone. */
export function createFolderObjects(folder: string): Objects {
  const pathOf = (key: string): string => {
    checkKey(key);
    return join(folder, key);
  };
  return {
    place: folder,
    async put(key, bytes) {
      await writeWhole(pathOf(key), bytes).catch((error: unknown) => {
        throw failure('be written', error);
      });
    },
    async get(key, { maxBytes }) {
      const path = pathOf(key);
      try {
        const { size } = await stat(path);
        if (size > maxBytes)
          throw new ObjectStoreError('too-large', `An object has ${size} bytes, more than asked for`);
        return await readFile(path);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw error instanceof ObjectStoreError ? error : failure('be read', error);
      }
    },
    async delete(key) {
      await rm(pathOf(key), { force: true }).catch((error: unknown) => {
        throw failure('be cleared', error);
      });
    },
  };
}
