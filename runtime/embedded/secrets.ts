import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a machine of one's own needs to keep secret and nobody has to type. */
export type Secrets = {
  readonly postgresPassword: string;
  /** 32 bytes in base64, as ENCRYPTION_KEY wants them. Who loses it loses what tickets say. */
  readonly encryptionKey: string;
};

/**
 * Reads the data folder's secrets; makes them the first time, readable by their owner alone. Throws when the file is there but
 * cannot be read: fresh secrets would lock the databases that the old ones opened.
 */
export function readSecrets(dataDir: string): Secrets {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'secrets.json');
  const fresh: Secrets = {
    postgresPassword: randomBytes(24).toString('base64url'),
    encryptionKey: randomBytes(32).toString('base64'),
  };
  try {
    writeFileSync(file, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  chmodSync(file, 0o600);
  const { postgresPassword, encryptionKey } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>;
  if (!postgresPassword || !encryptionKey)
    throw new Error(`${file} lacks a secret. Restore it, or remove the whole folder.`);
  return { postgresPassword, encryptionKey };
}
