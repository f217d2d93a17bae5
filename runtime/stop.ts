import type { Log } from './log.ts';

type Handler = () => Promise<void>;
type Step = { name: string; handler: Handler };

/** What a process does when it is asked to end. */
export type Stop = {
  /**
   * Adds a step; steps run in reverse order, each after the one before it has finished. One that is added while the process ends, by a start
   * that the signal met in the middle, runs at once: what it holds may be what an earlier step waits for.
   */
  add(name: string, handler: Handler): void;
  /** Aborted as soon as the process is asked to end. */
  readonly signal: AbortSignal;
  /** Ends the process as a signal would, with another exit code if given. */
  now(code?: number): Promise<never>;
};

/** What is not finished after so long is cut off, so that the cut is ours and logged. A pod's grace period must be longer. */
export const stopWithinMs = 25_000;

/**
 * Ends the process in order on SIGTERM, SIGINT or a lost parent ('disconnect').
 * `lateMs` is for a process that first goes on for a while on purpose: its deadline is so much later.
 * Exit code: `interrupted` (0 for long-running roles, 1 for one-shot roles); 1 when a step fails or the deadline passes.
 */
export function createStop(o: { log: Log; interrupted: 0 | 1; lateMs?: number }): Stop {
  const steps: Step[] = [];
  const late: Promise<void>[] = [];
  const controller = new AbortController();
  let ending: Promise<never> | undefined;

  let failed = false;
  let under = '';

  const take = async ({ name, handler }: Step): Promise<void> => {
    under = name;
    try {
      await handler();
    } catch (err) {
      failed = true;
      o.log.error({ err, step: name }, 'a step of stopping failed');
    }
  };

  const run = async (code: number): Promise<never> => {
    controller.abort(new Error('stopping'));
    const cut = setTimeout(
      () => {
        o.log.error({ step: under }, 'stopping took too long and was cut off');
        process.exit(1);
      },
      stopWithinMs + (o.lateMs ?? 0),
    );
    cut.unref();
    for (const step of steps.toReversed()) await take(step);
    await Promise.all(late);
    process.exit(failed ? 1 : code);
  };
  const end = (code: number): Promise<never> => (ending ??= run(code));

  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => void end(o.interrupted)); // run() ends the process
  if (process.send) process.on('disconnect', () => void end(1)); // a parent that was killed leaves nobody to serve
  return {
    add: (name, handler) => {
      if (ending) late.push(take({ name, handler }));
      else steps.push({ name, handler });
    },
    signal: controller.signal,
    now: (code = 0) => end(code),
  };
}
