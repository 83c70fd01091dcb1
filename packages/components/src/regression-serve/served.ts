/** A regression as a service has it. */
import {
  contributions,
  type GuestModel,
  predictedMean,
  scalarFamilyOf,
  servedGuest,
  sumOf,
  totalIn,
} from "@tombolo/federated/vertical/regression";
import type { StoredRegression } from "../regression-train/model.ts";
import { OWN_STEP, type ServedModel, type Step } from "../score-service/served-model.ts";

/** Stands for all columns of a host: of them there is one number. */
const ALL_OF_HOST = 0;

export function servedRegression({ part: model, pipeline = [] }: StoredRegression<GuestModel>): ServedModel {
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
