import { metrics } from '../telemetry.ts';
import type { Objects } from './objects.ts';

/** The same store, each request timed by what it was and how it ended. */
export function measured(objects: Objects): Objects {
  // From 0, so that the first request is a step and a store that nobody uses answers too.
  for (const operation of ['put', 'get', 'delete']) {
    for (const outcome of ['done', 'failed']) metrics.objectSeconds.zero({ operation, outcome });
  }
  const time = async <T>(operation: string, work: Promise<T>): Promise<T> => {
    const from = performance.now();
    let outcome = 'failed';
    try {
      const answer = await work;
      outcome = 'done';
      return answer;
    } finally {
      metrics.objectSeconds.observe({ operation, outcome }, (performance.now() - from) / 1_000);
    }
  };
  return {
    place: objects.place,
    put: (key, bytes) => time('put', objects.put(key, bytes)),
    get: (key, o) => time('get', objects.get(key, o)),
    delete: (key) => time('delete', objects.delete(key)),
  };
}
