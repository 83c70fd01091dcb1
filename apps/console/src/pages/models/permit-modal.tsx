import type { ModelDetail, ModelUse } from "@tombolo/sdk";
import { Checkbox, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { MessageField, NumberField } from "../../components/fields.tsx";
import { DAY_MS } from "../../lib/days.ts";
import { useAct } from "../../lib/queries.ts";

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
        <NumberField
          optional
          label={t("models.rowsMax")}
          hint={t("models.rowsMaxHint")}
          max={1e12}
          value={draft.rowsMax}
          onChange={(rowsMax) => change({ rowsMax })}
        />
        <NumberField label={t("models.days")} max={3650} value={draft.days} onChange={(days) => change({ days })} />
      </div>
      <Field group label={t("models.whom")} hint={t("models.whomHint")}>
        <Checkbox.Group
          value={draft.parties}
          onChange={(parties) => change({ parties })}
          options={holders.map((party) => ({ value: party, label: party }))}
        />
      </Field>
      <MessageField value={draft.message} onChange={(message) => change({ message })} />
    </>
  );
}
