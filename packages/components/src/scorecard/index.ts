/**
 * Points from a logistic regression on binned columns: each party makes those of its own columns from its own coefficients, the
 * guest the base points. Local: nothing is sent. What it leaves is a linear regression of points: bins in the pipeline give points
 * in the place of weights, so that regression-predict and regression-serve score with it as with any other, and of a host's points the
 * guest learns each row's total alone, in whole points if they are whole. Of a host's bins whose weights are the guest's it makes the points.
 */
import { TomboloError } from "@tombolo/base";
import { basePoints, type Scorecard, scorecardCsv, scorecardPmml, scorecardShape } from "@tombolo/federated/scorecard";
import { z } from "zod";
import { anyNumber, component, model, one, report, type TaskContext } from "../component.ts";
import { type StoredRegression, storedGuestModel, storedHostModel } from "../regression-train/model.ts";
import { type Parameters, parameters } from "./parameters.ts";
import { type CardPart, cardId, cardPart } from "./part.ts";
import { partnerPoints } from "./shared-bins.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

/** A power of two, to which hosts round totals of points that have decimals: none is lost. */
const FINE_QUANTUM = 2 ** -20;

export const scorecard = component({
  name: "scorecard",
  version: "1.1.0",
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
  const about = { modelId: await cardId(part.modelId, scale), family: "linear", intercept: base } as const;
  const made = cardPart(part.terms, stored.pipeline ?? [], scale);
  if (part.kind === "regression/guest") {
    await leave(context, stored, { base, made, part: { ...part, ...about, terms: made.terms } });
    return;
  }
  const { columns, quantum } = partnerPoints(part, scale);
  const lookups = { quantum, columns: columns.map(({ term }) => term) };
  const theirs = columns.map(({ column }) => column);
  await leave(context, stored, { base, made, theirs, part: { ...part, ...about, terms: made.terms, lookups } });
}

async function runHost(context: Context): Promise<void> {
  const stored = storedHostModel(await context.inputs.model("model"));
  const { part } = stored;
  const { parameters: scale } = context;
  const { pipeline = [] } = stored;
  const modelId = await cardId(part.modelId, scale);
  // Its points are with the guest.
  if (part.kind === "regression/host-bins") {
    await leave(context, stored, { base: null, made: { columns: [], pipeline }, part: { ...part, modelId } });
    return;
  }
  const made = cardPart(part.terms, pipeline, scale);
  const quantum = scale.decimals === 0 ? 1 : FINE_QUANTUM;
  await leave(context, stored, { base: null, made, part: { ...part, modelId, quantum, terms: made.terms } });
}

interface Made {
  readonly base: number | null;
  readonly made: Pick<CardPart, "columns" | "pipeline">;
  /** Of a host whose weights are here. */
  readonly theirs?: Scorecard["columns"];
  readonly part: StoredRegression["part"];
}

async function leave(
  context: Context,
  stored: StoredRegression,
  { base, made, theirs = [], part }: Made,
): Promise<void> {
  const { outputs, parameters: scale, self } = context;
  const own: Scorecard = { kind: "scorecard", version: 1, party: self.party, scale, base, columns: [...made.columns] };
  const card: Scorecard = { ...own, columns: [...own.columns, ...theirs] };
  const value: StoredRegression = {
    ...stored,
    parameters: { ...stored.parameters, ...scale, family: "linear" },
    inference: null,
    pipeline: made.pipeline,
    part,
  };
  const metrics = { columns: card.columns.length, points: reach(card) };
  await outputs.model("model", value, { kind: "regression", objective: "binary", metrics });
  await outputs.report("report", {
    kind: "scorecard",
    title: { en: "Scorecard", zh: "评分卡" },
    data: { ...card, positive: stored.positive, exports: { ...exportsOf(card), pmml: pmmlOf(own) } },
  });
  context.progress({ stage: "scorecard", done: 1, total: 1 });
}

/** From the fewest to the most points that own columns can give. */
const reach = ({ columns }: Scorecard): number =>
  columns.reduce((sum, { bins }) => {
    const points = bins.map((bin) => bin.points);
    return sum + Math.max(...points) - Math.min(...points);
  }, 0);

/** As files for other programs. */
const exportsOf = (card: Scorecard) => ({
  csv: scorecardCsv(card),
  json: `${JSON.stringify({ schema: z.toJSONSchema(scorecardShape), scorecard: card }, null, 2)}\n`,
});

/** Of own columns alone: of a host's bins it is not known here what is in them. There is no card without columns. */
const pmmlOf = (own: Scorecard): string | null => (own.columns.length === 0 ? null : scorecardPmml(own));
