import { Link } from "@tanstack/react-router";
import { type Job, routes } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { useForbidden } from "../../components/act.tsx";
import { Card } from "../../components/page.tsx";
import { Table } from "../../components/table.tsx";
import { Num } from "../../components/values.tsx";

const urlOf = (jobId: string, task: string, port: string, format: "csv" | "parquet"): string =>
  `${routes.taskOutput.path
    .replace(":id", encodeURIComponent(jobId))
    .replace(":task", encodeURIComponent(task))
    .replace(":port", encodeURIComponent(port))}?format=${format}`;

/** Own outputs, what the flow ends with first: tables to download, models to open. */
export function Outputs({ job, task }: { job: Job; task: string | undefined }) {
  const { t } = useTranslation();
  const why = useForbidden()("datasets:preview");
  const rows = [...job.tasks]
    .reverse()
    .filter((each) => task === undefined || each.name === task)
    .flatMap((each) =>
      each.outputs.filter((output) => output.kind !== "report").map((output) => ({ task: each.name, ...output })),
    );
  if (rows.length === 0) return null;
  return (
    <Card title={t("jobs.outputs")} hint={t("jobs.exportNote")} flush>
      <Table
        label={t("jobs.outputs")}
        rows={rows}
        keyOf={(row) => `${row.task}.${row.port}`}
        columns={[
          { key: "task", title: t("jobs.task"), cell: (row) => <code>{`${row.task}.${row.port}`}</code> },
          { key: "kind", title: t("approvals.kindTitle"), cell: (row) => t(`jobs.outputKind.${row.kind}`) },
          { key: "rows", title: t("jobs.rows"), num: true, cell: (row) => <Num of={row.rows} /> },
          {
            key: "do",
            title: "",
            num: true,
            cell: (row) => {
              if (row.kind === "model")
                return (
                  <Link to="/models/$id" params={{ id: `${job.id}.${row.task}` }}>
                    {t("jobs.openModel")}
                  </Link>
                );
              if (why !== undefined) return <span className="small muted">{why}</span>;
              return (
                <span className="row" style={{ justifyContent: "flex-end" }}>
                  <a href={urlOf(job.id, row.task, row.port, "csv")} download>
                    {t("jobs.csv")}
                  </a>
                  <a href={urlOf(job.id, row.task, row.port, "parquet")} download>
                    {t("jobs.parquet")}
                  </a>
                </span>
              );
            },
          },
        ]}
      />
    </Card>
  );
}
