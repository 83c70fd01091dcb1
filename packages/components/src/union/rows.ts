/** Tables of the same columns, one below the other. */
import { type Column, TomboloError } from "@tombolo/base";
import type { TaskTable } from "../component.ts";

/** Throws `input.columns` and `input.pipeline` for tables that do not go together. */
export function below(data: TaskTable, more: TaskTable): TaskTable {
  requireAlike(data, more);
  const { ids: first, ...rest } = data;
  return {
    ...rest,
    rowCount: data.rowCount + more.rowCount,
    ...(first === undefined || more.ids === undefined ? {} : { ids: [...first, ...more.ids] }),
    columns: data.columns.map((column) => joined(column, more.columns.find(({ name }) => name === column.name)!)),
    aligned: data.aligned && more.aligned,
    // Whoever is in both stands in either.
    copiesMax: (data.copiesMax ?? 1) + (more.copiesMax ?? 1),
  };
}

function requireAlike(data: TaskTable, more: TaskTable): void {
  const kinds = new Map(more.columns.map(({ name, kind }) => [name, kind]));
  const odd =
    data.columns.find(({ name, kind }) => kinds.get(name) !== kind)?.name ??
    more.columns.find(({ name }) => !data.columns.some((each) => each.name === name))?.name;
  if (odd !== undefined)
    throw new TomboloError("input.columns", "the two tables do not have the same columns", {
      remedy: "Read the same columns in both, or rename and cast them first.",
      detail: { column: odd },
    });
  if (data.keys.join("\n") !== more.keys.join("\n") || data.label !== more.label)
    throw new TomboloError("input.columns", "the two tables do not have the same id columns and label", {
      remedy: "Read both with the same ids and label.",
    });
  const went = ({ pipeline = [] }: TaskTable): string => pipeline.map(({ digest }) => digest).join();
  if (went(data) !== went(more))
    throw new TomboloError("input.pipeline", "the two tables went through different steps", {
      remedy: "Join them first, or apply the same preparation to both.",
    });
}

function joined(first: Column, second: Column): Column {
  if (first.kind === "number" && second.kind === "number") {
    const values = new Float64Array(first.values.length + second.values.length);
    values.set(first.values);
    values.set(second.values, first.values.length);
    return { ...first, values };
  }
  if (first.kind === "text" && second.kind === "text") {
    const places = new Map(first.categories.map((category, code) => [category, code]));
    for (const category of second.categories) if (!places.has(category)) places.set(category, places.size);
    const codes = new Int32Array(first.codes.length + second.codes.length);
    codes.set(first.codes);
    codes.set(
      second.codes.map((code) => (code < 0 ? -1 : places.get(second.categories[code]!)!)),
      first.codes.length,
    );
    return { ...first, codes, categories: [...places.keys()] };
  }
  throw new Error("assertion failed: columns of the same name hold the same");
}
