import { describe, expect, it } from 'vitest';
import { modeFor } from './mode.ts';

const off = { useThreads: false, threadNotificationChannel: null, manualTicketStyle: 'channel' } as const;
const threads = { ...off, useThreads: true, threadNotificationChannel: '100000000000000001' } as const;
const panel = (mode: 'channel' | 'thread' | null) => ({ mode });

describe('where a new ticket is', () => {
  it('is said by its panel, whatever the settings say', () => {
    expect(modeFor({ panel: panel('thread'), settings: off, source: 'panel' })).toBe('thread');
    expect(modeFor({ panel: panel('channel'), settings: threads, source: 'panel' })).toBe('channel');
  });

  it('is a thread where threads are on and staff hear of them', () => {
    expect(modeFor({ panel: panel(null), settings: threads, source: 'panel' })).toBe('thread');
    const unheard = { ...threads, threadNotificationChannel: null };
    expect(modeFor({ panel: panel(null), settings: unheard, source: 'panel' })).toBe('channel');
  });

  it('follows the style of /open for /open and for tickets without a panel alone', () => {
    const manual = { ...off, manualTicketStyle: 'thread' } as const;
    expect(modeFor({ panel: null, settings: manual, source: 'command' })).toBe('thread');
    expect(modeFor({ panel: panel(null), settings: manual, source: 'command' })).toBe('thread');
    expect(modeFor({ panel: null, settings: manual, source: 'context_menu' })).toBe('thread');
    expect(modeFor({ panel: panel(null), settings: manual, source: 'context_menu' })).toBe('channel');
    expect(modeFor({ panel: panel(null), settings: manual, source: 'panel' })).toBe('channel');
  });
});
