import type { Dataset } from "@tombolo/sdk";
import { Checkbox, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field, Toggle } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { MessageField, NumberField } from "../../components/fields.tsx";
import { useParties } from "../../components/party.tsx";
import { DAY_MS } from "../../lib/days.ts";
import { useAct, useRead } from "../../lib/queries.ts";

interface Draft {
  readonly owner: string | undefined;
  readonly datasetId: string | undefined;
  readonly partners: readonly string[];
  readonly projectId: string | null;
  readonly components: string[];
  readonly columns: string[];
  readonly filter: string;
  readonly purpose: string;
  readonly use: ("train" | "score")[];
  readonly days: number;
  readonly uses: number;
  readonly standing: boolean;
  readonly columnNames: boolean;
  readonly message: string;
}

/** Own datasets, or what the chosen partner published. */
function useDatasets(owner: string | undefined): readonly Dataset[] {
  const { own } = useParties();
  const partners = useRead("listPartners", {}).data?.items ?? [];
  const contract = partners.find((each) => each.partyId === owner && each.status === "APPROVED");
  const theirs = useRead(
    "partnerDatasets",
    { params: { id: contract?.contractId ?? "" } },
    { enabled: contract !== undefined },
  );
  const ours = useRead("listDatasets", {}, { enabled: owner === own });
  return (owner === own ? ours.data : theirs.data)?.items ?? [];
}

interface GrantModalProps {
  readonly mode: "request" | "propose";
  readonly datasetId?: string;
  readonly owner?: string;
  onClose(): void;
}

/** Every term of a grant in one form; defaults fit a first joint model. */
export function GrantModal({ mode, datasetId, owner, onClose }: GrantModalProps) {
  const { t } = useTranslation();
  const { own } = useParties();
  const [draft, setDraft] = useState<Draft>({
    owner: owner ?? (mode === "propose" ? own : undefined),
    datasetId,
    partners: mode === "propose" ? [] : [own],
    projectId: null,
    components: [],
    columns: [],
    filter: "",
    purpose: "",
    use: ["train", "score"],
    days: 90,
    uses: 20,
    standing: false,
    columnNames: false,
    message: "",
  });
  const change = (next: Partial<Draft>) => setDraft({ ...draft, ...next });
  const ask = useAct("requestGrant", {
    refresh: ["listGrants", "listApprovals"],
    said: t("grants.requested"),
    inline: true,
    after: onClose,
  });
  const ready =
    draft.owner !== undefined &&
    draft.datasetId !== undefined &&
    draft.partners.length > 0 &&
    draft.purpose.trim() !== "" &&
    draft.use.length > 0;
  const send = () => {
    if (draft.owner === undefined || draft.datasetId === undefined) return;
    const {
      owner: of,
      datasetId: id,
      partners,
      projectId,
      components,
      columns,
      purpose,
      use,
      uses,
      standing,
      columnNames,
      message,
    } = draft;
    ask.mutate({
      body: {
        owner: of,
        datasetId: id,
        partners: [...partners],
        projectId,
        components,
        columns,
        filter: draft.filter.trim() === "" ? null : draft.filter.trim(),
        purpose: purpose.trim(),
        use,
        receivers: [...new Set([...partners, of])],
        expiresAt: new Date(Date.now() + draft.days * DAY_MS).toISOString(),
        uses,
        standing,
        ...(columnNames ? { columnNames } : {}),
        message,
      },
    });
  };
  return (
    <Modal
      open
      width={720}
      title={mode === "propose" ? t("grants.modalPropose") : t("grants.modalRequest")}
      okText={t("grants.send")}
      cancelText={t("common.cancel")}
      okButtonProps={{ disabled: !ready, loading: ask.isPending }}
      onOk={send}
      onCancel={onClose}
    >
      <div className="stack">
        <What draft={draft} mode={mode} change={change} />
        <Limits draft={draft} change={change} />
        {ask.error !== null && <CallFailure error={ask.error} />}
      </div>
    </Modal>
  );
}

interface PartProps {
  readonly draft: Draft;
  change(next: Partial<Draft>): void;
}

