import { Slider } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { DASH, formatMetric, formatNumber, formatPercent } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { Table } from "../table.tsx";
import { Chart } from "./chart.tsx";
import { CostsCard, DriftCard, SecondCard } from "./costs-report.tsx";
import { GroupsCard, PeriodsCard } from "./segments-report.tsx";
import { type Binary, type Confusion, confusionAtShare } from "./shapes.ts";

const DIAGONAL = [
  [0, 0],
  [1, 1],
] as const;

function Figures({ report }: { report: Binary }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const at = (threshold: number) => t("reports.atThreshold", { threshold: formatNumber(threshold, language) });
  return (
    <div className="metrics">
      <Metric
        label={t("reports.auc")}
        value={formatMetric(report.auc)}
        {...(report.interval === null
          ? {}
          : {
              sub: t("evaluation.interval", {
                low: formatMetric(report.interval.low),
                high: formatMetric(report.interval.high),
              }),
            })}
      />
      <Metric
        label={t("reports.ks")}
        value={formatMetric(report.ks?.value)}
        {...(report.ks === null ? {} : { sub: at(report.ks.threshold) })}
      />
      <Metric label={t("reports.gini")} value={formatMetric(report.gini)} />
      <Metric label={t("reports.ap")} value={formatMetric(report.averagePrecision)} />
      <Metric
        label={t("reports.f1")}
        value={formatMetric(report.bestF1?.f1)}
        {...(report.bestF1 === null ? {} : { sub: at(report.bestF1.threshold) })}
      />
      {report.logLoss !== null && <Metric label={t("reports.logLoss")} value={formatMetric(report.logLoss)} />}
      {report.brier !== null && <Metric label={t("reports.brier")} value={formatMetric(report.brier)} />}
      <Metric label={t("reports.rows")} value={formatNumber(report.rows, language)} />
      <Metric
        label={t("reports.positives")}
        value={formatNumber(report.positives, language)}
        sub={formatPercent(report.positives / Math.max(1, report.rows), language)}
      />
    </div>
  );
}

function Curves({ report }: { report: Binary }) {
  const { t } = useTranslation();
  const { curves, calibration } = report;
  const chance = { name: t("reports.chance"), points: DIAGONAL, colour: "--ink-3", dashed: true };
  const baseRate = report.positives / Math.max(1, report.rows);
  return (
    <div className="charts">
      <Chart
        title={`${t("reports.roc")} · ${t("reports.auc")} ${formatMetric(report.auc)}`}
        x={t("reports.rocX")}
        y={t("reports.rocY")}
        xMax={1}
        yMax={1}
        lines={[{ name: t("reports.roc"), points: curves.roc, colour: "--accent", area: true }, chance]}
      />
      <Chart
        title={t("reports.ksTitle")}
        x={t("reports.ksX")}
        y=""
        xMax={1}
        yMax={1}
        lines={[
          { name: t("reports.ksTpr"), points: curves.ks.tpr, colour: "--accent" },
          { name: t("reports.ksFpr"), points: curves.ks.fpr, colour: "--wait" },
        ]}
      />
      <Chart
        title={t("reports.gain")}
        x={t("reports.ksX")}
        y={t("reports.gainY")}
        xMax={1}
        yMax={1}
        lines={[{ name: t("reports.gain"), points: curves.gain, colour: "--accent" }, chance]}
      />
      <Chart
        title={t("reports.lift")}
        x={t("reports.ksX")}
        y={t("reports.liftY")}
        xMax={1}
        lines={[
          { name: t("reports.lift"), points: curves.lift, colour: "--accent" },
          {
            ...chance,
            points: [
              [0, 1],
              [1, 1],
            ],
          },
        ]}
      />
      <Chart
        title={t("reports.pr")}
        x={t("reports.recall")}
        y={t("reports.precision")}
        xMax={1}
        yMax={1}
        lines={[
          { name: t("reports.pr"), points: curves.precisionRecall, colour: "--accent" },
          {
            ...chance,
            points: [
              [0, baseRate],
              [1, baseRate],
            ],
          },
        ]}
      />
      {calibration !== null && (
        <Chart
          title={`${t("reports.calibration")} · ${t("reports.calibrationError", { value: formatMetric(calibration.error) })}`}
          x={t("reports.calibrationX")}
          y={t("reports.calibrationY")}
          xMax={1}
          yMax={1}
          lines={[
            {
              name: t("reports.calibration"),
              points: calibration.bins.map((bin) => [bin.meanScore, bin.observed] as const),
              colour: "--accent",
              type: "scatter",
            },
            { ...chance, name: t("reports.ideal") },
          ]}
        />
      )}
    </div>
  );
}

