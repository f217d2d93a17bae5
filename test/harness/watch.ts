import { waitMs } from '#runtime/retry.ts';
import type { Control, Happening } from '#simulator/client.ts';

/** What the local Discord saw of its bot, over restarts of either. */
export type Seen = {
  identifies: number;
  resumes: number;
  failedResumes: number;
  /** What a well-behaved client never does, by name. */
  violations: Record<string, number>;
  /** A session of a shard began while another of the same shard was connected. */
  secondSessions: number;
  /** Interactions whose person was shown "thinking…", with the channel it stands in. */
  deferred: Map<string, string>;
};

export type Watch = { readonly seen: Seen; stop(): Promise<void> };

const deferredMessage = 5;

/** Follows the simulator's stream until stopped; a stream that breaks is opened again. */
export function startWatch(control: Control): Watch {
  const stopping = new AbortController();
  const seen: Seen = {
    identifies: 0,
    resumes: 0,
    failedResumes: 0,
    violations: {},
    secondSessions: 0,
    deferred: new Map(),
  };
  // By session, while it is connected.
  const shardOf = new Map<string, number>();
  const channelOf = new Map<string, string>();

  const began = (sessionId: string, shardId: number): void => {
    for (const [other, shard] of shardOf) if (shard === shardId && other !== sessionId) seen.secondSessions += 1;
    shardOf.set(sessionId, shardId);
  };
  const note = ({ type, data }: Happening): void => {
    const text = (key: string): string => String(data[key]);
    switch (type) {
      case 'session_identified':
        seen.identifies += 1;
        began(text('sessionId'), Number(data['shardId']));
        break;
      case 'session_resumed':
        seen.resumes += 1;
        began(text('sessionId'), Number(data['shardId']));
        break;
      case 'session_resume_failed':
        seen.failedResumes += 1;
        break;
      case 'session_closed':
        shardOf.delete(text('sessionId'));
        break;
      case 'violation':
        seen.violations[text('name')] = (seen.violations[text('name')] ?? 0) + 1;
        break;
      case 'INTERACTION_CREATE':
        channelOf.set(text('id'), text('channel_id'));
        break;
      case 'interaction_acknowledged':
        if (data['callbackType'] === deferredMessage) seen.deferred.set(text('id'), channelOf.get(text('id')) ?? '');
        channelOf.delete(text('id'));
        break;
    }
  };
  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        for await (const happening of control.stream(stopping.signal)) note(happening);
      } catch {
        // The simulator ended, and with it every connection.
      }
      shardOf.clear();
      await waitMs(20, stopping.signal).catch(() => undefined); // only the signal ends it
    }
  };
  const following = follow();
  return {
    seen,
    async stop() {
      stopping.abort();
      await following;
    },
  };
}
