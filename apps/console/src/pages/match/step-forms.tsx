import { Input, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Field, Toggle } from "../../components/act.tsx";
import { NumberField } from "../../components/fields.tsx";
import { useRead } from "../../lib/queries.ts";
import {
  byPsi,
  type Draft,
  fits,
  givesRows,
  type Kind,
  kinds,
  type Phone,
  protocolsOf,
  twoWithRows,
  usualKinds,
} from "./draft.ts";
import { useProtocolName } from "./plan.tsx";

export interface StepProps {
  readonly draft: Draft;
  change(next: Partial<Draft>): void;
}

export function KindStep({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const others = kinds.filter((kind) => !usualKinds.includes(kind));
  const choice = (kind: Kind) => (
    <Radio key={kind} value={kind} disabled={!fits(kind, draft)}>
      <b>{t(`match.kindOf.${kind}`)}</b>
      <div className="small soft">{fits(kind, draft) ? t(`match.kindHint.${kind}`) : t("match.twoOnly")}</div>
    </Radio>
  );
  return (
    <Radio.Group
      style={{ display: "block" }}
      value={draft.kind}
      onChange={(event) => change({ kind: event.target.value as Kind })}
    >
      <div className="kinds">{usualKinds.map(choice)}</div>
      <details className="folded" style={{ marginTop: 12, fontSize: 13 }} open={others.includes(draft.kind)}>
        <summary>{t("match.otherKinds")}</summary>
        <div className="kinds" style={{ marginTop: 12 }}>
          {others.map(choice)}
        </div>
      </details>
    </Radio.Group>
  );
}

export function RulesStep({ draft, change, name }: StepProps & { readonly name: string }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <Field label={t("joint.name")}>
        <Input value={name} maxLength={200} onChange={(event) => change({ name: event.target.value })} />
      </Field>
      {byPsi(draft.kind) && <ProtocolField draft={draft} change={change} />}
      {!givesRows(draft.kind) && <FigureFields draft={draft} change={change} />}
      <KeysField draft={draft} change={change} />
      <div className="grid2">
        <Field label={t("match.duplicates")} group>
          <Radio.Group
            className="column"
            value={draft.duplicates}
            options={(["refuse", "remove", "many-to-one"] as const)
              .filter((value) => value !== "many-to-one" || twoWithRows(draft))
              .map((value) => ({ value, label: t(`match.duplicatesOf.${value}`) }))}
            onChange={(event) => change({ duplicates: event.target.value as Draft["duplicates"] })}
          />
        </Field>
        <Field label={t("match.empty")} group>
          <Radio.Group
            className="column"
            value={draft.empty}
            options={(["refuse", "remove"] as const).map((value) => ({ value, label: t(`match.emptyOf.${value}`) }))}
            onChange={(event) => change({ empty: event.target.value as Draft["empty"] })}
          />
        </Field>
      </div>
      <IdRules draft={draft} change={change} />
    </div>
  );
}

