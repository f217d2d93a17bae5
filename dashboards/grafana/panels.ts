import { PanelBuilder as BarChart } from '@grafana/grafana-foundation-sdk/barchart';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';

/** What every panel says of itself. */
export type Spec = {
  readonly title: string;
  /** What it shows and where that comes from; Grafana shows it at the panel's corner. */
  readonly doc: string;
  readonly unit: string;
  readonly queries: readonly Builder<Dataquery>[];
  /** Where it stops being good; `below`: smaller is worse. */
  readonly limit?: { readonly at: number; readonly below?: boolean };
  readonly decimals?: number;
  readonly max?: number;
  readonly span?: number;
  readonly height?: number;
  /** Fields that differ from the rest, by name. */
  readonly fields?: Readonly<Record<string, readonly DynamicConfigValue[]>>;
};

type Common = Builder<Panel> & {
  title(text: string): Common;
  description(text: string): Common;
  unit(unit: string): Common;
  span(columns: number): Common;
  height(rows: number): Common;
  thresholds(thresholds: Builder<{ mode: ThresholdsMode; steps: Threshold[] }>): Common;
  withTarget(target: Builder<Dataquery>): Common;
  overrideByName(name: string, properties: DynamicConfigValue[]): Common;
  noValue(text: string): Common;
  decimals(digits: number): Common;
  max(value: number): Common;
};

const refIds = 'ABCDEFGHIJ';

const named = (query: Builder<Dataquery>, index: number): Builder<Dataquery> => ({
  build: () => ({ ...query.build(), refId: refIds[index] }) as unknown as Dataquery,
});

/** Green on the good side of a limit, red on the other; without one everything is the neutral text colour. */
export function thresholds(limit: Spec['limit']): ThresholdsConfigBuilder {
  const steps: Threshold[] = limit
    ? [
        { value: null, color: limit.below ? 'red' : 'green' },
        { value: limit.at, color: limit.below ? 'green' : 'red' },
      ]
    : [{ value: null, color: 'text' }];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

function describe<P extends Builder<Panel>>(panel: P, spec: Spec, size: { span: number; height: number }): P {
  const common = panel as unknown as Common;
  common
    .title(spec.title)
    .description(spec.doc)
    .unit(spec.unit)
    .span(spec.span ?? size.span)
    .height(spec.height ?? size.height)
    .noValue('none yet')
    .thresholds(thresholds(spec.limit));
  if (spec.decimals !== undefined) common.decimals(spec.decimals);
  if (spec.max !== undefined) common.max(spec.max);
  spec.queries.forEach((query, i) => common.withTarget(named(query, i)));
  for (const [name, properties] of Object.entries(spec.fields ?? {})) common.overrideByName(name, [...properties]);
  return panel;
}

const legend = (): VizLegendOptionsBuilder =>
  new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .calcs([]);

/** Lines over time; a limit is a dashed line. */
export function lines(spec: Spec): Builder<Panel> {
  const style = spec.limit ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off;
  return describe(new TimeSeries(), spec, { span: 12, height: 8 })
    .min(0)
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(1)
    .fillOpacity(8)
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(style));
}

/** Bars over time, about one a day for a month. */
export function bars(spec: Spec & { readonly stacked?: boolean }): Builder<Panel> {
  const stacking = spec.stacked ? StackingMode.Normal : StackingMode.None;
  return describe(new TimeSeries(), spec, { span: 12, height: 8 })
    .min(0)
    .maxDataPoints(31)
    .interval('1h')
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(60)
    .lineWidth(0)
    .stacking(new StackingConfigBuilder().mode(stacking))
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
}

/** Bars by whatever the first column says. */
export const ranks = (spec: Spec): Builder<Panel> =>
  describe(new BarChart(), spec, { span: 12, height: 8 }).min(0).legend(legend().showLegend(false));

/** One figure, or a row of few. */
export const figure = (spec: Spec & { readonly hasGraph?: boolean }): Builder<Panel> =>
  describe(new Stat(), spec, { span: 6, height: 5 })
    .colorMode(spec.limit ? BigValueColorMode.Value : BigValueColorMode.None)
    .graphMode(spec.hasGraph ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .textMode(BigValueTextMode.Auto)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));

/** Rows. */
export const list = (spec: Spec): Builder<Panel> => describe(new Table(), spec, { span: 24, height: 9 });
