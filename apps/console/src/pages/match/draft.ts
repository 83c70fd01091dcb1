import type { Component, DatasetColumn, MatchForm } from "@tombolo/sdk";
import { hasKeys, hasPartners, hasTables, hostOf, noSides, type Sides } from "../../lib/sides.ts";

export const kinds = ["rows", "count", "sum"] as const;
export type Kind = (typeof kinds)[number];

export interface Phone {
  readonly format: "digits" | "international";
  readonly countryCode: string;
}
/** A column to add up, and between which bounds its values count. */
export interface Summed {
  readonly column: string;
  readonly lower: number;
  readonly upper: number;
  readonly decimals: number;
}

/** The form as it is being filled; the node turns it into a flow. */
export interface Draft extends Sides {
  readonly kind: Kind;
  readonly name: string | undefined;
  readonly protocol: string;
  readonly sums: readonly Summed[];
  readonly duplicates: "refuse" | "remove";
  readonly empty: "refuse" | "remove";
  readonly trim: boolean;
  readonly case: "keep" | "lower" | "upper";
  readonly form: "none" | "NFC" | "NFKC";
  readonly phone: Phone | null;
  readonly minimumMatched: number;
  readonly noise: "none" | "laplace" | "gaussian";
  readonly epsilon: number;
}

export const emptyDraft: Draft = {
  ...noSides,
  kind: "rows",
  name: undefined,
  protocol: "auto",
  sums: [],
  duplicates: "refuse",
  empty: "refuse",
  trim: true,
  case: "keep",
  form: "NFC",
  phone: null,
  minimumMatched: 10,
  noise: "none",
  epsilon: 1,
};

export const steps = ["partner", "tables", "kind", "columns", "rules", "review"] as const;
export type Step = (typeof steps)[number];

/** A count needs no columns, so the step is left out. */
export const stepsOf = ({ kind }: Draft): readonly Step[] =>
  kind === "count" ? steps.filter((step) => step !== "columns") : steps;

/** Counts and sums are between two parties. */
export const fits = (kind: Kind, { partners }: Draft): boolean => kind === "rows" || partners.length <= 1;

/** The same bounds as the component's own. */
export const summable = ({ lower, upper, decimals }: Summed): boolean =>
  lower <= 0 && upper >= 0 && upper > lower && (upper - lower) * 10 ** decimals <= 2 ** 52;

/** Whether the step has all it needs. */
export function complete(draft: Draft, step: Step): boolean {
  switch (step) {
    case "partner":
      return hasPartners(draft);
    case "tables":
      return hasTables(draft) && hasKeys(draft);
    case "kind":
      return fits(draft.kind, draft);
    case "columns":
      return draft.kind !== "sum" || (draft.sums.length > 0 && draft.sums.every(summable));
    default:
      return true;
  }
}

/** Bounds to begin with: what the owner shows of the column, or a million. */
export function summedOf({ name, type, statistics }: DatasetColumn): Summed {
  const upper = Math.max(0, statistics?.max ?? 1_000_000);
  const lower = Math.min(0, statistics?.min ?? 0);
  return { column: name, lower, upper: upper > lower ? upper : 1, decimals: type === "integer" ? 0 : 2 };
}

/** Protocols the node can run, as its psi component says. */
export function protocolsOf(components: readonly Component[]): string[] {
  const schema = components.find(({ name }) => name === "psi")?.parameters as
    | { properties?: { protocol?: { enum?: unknown } } }
    | undefined;
  const named = schema?.properties?.protocol?.enum;
  return Array.isArray(named) ? named.filter((each): each is string => typeof each === "string") : [];
}

function parametersOf(draft: Draft): Record<string, unknown> {
  const { duplicates, empty, trim, form, phone, minimumMatched, noise, epsilon, sums } = draft;
  const rules = { duplicates, empty, normalise: { trim, case: draft.case, form, phone } };
  if (draft.kind === "rows") return rules;
  const aggregate = { ...rules, minimumMatched, noise, epsilon };
  return draft.kind === "count" ? aggregate : { ...aggregate, values: sums };
}

export function formOf(draft: Draft, name: string): MatchForm | undefined {
  const { projectId, own, kind, partners } = draft;
  if (projectId === undefined || own.dataset === undefined) return undefined;
  const rows = kind === "rows";
  const summed = kind === "sum" ? draft.sums.map(({ column }) => column) : [];
  const hosts = partners.flatMap((partyId) => {
    const { dataset, keys } = hostOf(draft, partyId);
    return dataset === undefined ? [] : [{ partyId, datasetId: dataset.id, keys: [...keys], columns: summed }];
  });
  return {
    projectId,
    name,
    kind,
    guest: {
      datasetId: own.dataset.id,
      keys: [...own.keys],
      columns: rows ? own.columns.filter((column) => !own.keys.includes(column)) : [],
    },
    hosts,
    protocol: rows ? draft.protocol : "auto",
    parameters: parametersOf(draft),
  };
}
