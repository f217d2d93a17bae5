import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolderObjects } from '#runtime/objects/folder.ts';
import { startMemoryS3 } from '#runtime/objects/fixture-s3.ts';
import { createS3Objects } from '#runtime/objects/s3.ts';
import { checkObjects } from './objects.ts';

test('a folder that works leaves nothing behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'docket-doctor-'));
  expect(await checkObjects(createFolderObjects(folder))).toMatchObject([{ kind: 'ok' }]);
  expect(readdirSync(join(folder, 'doctor'))).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

test('a store says what is wrong with it, and how to mend it', async () => {
  const keys = { accessKey: 'key', secretKey: 'right', region: 'eu-test-1' };
  const server = await startMemoryS3(keys);
  const findings = async (change: object, bucket = 'docket') =>
    checkObjects(createS3Objects({ ...keys, url: `http://${server.host}/${bucket}`, ...change }));
  expect(await findings({})).toMatchObject([{ kind: 'ok' }]);
  expect(await findings({ secretKey: 'wrong' })).toMatchObject([
    {
      kind: 'wrong',
      what: expect.stringContaining('SignatureDoesNotMatch'),
      fix: expect.stringContaining('secret key'),
    },
  ]);
  expect(await findings({}, 'other')).toMatchObject([{ kind: 'wrong', fix: expect.stringContaining('bucket') }]);
  await server.stop();
  expect(await findings({})).toMatchObject([{ kind: 'wrong', fix: expect.stringContaining('network') }]);
});
