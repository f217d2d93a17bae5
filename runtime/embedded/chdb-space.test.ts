import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { watchSpace } from './chdb-space.ts';

const watchWith = async (keepFreeBytes: number): Promise<{ said: boolean[]; merging: boolean[]; refusal: unknown }> => {
  const said: boolean[] = [];
  const merging: boolean[] = [];
  const space = watchSpace({
    folder: tmpdir(),
    keepFreeBytes,
    setMerging: async (isOn) => void merging.push(isOn),
    onChange: (isFull) => void said.push(isFull),
  });
  const refusal = await space.require().then(
    () => undefined,
    (error: unknown) => error,
  );
  await space.stop();
  return { said, merging, refusal };
};

test('a disk with too little room refuses inserts the way ClickHouse does, and merges stop', async () => {
  const { said, merging, refusal } = await watchWith(2 ** 60);
  expect(refusal).toMatchObject({ clickhouseCode: 243, message: expect.stringContaining('NOT_ENOUGH_SPACE') });
  expect(said).toEqual([true]);
  expect(merging).toEqual([false]);
});

test('a disk with room takes inserts', async () => {
  expect(await watchWith(1)).toEqual({ said: [], merging: [], refusal: undefined });
});