const over = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function Matrix({ cells }: { cells: Confusion }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = cells;
  const total = tp + fp + fn + tn;
  const cell = (value: number, right: boolean) => (
    <div className={`cell ${right ? "right" : "wrong"}`}>
      <b>{formatNumber(value, language)}</b>
      <span className="small soft">{formatPercent(over(value, total), language)}</span>
    </div>
  );
  return (
    <div className="row wrap" style={{ gap: 40, alignItems: "flex-start" }}>
      <div className="confusion">
        <span />
        <span className="small muted">{t("reports.predictedYes")}</span>
        <span className="small muted">{t("reports.predictedNo")}</span>
        <span className="small muted">{t("reports.actualYes")}</span>
        {cell(tp, true)}
        {cell(fn, false)}
        <span className="small muted">{t("reports.actualNo")}</span>
        {cell(fp, false)}
        {cell(tn, true)}
      </div>
      <div className="metrics">
        <Metric label={t("reports.accuracy")} value={formatPercent(over(tp + tn, total), language)} />
        <Metric label={t("reports.precision")} value={formatPercent(over(tp, tp + fp), language)} />
        <Metric label={t("reports.recall")} value={formatPercent(over(tp, tp + fn), language)} />
        <Metric label={t("reports.specificity")} value={formatPercent(over(tn, tn + fp), language)} />
      </div>
    </div>
  );
}

/** The matrix at the report's own threshold, or at any share of rows the slider asks for. */
function ConfusionCard({ report }: { report: Binary }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const [share, setShare] = useState<number | undefined>();
  const moved = share === undefined ? undefined : confusionAtShare(report, share / 100);
  const cells = moved ?? report.atThreshold?.confusion ?? undefined;
  const slides = confusionAtShare(report, 0.1) !== undefined;
  const threshold = report.atThreshold?.threshold;
  const called = cells === undefined ? 0 : (cells.truePositives + cells.falsePositives) / Math.max(1, report.rows);
  return (
    <Card
      title={t("reports.confusion")}
      hint={
        share === undefined && threshold !== undefined
          ? t("reports.atThreshold", { threshold: formatNumber(threshold, language) })
          : t("reports.confusionHint")
      }
    >
      <div className="stack">
        {cells === undefined ? <p className="soft">{t("reports.withheld")}</p> : <Matrix cells={cells} />}
        {slides && (
          <div style={{ maxWidth: 520 }}>
            <span className="small soft">
              {t("reports.cutoff")}
              {share !== undefined && `: ${formatPercent(share / 100, language, 0)}`}
            </span>
            <Slider
              min={0}
              max={100}
              value={share ?? Math.round(100 * called)}
              aria-label={t("reports.cutoff")}
              tooltip={{ formatter: (value) => formatPercent((value ?? 0) / 100, language, 0) }}
              onChange={setShare}
            />
          </div>
        )}
      </div>
    </Card>
  );
}

function GainTable({ report }: { report: Binary }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const two = (value: number | null) => (value === null ? DASH : value.toFixed(2));
  if (report.gains.length === 0) return null;
  return (
    <Card title={t("reports.gainTable")} flush>
      <Table
        label={t("reports.gainTable")}
        rows={report.gains}
        keyOf={(row) => String(row.depth)}
        columns={[
          { key: "depth", title: t("reports.slice"), cell: (row) => formatPercent(row.depth, language, 0) },
          { key: "rows", title: t("reports.rows"), num: true, cell: (row) => formatNumber(row.rows, language) },
          {
            key: "positives",
            title: t("reports.positives"),
            num: true,
            cell: (row) => formatNumber(Math.round(row.positives * 10) / 10, language),
          },
          { key: "rate", title: t("reports.rate"), num: true, cell: (row) => formatPercent(row.rate, language) },
          { key: "lift", title: t("reports.lift"), num: true, cell: (row) => two(row.lift) },
          { key: "cumulative", title: t("reports.cumulativeLift"), num: true, cell: (row) => two(row.cumulativeLift) },
          { key: "gain", title: t("reports.gainY"), num: true, cell: (row) => formatPercent(row.gain, language) },
        ]}
      />
    </Card>
  );
}

export function BinaryReport({ title, task, report }: { title: string; task: string; report: Binary }) {
  const { t } = useTranslation();
  return (
    <>
      <Card title={title} hint={t("reports.own", { task })}>
        <div className="stack">
          <Figures report={report} />
          {report.meaning === "no" && <p className="small soft">{t("evaluation.turned")}</p>}
          <Curves report={report} />
        </div>
      </Card>
      <ConfusionCard report={report} />
      <GainTable report={report} />
      {report.costs !== null && <CostsCard of={report.costs} areChances={report.calibration !== null} />}
      {report.second !== null && <SecondCard of={report.second} report={report} />}
      {report.groups !== null && <GroupsCard of={report.groups} />}
      {report.periods !== null && <PeriodsCard of={report.periods} />}
      {report.stability !== null && <DriftCard of={report.stability} />}
    </>
  );
}
