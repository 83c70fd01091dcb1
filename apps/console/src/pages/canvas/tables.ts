import type { Dataset, DatasetColumn } from "@tombolo/sdk";
import type { Values } from "../../components/parameter-schema.ts";
import { useParties } from "../../components/party.tsx";
import { useRead } from "../../lib/queries.ts";

/** A party's tables as far as they may be seen here; undefined until they are known. */
export function useTables(party: string): readonly Dataset[] | undefined {
  const { own } = useParties();
  const contract = useRead("listPartners", {}, { enabled: party !== own }).data?.items.find(
    (each) => each.partyId === party && each.status === "APPROVED",
  );
  const mine = useRead("listDatasets", {}, { enabled: party === own });
  const theirs = useRead(
    "partnerDatasets",
    { params: { id: contract?.contractId ?? "" } },
    { enabled: contract !== undefined },
  );
  return (party === own ? mine : theirs).data?.items;
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];

/**
 * What is read of a table once it is chosen: what was asked for before as far as the table has all of it, else what its
 * owner says of the columns. `granted`: none but these; empty: all.
 */
export function chosenTable(
  { id, columns }: Pick<Dataset, "id" | "columns">,
  before: Values,
  { label, granted }: { readonly label: boolean; readonly granted: readonly string[] },
): Values {
  const open = columns.filter(({ name }) => granted.length === 0 || granted.includes(name));
  const names = open.map(({ name }) => name);
  const ofRole = (role: DatasetColumn["role"]): string[] =>
    open.filter((each) => each.role === role).map(({ name }) => name);
  const kept = (list: unknown): string[] | undefined => {
    const asked = strings(list);
    return asked.length > 0 && asked.every((name) => names.includes(name)) ? asked : undefined;
  };
  const [labelled] = ofRole("label");
  const target =
    typeof before.label === "string" && names.includes(before.label) ? before.label : label ? labelled : undefined;
  const keys = kept(before.keys) ?? ofRole("id");
  const features = kept(before.columns) ?? ofRole("feature").filter((name) => name !== target && !keys.includes(name));
  const { label: _, ...rest } = before;
  return { ...rest, dataset: id, keys, ...(target === undefined ? {} : { label: target }), columns: features };
}
