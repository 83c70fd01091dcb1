import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { Dataset } from "@tombolo/sdk";
import { App, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field, useForbidden } from "../../components/act.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Card, Metric, Notice, Page, Tabs } from "../../components/page.tsx";
import { PreviewTable } from "../../components/preview-table.tsx";
import { State } from "../../components/state.tsx";
import { Hash, Num, When } from "../../components/values.tsx";
import { DASH, formatBytes } from "../../lib/format.ts";
import { useAct, useRead } from "../../lib/queries.ts";
import { Dictionary } from "./dictionary.tsx";
import { Publish } from "./publish.tsx";
import "./datasets.css";

type Tab = "dictionary" | "preview" | "publish";

function Rows({ id }: { id: string }) {
  const { t } = useTranslation();
  const why = useForbidden()("datasets:preview");
  const preview = useRead("previewDataset", { params: { id } }, { enabled: why === undefined });
  if (why !== undefined) return <Notice tone="idle">{why}</Notice>;
  return (
    <Card hint={t("datasets.previewHint")} title={t("datasets.tab.preview")} flush>
      <Loaded of={preview}>{(data) => <PreviewTable label={t("datasets.tab.preview")} preview={data} />}</Loaded>
    </Card>
  );
}

function About({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation();
  return (
    <Card>
      <div className="metrics">
        <Metric label={t("datasets.rows")} value={<Num of={dataset.rowCount} />} />
        <Metric label={t("datasets.columns")} value={dataset.columns.length} />
        <Metric label={t("datasets.size")} value={formatBytes(dataset.bytes)} />
        <Metric
          label={t("datasets.status")}
          value={<State of={dataset.published ? "published" : "private"} />}
          sub={<When at={dataset.createdAt} />}
        />
        <Metric label={t("datasets.asOf")} value={dataset.asOf ?? DASH} sub={dataset.sourceFile ?? ""} />
        {dataset.origin !== null && (
          <Metric
            label={t("datasets.origin")}
            value={
              <Link to="/jobs/$id" params={{ id: dataset.origin.jobId }} style={{ fontSize: 14 }}>
                {dataset.origin.jobName}
              </Link>
            }
            sub={<code>{`${dataset.origin.task}.${dataset.origin.port}`}</code>}
          />
        )}
        <div className="metric">
          <span className="l">{t("datasets.snapshot")}</span>
          <Hash value={dataset.snapshot} />
        </div>
      </div>
    </Card>
  );
}

function EditModal({ dataset, onClose }: { dataset: Dataset; onClose(): void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(dataset.name);
  const [description, setDescription] = useState(dataset.description);
  const [asOf, setAsOf] = useState(dataset.asOf ?? "");
  const save = useAct("updateDataset", {
    refresh: ["getDataset", "listDatasets"],
    said: t("datasets.saved"),
    after: onClose,
  });
  return (
    <Modal
      open
      title={t("common.details")}
      okText={t("common.save")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: save.isPending, disabled: name.trim() === "" }}
      onCancel={onClose}
      onOk={() =>
        save.mutate({ params: { id: dataset.id }, body: { name, description, asOf: asOf === "" ? null : asOf } })
      }
    >
      <div className="stack">
        <Field label={t("datasets.name")}>
          <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label={t("datasets.description")} optional>
          <Input.TextArea
            rows={3}
            value={description}
            maxLength={4000}
            onChange={(event) => setDescription(event.target.value)}
          />
        </Field>
        <Field label={t("datasets.asOf")} optional>
          <Input type="date" value={asOf} onChange={(event) => setAsOf(event.target.value)} />
        </Field>
      </div>
    </Modal>
  );
}

function Delete({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const remove = useAct("deleteDataset", {
    refresh: ["listDatasets"],
    said: t("datasets.deleted"),
    after: () => void navigate({ to: "/datasets" }),
  });
  return (
    <Act
      danger
      needs="datasets:manage"
      loading={remove.isPending}
      onClick={() =>
        modal.confirm({
          title: t("datasets.deleteTitle", { name: dataset.name }),
          content: t("datasets.deleteHint"),
          okText: t("datasets.delete"),
          cancelText: t("common.cancel"),
          okButtonProps: { danger: true },
          onOk: () => remove.mutateAsync({ params: { id: dataset.id } }).catch(() => undefined),
        })
      }
    >
      {t("datasets.delete")}
    </Act>
  );
}

function View({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation();
  const [tab, setTab] = useState<Tab>("dictionary");
  const keys = ["dictionary", "preview", "publish"] as const;
  return (
    <>
      {dataset.derivedFromRevoked && (
        <Notice tone="bad" title={t("datasets.derived")}>
          {t("datasets.derivedHint")}
        </Notice>
      )}
      <About dataset={dataset} />
      <Tabs
        label={dataset.name}
        active={tab}
        onChange={setTab}
        tabs={keys.map((key) => ({ key, title: t(`datasets.tab.${key}`) }))}
      />
      {tab === "dictionary" && <Dictionary dataset={dataset} />}
      {tab === "preview" && <Rows id={dataset.id} />}
      {tab === "publish" && <Publish dataset={dataset} />}
    </>
  );
}

export function DatasetPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/shell/datasets/$id" });
  const dataset = useRead("getDataset", { params: { id } });
  const [editing, setEditing] = useState(false);
  return (
    <Page
      title={dataset.data?.name ?? t("datasets.title")}
      crumb={
        <>
          <Link to="/datasets">{t("datasets.title")}</Link> / <code>{id}</code>
        </>
      }
      sub={dataset.data?.description}
      actions={
        dataset.data !== undefined && (
          <>
            <Act needs="datasets:manage" onClick={() => setEditing(true)}>
              {t("common.details")}
            </Act>
            <Delete dataset={dataset.data} />
          </>
        )
      }
    >
      <Loaded of={dataset} rows={8}>
        {(data) => <View key={data.id} dataset={data} />}
      </Loaded>
      {editing && dataset.data !== undefined && <EditModal dataset={dataset.data} onClose={() => setEditing(false)} />}
    </Page>
  );
}
