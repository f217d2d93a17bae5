import { statfs } from 'node:fs/promises';
import { waitMs } from '../retry.ts';
import { ChdbRequestError } from './chdb-request.ts';

/** Watches the room on the engine's disk. */
export type Space = {
  /** Throws what a full ClickHouse says (243) when there is too little left for an insert. */
  require(): Promise<void>;
  stop(): Promise<void>;
};

const lookEveryMs = 1_000;

/**
 * Refuses inserts, and has merges stopped, while less than `keepFreeBytes` are free on the disk of `folder`. The engine (chdb 3.4.0) does not
 * notice a write that fails: it acknowledges a part that is cut short, and then no query can read the table. It does look for room before it
 * writes, but Postgres and logs may take that room meanwhile, so a margin is kept.
 */
export function watchSpace(o: {
  folder: string;
  keepFreeBytes: number;
  setMerging: (isOn: boolean) => Promise<void>;
  onChange: (isFull: boolean, freeBytes: number) => void;
}): Space {
  const stopping = new AbortController();
  let isFull = false;

  const look = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(o.folder);
    const freeBytes = bavail * bsize;
    const wasFull = isFull;
    isFull = freeBytes < o.keepFreeBytes;
    if (isFull !== wasFull) {
      o.onChange(isFull, freeBytes);
      await o.setMerging(!isFull);
    }
    return freeBytes;
  };
  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look().catch(() => undefined); // an insert tells the same
      await waitMs(lookEveryMs, stopping.signal).catch(() => undefined); // only the signal ends it
    }
  };
  const watching = watch();
  return {
    async require() {
      const freeBytes = await look();
      const few = `${Math.floor(freeBytes / 2 ** 20)} of the ${Math.ceil(o.keepFreeBytes / 2 ** 20)} MiB that stay free`;
      if (isFull) throw new ChdbRequestError(243, 'NOT_ENOUGH_SPACE', `The disk is full: ${few}.`);
    },
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
