import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Bar, Card } from "../page.tsx";
import { Table } from "../table.tsx";
import { type Psi, PsiReport, psi } from "./psi-report.tsx";

const columns = z.object({
  columns: z.array(z.object({ column: z.string(), filled: z.number().int().min(0).optional() })),
});

/** A match with columns: how many rows, and how full each column came; at the owner, what went out. */
export const labelled = z.unknown().transform((value, context): Psi & z.infer<typeof columns> => {
  const [rows, handed] = [psi.safeParse(value), columns.safeParse(value)];
  if (rows.success && handed.success) return { ...rows.data, ...handed.data };
  context.addIssue({ code: "custom" });
  return z.NEVER;
});
type Labelled = z.infer<typeof labelled>;

export function LabelReport({ title, task, report }: { title: string; task: string; report: Labelled }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const matched = report.matched ?? 0;
  return (
    <>
      <PsiReport title={title} task={task} report={report} />
      <Card flush>
        <Table
          label={t("reports.handed")}
          rows={report.columns}
          keyOf={(row) => row.column}
          columns={[
            { key: "column", title: t("reports.handed"), cell: (row) => <code>{row.column}</code> },
            ...(report.matched === null
              ? []
              : [
                  {
                    key: "filled",
                    title: t("reports.filled"),
                    cell: (row: Labelled["columns"][number]) => (
                      <div style={{ maxWidth: 360 }}>
                        {formatNumber(row.filled ?? null, language)}
                        <Bar share={matched === 0 ? 0 : (row.filled ?? 0) / matched} colour="var(--accent)" />
                      </div>
                    ),
                  },
                ]),
          ]}
        />
      </Card>
      {report.matched === null && (
        <p className="small soft">{t("reports.handedHint", { parties: Object.keys(report.byParty).join(", ") })}</p>
      )}
    </>
  );
}
