import type { PanelFigure } from './run.ts';

const shown = 10;
/** What tickets from /open or a context menu are listed under. */
export const noPanelName = 'No panel';

/** The ten largest panels, of equal ones by name, with their part of the whole. */
export function rankPanels<Key extends string>(
  key: Key,
  figures: readonly PanelFigure[],
  names: ReadonlyMap<number, string>,
): ({ panelId: number | null; name: string; share: number } & Record<Key, number>)[] {
  const total = figures.reduce((sum, panel) => sum + panel.value, 0);
  return figures
    .map(({ panelId, value }) => ({ panelId, value, name: nameOf(panelId, names) }))
    .toSorted((a, b) => b.value - a.value || a.name.localeCompare(b.name, 'en') || (a.panelId ?? 0) - (b.panelId ?? 0))
    .slice(0, shown)
    .map(({ panelId, name, value }) => ({
      panelId,
      name,
      share: value / total,
      ...({ [key]: value } as Record<Key, number>),
    }));
}

function nameOf(panelId: number | null, names: ReadonlyMap<number, string>): string {
  return panelId === null ? noPanelName : (names.get(panelId) ?? `Panel ${panelId}`);
}
