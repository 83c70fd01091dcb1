import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatBand, formatMetric, formatNumber, formatPercent } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { useParties } from "../party.tsx";
import { StabilityIndex } from "../stability-index.tsx";
import { Table } from "../table.tsx";
import { Chart } from "./chart.tsx";
import { shownP } from "./coefficients.ts";
import type { CostRow, Costs, ReasonCodes, Second } from "./evaluation-shape.ts";
import type { Binary, Stability } from "./shapes.ts";

interface CostsProps {
  readonly of: Costs;
  /** Scores are probabilities, so that a best threshold follows from the costs alone. */
  readonly areChances: boolean;
}

export function CostsCard({ of: { costs, rows, best, calibrated }, areChances }: CostsProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const number = (value: number): string => formatNumber(value, language);
  const num = (key: string, title: string, cell: (row: CostRow) => string) => ({ key, title, num: true, cell });
  return (
    <Card
      title={t("evaluation.costs")}
      hint={t("evaluation.costsHint", {
        falsePositive: number(costs.falsePositive),
        falseNegative: number(costs.falseNegative),
      })}
    >
      <div className="stack">
        <Chart
          title={t("evaluation.costChart")}
          x={t("evaluation.calledRows")}
          y={t("evaluation.cost")}
          mark={{ x: best.called, name: t("evaluation.best") }}
          lines={[
            {
              name: t("evaluation.cost"),
              points: rows.map(({ called, cost }) => [called, cost] as const),
              colour: "--accent",
            },
          ]}
        />
        <Table
          label={t("evaluation.costs")}
          rows={rows}
          keyOf={({ called }) => String(called)}
          columns={[
            {
              key: "threshold",
              title: t("evaluation.threshold"),
              cell: ({ threshold, called }) => (
                <>
                  {threshold === null ? t("evaluation.none") : number(threshold)}
                  {called === best.called && <span className="small soft"> · {t("evaluation.best")}</span>}
                </>
              ),
            },
            num("called", t("evaluation.calledRows"), ({ called }) => number(called)),
            num("false", t("evaluation.falsePositives"), ({ falsePositives }) => number(falsePositives)),
            num("precision", t("reports.precision"), ({ precision }) => formatPercent(precision, language)),
            num("recall", t("reports.recall"), ({ recall }) => formatPercent(recall, language)),
            num("cost", t("evaluation.cost"), ({ cost }) => number(cost)),
          ]}
        />
        {areChances && (
          <p className="small soft">{t("evaluation.calibrated", { threshold: formatMetric(calibrated) })}</p>
        )}
      </div>
    </Card>
  );
}

export function SecondCard({ of: { auc, ks, roc }, report }: { of: Second; report: Binary }) {
  const { t } = useTranslation();
  const models = [
    { name: t("evaluation.first"), estimate: auc?.first, ks: report.ks?.value ?? null },
    { name: t("evaluation.other"), estimate: auc?.second, ks },
  ];
  return (
    <Card title={t("evaluation.second")} hint={t("evaluation.secondHint")}>
      <div className="grid2">
        <div className="stack">
          <Table
            label={t("evaluation.second")}
            rows={models}
            keyOf={({ name }) => name}
            columns={[
              { key: "name", title: t("evaluation.model"), cell: ({ name }) => name },
              {
                key: "auc",
                title: t("reports.auc"),
                num: true,
                cell: ({ estimate }) =>
                  estimate === undefined
                    ? formatMetric(undefined)
                    : `${formatMetric(estimate.auc)} (${formatMetric(estimate.low)} – ${formatMetric(estimate.high)})`,
              },
              { key: "ks", title: t("reports.ks"), num: true, cell: (row) => formatMetric(row.ks) },
            ]}
          />
          {auc !== null && (
            <>
              <Metric
                label={t("evaluation.difference")}
                value={formatMetric(auc.difference)}
                sub={t("evaluation.betweenOf", { low: formatMetric(auc.low), high: formatMetric(auc.high) })}
              />
              <p className="small soft">
                {auc.p === null
                  ? t("evaluation.alike")
                  : t(auc.p < 0.05 ? "evaluation.clear" : "evaluation.unclear", { p: shownP(auc.p) })}
              </p>
              {auc.second.auc < 0.5 && <p className="small">{t("evaluation.backwards")}</p>}
            </>
          )}
        </div>
        <Chart
          title={t("reports.roc")}
          x={t("reports.rocX")}
          y={t("reports.rocY")}
          xMax={1}
          yMax={1}
          lines={[
            { name: t("evaluation.first"), points: report.curves.roc, colour: "--accent" },
            { name: t("evaluation.other"), points: roc, colour: "--wait" },
          ]}
        />
      </div>
    </Card>
  );
}

export function DriftCard({ of: { index, verdict, bins } }: { of: Stability }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const bars = (of: (bin: Stability["bins"][number]) => number) => bins.map((bin, i) => [i + 1, of(bin)] as const);
  return (
    <Card title={t("evaluation.drift")} hint={t("features.stabilityHint")}>
      <div className="stack">
        <div className="row" style={{ gap: 16 }}>
          <StabilityIndex index={index} limit={0.25} />
          <span>{t(`evaluation.verdictOf.${verdict}`)}</span>
        </div>
        <Chart
          title={t("evaluation.driftChart")}
          x={t("evaluation.band")}
          y={t("evaluation.shareOfRows")}
          names={bins.map((bin) => formatBand(bin, language))}
          lines={[
            { name: t("evaluation.before"), points: bars(({ expected }) => expected), colour: "--ink-3", type: "bar" },
            { name: t("evaluation.now"), points: bars(({ actual }) => actual), colour: "--accent", type: "bar" },
          ]}
        />
      </div>
    </Card>
  );
}

export function ReasonCodesReport({ title, task, report }: { title: string; task: string; report: ReasonCodes }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { own, names } = useParties();
  const share = (rows: number): string => formatPercent(rows / Math.max(1, report.rows), language);
  const most = Math.max(1, ...report.reasons.map(({ any }) => any));
  return (
    <Card title={title} hint={`${t("reports.own", { task })} · ${t(`evaluation.reasonsHint.${report.direction}`)}`}>
      <Table
        label={t("evaluation.reasons")}
        rows={report.reasons}
        keyOf={({ name }) => name}
        columns={[
          {
            key: "name",
            title: t("reports.column"),
            cell: ({ name }) =>
              name !== own && names.has(name) ? t("reports.allColumns", { party: name }) : <code>{name}</code>,
          },
          {
            key: "bar",
            title: "",
            width: "40%",
            cell: ({ any }) => (
              <span className="bar" style={{ height: 12, display: "block" }}>
                <i style={{ width: `${(any / most) * 100}%`, background: "var(--accent)" }} />
              </span>
            ),
          },
          { key: "first", title: t("evaluation.firstReason"), num: true, cell: ({ first }) => share(first) },
          { key: "any", title: t("evaluation.anyReason"), num: true, cell: ({ any }) => share(any) },
        ]}
      />
    </Card>
  );
}