/** Only where there are several id columns. */
function KeysField({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const { keys } = draft.own;
  if (keys.length < 2 || !twoWithRows(draft)) return null;
  const names = { together: keys.join(" + "), inTurn: keys.join(" → ") };
  return (
    <Field label={t("match.keysAs")} group>
      <Radio.Group
        className="column"
        value={draft.keysAs}
        options={(["together", "inTurn"] as const).map((value) => ({
          value,
          label: t(`match.keysAsOf.${value}`, { keys: names[value] }),
        }))}
        onChange={(event) => change({ keysAs: event.target.value as Draft["keysAs"] })}
      />
    </Field>
  );
}

function ProtocolField({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const nameOf = useProtocolName();
  const protocols = protocolsOf(useRead("listComponents", {}).data?.items ?? []);
  return (
    <Field label={t("match.protocol")} hint={t("match.protocolHint")}>
      <Select
        value={draft.protocol}
        aria-label={t("match.protocol")}
        options={[
          { value: "auto", label: t("match.auto") },
          ...protocols.map((value) => ({ value, label: nameOf(value) })),
        ]}
        onChange={(protocol: string | null) => change({ protocol: protocol ?? "auto" })}
      />
    </Field>
  );
}

function FigureFields({ draft, change }: StepProps) {
  const { t } = useTranslation();
  return (
    <div className="grid3">
      <NumberField
        label={t("match.minimum")}
        hint={t("match.minimumHint")}
        max={2 ** 26}
        value={draft.minimumMatched}
        onChange={(minimumMatched) => change({ minimumMatched })}
      />
      <Field label={t("match.noise")} hint={t("match.noiseHint")}>
        <Select
          value={draft.noise}
          aria-label={t("match.noise")}
          options={(["none", "laplace", "gaussian"] as const).map((value) => ({
            value,
            label: t(`match.noiseOf.${value}`),
          }))}
          onChange={(noise) => change({ noise: noise ?? "none" })}
        />
      </Field>
      {draft.kind === "sum" && (
        <Field label={t("match.missing")}>
          <Select
            value={draft.missing}
            aria-label={t("match.missing")}
            options={(["refuse", "zero"] as const).map((value) => ({ value, label: t(`match.missingOf.${value}`) }))}
            onChange={(missing) => change({ missing: missing ?? "refuse" })}
          />
        </Field>
      )}
      {draft.noise !== "none" && (
        <NumberField
          fraction
          label={t("match.epsilon")}
          hint={t("match.epsilonHint")}
          min={0.001}
          max={100}
          step={0.1}
          value={draft.epsilon}
          onChange={(epsilon) => change({ epsilon })}
        />
      )}
    </div>
  );
}

function IdRules({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const { phone } = draft;
  const asPhone = (format: Phone["format"] | "none"): Phone | null =>
    format === "none" ? null : { format, countryCode: phone?.countryCode ?? "86" };
  return (
    <details className="folded">
      <summary>{t("match.idRules")}</summary>
      <div className="stack" style={{ marginTop: 12 }}>
        <p className="small soft">{t("match.idRulesHint")}</p>
        <Toggle label={t("match.trim")} checked={draft.trim} onChange={(trim) => change({ trim })} />
        <div className="grid3">
          <Field label={t("match.case")}>
            <Select
              value={draft.case}
              aria-label={t("match.case")}
              options={(["keep", "lower", "upper"] as const).map((value) => ({
                value,
                label: t(`match.caseOf.${value}`),
              }))}
              onChange={(next) => change({ case: next ?? "keep" })}
            />
          </Field>
          <Field label={t("match.form")}>
            <Select
              value={draft.form}
              aria-label={t("match.form")}
              options={(["none", "NFC", "NFKC"] as const).map((value) => ({
                value,
                label: t(`match.formOf.${value}`),
              }))}
              onChange={(form) => change({ form: form ?? "NFC" })}
            />
          </Field>
          <Field label={t("match.phone")}>
            <Select
              value={phone?.format ?? "none"}
              aria-label={t("match.phone")}
              options={(["none", "digits", "international"] as const).map((value) => ({
                value,
                label: t(`match.phoneOf.${value}`),
              }))}
              onChange={(format: Phone["format"] | "none" | null) => change({ phone: asPhone(format ?? "none") })}
            />
          </Field>
          {phone !== null && draft.own.keys.length > 1 && byPsi(draft.kind) && (
            <Field label={t("match.phoneColumns")}>
              <Select
                mode="multiple"
                value={draft.own.keys.filter((key) => !draft.notPhones.includes(key))}
                aria-label={t("match.phoneColumns")}
                options={draft.own.keys.map((value) => ({ value, label: value }))}
                onChange={(phones: string[]) =>
                  change({ notPhones: draft.own.keys.filter((key) => !phones.includes(key)) })
                }
              />
            </Field>
          )}
          {phone?.format === "international" && (
            <Field label={t("match.countryCode")}>
              <Input
                value={phone.countryCode}
                maxLength={4}
                onChange={(event) =>
                  change({ phone: { ...phone, countryCode: event.target.value.replace(/\D/g, "") } })
                }
              />
            </Field>
          )}
        </div>
      </div>
    </details>
  );
}
