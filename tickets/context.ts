import type { Log } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres.ts';
import type { Keyring } from './crypto.ts';

/** What every action needs: the database, a log, the time in milliseconds, and the keys of tickets. */
export type Ctx = { db: Pool; log: Log; now(): number; keys: Keyring };
