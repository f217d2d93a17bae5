import type { StoredFrames } from '../state/store.ts';

// Whichever comes first. Discord says nothing of its own bounds; a client that is away for longer starts anew.
const keptBytes = 64 * 1024 * 1024;
const keptMs = 10 * 60_000;
const framesPerChunk = 1_000;

type Chunk = { firstSeq: number; frames: string[]; bytes: number; at: number; isStored: boolean };

/** The last frames of a session, in chunks, so that storing and forgetting them costs little per frame. */
export function createReplay(sessionId: string) {
  let chunks: Chunk[] = [];
  let bytes = 0;

  function trim(now: number): number | null {
    let dropped: number | null = null;
    while (chunks.length > 1 && (bytes > keptBytes || (chunks[0]?.at ?? now) < now - keptMs)) {
      const chunk = chunks.shift() as Chunk;
      bytes -= chunk.bytes;
      dropped = chunk.firstSeq + chunk.frames.length;
    }
    return dropped;
  }

  return {
    push(seq: number, frame: string, now: number): void {
      let chunk = chunks.at(-1);
      if (!chunk || chunk.isStored || chunk.frames.length >= framesPerChunk) {
        chunk = { firstSeq: seq, frames: [], bytes: 0, at: now, isStored: false };
        chunks.push(chunk);
        trim(now);
      }
      chunk.frames.push(frame);
      chunk.bytes += frame.length;
      bytes += frame.length;
    },
    /** The frames after `seq`; null when some of them are forgotten. */
    after(seq: number, lastSeq: number): string[] | null {
      if (seq >= lastSeq) return [];
      if (chunks.length === 0 || (chunks[0]?.firstSeq ?? 0) > seq + 1) return null;
      return chunks.flatMap((chunk) => chunk.frames.slice(Math.max(0, seq + 1 - chunk.firstSeq)));
    },
    /** What is not on disk yet. A frame holds no line break: JSON escapes them. */
    takeUnstored(): StoredFrames[] {
      const fresh = chunks.filter((chunk) => !chunk.isStored && chunk.frames.length > 0);
      for (const chunk of fresh) chunk.isStored = true;
      return fresh.map((chunk) => ({
        sessionId,
        firstSeq: chunk.firstSeq,
        lastSeq: chunk.firstSeq + chunk.frames.length - 1,
        at: chunk.at,
        frames: chunk.frames.join('\n'),
      }));
    },
    restore(stored: StoredFrames): void {
      const frames = stored.frames.split('\n');
      chunks.push({ firstSeq: stored.firstSeq, frames, bytes: stored.frames.length, at: stored.at, isStored: true });
      bytes += stored.frames.length;
    },
    /** Forgets what is too old; answers the first number that is kept, when something was dropped. */
    trim,
    clear(): void {
      chunks = [];
      bytes = 0;
    },
  };
}
export type Replay = ReturnType<typeof createReplay>;
