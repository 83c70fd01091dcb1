import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { type Theme, tokenColour, useTheme } from "../../theme/theme.tsx";

echarts.use([LineChart, BarChart, ScatterChart]);
echarts.use([GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** A token such as "--accent". */
  readonly colour: string;
  readonly dashed?: boolean;
  readonly area?: boolean;
  readonly type?: "line" | "scatter" | "bar";
}

interface ChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly x: string;
  readonly y: string;
  /** 0 unless said. */
  readonly xMin?: number;
  readonly xMax?: number;
  readonly yMax?: number;
  readonly height?: number;
  /** Axis from the data instead of from zero. */
  readonly free?: boolean;
  /** Of the places 1, 2 and on of the x axis, which are no numbers. */
  readonly names?: readonly string[];
  /** A place on the x axis, named. */
  readonly mark?: { readonly x: number; readonly name: string };
}

const axisLabel = () => ({ color: tokenColour("--ink-3"), fontSize: 11 });

/** An end of an axis that the data set, as 0.9379076765335547, is not written on it. */
const LABEL_MAX = 6;
const isShort = (end: number | undefined): boolean => end === undefined || String(end).length <= LABEL_MAX;

const axis = (name: string, max: number | undefined, free: boolean, middle: boolean) => ({
  type: "value" as const,
  name,
  nameLocation: middle ? ("middle" as const) : ("end" as const),
  nameGap: middle ? 26 : 10,
  nameTextStyle: {
    color: tokenColour("--ink-3"),
    fontSize: 11,
    align: middle ? ("center" as const) : ("left" as const),
  },
  axisLabel: axisLabel(),
  axisLine: { lineStyle: { color: tokenColour("--line-strong") } },
  splitLine: { lineStyle: { color: tokenColour("--line") } },
  scale: free,
  ...(free ? {} : { min: 0 }),
  ...(max === undefined ? {} : { max }),
});

/** Half a place on either side, so that bars stand whole. */
const placesOf = (names: readonly string[]) => {
  const nameOf = (value: number | string): string => names[Number(value) - 1] ?? "";
  return {
    ...{ min: 0.5, max: names.length + 0.5, interval: 1, splitLine: { show: false }, axisTick: { show: false } },
    axisLabel: {
      ...{ ...axisLabel(), hideOverlap: true, formatter: nameOf },
      customValues: names.map((_, i) => i + 1),
    },
    axisPointer: {
      snap: true,
      label: { formatter: ({ value }: { value: number | string | Date }) => nameOf(Number(value)) },
    },
  };
};

const seriesOf = (line: Line) => ({
  name: line.name,
  type: line.type ?? ("line" as const),
  data: line.points.map(([x, y]) => [x, y]),
  // A line of one or two points is seen by its points.
  barMaxWidth: 28,
  showSymbol: line.type === "scatter" || (line.points.length < 3 && line.dashed !== true),
  symbolSize: 8,
  itemStyle: { color: tokenColour(line.colour) },
  ...(line.type === undefined || line.type === "line"
    ? {
        lineStyle: {
          width: line.dashed === true ? 1 : 2,
          type: line.dashed === true ? ("dashed" as const) : ("solid" as const),
        },
        ...(line.area === true ? { areaStyle: { opacity: 0.07 } } : {}),
      }
    : {}),
});

/** Its name stands within the plot, on the side with more room: above is the y axis's title. */
const markOf = ({ x, name }: NonNullable<ChartProps["mark"]>, xMost: number) => ({
  silent: true,
  symbol: "none",
  lineStyle: { color: tokenColour("--ink-3"), type: "dotted" as const },
  label: {
    ...{ formatter: name, color: tokenColour("--ink-2"), fontSize: 11 },
    ...{ distance: -14, padding: [0, 6], align: x > xMost / 2 ? ("right" as const) : ("left" as const) },
  },
  data: [{ xAxis: x }],
});

const LEGEND_HEIGHT = 20;

const largestX = (lines: readonly Line[]): number => Math.max(...lines.flatMap(({ points }) => points.map(([x]) => x)));

const round = (value: unknown): string =>
  typeof value === "number" ? String(Number(value.toPrecision(4))) : String(value);

function optionOf({ lines, x, y, xMin, xMax, yMax, free, mark, names }: ChartProps, theme: Theme) {
  return {
    animation: false,
    darkMode: theme === "dark",
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: {
      left: 8,
      right: 16,
      // Beneath the legend, which has a row of its own, stands the y axis's title.
      top: lines.length > 1 ? 40 + LEGEND_HEIGHT : 40,
      bottom: 32,
      outerBoundsMode: "same" as const,
      outerBoundsContain: "axisLabel" as const,
    },
    legend: {
      type: "scroll" as const,
      show: lines.length > 1,
      top: 0,
      right: 0,
      icon: "roundRect",
      itemWidth: 12,
      itemHeight: 3,
      textStyle: { color: tokenColour("--ink-2"), fontSize: 11 },
      pageTextStyle: { color: tokenColour("--ink-3"), fontSize: 11 },
      pageIconColor: tokenColour("--ink-2"),
      pageIconInactiveColor: tokenColour("--line-strong"),
    },
    // Rich text, not HTML: names of columns and parties come from partners.
    tooltip: {
      trigger: "axis" as const,
      renderMode: "richText" as const,
      valueFormatter: round,
      backgroundColor: tokenColour("--surface"),
      borderColor: tokenColour("--line-strong"),
      textStyle: { color: tokenColour("--ink"), fontSize: 12 },
    },
    xAxis: {
      ...axis(x, xMax, false, true),
      ...(xMin === undefined ? {} : { min: xMin }),
      axisLabel: { ...axisLabel(), showMinLabel: isShort(xMin), showMaxLabel: isShort(xMax) },
      ...(names === undefined ? {} : placesOf(names)),
    },
    yAxis: axis(y, yMax, free === true, false),
    series: lines.map((line, i) => ({
      ...seriesOf(line),
      ...(mark !== undefined && i === 0 ? { markLine: markOf(mark, xMax ?? largestX(lines)) } : {}),
    })),
  };
}

/** A chart that follows theme and width; its title and axes are text for readers of any kind. */
export function Chart(props: ChartProps) {
  const { theme } = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<echarts.ECharts | undefined>(undefined);
  useEffect(() => {
    if (box.current === null) return;
    const made = echarts.init(box.current);
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(optionOf(props, theme), true);
  }, [props, theme]);
  return (
    <figure>
      <figcaption>{props.title}</figcaption>
      <div
        ref={box}
        style={{ height: (props.height ?? 260) + (props.lines.length > 1 ? LEGEND_HEIGHT : 0) }}
        role="img"
        aria-label={`${props.title}: ${props.x}, ${props.y}`}
      />
    </figure>
  );
}
