import { Link, useNavigate } from "@tanstack/react-router";
import { type Job, routes } from "@tombolo/sdk";
import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field, useForbidden } from "../../components/act.tsx";
import { CallFailure, Loaded } from "../../components/failure.tsx";
import { Card, Empty } from "../../components/page.tsx";
import { PreviewTable } from "../../components/preview-table.tsx";
import { Table } from "../../components/table.tsx";
import { Num } from "../../components/values.tsx";
import { useAct, useRead } from "../../lib/queries.ts";

const urlOf = (jobId: string, task: string, port: string, format: "csv" | "parquet"): string =>
  `${routes.taskOutput.path
    .replace(":id", encodeURIComponent(jobId))
    .replace(":task", encodeURIComponent(task))
    .replace(":port", encodeURIComponent(port))}?format=${format}`;

interface Output {
  readonly task: string;
  readonly port: string;
}

function PreviewModal({ jobId, output, onClose }: { jobId: string; output: Output; onClose(): void }) {
  const { t } = useTranslation();
  const { task, port } = output;
  const preview = useRead("previewOutput", { params: { id: jobId, task, port } });
  const title = t("jobs.previewOf", { output: `${task}.${port}` });
  return (
    <Modal open width={960} title={title} footer={null} onCancel={onClose}>
      <p className="soft small" style={{ marginBottom: 8 }}>
        {t("jobs.previewHint")}
      </p>
      <Loaded of={preview}>
        {(data) =>
          data.rows.length === 0 ? (
            <Empty title={t("jobs.previewNone")} hint={t("jobs.previewNoneHint")} />
          ) : (
            <div style={{ maxHeight: 480, overflow: "auto" }}>
              <PreviewTable label={title} preview={data} />
            </div>
          )
        }
      </Loaded>
    </Modal>
  );
}

function KeepModal({ job, output, onClose }: { job: Job; output: Output; onClose(): void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [name, setName] = useState(job.name);
  const keep = useAct("keepOutput", {
    refresh: ["listDatasets"],
    said: t("jobs.kept"),
    inline: true,
    after: ({ id }) => void navigate({ to: "/datasets/$id", params: { id } }),
  });
  const { task, port } = output;
  return (
    <Modal
      open
      title={t("jobs.keepTitle", { output: `${task}.${port}` })}
      okText={t("jobs.keep")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: keep.isPending, disabled: name.trim() === "" }}
      onCancel={onClose}
      onOk={() => keep.mutate({ params: { id: job.id, task, port }, body: { name: name.trim() } })}
    >
      <div className="stack">
        <p className="soft">{t("jobs.keepHint")}</p>
        <Field label={t("datasets.name")}>
          <Input autoFocus value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
        {keep.error !== null && <CallFailure error={keep.error} />}
      </div>
    </Modal>
  );
}

/** Own outputs, what the flow ends with first: tables to download, models to open. */
export function Outputs({ job, task }: { job: Job; task: string | undefined }) {
  const { t } = useTranslation();
  const why = useForbidden()("datasets:preview");
  const [seen, setSeen] = useState<Output | undefined>();
  const [kept, setKept] = useState<Output | undefined>();
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
                  <Button size="small" onClick={() => setSeen(row)}>
                    {t("jobs.preview")}
                  </Button>
                  <Act size="small" needs="datasets:manage" onClick={() => setKept(row)}>
                    {t("jobs.keep")}
                  </Act>
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
      {seen !== undefined && <PreviewModal jobId={job.id} output={seen} onClose={() => setSeen(undefined)} />}
      {kept !== undefined && <KeepModal job={job} output={kept} onClose={() => setKept(undefined)} />}
    </Card>
  );
}
