import QuickLRU from 'quick-lru';
import type { Db } from '#runtime/postgres.ts';
import type { Panel } from '#tickets/panel.ts';
import { readPanel } from '#tickets/store/panel.ts';

/** Panels with their forms, kept for a minute: a form must be shown within 2.5 s of the click, even while Postgres is busy. */
export type PanelCache = {
  read(guildId: string, panelId: number): Promise<Panel | null>;
  /** Forgets a server's panels, or all: they have changed. */
  drop(guildId?: string): void;
};

const keptForMs = 60_000;

/**
 * A bounded cache of panels, kept fresh by whoever listens to Postgres. Should a notification be lost, an edited form shows a minute later
 * at most; a panel that was just made is never missed.
 */
export function createPanelCache(db: Db, maxSize = 5_000): PanelCache {
  const panels = new QuickLRU<string, Panel>({ maxSize, maxAge: keptForMs });
  let drops = 0;
  return {
    drop(guildId) {
      drops += 1;
      for (const key of panels.keys()) if (!guildId || key.startsWith(`${guildId}:`)) panels.delete(key);
    },
    async read(guildId, panelId) {
      const key = `${guildId}:${panelId}`;
      const known = panels.get(key);
      if (known) return known;
      const dropsBefore = drops;
      const panel = await readPanel(db, guildId, panelId);
      // What was read while something changed may be what it was before.
      if (panel && drops === dropsBefore) panels.set(key, panel);
      return panel;
    },
  };
}
