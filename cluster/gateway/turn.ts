/**
 * Returns what runs `work`, never twice at a time: calls that come while it runs are answered together by one run more, and so see what
 * was so when they were made. A run that fails fails for all who wait for it.
 */
export function takeTurns(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let isAskedAgain = false;
  return () => {
    if (running) {
      isAskedAgain = true;
      return running;
    }
    running = (async () => {
      do {
        isAskedAgain = false;
        await work();
      } while (isAskedAgain);
    })().finally(() => {
      running = undefined;
    });
    return running;
  };
}
