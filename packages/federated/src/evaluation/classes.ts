/** How good predictions of several classes are: the class that is called, and the probabilities where there are any. */
import { TomboloError } from "@tombolo/base";
import { checkFinite, mean, ratio } from "./checks.ts";
import { auc } from "./curves.ts";
import { areProbabilities } from "./probability.ts";
import { rank } from "./ranking.ts";

export interface ClassPredictions {
  /** In the order of their numbers. */
  readonly classes: readonly string[];
  /** Of each row the number of its class, from 0 on. */
  readonly labels: Float64Array;
  /** The class that is called; null: the likeliest, of equal ones the first. */
  readonly called: Float64Array | null;
  /** For each class that of all rows; null: there are none. */
  readonly scores: readonly Float64Array[] | null;
}

export interface ClassFigures {
  readonly name: string;
  readonly rows: number;
  /** How often it is called. */
  readonly called: number;
  /** Each in [0, 1]; null where there is nothing to divide by. */
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** Of its score, against all other classes; null without scores, or where all rows are of it or none is. */
  readonly auc: number | null;
  /** Mean over its rows of -log of the probability given to it; null without probabilities, or rows. */
  readonly logLoss: number | null;
}

export interface ClassesReport {
  readonly kind: "classes";
  readonly rows: number;
  readonly accuracy: number;
  /** Mean of the classes' recalls, of those that have rows. */
  readonly balancedAccuracy: number;
  /** Mean of the classes' F1, 0 for those of which none is right. */
  readonly macroF1: number;
  /** Mean of -log of the probability given to what happened (natural logarithm); null without probabilities. */
  readonly logLoss: number | null;
  readonly classes: readonly ClassFigures[];
  /** For each class how often its rows are called each of the classes; null where a cell is too small to be shown. */
  readonly confusion: readonly (readonly number[])[] | null;
}

export interface ClassesReportOptions {
  /** Cells of the matrix have no rows or this many; default 1, no limit. */
  readonly minimumRows?: number;
}

export function classesReport(given: ClassPredictions, { minimumRows = 1 }: ClassesReportOptions = {}): ClassesReport {
  check(given);
  const { classes, labels, scores } = given;
  const called = given.called ?? likeliest(labels.length, scores ?? []);
  const losses = scores === null ? null : lossesOf(labels, scores);
  const confusion = confusionOf(classes.length, labels, called);
  const figures = classes.map((name, c) => figuresOf(name, c, { labels, scores, losses, confusion }));
  const recalls = figures.flatMap(({ recall }) => (recall === null ? [] : [recall]));
  const right = confusion.reduce((sum, row, c) => sum + row[c]!, 0);
  return {
    kind: "classes",
    rows: labels.length,
    accuracy: right / labels.length,
    balancedAccuracy: mean(Float64Array.from(recalls)),
    macroF1: mean(Float64Array.from(figures, ({ f1 }) => f1 ?? 0)),
    logLoss: losses === null ? null : mean(losses),
    classes: figures,
    confusion: confusion.flat().some((count) => count > 0 && count < minimumRows) ? null : confusion,
  };
}

interface Counted extends Pick<ClassPredictions, "labels" | "scores"> {
  readonly losses: Float64Array | null;
  readonly confusion: readonly (readonly number[])[];
}

function figuresOf(name: string, c: number, { labels, scores, losses, confusion }: Counted): ClassFigures {
  const rows = confusion[c]!.reduce((sum, count) => sum + count, 0);
  const called = confusion.reduce((sum, row) => sum + row[c]!, 0);
  const right = confusion[c]![c]!;
  const own = losses?.filter((_, row) => labels[row] === c) ?? null;
  const isOwn = labels.map((label) => (label === c ? 1 : 0));
  return {
    name,
    rows,
    called,
    precision: ratio(right, called),
    recall: ratio(right, rows),
    f1: ratio(2 * right, rows + called),
    auc: scores === null ? null : auc(rank(isOwn, scores[c]!)),
    logLoss: own === null || own.length === 0 ? null : mean(own),
  };
}

/** Of each row; null where scores are no probabilities. 0 is clipped by 2^-52. */
function lossesOf(labels: Float64Array, scores: readonly Float64Array[]): Float64Array | null {
  const together = labels.map((_, row) => scores.reduce((sum, score) => sum + score[row]!, 0));
  if (!scores.every(areProbabilities) || together.some((sum) => Math.abs(sum - 1) > SUM_ERROR)) return null;
  return labels.map((label, row) => -Math.log(Math.max(Number.EPSILON, scores[label]![row]!)));
}
const SUM_ERROR = 1e-6;

function confusionOf(count: number, labels: Float64Array, called: Float64Array): number[][] {
  const out = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  labels.forEach((label, row) => {
    out[label]![called[row]!]!++;
  });
  return out;
}

const likeliest = (rows: number, scores: readonly Float64Array[]): Float64Array =>
  Float64Array.from({ length: rows }, (_, row) =>
    scores.reduce((best, score, c) => (score[row]! > scores[best]![row]! ? c : best), 0),
  );

function check({ classes, labels, called, scores }: ClassPredictions): void {
  const isClass = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < classes.length;
  const columns = [...(called === null ? [] : [called]), ...(scores ?? [])];
  if (labels.length === 0 || columns.length === 0 || columns.some(({ length }) => length !== labels.length))
    throw new TomboloError("input.evaluation-rows", "evaluation needs rows, and one prediction for each");
  if (!labels.every(isClass) || called?.every(isClass) === false || (scores ?? classes).length !== classes.length)
    throw new TomboloError("input.evaluation-values", "labels and predictions must be of the same classes");
  for (const score of scores ?? []) checkFinite(score);
}
