import { Select } from "antd";
import { useRead } from "../lib/queries.ts";
import { Field } from "./act.tsx";

/** Parties there is a contract with. */
export const usePartners = (): string[] =>
  (useRead("listPartners", {}).data?.items ?? []).flatMap(({ partyId, status }) =>
    status === "APPROVED" && partyId !== null ? [partyId] : [],
  );

/** The one that was chosen; one that is alone needs no choosing. */
export function useChosenPartner(chosen: string | undefined): string | undefined {
  const partners = usePartners();
  return chosen ?? (partners.length === 1 ? partners[0] : undefined);
}

interface PartnerSelectProps {
  readonly label: string;
  readonly hint?: string;
  /** Nobody is a choice too. */
  readonly optional?: boolean;
  readonly disabled?: boolean;
  readonly without?: string | undefined;
  readonly value: string | undefined;
  onChange(party: string | undefined): void;
}

export function PartnerSelect(props: PartnerSelectProps) {
  const { label, hint, optional = false, disabled = false, without, value, onChange } = props;
  const partners = usePartners().filter((party) => party !== without);
  return (
    <Field label={label} optional={optional} hint={hint}>
      <Select
        allowClear={optional}
        disabled={disabled}
        value={value ?? null}
        aria-label={label}
        options={partners.map((party) => ({ value: party, label: party }))}
        onChange={(next: string | null | undefined) => onChange(next ?? undefined)}
      />
    </Field>
  );
}