function What({ draft, mode, change }: PartProps & { mode: "request" | "propose" }) {
  const { t } = useTranslation();
  const { own, names } = useParties();
  const datasets = useDatasets(draft.owner);
  const others = [...names.keys()].filter((id) => id !== own).map((id) => ({ value: id, label: id }));
  const chosen = datasets.find((each) => each.id === draft.datasetId);
  const features = (chosen?.columns ?? []).filter((column) => column.role !== "ignored");
  return (
    <>
      <div className="grid2">
        {mode === "request" ? (
          <Field label={t("grants.chooseOwner")}>
            <Select
              value={draft.owner ?? null}
              options={others}
              aria-label={t("grants.chooseOwner")}
              onChange={(owner) => change({ owner: owner ?? undefined, datasetId: undefined, columns: [] })}
            />
          </Field>
        ) : (
          <Field label={t("grants.partners")}>
            <Select
              mode="multiple"
              value={[...draft.partners]}
              options={others}
              aria-label={t("grants.partners")}
              onChange={(partners: string[]) => change({ partners })}
            />
          </Field>
        )}
        <Field label={t("grants.dataset")}>
          <Select
            value={draft.datasetId ?? null}
            aria-label={t("grants.dataset")}
            options={datasets.map((each) => ({ value: each.id, label: each.name }))}
            onChange={(id) => change({ datasetId: id ?? undefined, columns: [] })}
          />
        </Field>
      </div>
      <Field label={t("grants.purpose")} hint={t("grants.purposeHint")}>
        <Input
          value={draft.purpose}
          maxLength={200}
          aria-label={t("grants.purpose")}
          onChange={(event) => change({ purpose: event.target.value })}
        />
      </Field>
      <Field label={t("grants.columns")} hint={t("grants.columnsHint")}>
        <Select
          mode="multiple"
          allowClear
          value={draft.columns}
          aria-label={t("grants.columns")}
          options={features.map((column) => ({ value: column.name, label: column.name }))}
          onChange={(columns: string[]) => change({ columns })}
        />
      </Field>
    </>
  );
}

function Limits({ draft, change }: PartProps) {
  const { t } = useTranslation();
  const { own } = useParties();
  const projects = useRead("listProjects", {}).data?.items ?? [];
  const components = useRead("listComponents", {}).data?.items ?? [];
  return (
    <>
      <div className="grid3">
        <NumberField
          label={t("grants.uses")}
          hint={t("grants.usesHint")}
          max={100_000}
          value={draft.uses}
          onChange={(uses) => change({ uses })}
        />
        <NumberField label={t("grants.days")} max={3650} value={draft.days} onChange={(days) => change({ days })} />
        <Field label={t("grants.use")} group>
          <Checkbox.Group
            value={draft.use}
            options={(["train", "score"] as const).map((value) => ({ value, label: t(`grants.useOf.${value}`) }))}
            onChange={(use) => change({ use: use as Draft["use"] })}
          />
        </Field>
      </div>
      <div className="grid2">
        <Field label={t("grants.project")}>
          <Select
            value={draft.projectId ?? ""}
            aria-label={t("grants.project")}
            options={[
              { value: "", label: t("grants.anyProject") },
              ...projects.map((each) => ({ value: each.id, label: each.name })),
            ]}
            onChange={(projectId) => change({ projectId: projectId === "" ? null : projectId })}
          />
        </Field>
        <Field label={t("grants.components")} hint={t("grants.componentsHint")}>
          <Select
            mode="multiple"
            allowClear
            value={draft.components}
            aria-label={t("grants.components")}
            options={components.map((each) => ({ value: each.name, label: each.name }))}
            onChange={(names: string[]) => change({ components: names })}
          />
        </Field>
      </div>
      <Field label={t("grants.filter")} optional hint={t("grants.filterHint")}>
        <Input
          className="mono"
          value={draft.filter}
          maxLength={1000}
          onChange={(event) => change({ filter: event.target.value })}
        />
      </Field>
      <MessageField own={draft.owner === own} value={draft.message} onChange={(message) => change({ message })} />
      <Toggle
        label={t("grants.columnNames")}
        hint={t("grants.columnNamesHint")}
        checked={draft.columnNames}
        onChange={(columnNames) => change({ columnNames })}
      />
      <Toggle
        label={t("grants.standing")}
        hint={t("grants.standingHint")}
        checked={draft.standing}
        onChange={(standing) => change({ standing })}
      />
    </>
  );
}
