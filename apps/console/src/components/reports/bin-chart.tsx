import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { useBinNames } from "./bin-names.ts";
import type { BinnedColumn, MergedBin } from "./binning.ts";

const WIDTH = 640;
const HEIGHT = 190;
const TOP = 10;
const LEFT = 44;

interface Props {
  readonly column: BinnedColumn;
  readonly bins: readonly MergedBin[];
}

/** Rows as bars from below, weights as a line around their zero; each bin tells its figures when pointed at. */
export function BinChart({ column, bins }: Props) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { binName, columnName } = useBinNames();
  const most = Math.max(...bins.map(({ rows }) => rows), 1);
  const reach = Math.max(...bins.map(({ woe }) => Math.abs(woe ?? 0)), 0.1);
  const step = (WIDTH - LEFT) / bins.length;
  const yOf = (woe: number): number => TOP + (HEIGHT - 2 * TOP) * (0.5 - woe / (2 * reach));
  const xOf = (i: number): number => LEFT + (i + 0.5) * step;
  const points = bins.flatMap(({ woe }, i) => (woe === null ? [] : [[xOf(i), yOf(woe)] as const]));
  const label = t("binning.chart", { column: columnName(column) });
  return (
    <figure className="bin-chart">
      <figcaption>{label}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        {bins.map(({ bins: members, rows, woe }, i) => (
          <rect
            key={members[0]}
            x={xOf(i) - step * 0.36}
            y={HEIGHT - (rows / most) * (HEIGHT - TOP)}
            width={step * 0.72}
            height={(rows / most) * (HEIGHT - TOP)}
            fill="var(--ink-3)"
            opacity={0.22}
          >
            <title>
              {t("binning.pointed", {
                bin: binName(column, members),
                rows: formatNumber(rows, language),
                woe: woe === null ? "–" : woe.toFixed(3),
              })}
            </title>
          </rect>
        ))}
        {points.length > 0 && (
          <>
            <line x1={LEFT} x2={WIDTH} y1={yOf(0)} y2={yOf(0)} stroke="var(--line-strong)" strokeDasharray="4 3" />
            {[reach, 0, -reach].map((value) => (
              <text key={value} x={LEFT - 6} y={yOf(value) + 4} textAnchor="end" fontSize={11} fill="var(--ink-3)">
                {value.toFixed(2)}
              </text>
            ))}
            <polyline
              points={points.map(([x, y]) => `${x},${y}`).join(" ")}
              fill="none"
              stroke="var(--accent)"
              strokeWidth={2}
            />
            {points.map(([x, y]) => (
              <circle key={x} cx={x} cy={y} r={4} fill="var(--accent)" />
            ))}
          </>
        )}
      </svg>
    </figure>
  );
}
