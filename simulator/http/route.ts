import type { NewFile } from '../state/messages.ts';
import type { World } from '../state/world.ts';
import type { Json } from '../validate/fields.ts';

/** Who asks: the bot, a person's Bearer token, or nobody. */
export type Auth =
  | { kind: 'bot' }
  | { kind: 'user'; userId: string; scopes: string[]; expiresAt: number }
  | { kind: 'none' };

export type Call = {
  world: World;
  params: Record<string, string>;
  query: URLSearchParams;
  /** The JSON body, or `payload_json` of a form; {} without one. Bulk routes read `list`. */
  body: Json;
  list: unknown[];
  files: NewFile[];
  auth: Auth;
  headers: Record<string, string | string[] | undefined>;
};

export type Reply = {
  status: number;
  body?: unknown;
  /** Instead of `body`: bytes as they are. */
  raw?: { contentType: string; bytes: Uint8Array | string };
  headers?: Record<string, string>;
  /** Called with the open connection instead of an answer: streams. */
  stream?: (write: (line: string) => void, onClose: (done: () => void) => void) => void;
};

/** `limit` requests per `perMs` for each channel, server or webhook. */
export type Bucket = { limit: number; perMs: number };

export type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/channels/:channelId`; as in Discord's OpenAPI but for the braces. */
  path: string;
  /** Whose token it takes; 'none' needs no token. Default: the bot's. */
  auth?: 'bot' | 'user' | 'either' | 'none';
  bucket?: Bucket;
  /** Not counted against the global limit: callbacks and what an interaction's token allows. */
  isExempt?: boolean;
  run(call: Call): Reply | Promise<Reply>;
};

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const created = (body: unknown): Reply => ({ status: 201, body });
export const nothing: Reply = { status: 204 };

type Node = { fixed: Map<string, Node>; param: Node | null; routes: Map<string, Route> };

/** Finds the route of a request; parameters are taken from the path. */
export function createRouter(routes: readonly Route[]) {
  const root = blank();
  for (const route of routes) {
    let node = root;
    for (const part of route.path.split('/').slice(1)) {
      if (part.startsWith(':')) node = node.param ??= blank();
      else {
        const next = node.fixed.get(part) ?? blank();
        node.fixed.set(part, next);
        node = next;
      }
    }
    node.routes.set(route.method, route);
  }

  function find(node: Node, parts: string[], index: number, method: string): Route | null {
    if (index === parts.length) return node.routes.get(method) ?? null;
    const fixed = node.fixed.get(parts[index] ?? '');
    const found = fixed ? find(fixed, parts, index + 1, method) : null;
    return found ?? (node.param ? find(node.param, parts, index + 1, method) : null);
  }

  return (method: string, path: string): { route: Route; params: Record<string, string> } | null => {
    const parts = path.split('/').slice(1).map(decoded);
    const route = find(root, parts, 0, method);
    if (!route) return null;
    const params: Record<string, string> = {};
    route.path
      .split('/')
      .slice(1)
      .forEach((part, index) => {
        if (part.startsWith(':')) params[part.slice(1)] = parts[index] ?? '';
      });
    return { route, params };
  };
}

// Libraries differ in what they encode: `%40me` is `@me`.
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function blank(): Node {
  return { fixed: new Map(), param: null, routes: new Map() };
}
