/** Predictions of several classes as a table has them: a score for each class, or the class that is called. */
import { type Column, columnLength, TomboloError } from "@tombolo/base";
import type { ClassPredictions } from "@tombolo/federated/evaluation";
import type { TaskTable } from "../component.ts";
import { labelColumn } from "../labels.ts";
import { SCORE_COLUMN } from "../scoring.ts";

export const CLASS_COLUMN = "class";

/** `score`: columns of scores are called by it and the class; the column itself, or one called "class", holds the class. */
export function classPredictionsOf(table: TaskTable, score: string): ClassPredictions {
  const label = labelColumn(table);
  const prefix = `${score}_`;
  const scored = table.columns.flatMap((column) =>
    column.kind === "number" && column.name.startsWith(prefix) ? [column] : [],
  );
  if (scored.length > 1) {
    const classes = scored.map(({ name }) => name.slice(prefix.length));
    return { classes, labels: placesIn(label, classes), called: null, scores: scored.map(({ values }) => values) };
  }
  const called = calledIn(table, score);
  const classes = [...new Set([...textsOf(label), ...textsOf(called)])].sort(byNumberOrText);
  return { classes, labels: placesIn(label, classes), called: placesIn(called, classes), scores: null };
}

function calledIn(table: TaskTable, score: string): Column {
  const names = [...(score === SCORE_COLUMN ? [CLASS_COLUMN] : []), score];
  const called = names.flatMap((name) => table.columns.find((column) => column.name === name) ?? [])[0];
  if (called !== undefined) return called;
  throw new TomboloError("input.columns", `the table has no columns ${score}_… and no column "${names[0]}"`, {
    remedy: "Score the table with a model of several classes, or name the column of the predictions.",
  });
}

/** Throws `input.label` for a class that is not among them. */
function placesIn(column: Column, classes: readonly string[]): Float64Array {
  const places = new Map(classes.map((name, place) => [name, place]));
  const texts = textsOf(column);
  return Float64Array.from(texts, (text) => {
    const place = places.get(text);
    if (place !== undefined) return place;
    throw new TomboloError("input.label", "a label is none of the classes that were scored", {
      remedy: "Leave out rows of other classes.",
    });
  });
}

/** Throws `input.label` where one is missing. */
function textsOf(column: Column): string[] {
  const textAt = (row: number): string | undefined => {
    if (column.kind === "text") return column.categories[column.codes[row]!];
    return Number.isNaN(column.values[row]!) ? undefined : String(column.values[row]);
  };
  return Array.from({ length: columnLength(column) }, (_, row) => {
    const text = textAt(row);
    if (text !== undefined) return text;
    throw new TomboloError("input.label", "some rows have no class", { detail: { column: column.name } });
  });
}

const byNumberOrText = (a: string, b: string): number => {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? (a < b ? -1 : 1) : difference;
};
