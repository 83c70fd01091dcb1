import type { CallOutput, Model } from "@tombolo/sdk";
import { Select } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { FlowReview } from "../../components/flow-review.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import type { CallError } from "../../lib/client.ts";
import { formatNumber } from "../../lib/format.ts";

export const partnerOf = (catalogue: Model): string =>
  catalogue.parties.find(({ role }) => role === "host")?.party ?? "";

/** The newest that still answers. */
export const current = (catalogues: readonly Model[]): string | undefined =>
  catalogues.find(({ supersededBy }) => supersededBy === null)?.id;

interface CatalogueSelectProps {
  readonly catalogues: readonly Model[];
  readonly value: string | undefined;
  onChange(id: string): void;
}

export function CatalogueSelect({ catalogues, value, onChange }: CatalogueSelectProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <Field label={t("lookup.catalogue")}>
      <Select
        value={value ?? null}
        aria-label={t("lookup.catalogue")}
        options={catalogues.map((each) => ({
          value: each.id,
          disabled: each.supersededBy !== null,
          label: t(each.supersededBy === null ? "lookup.catalogueOf" : "lookup.supersededOf", {
            name: each.name,
            party: partnerOf(each),
            version: each.metrics.version ?? 1,
            rows: formatNumber(each.metrics.rows ?? null, language),
          }),
        }))}
        onChange={(id: string | null) => id !== null && onChange(id)}
      />
    </Field>
  );
}

interface CheckProps {
  readonly ready: boolean;
  /** What else is wrong. */
  readonly because?: string | undefined;
  readonly busy: boolean;
  readonly error: CallError | null;
  run(): void;
}

export function CheckButton({ ready, because, busy, error, run }: CheckProps) {
  const { t } = useTranslation();
  return (
    <>
      <div>
        <Act
          type="primary"
          needs="jobs:submit"
          because={ready ? because : t("joint.missing")}
          loading={busy}
          onClick={run}
        >
          {t("lookup.check")}
        </Act>
      </div>
      {error !== null && <CallFailure error={error} />}
    </>
  );
}

interface CheckedProps {
  readonly check: CallOutput<"catalogueFlow"> | undefined;
  readonly beside?: ReactNode;
}

export function Checked({ check, beside }: CheckedProps) {
  return check === undefined ? null : <FlowReview check={check} projectId={check.projectId} beside={beside} />;
}
