import type { DatasetColumn } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../i18n/i18n.ts";
import { densities } from "../lib/densities.ts";
import { formatNumber, formatPercent } from "../lib/format.ts";

const WIDTH = 132;
const HEIGHT = 26;
const BINS = 22;

function Histogram({ statistics }: { statistics: NonNullable<DatasetColumn["statistics"]> }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const heights = densities(statistics.quantiles, BINS);
  const step = WIDTH / BINS;
  const range = t("datasets.range", {
    min: formatNumber(statistics.min, language),
    max: formatNumber(statistics.max, language),
    mean: formatNumber(statistics.mean, language),
  });
  return (
    <figure title={range}>
      <svg width={WIDTH} height={HEIGHT} role="img" aria-label={range}>
        <path
          d={heights
            .map((height, i) => `M${i * step} ${HEIGHT}v${-Math.max(1, height * HEIGHT)}h${step - 1}V${HEIGHT}z`)
            .join("")}
          fill="var(--ink-3)"
          opacity={0.65}
        />
      </svg>
      <figcaption className="small muted nowrap">{range}</figcaption>
    </figure>
  );
}

function TopValues({ top }: { top: NonNullable<DatasetColumn["top"]> }) {
  const language = useLanguage();
  const largest = Math.max(1, ...top.map((each) => each.count));
  return (
    <ul style={{ width: 190 }}>
      {top.slice(0, 4).map((each) => (
        <li key={each.value} className="row small" style={{ gap: 6, lineHeight: "16px" }}>
          <span className="clip" style={{ width: 76 }} title={each.value}>
            {each.value}
          </span>
          <span className="bar grow" style={{ height: 5 }}>
            <i style={{ width: `${(each.count / largest) * 100}%`, background: "var(--ink-3)" }} />
          </span>
          <span className="muted num" style={{ width: 44 }}>
            {formatNumber(each.count, language)}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** A column's values in a glance: a histogram for numbers, bars for the most frequent texts. */
export function Distribution({ column }: { column: DatasetColumn }) {
  const { t } = useTranslation();
  if (column.statistics !== null && column.statistics.quantiles.length > 1)
    return <Histogram statistics={column.statistics} />;
  if (column.top !== null && column.top.length > 0) return <TopValues top={column.top} />;
  return <span className="small muted">{column.role === "id" ? "" : t("datasets.hidden")}</span>;
}

export function FillRate({ share }: { share: number | null }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (share === null) return <span className="small muted">{t("datasets.hidden")}</span>;
  return (
    <span className="row" style={{ gap: 6, justifyContent: "flex-end" }}>
      <span className="bar" style={{ width: 36, height: 5 }}>
        <i style={{ width: `${share * 100}%`, background: share < 0.8 ? "var(--wait)" : "var(--ink-3)" }} />
      </span>
      <span style={{ minWidth: 44 }}>{formatPercent(share, language)}</span>
    </span>
  );
}
