import { useTranslation } from "react-i18next";
import { Toggle } from "../../components/act.tsx";
import { Notice } from "../../components/page.tsx";
import { ReferenceFields } from "../../components/reference-fields.tsx";
import { useRead } from "../../lib/queries.ts";
import type { ReferenceDraft } from "../../lib/reference.ts";

interface ReferencePartProps {
  /** Who is asked, about which dataset. */
  readonly party: string;
  readonly datasetId: string | undefined;
  /** Undefined: none is named. */
  readonly value: ReferenceDraft | undefined;
  onChange(next: ReferenceDraft | undefined): void;
}

/** The authorisation of a job's data subjects; what it is for starts as the purpose that the owner agreed to. */
export function ReferencePart({ party, datasetId, value, onChange }: ReferencePartProps) {
  const { t } = useTranslation();
  const grants = (useRead("listGrants", {}).data?.items ?? []).filter(
    ({ direction, status, terms }) =>
      direction === "received" && status === "ACTIVE" && datasetId !== undefined && terms.datasetId === datasetId,
  );
  const asked = grants.find(({ terms }) => terms.query !== undefined) ?? grants[0];
  const demanded = grants.some(({ terms }) => terms.query?.authorisationRequired === true);
  return (
    <div className="stack tight">
      {demanded && value === undefined && <Notice tone="wait" title={t("authorisation.demanded", { party })} />}
      <Toggle
        label={t("authorisation.give")}
        hint={t("authorisation.giveHint")}
        checked={value !== undefined}
        onChange={(given) =>
          onChange(given ? { hash: "", day: "", scope: asked?.terms.purpose ?? datasetId ?? "" } : undefined)
        }
      />
      {value !== undefined && <ReferenceFields value={value} change={(next) => onChange({ ...value, ...next })} />}
    </div>
  );
}
