import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';

/** What a test needs to speak to the API server; plain, so that it can be handed to another process. */
export type Access = { url: string; caFile: string; token: string; kubeconfig: string };

/** An answer of the API server: its status and the object it sent. */
export type Answer<T = Record<string, unknown>> = { status: number; body: T };

/** Metadata that every object has. */
export type Meta = {
  name: string;
  namespace?: string;
  uid: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  creationTimestamp: string;
  deletionTimestamp?: string;
  ownerReferences?: { kind: string; name: string }[];
  resourceVersion: string;
};

const agents = new Map<string, Agent>();
const agentOf = (caFile: string): Agent => {
  const known = agents.get(caFile) ?? new Agent({ ca: readFileSync(caFile), keepAlive: true, maxSockets: 20 });
  agents.set(caFile, known);
  return known;
};

const patch = 'application/strategic-merge-patch+json';

/** One request. Answers whatever came; throws only when nothing did. */
export function ask<T = Record<string, unknown>>(
  access: Access,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${access.token}`,
    'content-type': method === 'PATCH' ? patch : 'application/json',
    'content-length': Buffer.byteLength(text), // Node frames the body of a DELETE by nothing else
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${access.url}${path}`, { method, headers, agent: agentOf(access.caFile) }, (answer) => {
      let said = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (said += part));
      answer.once('error', reject);
      answer.once('end', () => {
        const isJson = answer.headers['content-type']?.includes('json');
        resolve({ status: answer.statusCode ?? 0, body: (isJson ? JSON.parse(said) : { said }) as T });
      });
    });
    sent.once('error', reject);
    sent.end(text);
  });
}

/** As `ask`, and throws an answer that is none of success. */
export async function tell<T = Record<string, unknown>>(
  access: Access,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await ask<T>(access, method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Something that happened to an object. */
export type Change<T> = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'; object: T };

/** Follows the objects of a path from `resourceVersion` on, until the signal or the server ends it. */
export function follow<T>(
  access: Access,
  path: string,
  resourceVersion: string,
  onChange: (change: Change<T>) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${access.token}` };
    const url = `${access.url}${path}?watch=1&resourceVersion=${resourceVersion}`;
    const sent = request(url, { headers, agent: agentOf(access.caFile), signal }, (answer) => {
      const lines = createInterface({ input: answer });
      lines.on('line', (line) => onChange(JSON.parse(line) as Change<T>));
      lines.once('close', resolve);
      for (const each of [lines, answer]) each.once('error', () => resolve()); // a watch that is ended counts as one
    });
    sent.once('error', () => resolve());
    sent.end();
  });
}
