import QuickLRU from 'quick-lru';
import type { Db } from '#runtime/postgres.ts';
import type { Panel } from '#tickets/panel.ts';
import { readPanel } from '#tickets/store/panel.ts';

/** Panels with their forms, kept for a minute: a form must be shown within 2.5 s of the click, even while Postgres is busy. */
export type PanelCache = { read(guildId: string, panelId: number): Promise<Panel | null> };

const keptForMs = 60_000;

/** A bounded cache of panels. An edited form shows a minute later at most; a panel that was just made is never missed. */
export function createPanelCache(db: Db, maxSize = 5_000): PanelCache {
  const panels = new QuickLRU<string, Panel>({ maxSize, maxAge: keptForMs });
  return {
    async read(guildId, panelId) {
      const key = `${guildId}:${panelId}`;
      const known = panels.get(key);
      if (known) return known;
      const panel = await readPanel(db, guildId, panelId);
      if (panel) panels.set(key, panel);
      return panel;
    },
  };
}
