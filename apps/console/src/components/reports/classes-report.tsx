import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { DASH, formatMetric, formatNumber, formatPercent } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { Table } from "../table.tsx";
import type { Classes } from "./shapes.ts";

const tintOf = (share: number, right: boolean): string =>
  `color-mix(in srgb, var(${right ? "--ok" : "--bad"}) ${Math.round(60 * share)}%, var(--surface))`;

/** A row for each class that rows have, a column for each that they are called; the tint is the share of the row. */
function Matrix({ report, cells }: { report: Classes; cells: readonly (readonly number[])[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const name = (place: number): string => report.classes[place]?.name ?? "";
  return (
    <figure>
      <figcaption>{t("reports.confusion")}</figcaption>
      <div className="t-wrap">
        <table className="heat" aria-label={t("reports.confusion")}>
          <thead>
            <tr>
              <td />
              {cells.map((_, place) => (
                <th key={name(place)} scope="col" title={name(place)}>
                  <span>{name(place)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cells.map((row, actual) => {
              const total = row.reduce((sum, count) => sum + count, 0);
              return (
                <tr key={name(actual)}>
                  <th scope="row" title={name(actual)}>
                    {name(actual)}
                  </th>
                  {row.map((count, called) => (
                    <td
                      key={name(called)}
                      style={{ background: tintOf(total === 0 ? 0 : count / total, actual === called) }}
                      title={`${name(actual)} → ${name(called)}`}
                    >
                      {formatNumber(count, language)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="small soft">{t("reports.classMatrixHint")}</p>
    </figure>
  );
}

function ByClass({ report }: { report: Classes }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const share = (value: number | null): string => (value === null ? DASH : formatPercent(value, language));
  return (
    <Table
      label={t("reports.byClass")}
      rows={report.classes}
      keyOf={(row) => row.name}
      columns={[
        { key: "name", title: t("reports.class"), cell: (row) => <code>{row.name}</code> },
        { key: "rows", title: t("reports.rows"), num: true, cell: (row) => formatNumber(row.rows, language) },
        { key: "called", title: t("reports.called"), num: true, cell: (row) => formatNumber(row.called, language) },
        { key: "precision", title: t("reports.precision"), num: true, cell: (row) => share(row.precision) },
        { key: "recall", title: t("reports.recall"), num: true, cell: (row) => share(row.recall) },
        { key: "f1", title: "F1", num: true, cell: (row) => formatMetric(row.f1) },
        { key: "auc", title: t("reports.auc"), num: true, cell: (row) => formatMetric(row.auc) },
        { key: "loss", title: t("reports.logLoss"), num: true, cell: (row) => formatMetric(row.logLoss) },
      ]}
    />
  );
}

export function ClassesReport({ title, task, report }: { title: string; task: string; report: Classes }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <div className="metrics">
          <Metric label={t("reports.accuracy")} value={formatPercent(report.accuracy, language)} />
          <Metric label={t("reports.balanced")} value={formatMetric(report.balancedAccuracy)} />
          <Metric label={t("reports.macroF1")} value={formatMetric(report.macroF1)} />
          <Metric label={t("reports.logLoss")} value={formatMetric(report.logLoss)} />
          <Metric label={t("reports.rows")} value={formatNumber(report.rows, language)} />
        </div>
        {report.confusion === null ? (
          <p className="soft">{t("reports.withheld")}</p>
        ) : (
          <Matrix report={report} cells={report.confusion} />
        )}
        <ByClass report={report} />
      </div>
    </Card>
  );
}
