/** Bins as a kind of transform: what a party's own columns become, also when rows are scored. */
import { applyBins, type BinningPart, binNames, storedColumns, type WeighedColumn } from "@tombolo/federated/binning";
import { z } from "zod";
import { type FittedTransform, fittedTransform } from "../pipeline/pipeline.ts";
import type { Fit, TransformKind } from "../pipeline/transform.ts";

const stored = z.strictObject({ columns: z.unknown() });

export const binning: TransformKind = {
  title: { en: "Bin", zh: "分箱" },
  open: (part) => fitOf(storedColumns(stored.parse(part).columns)),
};

/** The same for the same bins, whichever task they came from. */
export const fittedBins = ({ features, columns, after }: BinningPart): FittedTransform => ({
  ...fittedTransform("bin", features, { columns: columns.map(({ fine, groups, woe }) => ({ fine, groups, woe })) }),
  ...(after === undefined ? {} : { after }),
});

/** Columns that such a step put in bins. */
export const binnedNames = ({ part }: Pick<FittedTransform, "part">): string[] =>
  storedColumns(stored.parse(part).columns).map(({ fine }) => fine.name);

const fitOf = (columns: readonly WeighedColumn[]): Fit => ({
  apply: (table, tell) => applyBins(table, columns, (note) => tell({ step: 1, ...note })),
  narrow: (wanted) => ({ fit: fitOf(columns.filter(({ fine }) => wanted.has(fine.name))), takes: wanted }),
  steps: columns.map(({ fine, groups }) => `${fine.name}: ${binNames(fine, groups).join(", ")}`),
});
