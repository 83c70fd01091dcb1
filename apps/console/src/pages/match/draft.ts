import type { Component, DatasetColumn, MatchForm } from "@tombolo/sdk";
import { hasKeys, hasPartners, hasTables, hostOf, noSides, type Sides } from "../../lib/sides.ts";

export const kinds = ["rows", "mine", "count", "sum", "label", "left", "difference"] as const;
export type Kind = (typeof kinds)[number];
/** What most come for; the others are folded. */
export const usualKinds: readonly Kind[] = ["rows", "mine", "count", "sum", "label"];

/** What of psi's choices a kind is; null: another component does it. */
const CHOICES = {
  rows: { join: "inner", receivers: "all" },
  mine: { join: "inner", receivers: "guest" },
  left: { join: "left", receivers: "all" },
  difference: { join: "difference", receivers: "guest" },
  count: null,
  sum: null,
  label: null,
} as const satisfies Record<Kind, object | null>;

export const byPsi = (kind: Kind): boolean => CHOICES[kind] !== null;
/** Own rows stay, with own columns. */
export const givesRows = (kind: Kind): boolean => byPsi(kind) || kind === "label";

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

/** A column of the partner's that comes with each matched row. */
export interface Handed {
  readonly column: string;
  readonly kind: "number" | "text";
  readonly bytes: number;
}
/** All values take as much room, so that none is known by its length. */
const TEXT_BYTES = 32;
const NUMERIC: readonly DatasetColumn["type"][] = ["number", "integer"];
export const handedOf = ({ name, type }: DatasetColumn): Handed => ({
  column: name,
  kind: NUMERIC.includes(type) ? "number" : "text",
  bytes: TEXT_BYTES,
});

/** The form as it is being filled; the node turns it into a flow. */
export interface Draft extends Sides {
  readonly kind: Kind;
  readonly name: string | undefined;
  readonly protocol: string;
  readonly sums: readonly Summed[];
  readonly handed: readonly Handed[];
  /** What a value that is missing counts as in a sum. */
  readonly missing: "refuse" | "zero";
  readonly duplicates: "refuse" | "remove" | "many-to-one";
  /** Several id columns: one key together, or each by itself for the rows that are left. */
  readonly keysAs: "together" | "inTurn";
  readonly empty: "refuse" | "remove";
  readonly trim: boolean;
  readonly case: "keep" | "lower" | "upper";
  readonly form: "none" | "NFC" | "NFKC";
  readonly phone: Phone | null;
  /** Own id columns that hold no phone numbers, where others do. */
  readonly notPhones: readonly string[];
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
  handed: [],
  missing: "refuse",
  duplicates: "refuse",
  keysAs: "together",
  empty: "refuse",
  trim: true,
  case: "keep",
  form: "NFC",
  phone: null,
  notPhones: [],
  minimumMatched: 10,
  noise: "none",
  epsilon: 1,
};

export const steps = ["partner", "tables", "kind", "columns", "rules", "review"] as const;
export type Step = (typeof steps)[number];

/** A count needs no columns, so the step is left out. */
export const stepsOf = ({ kind }: Draft): readonly Step[] =>
  kind === "count" ? steps.filter((step) => step !== "columns") : steps;

/** All but the common rows for all is between two parties. */
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
      if (draft.kind === "label") return draft.handed.length > 0;
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

/** Several rows of an id, and keys one after the other, are for rows of two parties. */
export const twoWithRows = ({ kind, partners }: Draft): boolean => byPsi(kind) && partners.length === 1;

/** Whether ids are tried in turn. */
export const inTurn = (draft: Draft): boolean =>
  twoWithRows(draft) && draft.keysAs === "inTurn" && draft.own.keys.length > 1;

function parametersOf(draft: Draft): Record<string, unknown> {
  const { empty, trim, form, phone, minimumMatched, noise, epsilon, sums } = draft;
  const duplicates = draft.duplicates === "many-to-one" && !twoWithRows(draft) ? "refuse" : draft.duplicates;
  const normalise = { trim, case: draft.case, form, phone };
  const rules = { duplicates, empty, normalise };
  const choices = CHOICES[draft.kind];
  if (choices !== null) {
    const notPhones = draft.own.keys.filter((key) => draft.notPhones.includes(key));
    const byColumn = phone !== null && notPhones.length > 0;
    return {
      ...rules,
      ...choices,
      ...(inTurn(draft) ? { keys: draft.own.keys.map((_, i) => [i + 1]) } : {}),
      ...(byColumn
        ? { columnRules: draft.own.keys.map((key) => (notPhones.includes(key) ? { ...normalise, phone: null } : null)) }
        : {}),
    };
  }
  if (draft.kind === "label") return { ...rules, columns: draft.handed };
  const aggregate = { ...rules, minimumMatched, noise, epsilon };
  return draft.kind === "count" ? aggregate : { ...aggregate, values: sums, missing: draft.missing };
}

export function formOf(draft: Draft, name: string): MatchForm | undefined {
  const { projectId, own, kind, partners } = draft;
  if (projectId === undefined || own.dataset === undefined) return undefined;
  const rows = givesRows(kind);
  const asked = kind === "sum" ? draft.sums : kind === "label" ? draft.handed : [];
  const hosts = partners.flatMap((partyId) => {
    const { dataset, keys } = hostOf(draft, partyId);
    return dataset === undefined
      ? []
      : [{ partyId, datasetId: dataset.id, keys: [...keys], columns: asked.map(({ column }) => column) }];
  });
  return {
    projectId,
    name,
    kind: kind === "count" || kind === "sum" || kind === "label" ? kind : "rows",
    guest: {
      datasetId: own.dataset.id,
      keys: [...own.keys],
      columns: rows ? own.columns.filter((column) => !own.keys.includes(column)) : [],
    },
    hosts,
    protocol: byPsi(kind) ? draft.protocol : "auto",
    parameters: parametersOf(draft),
  };
}
