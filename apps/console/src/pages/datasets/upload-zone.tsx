import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Dataset } from "@tombolo/sdk";
import { App, Input, Modal, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { DropZone } from "../../components/drop-zone.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { Bar } from "../../components/page.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatBytes, formatPercent } from "../../lib/format.ts";
import { guessId, guessLabel, headerOf, upload } from "../../lib/upload.ts";

interface Choice {
  readonly name: string;
  readonly id: string | undefined;
  readonly label: string | undefined;
}

function useUpload(file: File, onDone: (dataset: Dataset) => void) {
  const [share, setShare] = useState<number | undefined>();
  const [error, setError] = useState<Error | undefined>();
  const abort = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const start = async ({ name, id, label }: Choice) => {
    abort.current = new AbortController();
    setError(undefined);
    setShare(0);
    const query = {
      name,
      filename: file.name,
      ...(id === undefined ? {} : { id }),
      ...(label === undefined ? {} : { label }),
    };
    try {
      onDone(await upload(file, query, setShare, abort.current.signal));
    } catch (caught) {
      setError(caught instanceof Error ? caught : new Error(String(caught)));
      setShare(undefined);
    }
  };
  return { share, error, start };
}

interface ImportModalProps {
  readonly file: File;
  onClose(): void;
  onDone(dataset: Dataset): void;
}

/** Name it, and say which column is the id. */
export function ImportModal({ file, onClose, onDone }: ImportModalProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  /** Undefined until the file's head is read: the fields stand there meanwhile, so that no button moves away. */
  const [columns, setColumns] = useState<readonly string[] | undefined>();
  const [choice, setChoice] = useState<Choice>({
    name: file.name.replace(/\.[^.]+$/, ""),
    id: undefined,
    label: undefined,
  });
  const { share, error, start } = useUpload(file, onDone);
  useEffect(() => {
    void headerOf(file).then((names) => {
      setColumns(names);
      setChoice((before) => ({ ...before, id: guessId(names), label: guessLabel(names) }));
    });
  }, [file]);
  const busy = share !== undefined;
  const pick = (key: "id" | "label", title: string, hint: string) => (
    <Field label={title} optional hint={hint}>
      <Select
        allowClear
        showSearch
        value={choice[key] ?? null}
        aria-label={title}
        loading={columns === undefined}
        options={(columns ?? []).map((name) => ({ value: name, label: name }))}
        onChange={(value) => setChoice({ ...choice, [key]: value ?? undefined })}
      />
    </Field>
  );
  return (
    <Modal
      open
      title={t("datasets.uploadTitle", { file: file.name })}
      okText={t("datasets.import")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: busy, disabled: choice.name.trim() === "" }}
      onOk={() => void start(choice)}
      onCancel={onClose}
    >
      <div className="stack">
        <Field label={t("datasets.name")}>
          <Input
            value={choice.name}
            maxLength={200}
            onChange={(event) => setChoice({ ...choice, name: event.target.value })}
          />
        </Field>
        {columns?.length !== 0 && pick("id", t("datasets.idColumn"), t("datasets.idHint"))}
        {columns?.length !== 0 && pick("label", t("datasets.labelColumn"), t("datasets.labelHint"))}
        {busy && (
          <div>
            <div className="row between small soft">
              <span>
                {share < 1 ? t("datasets.uploading", { name: formatBytes(file.size) }) : t("datasets.importing")}
              </span>
              <span>{formatPercent(share, language, 0)}</span>
            </div>
            <Bar share={share} tone="run" />
          </div>
        )}
        {error !== undefined && <CallFailure error={error} />}
      </div>
    </Modal>
  );
}

/** A file, then its name and which column is the id. */
export function UploadZone() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [file, setFile] = useState<File | undefined>();
  const done = (dataset: Dataset) => {
    setFile(undefined);
    void message.success(t("datasets.uploaded", { name: dataset.name }));
    void queries.invalidateQueries({ queryKey: ["listDatasets"] });
    void navigate({ to: "/datasets/$id", params: { id: dataset.id } });
  };
  return (
    <>
      <DropZone
        title={t("datasets.drop")}
        hint={t("datasets.dropHint")}
        choose={t("datasets.choose")}
        accept=".csv,.tsv,.txt,.parquet"
        needs="datasets:manage"
        onFile={setFile}
      />
      {file !== undefined && <ImportModal file={file} onClose={() => setFile(undefined)} onDone={done} />}
    </>
  );
}
