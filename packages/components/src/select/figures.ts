/** What the guest knows of columns from models: information values of a binning, gains of boosted trees. */
import { type BinnedColumn, type BinningPart, binnedColumns, storedBinning } from "@tombolo/federated/binning";
import { featureImportance, type GuestModel } from "@tombolo/federated/vertical/boosting";
import { storedGuestModel } from "../boosting-train/model.ts";
import type { Rule } from "./choice.ts";
import type { FallenColumns } from "./messages.ts";
import { type Context, lacks } from "./own.ts";
import type { Parameters } from "./parameters.ts";

/** A host's column, by number. */
export interface PartnerFigure {
  readonly party: string;
  readonly number: number;
  readonly name: string | null;
  readonly figure: "information" | "importance";
  readonly value: number;
  /** Null: it stays by this figure. */
  readonly rule: Rule | null;
}

export interface Known {
  /** Of own columns, by name. */
  readonly information: ReadonlyMap<string, number>;
  readonly importance: ReadonlyMap<string, number> | null;
  readonly partners: readonly PartnerFigure[];
}

export const wantsInformation = ({ informationMin, informationMax }: Parameters): boolean =>
  informationMin !== null || informationMax !== null;

/** Whether the guest tells hosts which of their columns fall. */
export const tellsFallen = (parameters: Parameters): boolean =>
  wantsInformation(parameters) || parameters.importance !== null;

/** At the guest. Throws `input.parameters` where a rule has no model to go by. */
export async function knownFigures(context: Context): Promise<Known> {
  const { inputs, parameters: given, self } = context;
  const binned = inputs.has("binning") ? binnedColumns(await binningOf(context)) : [];
  if (wantsInformation(given) && !inputs.has("binning")) throw lacks("informationMin", "binning");
  if (given.importance !== null && !inputs.has("trees")) throw lacks("importance", "trees");
  const trees = inputs.has("trees") ? storedGuestModel(await inputs.model("trees")).part : null;
  const own = binned.filter(({ party }) => party === self.party);
  return {
    information: new Map(own.flatMap(({ name, evidence: { iv } }) => (name === null ? [] : [[name, iv]]))),
    importance: trees === null ? null : ownShares(trees),
    partners: [
      ...binned.filter(({ party }) => party !== self.party).map((column) => byInformation(column, given)),
      ...(trees === null ? [] : partnerShares(trees, given)),
    ],
  };
}

export const binningOf = async ({ inputs }: Context): Promise<BinningPart> =>
  storedBinning(await inputs.model("binning"));

function byInformation(
  { party, id, name, evidence: { iv } }: BinnedColumn,
  { informationMin, informationMax }: Parameters,
): PartnerFigure {
  const rule =
    informationMin !== null && iv < informationMin
      ? "information-min"
      : informationMax !== null && iv > informationMax
        ? "information-max"
        : null;
  return { party, number: id, name, figure: "information", value: iv, rule };
}

/** Share of the whole gain for each own column that is used. */
function ownShares(model: GuestModel): Map<string, number> {
  const all = featureImportance(model);
  const total = totalOf(all);
  return new Map(all.flatMap(({ feature, host, gain }) => (host === undefined ? [[feature, gain / total]] : [])));
}

function partnerShares(model: GuestModel, { importance }: Parameters): PartnerFigure[] {
  const all = featureImportance(model);
  const total = totalOf(all);
  return all.flatMap(({ host, number, gain }): PartnerFigure[] => {
    if (host === undefined || number === undefined) return [];
    const value = gain / total;
    const rule = importance !== null && value < importance ? "importance" : null;
    return [{ party: host, number, name: null, figure: "importance", value, rule }];
  });
}

const totalOf = (all: readonly { readonly gain: number }[]): number =>
  all.reduce((sum, { gain }) => sum + gain, 0) || 1;

export function fallenAt(party: string, partners: readonly PartnerFigure[]): FallenColumns {
  const by = (rule: Rule): number[] =>
    partners.flatMap((each) => (each.party === party && each.rule === rule ? [each.number] : []));
  return {
    informationMin: by("information-min"),
    informationMax: by("information-max"),
    importance: by("importance"),
  };
}
