import type { Log } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres.ts';
import type { Keyring } from './crypto.ts';
import type { PremiumMode } from './entitlement.ts';

/** What every action needs: the database, a log, the time in milliseconds, the keys of tickets, and who has premium (entitlement.ts). */
export type Ctx = { db: Pool; log: Log; now(): number; keys: Keyring; premium: PremiumMode };
