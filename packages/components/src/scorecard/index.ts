/**
 * Points from a logistic regression on binned columns: each party makes those of its own columns from its own coefficients, the
 * guest the base points. Local: nothing is sent. What it leaves is a linear regression of points: bins in the pipeline give points
 * in the place of weights, so that regression-predict and regression-serve score with it as with any other, and of a host's points the
 * guest learns each row's total alone, in whole points if they are whole.
 */
import { TomboloError } from "@tombolo/base";
import {
  basePoints,
  type CardTerm,
  type Scorecard,
  scorecardCsv,
  scorecardPmml,
  scorecardShape,
} from "@tombolo/federated/scorecard";
import type { GuestModel, HostModel } from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { anyNumber, component, model, one, report, type TaskContext } from "../component.ts";
import { type StoredRegression, storedGuestModel, storedHostModel } from "../regression-train/model.ts";
import { type Parameters, parameters } from "./parameters.ts";
import { cardId, cardPart } from "./part.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

/** A power of two, to which hosts round totals of points that have decimals: none is lost. */
const FINE_QUANTUM = 2 ** -20;

export const scorecard = component({
  name: "scorecard",
  version: "1.0.0",
  title: { en: "Scorecard", zh: "评分卡" },
  summary: {
    en: "Makes points of each party's bins from a logistic regression on them; what it leaves scores and serves as a regression does.",
    zh: "由分箱后的逻辑回归为各方的分箱生成分值；所得模型与回归模型一样可批量打分与在线服务。",
  },
  roles: { guest: one, host: anyNumber },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { model: model("regression") },
  outputs: { model: model("regression"), report: report() },
  protocol: null,
  use: "train",
  discloses: () => [],
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  const stored = storedGuestModel(await context.inputs.model("model"));
  const { part } = stored;
  if (part.family !== "logistic" || part.offset !== null)
    throw new TomboloError("input.model", "a scorecard is made of a logistic regression without an offset", {
      remedy: "Train with the family logistic.",
    });
  const { parameters: scale } = context;
  const base = basePoints(scale, part.intercept);
  const modelId = await cardId(part.modelId, scale);
  await leave(context, stored, base, (terms) => ({ ...part, modelId, family: "linear", intercept: base, terms }));
}

async function runHost(context: Context): Promise<void> {
  const stored = storedHostModel(await context.inputs.model("model"));
  const { part } = stored;
  const { parameters: scale } = context;
  const modelId = await cardId(part.modelId, scale);
  const quantum = scale.decimals === 0 ? 1 : FINE_QUANTUM;
  await leave(context, stored, null, (terms) => ({ ...part, modelId, quantum, terms }));
}

type Terms = GuestModel["terms"];

async function leave(
  context: Context,
  stored: StoredRegression<GuestModel> | StoredRegression<HostModel>,
  base: number | null,
  partOf: (terms: Terms) => GuestModel | HostModel,
): Promise<void> {
  const { outputs, parameters: scale, self } = context;
  const terms: readonly CardTerm[] = stored.part.terms;
  const made = cardPart(terms, stored.pipeline ?? [], scale);
  const card: Scorecard = { kind: "scorecard", version: 1, party: self.party, scale, base, columns: [...made.columns] };
  const value: StoredRegression = {
    ...stored,
    parameters: { ...stored.parameters, ...scale, family: "linear" },
    inference: null,
    pipeline: made.pipeline,
    part: partOf(made.terms),
  };
  const metrics = { columns: card.columns.length, points: reach(card) };
  await outputs.model("model", value, { kind: "regression", objective: "binary", metrics });
  await outputs.report("report", {
    kind: "scorecard",
    title: { en: "Scorecard", zh: "评分卡" },
    data: { ...card, positive: stored.positive, exports: exportsOf(card) },
  });
  context.progress({ stage: "scorecard", done: 1, total: 1 });
}

/** From the fewest to the most points that own columns can give. */
const reach = ({ columns }: Scorecard): number =>
  columns.reduce((sum, { bins }) => {
    const points = bins.map((bin) => bin.points);
    return sum + Math.max(...points) - Math.min(...points);
  }, 0);

/** Of the own part, as files for other programs; PMML has no card without columns. */
const exportsOf = (card: Scorecard) => ({
  csv: scorecardCsv(card),
  json: `${JSON.stringify({ schema: z.toJSONSchema(scorecardShape), scorecard: card }, null, 2)}\n`,
  pmml: card.columns.length === 0 ? null : scorecardPmml(card),
});
