import type { Fault } from './client.ts';
import type { Hub, Session } from './gateway/hub.ts';

type RequestFault = Extract<Fault, { kind: 'status' | 'delay' | 'lose-answer' }>;

export type Faults = ReturnType<typeof createFaults>;

/** Faults to order: those of the gateway happen at once, those of requests wait for the next that match. */
export function createFaults() {
  let pending: { fault: RequestFault; left: number }[] = [];
  let muted = 0;

  return {
    /** Carries out a gateway fault, or remembers one for requests. */
    order(hub: Hub, fault: Fault): void {
      if (fault.kind === 'status' || fault.kind === 'delay' || fault.kind === 'lose-answer') {
        pending.push({ fault, left: fault.count ?? 1 });
      } else if (fault.kind === 'mute') muted += fault.count ?? 1;
      else for (const session of chosen(hub, fault.shardId)) strike(hub, session, fault);
    },
    clear(): void {
      pending = [];
      muted = 0;
    },
    /** What happens to a request; each answer uses a fault up. `path` is without `/api/v10`. */
    take(method: string, path: string): RequestFault[] {
      if (pending.length === 0) return [];
      const taken: RequestFault[] = [];
      for (const entry of pending) {
        const { fault } = entry;
        if (fault.method !== undefined && fault.method !== method) continue;
        if (fault.path !== undefined && !path.startsWith(fault.path)) continue;
        // One refusal is enough; a delay and a refusal go together.
        if (taken.some((other) => other.kind === fault.kind)) continue;
        entry.left--;
        taken.push(fault);
      }
      pending = pending.filter((entry) => entry.left > 0);
      return taken;
    },
    swallowsHeartbeat(): boolean {
      if (muted === 0) return false;
      muted--;
      return true;
    },
  };
}

function chosen(hub: Hub, shardId: number | undefined): Session[] {
  return [...hub.sessions.values()].filter((session) => shardId === undefined || session.shardId === shardId);
}

function strike(hub: Hub, session: Session, fault: Exclude<Fault, RequestFault | { kind: 'mute' }>): void {
  switch (fault.kind) {
    case 'drop':
      session.link?.terminate();
      break;
    case 'close':
      session.link?.close(fault.code, 'ordered');
      break;
    case 'reconnect':
      session.link?.send('{"op":7,"d":null,"s":null,"t":null}');
      break;
    case 'invalid-session':
      session.link?.send(`{"op":9,"d":${fault.resumable ?? false},"s":null,"t":null}`);
      if (!fault.resumable) hub.forget(session);
      break;
    case 'expire': {
      const { link } = session;
      hub.forget(session);
      link?.terminate();
      break;
    }
  }
}
