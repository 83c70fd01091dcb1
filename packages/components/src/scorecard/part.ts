/** From a party's part of a regression on bins to its part of a card: points in the place of weights. */
import { canonicalJson, concat, TomboloError, toHex, utf8 } from "@tombolo/base";
import { sha256 } from "@tombolo/crypto";
import { storedColumns, type WeighedColumn } from "@tombolo/federated/binning";
import {
  type CardTerm,
  cardColumn,
  pointsOf,
  type Scale,
  type Scorecard,
  scaleShape,
} from "@tombolo/federated/scorecard";
import type { GuestClassModel, HostBinsModel, HostClassModel } from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { type FittedTransform, fittedTransform, type Pipeline } from "../pipeline/pipeline.ts";
import { requireUnchanged } from "../pipeline/unchanged.ts";
import type { StoredRegression } from "../regression-train/model.ts";
import { partnerColumn } from "./shared-bins.ts";

const LABEL = "tombolo/scorecard/1/model\0";
const bins = z.strictObject({ columns: z.unknown() });

/** Of a column of points. */
const AS_POINTS = { category: null, merged: null, mean: 0, scale: 1, coefficient: 1 } as const;

export interface CardPart {
  readonly columns: Scorecard["columns"];
  readonly terms: readonly ({ readonly column: string } & typeof AS_POINTS)[];
  /** That of the regression, whose bins give points. */
  readonly pipeline: Pipeline;
}

/** Columns whose coefficients are 0 are not in a card. Throws `input.model` where a column is not binned, or changed since. */
export function cardPart(terms: readonly CardTerm[], pipeline: Pipeline, scale: Scale): CardPart {
  const at = pipeline.findLastIndex(({ kind }) => kind === "bin");
  const binned = binnedBy(pipeline);
  const counting = terms.filter(({ coefficient }) => coefficient !== 0);
  const names = [...new Set(counting.map(({ column }) => column))];
  const points = new Map<string, number[]>();
  const columns = names.map((name) => {
    const own = binnedAs(binned, name);
    const made = pointsOf(
      own,
      counting.filter(({ column }) => column === name),
      scale,
    );
    points.set(name, made);
    return cardColumn(own, made);
  });
  requireUnchanged(pipeline.slice(at + 1), names);
  return {
    columns,
    terms: names.map((column) => ({ column, ...AS_POINTS })),
    pipeline: pipeline.map((fitted, i) => (i === at ? inPoints(fitted, binned, points) : fitted)),
  };
}

function binnedBy(pipeline: Pipeline): WeighedColumn[] {
  const last = pipeline.findLast(({ kind }) => kind === "bin");
  return last === undefined ? [] : [...storedColumns(bins.parse(last.part).columns)];
}

function binnedAs(binned: readonly WeighedColumn[], name: string): WeighedColumn {
  const column = binned.find(({ fine }) => fine.name === name);
  if (column !== undefined) return column;
  throw new TomboloError("input.model", "a column of the regression is not binned", {
    remedy: "Train the regression on the table that a bin task left, and on nothing else.",
    detail: { column: name },
  });
}

/** The same bins, of the columns in the card. */
function inPoints(
  { columns }: FittedTransform,
  binned: readonly WeighedColumn[],
  points: ReadonlyMap<string, readonly number[]>,
): FittedTransform {
  const made = binned.flatMap(({ fine, groups }) => {
    const woe = points.get(fine.name);
    return woe === undefined ? [] : [{ fine, groups, woe }];
  });
  return fittedTransform("bin", columns, { columns: made });
}

/**
 * The card that a stored model is, for its owner's people; null of other regressions. Its bins hold points in the place of weights, so
 * the weights are not in it.
 */
export function cardOf({ party, parameters, part, pipeline = [] }: StoredRegression): Scorecard | null {
  const { baseScore, baseOdds, pointsToDouble, decimals } = parameters;
  const scale = scaleShape.safeParse({ baseScore, baseOdds, pointsToDouble, decimals });
  if (!scale.success || isWithoutPoints(part)) return null;
  const binned = binnedBy(pipeline);
  const columns = part.terms.map(({ column }) => {
    const own = binnedAs(binned, column);
    return cardColumn({ ...own, woe: null }, own.woe ?? []);
  });
  const base = "intercept" in part ? part.intercept : null;
  const theirs =
    part.kind === "regression/guest-bins"
      ? part.lookups.columns.map((lookup) => partnerColumn(part.hosts[0]!, { ...lookup, woe: null }, lookup.woe))
      : [];
  return { kind: "scorecard", version: 1, party, scale: scale.data, base, columns: [...columns, ...theirs] };
}

type Part = StoredRegression["part"];

/** Of a host whose weights are the guest's there are none to show. */
const isWithoutPoints = (part: Part): part is GuestClassModel | HostClassModel | HostBinsModel =>
  part.kind === "regression/guest-classes" ||
  part.kind === "regression/host-classes" ||
  part.kind === "regression/host-bins";

/** The same at all parties. */
export async function cardId(
  modelId: string,
  { baseScore, baseOdds, pointsToDouble, decimals }: Scale,
): Promise<string> {
  const scale = canonicalJson({ baseScore, baseOdds, pointsToDouble, decimals });
  return toHex(await sha256(concat(utf8(`${LABEL}${modelId}\0`), scale))).slice(0, 32);
}
