/** Rules that a party applies to its own columns by itself. */
import { type NumberColumn, TomboloError } from "@tombolo/base";
import {
  columnQuality,
  correlated,
  type Fallen,
  inflated,
  type Matrix,
  ownMatrix,
  stepwise,
} from "@tombolo/federated/features/selection";
import type { TaskContext, TaskTable } from "../component.ts";
import { movedSince, requireComparable } from "../explore/moved.ts";
import { labelsOf } from "../labels.ts";
import { storedPart } from "../regression-train/model.ts";
import { above, atMost, type Choice } from "./choice.ts";
import type { Parameters, PartyParameters } from "./parameters.ts";

export type Context = TaskContext<Parameters, PartyParameters>;

export function judgeQuality(choice: Choice, { missing, unique, commonest, variance }: Parameters): void {
  for (const column of choice.staying) {
    const quality = columnQuality(column);
    const { name } = column;
    choice.judge(name, "missing", quality.missing, atMost(missing));
    choice.judge(name, "unique", quality.unique, atMost(unique));
    choice.judge(name, "commonest", quality.commonest, atMost(commonest));
    choice.judge(name, "variance", quality.variance, above(variance));
  }
}

/** Throws `input.parameters` where there is no table to compare with, `input.pipeline` for one of other steps. */
export async function judgeStability(context: Context, data: TaskTable, choice: Choice): Promise<void> {
  const { stability } = context.parameters;
  if (!context.inputs.has("reference")) {
    if (stability !== null) throw lacks("stability", "reference");
    return;
  }
  const reference = await context.inputs.table("reference");
  requireComparable(data, reference);
  for (const column of choice.staying)
    choice.judge(column.name, "stability", movedSince(reference, column), atMost(stability));
}

/** The least p-value of a column's terms; columns that the regression does not have are not judged. */
export async function judgeByErrors(context: Context, choice: Choice): Promise<void> {
  const { pValue } = context.parameters;
  if (pValue === null) return;
  if (!context.inputs.has("regression")) throw lacks("pValue", "regression");
  const { part, inference } = storedPart(await context.inputs.model("regression"));
  if (inference === null || part.kind === "regression/host-bins")
    throw new TomboloError("input.model", "the regression has no standard errors", {
      remedy: "Train it with inference, until it converges.",
    });
  const least = new Map<string, number>();
  part.terms.forEach(({ column }, i) => {
    least.set(column, Math.min(least.get(column) ?? 1, inference.terms[i]?.p ?? 1));
  });
  for (const [name, p] of least) choice.judge(name, "p-value", p, atMost(pValue));
}

/** Columns of numbers that stay, those kept by hand first, then by information value, then as they stand. */
export function preferred(choice: Choice, informationOf: ReadonlyMap<string, number>): NumberColumn[] {
  const numbers = choice.staying.filter((column) => column.kind === "number");
  const rank = ({ name }: NumberColumn): number =>
    choice.isKept(name) ? Number.POSITIVE_INFINITY : (informationOf.get(name) ?? -1);
  return numbers
    .map((column, place) => ({ column, place, rank: rank(column) }))
    .sort((a, b) => (a.rank === b.rank ? a.place - b.place : b.rank - a.rank))
    .map(({ column }) => column);
}

/** Correlation first, then variance inflation of what is left. `order`: places in the matrix. */
export function fallenOf(
  matrix: Matrix,
  order: readonly number[],
  { correlation, inflation }: Parameters,
): { readonly rule: "correlation" | "inflation"; readonly fallen: Fallen; readonly limit: number }[] {
  const alike = correlation === null ? [] : correlated(matrix, order, correlation);
  const left = order.filter((place) => alike.every((fallen) => fallen.place !== place));
  const follow = inflation === null ? [] : inflated(matrix, left, inflation);
  return [
    ...alike.map((fallen) => ({ rule: "correlation" as const, fallen, limit: correlation! })),
    ...follow.map((fallen) => ({ rule: "inflation" as const, fallen, limit: inflation! })),
  ];
}

export function judgeOwnLikeness(
  choice: Choice,
  informationOf: ReadonlyMap<string, number>,
  parameters: Parameters,
): void {
  if (parameters.correlation === null && parameters.inflation === null) return;
  const columns = preferred(choice, informationOf);
  if (columns.length < 2) return;
  for (const { rule, fallen, limit } of fallenOf(ownMatrix(columns), [...columns.keys()], parameters))
    choice.fall(columns[fallen.place]!.name, {
      ...{ rule, limit, value: fallen.value },
      with: fallen.with === null ? null : columns[fallen.with]!.name,
    });
}

/** At the guest. Throws `input.label` where its own columns tell the labels apart, or hang together. */
export function judgeBySteps(choice: Choice, data: TaskTable, parameters: Parameters) {
  const { stepwise: direction, objective, criterion, enter, leave } = parameters;
  if (direction === "none") return null;
  const columns = choice.staying.filter((column) => column.kind === "number");
  const labels = labelsOf(data, objective).values;
  const found = stepwise(columns, labels, { objective, direction, criterion, enter, leave });
  if (found === null)
    throw new TomboloError("input.collinear", "no regression of the label on these columns can be fitted", {
      remedy: "Let columns fall by variance inflation first, or go forward instead of backward.",
    });
  for (const { name } of columns)
    if (!found.chosen.includes(name)) choice.fall(name, { rule: "stepwise", value: null, limit: null, with: null });
  return found;
}

export const lacks = (parameter: string, port: string): TomboloError =>
  new TomboloError(
    "input.parameters",
    `${parameter} needs something to go by, and the input ${port} is not connected`,
    {
      remedy: `Connect ${port}, or leave ${parameter} out.`,
    },
  );
