import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatMetric, formatNumber, formatPercent } from "../../lib/format.ts";
import { saveText } from "../../lib/save.ts";
import { Card, Metric } from "../page.tsx";
import { type Column, Table } from "../table.tsx";
import { useBinWords } from "./bin-names.ts";

const bin = z.object({
  name: z.string(),
  rows: z.number(),
  woe: z.number().nullable(),
  points: z.number(),
});

/** One party's part of a card. */
export const card = z.object({
  party: z.string(),
  scale: z.object({ baseScore: z.number(), baseOdds: z.number(), pointsToDouble: z.number(), decimals: z.number() }),
  base: z.number().nullable(),
  columns: z.array(z.object({ name: z.string(), bins: z.array(bin) })),
});
type CardPart = z.infer<typeof card>;

export const scorecard = card.extend({
  exports: z.object({ csv: z.string(), json: z.string(), pmml: z.string().nullable() }),
});
type Scorecard = z.infer<typeof scorecard>;
const FORMATS = [
  ["csv", "text/csv"],
  ["json", "application/json"],
  ["pmml", "application/xml"],
] as const;
type Bin = CardPart["columns"][number]["bins"][number];

/** Left of the middle points are lost, right of it won. */
function PointsBar({ points, most }: { points: number; most: number }) {
  const half = (Math.abs(points) / most) * 50;
  return (
    <svg
      width="100%"
      height={12}
      role="img"
      aria-label={String(points)}
      preserveAspectRatio="none"
      viewBox="0 0 100 12"
    >
      <line x1={50} x2={50} y1={0} y2={12} stroke="var(--line-strong)" strokeWidth={0.5} />
      <rect
        x={points < 0 ? 50 - half : 50}
        y={1}
        width={half}
        height={10}
        fill={points < 0 ? "var(--wait)" : "var(--accent)"}
      />
    </svg>
  );
}

function Points({ name, bins, most }: { name: string; bins: readonly Bin[]; most: number }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const inWords = useBinWords();
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  const weights: Column<Bin>[] = bins.some(({ woe }) => woe !== null)
    ? [
        {
          key: "woe",
          title: t("scorecard.woe"),
          num: true,
          width: 90,
          cell: ({ woe }) => (woe === null ? "" : formatMetric(woe)),
        },
      ]
    : [];
  return (
    <Table
      label={name}
      rows={bins}
      keyOf={(bin) => bin.name}
      columns={[
        { key: "bin", title: <code>{name}</code>, width: "34%", cell: ({ name: bin }) => inWords(bin) },
        { key: "bar", title: "", cell: ({ points }) => <PointsBar points={points} most={most} /> },
        {
          key: "points",
          title: t("scorecard.points"),
          num: true,
          width: 90,
          cell: ({ points }) => formatNumber(points, language),
        },
        {
          key: "share",
          title: t("scorecard.share"),
          num: true,
          width: 90,
          cell: (bin) => formatPercent(bin.rows / Math.max(1, rows), language),
        },
        ...weights,
      ]}
    />
  );
}

/** Base points, the scale, and the points of each bin of own columns. */
export function CardTable({ of: { scale, base, columns } }: { of: CardPart }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const most = Math.max(Number.MIN_VALUE, ...columns.flatMap(({ bins }) => bins.map(({ points }) => Math.abs(points))));
  return (
    <>
      <div className="metrics">
        {base !== null && <Metric label={t("scorecard.base")} value={formatNumber(base, language)} />}
        <Metric
          label={t("scorecard.scale")}
          value={formatNumber(scale.baseScore, language)}
          sub={t("scorecard.scaleSub", {
            odds: formatNumber(scale.baseOdds, language),
            points: formatNumber(scale.pointsToDouble, language),
          })}
        />
        <Metric label={t("scorecard.columns")} value={formatNumber(columns.length, language)} />
      </div>
      {columns.length === 0 && <p className="soft">{t("scorecard.none")}</p>}
      {columns.map((column) => (
        <Points key={column.name} name={column.name} bins={column.bins} most={most} />
      ))}
    </>
  );
}

export function ScorecardReport({ title, task, report }: { title: string; task: string; report: Scorecard }) {
  const { t } = useTranslation();
  const { exports: files } = report;
  const name = `scorecard-${report.party}`;
  return (
    <Card title={title} hint={`${t("reports.own", { task })} · ${t("scorecard.hint")}`}>
      <div className="stack">
        <CardTable of={report} />
        <div className="row wrap" style={{ gap: 8 }}>
          {FORMATS.map(([format, type]) => {
            const content = files[format];
            return content === null ? null : (
              <Button key={format} size="small" onClick={() => saveText(`${name}.${format}`, type, content)}>
                {format.toUpperCase()}
              </Button>
            );
          })}
          <span className="small soft">{t("scorecard.exports")}</span>
        </div>
      </div>
    </Card>
  );
}
