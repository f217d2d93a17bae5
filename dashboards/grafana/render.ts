import { alertRules } from './alerts.ts';
import { api } from './api.ts';
import { type Board, boardJson } from './board.ts';
import { fleet } from './fleet.ts';
import { pipeline } from './pipeline.ts';
import { support } from './support.ts';

/** The dashboards by the name of their file. */
export const boards: Readonly<Record<string, Board>> = { support, fleet, pipeline, api };

/** What Grafana and Prometheus read, by where the chart looks for it. */
export const observed: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(
    Object.entries(boards).map(([name, board]) => [`charts/docket/dashboards/${name}.json`, () => boardJson(board)]),
  ),
  'charts/docket/rules/docket.yaml': alertRules,
};
