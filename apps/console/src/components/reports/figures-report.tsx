import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { Table } from "../table.tsx";

/** What match-count and match-sum tell: figures over the common rows, never which rows. */
export const figures = z.object({
  count: z.number().nullable(),
  /** False: the figures hold noise or dummies. */
  exact: z.boolean(),
  sums: z
    .array(z.object({ column: z.string(), sum: z.number(), average: z.number().nullable() }))
    .optional()
    .transform((sums) => sums ?? []),
  rows: z.record(z.string(), z.number()),
  /** Own rows that took no part, by reason. */
  removed: z
    .object({ empty: z.number(), duplicates: z.number() })
    .optional()
    .transform((removed) => removed ?? { empty: 0, duplicates: 0 }),
});
export type Figures = z.infer<typeof figures>;

export function FiguresReport({ title, task, report }: { title: string; task: string; report: Figures }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <div className="metrics">
          {report.count !== null && (
            <Metric
              label={t("reports.common")}
              value={formatNumber(report.count, language)}
              sub={report.exact ? t("reports.exact") : t("reports.noisy")}
            />
          )}
          {Object.entries(report.rows).map(([party, rows]) => (
            <Metric key={party} label={t("reports.rowsOf", { party })} value={formatNumber(rows, language)} />
          ))}
          {(["empty", "duplicates"] as const).map(
            (why) =>
              report.removed[why] > 0 && (
                <Metric
                  key={why}
                  label={t(`reports.removedOf.${why}`)}
                  value={formatNumber(report.removed[why], language)}
                />
              ),
          )}
        </div>
        {report.sums.length > 0 && (
          <Table
            label={t("reports.sums")}
            rows={report.sums}
            keyOf={(row) => row.column}
            columns={[
              { key: "column", title: t("datasets.column"), cell: (row) => <code>{row.column}</code> },
              { key: "sum", title: t("reports.sum"), num: true, cell: (row) => formatNumber(row.sum, language) },
              {
                key: "average",
                title: t("reports.average"),
                num: true,
                cell: (row) => formatNumber(row.average, language),
              },
            ]}
          />
        )}
      </div>
    </Card>
  );
}
