/** A regression as a service has it, of one score or of several classes. */
import {
  classFamilyOf,
  classTotalsIn,
  contributions,
  flatClasses,
  type GuestClassModel,
  type GuestModel,
  plainPart,
  predictedMean,
  scalarFamilyOf,
  servedGuest,
  sumOf,
  totalIn,
} from "@tombolo/federated/vertical/regression";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { GuestPart, StoredRegression } from "../regression-train/model.ts";
import { OWN_STEP, type ServedModel, type Step } from "../score-service/served-model.ts";

/** Stands for all columns of a host: of them there is one number. */
const ALL_OF_HOST = 0;

export const servedPart = ({ part, classes, pipeline = [] }: StoredRegression<GuestPart>): ServedModel => {
  if (part.kind === "regression/guest-classes") return servedClasses(part, classes, pipeline);
  return servedRegression(part.kind === "regression/guest-bins" ? plainPart(part) : part, pipeline);
};

/** `names`: of the classes; where there are none their numbers from 1 on. */
function servedClasses(model: GuestClassModel, names: readonly string[] | null, pipeline: Pipeline): ServedModel {
  const { intercepts, family, hosts, terms } = model;
  const count = intercepts.length;
  const rules = classFamilyOf({ family, classes: count });
  const flat = flatClasses(model, count);
  return {
    hosts,
    columns: flat[0]!.columns,
    pipeline,
    watched: flat[0]!.watched,
    classes: names ?? intercepts.map((_, c) => String(c + 1)),
    batch(answers) {
      const probabilities = (row: number, values: Float64Array, at: number): number[] =>
        rules.probabilities(
          answers.reduce(
            (sums, answer) => classTotalsIn(answer, row, count).map((total, c) => sums[c]! + total),
            flat.map((each, c) => sumOf(contributions(each, values, at)) + intercepts[c]!),
          ),
        );
      return {
        score: probabilities,
        *steps(row, values, at): Iterable<Step> {
          const shares = probabilities(row, values, at);
          const likeliest = shares.indexOf(Math.max(...shares));
          const own = flat.map((each) => contributions(each, values, at));
          for (const [i, { column }] of terms.entries()) {
            const contribution = ahead(
              own.map((each) => each[i]!),
              likeliest,
            );
            yield { owner: OWN_STEP, feature: column, contribution };
          }
          for (const [owner, answer] of answers.entries()) {
            const contribution = ahead(classTotalsIn(answer, row, count), likeliest);
            yield { owner, feature: ALL_OF_HOST, contribution };
          }
        },
      };
    },
  };
}

/** How far a class is ahead of the mean of all: what is the same for all of them moves none. */
const ahead = (parts: readonly number[], place: number): number =>
  parts[place]! - parts.reduce((sum, part) => sum + part, 0) / parts.length;

function servedRegression(model: GuestModel, pipeline: Pipeline): ServedModel {
  const guest = servedGuest(model);
  const family = scalarFamilyOf(model);
  return {
    hosts: model.hosts,
    columns: guest.columns,
    pipeline,
    watched: guest.watched,
    batch: (answers) => ({
      score: (row, values, at) => {
        const theirs = answers.map((answer) => totalIn(answer, row));
        const offset = guest.offsetAt === null ? 0 : values[at + guest.offsetAt]!;
        return predictedMean(family, model, { own: sumOf(contributions(guest, values, at)) + offset, theirs });
      },
      *steps(row, values, at): Iterable<Step> {
        const own = contributions(guest, values, at);
        for (const [i, contribution] of own.entries())
          yield { owner: OWN_STEP, feature: model.terms[i]!.column, contribution };
        for (const [owner, answer] of answers.entries())
          yield { owner, feature: ALL_OF_HOST, contribution: totalIn(answer, row) };
      },
    }),
  };
}
