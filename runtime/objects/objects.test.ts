import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasS3, startS3 } from '#test/harness/s3.ts';
import type { ConfigError } from '../config.ts';
import { signatureOf, startMemoryS3 } from './fixture-s3.ts';
import { type Objects, ObjectStoreError } from './objects.ts';
import { objectVariables, openObjects } from './open.ts';
import { createS3Objects } from './s3.ts';

const keys = { accessKey: 'AKIDEXAMPLE', secretKey: 'a/secret+with=signs', region: 'eu-test-1' };
const none = { OBJECT_STORE_ACCESS_KEY: undefined, OBJECT_STORE_SECRET_KEY: undefined };
const open = (url: string | undefined, DATA_DIR = '/nowhere'): Objects =>
  openObjects({ OBJECT_STORE_URL: url, DATA_DIR, ...none });
const addressOf = (host: string, path = '/docket'): string =>
  `s3+http://${keys.accessKey}:${encodeURIComponent(keys.secretKey)}@${host}${path}?region=${keys.region}`;

/** What any store must do; the same for each way. */
function contract(name: string, start: () => Promise<{ objects: Objects; stop: () => Promise<void> }>) {
  describe(name, () => {
    let objects: Objects;
    let stop: () => Promise<void>;
    const prefix = `test-${randomBytes(4).toString('hex')}`;
    beforeAll(async () => {
      ({ objects, stop } = await start());
    }, 900_000);
    afterAll(() => stop?.());

    it('gives back what was put, byte for byte, and the last of two', async () => {
      const bytes = randomBytes(3_000_000);
      await objects.put(`${prefix}/1/a.bin`, randomBytes(10));
      await objects.put(`${prefix}/1/a.bin`, bytes);
      expect((await objects.get(`${prefix}/1/a.bin`, { maxBytes: 3_000_000 }))?.equals(bytes)).toBe(true);
      await objects.put(`${prefix}/1/empty`, Buffer.alloc(0));
      expect(await objects.get(`${prefix}/1/empty`, { maxBytes: 1 })).toEqual(Buffer.alloc(0));
    });

    it('has nothing where nothing was put or what was put is deleted', async () => {
      expect(await objects.get(`${prefix}/nothing`, { maxBytes: 1 })).toBeNull();
      await objects.put(`${prefix}/gone`, Buffer.from('x'));
      await objects.delete(`${prefix}/gone`);
      await objects.delete(`${prefix}/gone`);
      expect(await objects.get(`${prefix}/gone`, { maxBytes: 1 })).toBeNull();
    });

    it('never reads more than is asked for', async () => {
      await objects.put(`${prefix}/large`, Buffer.alloc(1_000));
      await expect(objects.get(`${prefix}/large`, { maxBytes: 999 })).rejects.toMatchObject({ code: 'too-large' });
    });

    it('writes many at once', async () => {
      const all = Array.from({ length: 20 }, (_, n) => `${prefix}/many/${n}`);
      await Promise.all(all.map((key) => objects.put(key, Buffer.from(key))));
      const read = await Promise.all(all.map((key) => objects.get(key, { maxBytes: 100 })));
      expect(read.map(String)).toEqual(all);
    });

    it('refuses a key that could leave its place', async () => {
      for (const key of ['../x', '/x', 'a//b', 'a/../../b', 'A', 'a b', '']) {
        await expect(async () => objects.put(key, Buffer.of(1))).rejects.toThrow(/key/);
      }
    });
  });
}

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'docket-objects-'));
  folders.push(folder);
  return folder;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

contract('a folder', async () => ({
  objects: open(pathToFileURL(join(newFolder(), 'a b')).href),
  stop: async () => undefined,
}));
contract('a store that checks every signature', async () => {
  const server = await startMemoryS3(keys);
  return { objects: open(addressOf(server.host)), stop: server.stop };
});
if (hasS3)
  contract('a real S3-compatible server', async () => {
    const server = await startS3();
    return { objects: open(server.url), stop: server.stop };
  });

