import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** A dashboard: rows of panels. A row that is folded asks nothing until somebody opens it. */
export type Board = {
  readonly uid: string;
  readonly title: string;
  readonly doc: string;
  readonly from: string;
  readonly refresh: string;
  readonly timezone: 'browser' | 'utc';
  readonly variables: readonly Builder<VariableModel>[];
  readonly rows: readonly {
    readonly title: string;
    readonly folded?: true;
    readonly panels: readonly Builder<Panel>[];
  }[];
};

const tag = 'docket';

/** A dashboard as Grafana's files hold it. Panels are numbered in their order, so that links to them last. */
export function boardJson(board: Board): string {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.doc)
    .tags([tag])
    .timezone(board.timezone)
    .time({ from: board.from, to: 'now' })
    .refresh(board.refresh)
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([...board.variables])
    .link(
      new DashboardLinkBuilder('Docket')
        .type(DashboardLinkType.Dashboards)
        .tags([tag])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    );
  let id = 0;
  const numbered = (panel: Builder<Panel>): Builder<Panel> => {
    id += 1;
    const mine = id;
    return { build: () => ({ ...panel.build(), id: mine }) };
  };
  for (const { title, folded, panels } of board.rows) {
    id += 1;
    const row = new RowBuilder(title).id(id).collapsed(folded ?? false);
    if (folded) for (const panel of panels) row.withPanel(numbered(panel));
    builder.withRow(row);
    if (!folded) for (const panel of panels) builder.withPanel(numbered(panel));
  }
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}
