import type { Askable } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { ReferenceFields } from "../../components/reference-fields.tsx";
import { type ReferenceDraft, referenceOf } from "../../lib/reference.ts";
import type { KeyReference } from "./ask-service.ts";

/** Undefined: this service wants none. Null: it does, and it is not whole yet. */
export function givenFor({ authorisedFor }: Askable, draft: ReferenceDraft): KeyReference | undefined | null {
  if (authorisedFor === null) return undefined;
  const whole = referenceOf({ ...draft, scope: authorisedFor });
  return whole === undefined ? null : { hash: whole.hash, expires: whole.expires };
}

interface PerQuestionProps {
  readonly scope: string;
  readonly value: ReferenceDraft;
  change(next: Partial<ReferenceDraft>): void;
}

/** What the data subject of a question authorised; its scope was agreed with the service. */
export function PerQuestion({ scope, value, change }: PerQuestionProps) {
  const { t } = useTranslation();
  return (
    <div className="stack tight">
      <b className="small">{t("authorisation.title")}</b>
      <span className="small soft">{t("authorisation.perQuestion", { scope })}</span>
      <ReferenceFields scoped value={value} change={change} />
    </div>
  );
}
