import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A run of consecutive gateway frames of one session. */
export type StoredFrames = { sessionId: string; firstSeq: number; lastSeq: number; at: number; frames: string };

/**
 * The simulator's state on disk. Writes are collected and stored in one transaction before a change is answered, and every 100 ms,
 * so what a kill -9 loses is what nobody was told is done, never half of a change.
 */
export type Store = ReturnType<typeof createStore>;

const flushMs = 100;

/** Opens the state in `dataDir`; null keeps everything in memory only. */
export function createStore(dataDir: string | null) {
  const db = dataDir === null ? null : open(dataDir);
  const insert = db?.prepare('insert or replace into entity (kind, id, body) values (?, ?, ?)');
  const remove = db?.prepare('delete from entity where kind = ? and id = ?');
  const insertFrames = db?.prepare(
    'insert or replace into frame (session_id, first_seq, last_seq, at, frames) values (?, ?, ?, ?, ?)',
  );
  const trim = db?.prepare('delete from frame where session_id = ? and last_seq < ?');
  const insertBlob = db?.prepare('insert or replace into blob (id, bytes) values (?, ?)');
  const readBlob = db?.prepare('select bytes from blob where id = ?');

  // Values are functions: what is written many times between two flushes is serialised once.
  const dirty = new Map<string, { kind: string; id: string; read: (() => unknown) | null }>();
  const blobs = new Map<string, Uint8Array>();
  const dirtyBlobs = new Set<string>();
  const trims = new Map<string, number>();
  let takeFrames: () => StoredFrames[] = () => [];

  function flush() {
    if (!db) return;
    const frames = takeFrames();
    if (dirty.size + dirtyBlobs.size + trims.size + frames.length === 0) return;
    db.exec('begin');
    for (const { kind, id, read } of dirty.values()) {
      if (read) insert?.run(kind, id, JSON.stringify(read(), writeValue));
      else remove?.run(kind, id);
    }
    for (const f of frames) insertFrames?.run(f.sessionId, f.firstSeq, f.lastSeq, f.at, f.frames);
    for (const [sessionId, seq] of trims) trim?.run(sessionId, seq);
    for (const id of dirtyBlobs) {
      insertBlob?.run(id, blobs.get(id) ?? new Uint8Array());
      blobs.delete(id);
    }
    db.exec('commit');
    dirty.clear();
    dirtyBlobs.clear();
    trims.clear();
  }

  const timer = db ? setInterval(flush, flushMs) : null;

  return {
    /** Stores an entity at the next flush; `read` is called then. */
    put(kind: string, id: string, read: () => unknown): void {
      if (db) dirty.set(`${kind}:${id}`, { kind, id, read });
    },
    drop(kind: string, id: string): void {
      if (db) dirty.set(`${kind}:${id}`, { kind, id, read: null });
    },
    load<T>(kind: string): T[] {
      const rows = db?.prepare('select body from entity where kind = ? order by length(id), id').all(kind) ?? [];
      return rows.map((row) => JSON.parse(String(row.body), readValue) as T);
    },
    putBlob(id: string, bytes: Uint8Array): void {
      blobs.set(id, bytes);
      if (db) dirtyBlobs.add(id);
    },
    blob(id: string): Uint8Array | null {
      return blobs.get(id) ?? (readBlob?.get(id)?.bytes as Uint8Array | undefined) ?? null;
    },
    /** Where a flush takes the new gateway frames from. */
    onFlush(take: () => StoredFrames[]): void {
      takeFrames = take;
    },
    /** Forgets a session's frames below `seq`. */
    trimFrames(sessionId: string, seq: number): void {
      if (db) trims.set(sessionId, seq);
    },
    loadFrames(): StoredFrames[] {
      const rows = db?.prepare('select * from frame order by session_id, first_seq').all() ?? [];
      return rows.map((row) => ({
        sessionId: String(row.session_id),
        firstSeq: Number(row.first_seq),
        lastSeq: Number(row.last_seq),
        at: Number(row.at),
        frames: String(row.frames),
      }));
    },
    flush,
    close(): void {
      if (timer) clearInterval(timer);
      flush();
      db?.close();
    },
  };
}

function open(dataDir: string): DatabaseSync {
  mkdirSync(dataDir, { recursive: true });
  const db = new DatabaseSync(join(dataDir, 'simulator.db'));
  // `synchronous = off` survives the process's death, which is all that is promised; not the machine's.
  db.exec(`
    pragma journal_mode = wal;
    pragma synchronous = off;
    create table if not exists entity (kind text not null, id text not null, body text not null, primary key (kind, id)) without rowid;
    create table if not exists frame (
      session_id text not null, first_seq integer not null, last_seq integer not null, at integer not null,
      frames text not null, primary key (session_id, first_seq));
    create table if not exists blob (id text primary key, bytes blob not null);
  `);
  return db;
}

// JSON has neither bigint (permissions) nor Map (a guild's parts are stored on their own, so there is none).
function writeValue(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? { $bigint: value.toString() } : value;
}

function readValue(_key: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null && '$bigint' in value) return BigInt(String(value.$bigint));
  return value;
}
