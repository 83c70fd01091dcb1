import { Input } from "antd";
import { useTranslation } from "react-i18next";
import { localDay } from "../lib/days.ts";
import { hashOf, isHash, type ReferenceDraft } from "../lib/reference.ts";
import { Field } from "./act.tsx";
import { FileButton } from "./drop-zone.tsx";

interface ReferenceFieldsProps {
  readonly value: ReferenceDraft;
  /** What it is for is settled elsewhere. */
  readonly scoped?: boolean;
  change(next: Partial<ReferenceDraft>): void;
}

/** What the data subjects authorised, as a reference: hash, scope, last day. */
export function ReferenceFields({ value, scoped = false, change }: ReferenceFieldsProps) {
  const { t } = useTranslation();
  return (
    <div className={scoped ? "grid2" : "grid3"}>
      <HashField value={value.hash} onChange={(hash) => change({ hash })} />
      {!scoped && (
        <Field label={t("authorisation.scope")} hint={t("authorisation.scopeHint")}>
          <Input
            maxLength={200}
            value={value.scope}
            aria-label={t("authorisation.scope")}
            onChange={(event) => change({ scope: event.target.value })}
          />
        </Field>
      )}
      <Field label={t("authorisation.until")} hint={t("authorisation.untilHint")}>
        <Input
          type="date"
          min={localDay(Date.now())}
          value={value.day}
          aria-label={t("authorisation.until")}
          onChange={(event) => change({ day: event.target.value })}
        />
      </Field>
    </div>
  );
}

/** Typed, or reckoned here from the document, which goes nowhere. */
function HashField({ value, onChange }: { value: string; onChange(hash: string): void }) {
  const { t } = useTranslation();
  const bad = value.trim() !== "" && !isHash(value.trim().toLowerCase());
  return (
    <Field
      group
      label={t("authorisation.hash")}
      hint={t("authorisation.hashHint")}
      error={bad ? t("authorisation.hashBad") : undefined}
    >
      <div className="row">
        <Input
          className="mono grow"
          autoComplete="off"
          spellCheck={false}
          maxLength={80}
          value={value}
          aria-label={t("authorisation.hash")}
          onChange={(event) => onChange(event.target.value)}
        />
        <FileButton label={t("authorisation.fromFile")} onFile={(file) => void hashOf(file).then(onChange)} />
      </div>
    </Field>
  );
}
