import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AwsClient } from 'aws4fetch';
import { childEnv, flag, readConfig, url } from '#runtime/config.ts';
import { freePort } from '#runtime/embedded/ports.ts';
import { retry } from '#runtime/retry.ts';
import { printLine } from '#runtime/stdout.ts';

// A real S3-compatible server that comes from the Go module proxy as source: https://github.com/versity/versitygw (Apache 2.0), on a folder.
const version = 'v1.8.0';
const cache = join(homedir(), '.cache', 'docket-test');
const binary = join(cache, `versitygw-${version}`);

const { S3_SERVER, OBJECT_STORE_TEST_URL } = readConfig({
  S3_SERVER: flag({ default: false, doc: 'whether a real S3-compatible server is built for tests (by Go, minutes)' }),
  OBJECT_STORE_TEST_URL: url({
    protocols: ['s3+https', 's3+http'],
    optional: true,
    secret: true,
    doc: 'an S3-compatible bucket that tests may write to, instead of a server of their own',
  }),
});

/**
 * Whether tests run on the server too. Building it takes up to five minutes (once a machine), more than `.ci/run` has left: there the store
 * that checks every signature as AWS does stands in for it.
 */
export const hasS3 = OBJECT_STORE_TEST_URL !== undefined || existsSync(binary) || S3_SERVER;
if (!hasS3) printLine('No real S3 server: S3_SERVER=true builds one by Go, or set OBJECT_STORE_TEST_URL');

/** A server with one empty bucket. `url` is an OBJECT_STORE_URL. */
export type S3Server = { readonly url: string; readonly stop: () => Promise<void> };

/** Builds the server unless the cache has it; other runs may do the same at the same time. */
async function build(): Promise<void> {
  if (existsSync(binary)) return;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'part-'));
  const env = childEnv({ GOBIN: folder, CGO_ENABLED: '0' });
  const module = `github.com/versity/versitygw/cmd/versitygw@${version}`;
  await promisify(execFile)('go', ['install', module], { env, timeout: 900_000 });
  await rename(join(folder, 'versitygw'), binary);
  await rm(folder, { recursive: true, force: true });
}

/** Starts it. The first start on a machine may take minutes. */
export async function startS3(): Promise<S3Server> {
  if (OBJECT_STORE_TEST_URL) return { url: OBJECT_STORE_TEST_URL, stop: async () => undefined };
  await build();
  const folder = await mkdtemp(join(tmpdir(), 'docket-s3-'));
  for (const name of ['data', 'about']) await mkdir(join(folder, name));
  const port = await freePort('127.0.0.1');
  const [accessKey, secretKey, region] = ['docket-test', 'a/secret+with=signs', 'eu-test-1'];
  const args = ['--quiet', '--region', region, '--port', `127.0.0.1:${port}`, '--health', '/health'];
  const child = spawn(binary, [...args, 'posix', '--sidecar', join(folder, 'about'), join(folder, 'data')], {
    env: childEnv({ ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey }),
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const origin = `http://127.0.0.1:${port}`;
  const aws = new AwsClient({ accessKeyId: accessKey, secretAccessKey: secretKey, region, service: 's3' });
  try {
    await retry({ attempts: 60, minMs: 50, maxMs: 250 }, async () => {
      const made = await aws.fetch(`${origin}/docket`, { method: 'PUT' });
      if (!made.ok) throw new Error(`the S3 server answered ${made.status}: ${await made.text()}`);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const keys = [accessKey, secretKey].map(encodeURIComponent).join(':');
  return { url: `s3+http://${keys}@127.0.0.1:${port}/docket?region=${region}`, stop };
}
