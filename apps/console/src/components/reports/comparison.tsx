import { useTranslation } from "react-i18next";
import { formatMetric } from "../../lib/format.ts";
import { Card } from "../page.tsx";
import { Table } from "../table.tsx";
import { Chart } from "./chart.tsx";
import type { Binary } from "./shapes.ts";

export interface Evaluated {
  readonly task: string;
  readonly report: Binary;
}

const COLOURS = ["--accent", "--wait", "--party-2", "--party-1"];

/** Evaluations of one job side by side. */
interface Props {
  readonly evaluations: readonly Evaluated[];
  /** One of them is of a model on own columns alone. */
  readonly withAlone: boolean;
}

export function Comparison({ evaluations, withAlone }: Props) {
  const { t } = useTranslation();
  const title = t(withAlone ? "reports.comparison" : "reports.evaluations");
  const columns = [
    { key: "auc", title: t("reports.auc"), of: ({ report }: Evaluated) => report.auc },
    { key: "ks", title: t("reports.ks"), of: ({ report }: Evaluated) => report.ks?.value },
    { key: "f1", title: t("reports.f1"), of: ({ report }: Evaluated) => report.bestF1?.f1 },
    { key: "logLoss", title: t("reports.logLoss"), of: ({ report }: Evaluated) => report.logLoss },
  ];
  return (
    <Card title={title} hint={t(withAlone ? "reports.comparisonHint" : "reports.evaluationsHint")}>
      <div className="grid2">
        <Table
          label={title}
          rows={evaluations}
          keyOf={(row) => row.task}
          columns={[
            { key: "task", title: t("jobs.task"), cell: (row) => <code>{row.task}</code> },
            ...columns.map(({ key, title, of }) => ({
              key,
              title,
              num: true,
              cell: (row: Evaluated) => formatMetric(of(row)),
            })),
          ]}
        />
        <Chart
          title={t("reports.roc")}
          x={t("reports.rocX")}
          y={t("reports.rocY")}
          xMax={1}
          yMax={1}
          lines={evaluations.map(({ task, report }, index) => ({
            name: `${task} · ${formatMetric(report.auc)}`,
            points: report.curves.roc,
            colour: COLOURS[index % COLOURS.length] ?? "--accent",
          }))}
        />
      </div>
    </Card>
  );
}
