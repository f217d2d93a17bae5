import { describe, expect, it } from 'vitest';
import { guildIdsOf } from './stream.ts';

describe('guildIdsOf', () => {
  it('reads guild ids', () => {
    expect(guildIdsOf('["100000000000000001","2"]')).toEqual(['100000000000000001', '2']);
  });

  it.each(['"all"', 'all', '', '{}', 'null', '[1'])('takes %j as everybody', (payload) => {
    expect(guildIdsOf(payload)).toBe('all');
  });
});
