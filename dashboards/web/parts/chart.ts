import { BarChart, HeatmapChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkPointComponent, VisualMapPiecewiseComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([LineChart, BarChart, HeatmapChart, GridComponent, MarkPointComponent, VisualMapPiecewiseComponent, SVGRenderer]);

/** An ECharts chart in `element`, drawn as SVG, with the parts that Docket's charts use. */
export const createChart = (element: HTMLElement) => init(element, null, { renderer: 'svg' });
export type Chart = ReturnType<typeof createChart>;
