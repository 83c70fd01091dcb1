/** Points of a host's bins whose weights stay with the guest: the guest has them, by numbers of columns and bins. */
import { TomboloError } from "@tombolo/base";
import { type CardColumn, factorOf, lookupPoints, type Scale } from "@tombolo/federated/scorecard";
import type { GuestBinsModel, LookupTerm } from "@tombolo/federated/vertical/regression";
import { lookupName } from "../regression-train/fit.ts";

/** Steps of points, of what a regression's totals are rounded to: no finer than half as fine as those. */
const STEP_LEAST = 1 / 2;

export interface PartnerPoints {
  readonly columns: readonly { readonly term: LookupTerm; readonly column: CardColumn }[];
  /** What points are whole numbers of. */
  readonly quantum: number;
}

/** Throws `input.parameters` for points that are too fine. */
export function partnerPoints({ hosts, lookups }: GuestBinsModel, scale: Scale): PartnerPoints {
  const quantum = 10 ** -scale.decimals;
  if (quantum < STEP_LEAST * factorOf(scale) * lookups.quantum)
    throw new TomboloError("input.parameters", "points are too fine for a host's shared bins", {
      remedy: "Set fewer decimals or fewer points to double the odds: finer totals would tell the bins of rows.",
    });
  return {
    columns: lookups.columns.map((lookup) => {
      const points = lookupPoints(lookup, scale);
      return {
        term: { ...lookup, woe: points, mean: 0, scale: 1, coefficient: 1 },
        column: partnerColumn(hosts[0]!, lookup, points),
      };
    }),
    quantum,
  };
}

/** Weights null: not kept beside points. */
export const partnerColumn = (
  host: string,
  { rows, woe, ...known }: Pick<LookupTerm, "id" | "name" | "rows"> & { readonly woe: readonly number[] | null },
  points: readonly number[],
): CardColumn => ({
  name: lookupName(host, known),
  kind: "text",
  bins: points.map((each, bin) => ({
    ...{ name: String(bin + 1), conditions: [] },
    ...{ rows: rows[bin]!, woe: woe?.[bin] ?? null, points: each },
  })),
});
