import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { DASH, formatMetric, formatNumber, formatPercent } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { type Column, Table } from "../table.tsx";
import { Chart } from "./chart.tsx";
import type { Fairness, Groups, Periods, Segment } from "./evaluation-shape.ts";

const metric = (value: number | null): string => (value === null ? DASH : formatMetric(value));

/** Figures of each part; only columns that some part has. */
function SegmentTable({ label, segments }: { label: string; segments: readonly Segment[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const num = (key: keyof Segment, title: string, cell: (row: Segment) => string): Column<Segment>[] =>
    segments.some((row) => row[key] !== null) ? [{ key, title, num: true, cell }] : [];
  return (
    <Table
      label={label}
      rows={segments}
      keyOf={({ name }) => name ?? ""}
      columns={[
        {
          key: "name",
          title: label,
          cell: ({ name }) => (name === null ? <span className="muted">{t("evaluation.noValue")}</span> : name),
        },
        ...num("rows", t("reports.rows"), ({ rows }) => formatNumber(rows, language)),
        ...num("positives", t("evaluation.rate"), ({ positives, rows }) =>
          formatPercent(positives === null ? null : positives / Math.max(1, rows), language),
        ),
        ...num("meanLabel", t("evaluation.meanLabel"), ({ meanLabel }) => metric(meanLabel)),
        ...num("meanScore", t("evaluation.meanScore"), ({ meanScore }) => formatNumber(meanScore, language)),
        ...num("auc", t("reports.auc"), ({ auc }) => metric(auc)),
        ...num("ks", t("reports.ks"), ({ ks }) => metric(ks)),
        ...num("rmse", t("reports.rmse"), ({ rmse }) => metric(rmse)),
        ...num("bias", t("reports.bias"), ({ bias }) => metric(bias)),
        ...num("stability", t("evaluation.moved"), ({ stability }) => metric(stability)),
      ]}
    />
  );
}

function Small({ of: { segments, rows } }: { of: Periods["small"] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (segments === 0) return null;
  return <p className="small soft">{t("evaluation.small", { count: segments, rows: formatNumber(rows, language) })}</p>;
}

export function PeriodsCard({ of: { column, segments, small } }: { of: Periods }) {
  const { t } = useTranslation();
  const line = (of: (segment: Segment) => number | null) =>
    segments.flatMap((segment, i) => {
      const value = of(segment);
      return value === null ? [] : [[i + 1, value] as const];
    });
  const lines = [
    { name: t("reports.auc"), points: line(({ auc }) => auc), colour: "--accent" },
    { name: t("reports.ks"), points: line(({ ks }) => ks), colour: "--wait" },
    { name: t("evaluation.moved"), points: line(({ stability }) => stability), colour: "--ink-3", dashed: true },
  ].filter(({ points }) => points.length > 1);
  return (
    <Card title={t("evaluation.periods", { column })}>
      <div className="stack">
        {lines.length > 0 && (
          <Chart
            title={lines.map(({ name }) => name).join(" · ")}
            x={column}
            y=""
            names={segments.map(({ name }) => name ?? t("evaluation.noValue"))}
            lines={lines}
          />
        )}
        <SegmentTable label={column} segments={segments} />
        <Small of={small} />
      </div>
    </Card>
  );
}

export function GroupsCard({ of: { column, segments, small, fairness } }: { of: Groups }) {
  const { t } = useTranslation();
  return (
    <>
      <Card title={t("evaluation.groups", { column })}>
        <div className="stack">
          <SegmentTable label={column} segments={segments} />
          <Small of={small} />
        </div>
      </Card>
      {fairness !== null && <FairnessCard column={column} of={fairness} />}
    </>
  );
}

function FairnessCard({ column, of }: { column: string; of: Fairness }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const share = (value: number | null) => formatPercent(value, language);
  return (
    <Card
      title={t("evaluation.fairness", { threshold: formatNumber(of.threshold, language) })}
      hint={t("evaluation.fairnessHint")}
    >
      <div className="stack">
        <div className="metrics">
          <Metric label={t("evaluation.parity")} value={metric(of.demographicParityDifference)} />
          <Metric label={t("evaluation.parityRatio")} value={metric(of.demographicParityRatio)} />
          <Metric label={t("evaluation.opportunity")} value={metric(of.equalOpportunityDifference)} />
          <Metric label={t("evaluation.odds")} value={metric(of.equalisedOddsDifference)} />
        </div>
        <Table
          label={column}
          rows={of.groups}
          keyOf={({ name }) => name ?? ""}
          columns={[
            {
              key: "name",
              title: column,
              cell: ({ name }) => (name === null ? <span className="muted">{t("evaluation.noValue")}</span> : name),
            },
            { key: "rows", title: t("reports.rows"), num: true, cell: ({ rows }) => formatNumber(rows, language) },
            {
              key: "bar",
              title: "",
              width: "24%",
              cell: ({ selectionRate }) => (
                <span className="bar" style={{ height: 12, display: "block" }}>
                  <i style={{ width: `${(selectionRate ?? 0) * 100}%`, background: "var(--accent)" }} />
                </span>
              ),
            },
            {
              key: "selected",
              title: t("evaluation.selected"),
              num: true,
              cell: ({ selectionRate }) => share(selectionRate),
            },
            {
              key: "tpr",
              title: t("reports.rocY"),
              num: true,
              cell: ({ truePositiveRate }) => share(truePositiveRate),
            },
            {
              key: "fpr",
              title: t("reports.rocX"),
              num: true,
              cell: ({ falsePositiveRate }) => share(falsePositiveRate),
            },
            { key: "precision", title: t("reports.precision"), num: true, cell: ({ precision }) => share(precision) },
          ]}
        />
      </div>
    </Card>
  );
}