it('checks signatures as AWS does: the example of its documentation', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "Example: GET Object"
  const headers = new Map([
    ['host', 'examplebucket.s3.amazonaws.com'],
    ['range', 'bytes=0-9'],
    ['x-amz-content-sha256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['x-amz-date', '20130524T000000Z'],
  ]);
  const signature = signatureOf({
    method: 'GET',
    path: '/test.txt',
    query: '',
    headers,
    signedHeaders: [...headers.keys()],
    date: '20130524T000000Z',
    region: 'us-east-1',
    secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  });
  expect(signature).toBe('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
});

describe('a store that fails', () => {
  const key = 'a/b';
  const withServer = async (work: (server: Awaited<ReturnType<typeof startMemoryS3>>) => Promise<void>) => {
    const server = await startMemoryS3(keys);
    try {
      await work(server);
    } finally {
      await server.stop();
    }
  };
  const fast = (host: string, timeoutMs = 200): Objects =>
    createS3Objects({ ...keys, url: `http://${host}/docket`, timeoutMs });

  it('is asked again after 5xx, 429, silence and a cut answer', () =>
    withServer(async ({ host, faults }) => {
      const objects = fast(host);
      for (const fault of [500, 503, 429, 'hang'] as const) {
        faults.push(fault, fault);
        await objects.put(key, Buffer.from('kept'));
      }
      faults.push('cut');
      expect(String(await objects.get(key, { maxBytes: 100 }))).toBe('kept');
    }));

  it('is given up after three tries, with a code and without its address', () =>
    withServer(async ({ host, faults, asked }) => {
      faults.push(503, 503, 503);
      const error = await fast(host)
        .put(key, Buffer.of(1))
        .catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ObjectStoreError);
      expect([(error as ObjectStoreError).code, asked()]).toEqual(['SlowDown', 3]);
      faults.push('hang', 'hang', 'hang');
      await expect(fast(host, 50).get(key, { maxBytes: 1 })).rejects.toMatchObject({ code: 'timeout' });
      const away = await fast('127.0.0.1:9')
        .put(key, Buffer.of(1))
        .catch((caught: unknown) => caught);
      expect(String(away)).not.toMatch(/127\.0\.0\.1|a\/b|secret words/);
    }));

  it('is not asked again when the keys or the bucket are wrong, and that is no missing object', () =>
    withServer(async ({ host, asked }) => {
      const wrong = createS3Objects({ ...keys, secretKey: 'other', url: `http://${host}/docket` });
      await expect(wrong.get(key, { maxBytes: 1 })).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
      const elsewhere = createS3Objects({ ...keys, url: `http://${host}/other` });
      await expect(elsewhere.get(key, { maxBytes: 1 })).rejects.toMatchObject({ code: 'NoSuchBucket' });
      expect(asked()).toBe(2);
    }));

  it('is a folder that cannot be written', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    await expect(open(pathToFileURL(file).href).put(key, Buffer.of(1))).rejects.toBeInstanceOf(ObjectStoreError);
  });
});

describe('the configuration', () => {
  it('keeps objects in the data folder by default, readable by their owner alone and without leftovers', async () => {
    const folder = newFolder();
    await open(undefined, folder).put('a/b', Buffer.of(1));
    expect(statSync(join(folder, 'objects/a/b')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'objects/a'))).toEqual(['b']);
  });

  it('names each part of an address that is missing', () => {
    const problems = (url: string): readonly string[] => {
      try {
        open(url);
        return [];
      } catch (error) {
        return (error as ConfigError).problems;
      }
    };
    expect(problems('s3+https://host/bucket')).toEqual([
      expect.stringContaining('without its keys'),
      expect.stringContaining('no region'),
    ]);
    expect(problems('file://host/folder')).toEqual([expect.stringContaining('names a host')]);
    expect(() => objectVariables.OBJECT_STORE_URL.parse('https://host/bucket')).toThrow(RangeError);
  });

  it('takes the keys from variables of their own, and shows no secret', () => {
    const url = 's3+https://bucket.host/prefix?region=auto';
    const config = { OBJECT_STORE_URL: url, DATA_DIR: '.', OBJECT_STORE_ACCESS_KEY: 'A', OBJECT_STORE_SECRET_KEY: 'S' };
    expect(openObjects(config).place).toBe('https://bucket.host/prefix');
    expect(open(addressOf('host')).place).toBe('http://host/docket');
  });
});
