import type { ModelDetail, ModelUse } from "@tombolo/sdk";
import { Checkbox, Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { useAct } from "../../lib/queries.ts";

const DAY_MS = 86_400_000;
const USES: readonly ModelUse[] = ["online", "batch"];

interface Draft {
  readonly use: ModelUse[];
  readonly purpose: string;
  readonly rowsMax: number | null;
  readonly days: number;
  readonly parties: string[];
  readonly message: string;
}

export function PermitModal({ model, onClose }: { model: ModelDetail; onClose(): void }) {
  const { t } = useTranslation();
  const holders = model.parties.map(({ party }) => party);
  const [draft, setDraft] = useState<Draft>({
    use: ["batch"],
    purpose: "",
    rowsMax: null,
    days: 90,
    parties: holders,
    message: "",
  });
  const change = (next: Partial<Draft>) => setDraft({ ...draft, ...next });
  const ask = useAct("requestPermit", {
    refresh: ["getModel", "listModels", "listApprovals"],
    said: t("models.permitAsked"),
    inline: true,
    after: onClose,
  });
  const ready = draft.use.length > 0 && draft.parties.length > 0 && draft.purpose.trim() !== "";
  const send = () => {
    const { days, purpose, ...rest } = draft;
    const expiresAt = new Date(Date.now() + days * DAY_MS).toISOString();
    ask.mutate({ params: { id: model.id }, body: { ...rest, purpose: purpose.trim(), expiresAt } });
  };
  return (
    <Modal
      open
      title={t("models.askPermit")}
      okText={t("models.send")}
      cancelText={t("common.cancel")}
      okButtonProps={{ disabled: !ready, loading: ask.isPending }}
      onOk={send}
      onCancel={onClose}
    >
      <div className="stack">
        <PermitFields draft={draft} holders={holders} change={change} />
        {ask.error !== null && <CallFailure error={ask.error} />}
      </div>
    </Modal>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  /** Parties that hold a part of the model. */
  readonly holders: readonly string[];
  change(next: Partial<Draft>): void;
}

function PermitFields({ draft, holders, change }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <Field group label={t("models.permitted")}>
        <Checkbox.Group
          value={draft.use}
          onChange={(use) => change({ use })}
          options={USES.map((use) => ({
            value: use,
            label: `${t(`models.use.${use}`)}: ${t(`models.useHint.${use}`)}`,
          }))}
        />
      </Field>
      <Field label={t("models.purpose")}>
        <Input maxLength={200} value={draft.purpose} onChange={(event) => change({ purpose: event.target.value })} />
      </Field>
      <div className="grid2">
        <Field label={t("models.rowsMax")} optional hint={t("models.rowsMaxHint")}>
          <InputNumber<number>
            min={1}
            max={1e12}
            precision={0}
            value={draft.rowsMax}
            style={{ width: "100%" }}
            onChange={(rowsMax) => change({ rowsMax })}
          />
        </Field>
        <Field label={t("models.days")}>
          <InputNumber<number>
            min={1}
            max={3650}
            precision={0}
            value={draft.days}
            style={{ width: "100%" }}
            onChange={(days) => change({ days: days ?? 90 })}
          />
        </Field>
      </div>
      <Field group label={t("models.whom")} hint={t("models.whomHint")}>
        <Checkbox.Group
          value={draft.parties}
          onChange={(parties) => change({ parties })}
          options={holders.map((party) => ({ value: party, label: party }))}
        />
      </Field>
      <Field label={t("models.message")} optional>
        <Input.TextArea
          rows={2}
          maxLength={4000}
          value={draft.message}
          onChange={(event) => change({ message: event.target.value })}
        />
      </Field>
    </>
  );
}
