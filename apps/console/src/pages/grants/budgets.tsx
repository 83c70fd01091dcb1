import type { AskBudget } from "@tombolo/sdk";
import { Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field, Toggle } from "../../components/act.tsx";
import { CallFailure, Loaded } from "../../components/failure.tsx";
import { NumberField } from "../../components/fields.tsx";
import { Bar, Card, Empty } from "../../components/page.tsx";
import { PartnerSelect } from "../../components/partner-select.tsx";
import { Party } from "../../components/party.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { When } from "../../components/values.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { useAct, useRead } from "../../lib/queries.ts";

/** From here on the bar warns. */
const NEAR = 0.8;

function Used({ of: { used, max } }: { of: AskBudget["ids"] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (max === null)
    return (
      <div>
        <b className="num">{formatNumber(used, language)}</b>
        <div className="small muted">{t("grants.unlimited")}</div>
      </div>
    );
  const share = max === 0 ? 1 : used / max;
  return (
    <div style={{ minWidth: 140 }}>
      <span className="num">
        {t("grants.usedOf", { used: formatNumber(used, language), max: formatNumber(max, language) })}
      </span>
      <Bar share={share} tone={share >= 1 ? "bad" : share >= NEAR ? "wait" : "ok"} />
    </div>
  );
}

interface Limits {
  readonly partner: string | undefined;
  readonly datasetId: string | undefined;
  readonly runsMax: number | null;
  readonly idsMax: number | null;
  readonly idsPerDayMax: number | null;
  readonly authorisationRequired: boolean;
}
const noLimits: Limits = {
  ...{ partner: undefined, datasetId: undefined, runsMax: null, idsMax: null },
  ...{ idsPerDayMax: null, authorisationRequired: false },
};
const limitsOf = ({ partner, datasetId, runs, ids, today, authorisationRequired }: AskBudget): Limits => ({
  partner,
  datasetId,
  runsMax: runs.max,
  idsMax: ids.max,
  idsPerDayMax: today.max,
  authorisationRequired,
});

interface LimitModalProps {
  readonly budgets: readonly AskBudget[];
  readonly budget: AskBudget | undefined;
  onClose(): void;
}

function LimitModal({ budgets, budget, onClose }: LimitModalProps) {
  const { t } = useTranslation();
  const [limits, setLimits] = useState(budget === undefined ? noLimits : limitsOf(budget));
  const set = useAct("setBudget", {
    refresh: ["listBudgets"],
    said: t("grants.limitSet"),
    inline: true,
    after: onClose,
  });
  const { partner, datasetId, ...rest } = limits;
  return (
    <Modal
      open
      title={t("grants.limitTitle")}
      okText={t("grants.limit")}
      cancelText={t("common.cancel")}
      okButtonProps={{ disabled: partner === undefined || datasetId === undefined, loading: set.isPending }}
      onOk={() =>
        partner !== undefined && datasetId !== undefined && set.mutate({ body: { partner, datasetId, ...rest } })
      }
      onCancel={onClose}
    >
      <div className="stack">
        <p className="soft">{t("grants.limitHint")}</p>
        <Whose limits={limits} fixed={budget !== undefined} budgets={budgets} change={setLimits} />
        <div className="grid2">
          {(["runsMax", "idsMax", "idsPerDayMax"] as const).map((key) => (
            <NumberField
              key={key}
              optional
              label={t(`grants.${key}`)}
              hint={t("grants.maxHint")}
              min={0}
              max={key === "runsMax" ? 1e6 : 1e12}
              value={limits[key]}
              onChange={(value) => setLimits({ ...limits, [key]: value })}
            />
          ))}
        </div>
        <Toggle
          label={t("grants.authorisationRequired")}
          hint={t("grants.authorisationHint")}
          checked={limits.authorisationRequired}
          onChange={(authorisationRequired) => setLimits({ ...limits, authorisationRequired })}
        />
        {set.error !== null && <CallFailure error={set.error} />}
      </div>
    </Modal>
  );
}

interface WhoseProps {
  readonly limits: Limits;
  readonly fixed: boolean;
  readonly budgets: readonly AskBudget[];
  change(next: Limits): void;
}

/** Choosing what has a limit already starts from that limit. */
function Whose({ limits, fixed, budgets, change }: WhoseProps) {
  const { t } = useTranslation();
  const datasets = useRead("listDatasets", {}).data?.items ?? [];
  const choose = (next: Pick<Limits, "partner" | "datasetId">) => {
    const set = budgets.find(({ partner, datasetId }) => partner === next.partner && datasetId === next.datasetId);
    change(set === undefined ? { ...limits, ...next } : limitsOf(set));
  };
  const { partner, datasetId } = limits;
  return (
    <div className="grid2">
      <PartnerSelect
        label={t("grants.partner")}
        disabled={fixed}
        value={partner}
        onChange={(next) => choose({ partner: next, datasetId })}
      />
      <Field label={t("grants.dataset")}>
        <Select
          value={datasetId ?? null}
          disabled={fixed}
          aria-label={t("grants.dataset")}
          options={datasets.map((each) => ({ value: each.id, label: each.name }))}
          onChange={(next) => choose({ partner, datasetId: next ?? undefined })}
        />
      </Field>
    </div>
  );
}

function useColumns(edit: (budget: AskBudget) => void): Column<AskBudget>[] {
  const { t } = useTranslation();
  return [
    { key: "partner", title: t("grants.partner"), cell: (row) => <Party id={row.partner} /> },
    { key: "dataset", title: t("grants.dataset"), cell: (row) => row.datasetName },
    { key: "runs", title: t("grants.asked.runs"), width: 190, cell: (row) => <Used of={row.runs} /> },
    { key: "ids", title: t("grants.asked.ids"), width: 220, cell: (row) => <Used of={row.ids} /> },
    { key: "today", title: t("grants.asked.today"), width: 200, cell: (row) => <Used of={row.today} /> },
    {
      key: "by",
      title: t("grants.setBy"),
      cell: (row) => row.setBy ?? <span className="muted">{t("grants.setByNobody")}</span>,
    },
    { key: "at", title: t("grants.lastChange"), num: true, cell: (row) => <When at={row.updatedAt} /> },
    {
      key: "do",
      title: "",
      num: true,
      cell: (row) => (
        <Act size="small" needs="approvals:decide" onClick={() => edit(row)}>
          {t("grants.limit")}
        </Act>
      ),
    },
  ];
}

/** What partners asked about own data by matching, against what they may ask. */
export function Budgets() {
  const { t } = useTranslation();
  const budgets = useRead("listBudgets", {});
  const [open, setOpen] = useState<{ readonly budget: AskBudget | undefined } | undefined>();
  const columns = useColumns((budget) => setOpen({ budget }));
  const rows = budgets.data?.items ?? [];
  const limit = (
    <Act needs="approvals:decide" onClick={() => setOpen({ budget: undefined })}>
      {t("grants.limit")}
    </Act>
  );
  return (
    <>
      <div className="row between">
        <p className="soft">{t("grants.budgetsHint")}</p>
        {rows.length > 0 && limit}
      </div>
      <Card flush>
        <Loaded of={budgets}>
          {() =>
            rows.length === 0 ? (
              <Empty title={t("grants.budgetsEmpty")} hint={t("grants.budgetsEmptyHint")} action={limit} />
            ) : (
              <Table
                label={t("grants.budgets")}
                columns={columns}
                rows={rows}
                keyOf={(row) => `${row.partner}/${row.datasetId}`}
              />
            )
          }
        </Loaded>
      </Card>
      {open !== undefined && <LimitModal budgets={rows} budget={open.budget} onClose={() => setOpen(undefined)} />}
    </>
  );
}
