import { Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { DASH, formatMetric, formatNumber } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { Table } from "../table.tsx";
import { Chart } from "./chart.tsx";
import { type CrossValidation, type Figure, type FoldRow, linesOf, tableOf } from "./cross-validation.ts";

/** As the other reports call them. */
const WORDS = {
  auc: "reports.auc",
  ks: "reports.ks",
  averagePrecision: "reports.ap",
  logLoss: "reports.logLoss",
  brier: "reports.brier",
  accuracy: "reports.accuracy",
  f1: "folds.f1",
  rmse: "reports.rmse",
  mae: "reports.mae",
  bias: "reports.bias",
  r2: "reports.r2",
  balancedAccuracy: "reports.balanced",
  macroF1: "reports.macroF1",
} as const satisfies Record<Figure["name"], string>;

const metric = (value: number | null): string => (value === null ? DASH : formatMetric(value));

function FoldBars({ report, figure }: { report: CrossValidation; figure: Figure }) {
  const { t } = useTranslation();
  const name = t(WORDS[figure.name]);
  const { bars, levels } = linesOf(report, figure);
  const words = { mean: t("folds.mean"), above: t("folds.above"), below: t("folds.below") };
  return (
    <Chart
      title={t("folds.byFold", { figure: name })}
      x={t("folds.fold")}
      y={name}
      xMin={0}
      xMax={Math.max(...report.folds.map(({ fold }) => fold)) + 1}
      free={bars.some(([, value]) => value < 0)}
      lines={[
        { name, points: bars, colour: "--accent", type: "bar" },
        ...levels.map(({ kind, points }) => ({
          ...{ name: words[kind], points, dashed: kind !== "mean" },
          colour: kind === "mean" ? "--ink-2" : "--ink-3",
        })),
      ]}
    />
  );
}

function FoldTable({ report }: { report: CrossValidation }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const names = { mean: t("folds.all"), deviation: t("folds.deviation"), pooled: t("folds.pooled") };
  const nameOf = ({ name }: FoldRow): string => (typeof name === "number" ? String(name) : names[name]);
  return (
    <Table
      label={t("folds.folds")}
      rows={tableOf(report)}
      keyOf={({ name }) => String(name)}
      columns={[
        { key: "fold", title: t("folds.fold"), cell: nameOf },
        {
          key: "rows",
          title: t("reports.rows"),
          num: true,
          cell: ({ rows }) => (rows === null ? DASH : formatNumber(rows, language)),
        },
        ...report.figures.map(({ name }) => ({
          key: name,
          title: t(WORDS[name]),
          num: true,
          cell: ({ figures }: FoldRow) => metric(figures[name] ?? null),
        })),
      ]}
    />
  );
}

export function CrossValidationReport({
  title,
  task,
  report,
}: {
  title: string;
  task: string;
  report: CrossValidation;
}) {
  const { t } = useTranslation();
  const language = useLanguage();
  const known = report.figures.filter(({ mean }) => mean !== null);
  const [chosen, choose] = useState<Figure["name"] | undefined>();
  const figure = known.find(({ name }) => name === chosen) ?? known[0];
  return (
    <Card title={title} hint={`${t("reports.own", { task })} · ${t("folds.hint")}`}>
      <div className="stack">
        <div className="metrics">
          {known.slice(0, 4).map(({ name, mean, deviation }) => (
            <Metric
              key={name}
              label={t(WORDS[name])}
              value={metric(mean)}
              {...(deviation === null ? {} : { sub: t("folds.plusMinus", { deviation: metric(deviation) }) })}
            />
          ))}
          <Metric label={t("folds.folds")} value={formatNumber(report.folds.length, language)} />
          <Metric label={t("folds.rows")} value={formatNumber(report.rows, language)} />
        </div>
        {figure !== undefined && (
          <>
            <Segmented
              size="small"
              aria-label={t("folds.figure")}
              value={figure.name}
              onChange={choose}
              options={known.map(({ name }) => ({ value: name, label: t(WORDS[name]) }))}
            />
            <FoldBars report={report} figure={figure} />
          </>
        )}
        <FoldTable report={report} />
        {report.before.length > 0 && (
          <p className="small soft">
            {t("folds.before", { steps: report.before.map((step) => t(`folds.stepOf.${step}`)).join(", ") })}
          </p>
        )}
      </div>
    </Card>
  );
}
