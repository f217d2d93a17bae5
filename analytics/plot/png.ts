import { Worker } from 'node:worker_threads';
import type { StatsInput } from './stats.ts';

/** Why a picture did not come: too many wanted at once, too slow, or not drawable. `/stats` then answers in text alone. */
export class PngError extends Error {
  reason: 'busy' | 'timeout' | 'failed';
  constructor(reason: 'busy' | 'timeout' | 'failed', message: string) {
    super(message);
    this.reason = reason;
  }
}

type Job = { id: number; input: StatsInput; resolve: (png: Buffer) => void; reject: (err: PngError) => void };
type Answer = { id: number; png?: Uint8Array; failure?: string };

/** About 0.1 s a picture: 32 waiting are 3 s, Discord's patience for a first answer. */
const QUEUE_LIMIT = 32;
const TIMEOUT_MS = 8_000;

/**
 * Draws pictures one after another in one worker thread, so that the process which acknowledges interactions never
 * waits for a drawing. The thread starts with the first picture and does not keep the process alive between pictures.
 */
export const createPngQueue = ({ limit = QUEUE_LIMIT, timeoutMs = TIMEOUT_MS, worker: file = workerFile } = {}) => {
  const waiting: Job[] = [];
  let worker: Worker | null = null;
  let current: Job | null = null;
  let timer: NodeJS.Timeout | undefined;
  let lastId = 0;

  const finish = (settle: (job: Job) => void) => {
    const job = current;
    clearTimeout(timer);
    current = null;
    worker?.unref();
    if (job) settle(job);
    next();
  };
  // A thread that hangs or died is given up; the next picture gets a new one.
  const giveUp = (reason: 'timeout' | 'failed', message: string) => {
    const lost = worker;
    worker = null;
    lost?.removeAllListeners();
    lost?.on('error', () => {});
    void lost?.terminate(); // nobody waits for the thread's exit code
    finish((job) => job.reject(new PngError(reason, message)));
  };
  const start = (): Worker => {
    const started = new Worker(file);
    started.on('message', (answer: Answer) => {
      if (answer.id !== current?.id) return;
      const { png, failure } = answer;
      finish((job) => {
        if (png) job.resolve(Buffer.from(png.buffer, png.byteOffset, png.byteLength));
        else job.reject(new PngError('failed', failure ?? 'the picture could not be drawn'));
      });
    });
    started.on('error', (err: Error) => giveUp('failed', err.message));
    started.on('exit', () => giveUp('failed', 'the drawing thread ended'));
    return started;
  };
  const next = () => {
    const job = waiting.shift();
    if (!job || current) return;
    current = job;
    worker ??= start();
    worker.ref();
    timer = setTimeout(() => giveUp('timeout', `the picture took longer than ${timeoutMs} ms`), timeoutMs);
    worker.postMessage({ id: job.id, input: job.input });
  };

  return {
    /** Rejects with a PngError: `busy` at once when the queue is full, `timeout`, `failed`. */
    draw: (input: StatsInput): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        if (waiting.length >= limit) {
          reject(new PngError('busy', `${limit} pictures are already waiting`));
          return;
        }
        lastId += 1;
        waiting.push({ id: lastId, input, resolve, reject });
        if (!current) next();
      }),
  };
};

const workerFile = new URL('./png-worker.ts', import.meta.url);
const queue = createPngQueue();

/** The picture of `/stats`, 1800 × 900 px, under 150 KB. Rejects with a PngError. */
export const statsPng = (input: StatsInput): Promise<Buffer> => queue.draw(input);
