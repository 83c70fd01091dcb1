/**
 * Scores of aligned rows with a boosted model whose parts stay where they are. The guest alone receives the scores: with
 * each row's branches, or as totals alone. Protocols, leakage and adversary: packages/federated, vertical/boosting,
 * predict-guest.ts and predict-sum-guest.ts; of models of level shared shared/predict.ts.
 */
import {
  type Contributions,
  type GuestModel,
  predictGuest,
  predictHost,
  predictSumGuest,
  predictSumHost,
  type RowSource,
} from "@tombolo/federated/vertical/boosting";
import { z } from "zod";
import { storedGuestModel, storedHostModel } from "../boosting-train/model.ts";
import { isShared } from "../boosting-train/shared-model.ts";
import { aligned, anyNumber, component, model, one, onlyAt, report, type TaskContext, table } from "../component.ts";
import { modelRows } from "../pipeline/model-rows.ts";
import { requireHosts, SCORE_COLUMN, telling } from "../scoring.ts";
import { alignedFile, guestPeer } from "../tables.ts";
import { disclosures } from "./disclosure.ts";
import { besideScores, contributionNames, contributionsOf, Moves } from "./explain.ts";
import { formFaults } from "./faults.ts";
import { predictMessages } from "./messages.ts";
import { type Parameters, parameters } from "./parameters.ts";
import type { ScoreFile } from "./score-file.ts";
import { scoredTable } from "./scored-table.ts";
import { sharedGuest, sharedHost } from "./shared.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

export const boostingPredict = component({
  name: "boosting-predict",
  version: "4.0.0",
  title: { en: "Score with boosted trees", zh: "提升树预测" },
  summary: {
    en: "Scores matched rows with a joint model; the scores go to the guest, of several classes a probability each.",
    zh: "用联合模型为匹配的行打分，分数仅发起方获得；多分类每类一列概率。",
  },
  roles: { guest: one, host: anyNumber },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { model: model("boosting"), data: aligned(table(), "required") },
  outputs: {
    data: onlyAt(aligned(table(), "kept"), "guest"),
    contributions: onlyAt(report(), "guest"),
    preparation: report(),
  },
  protocol: { name: "boosting/predict", messages: predictMessages },
  use: "score",
  faults: ({ parameters: given, participants }) => formFaults(given, participants),
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  const value = await context.inputs.model("model");
  if (isShared(value)) return sharedGuest(context, value);
  const data = await alignedFile(context, "data");
  const { part, classes, pipeline } = storedGuestModel(value);
  requireHosts(context, part);
  const explained = context.parameters.contributions ? contributionsOf(part) : undefined;
  const moves = new Moves(explained?.players.length ?? 0);
  const scored = classes === undefined ? [SCORE_COLUMN] : classes.map((each) => `${SCORE_COLUMN}_${each}`);
  await scoredTable(context, data, {
    takes: { pipeline, columns: part.features },
    names: [...scored, ...(explained === undefined ? [] : contributionNames(explained.players))],
    score: (rows, scores) => score(context, part, rows, scores, explained),
    ...(explained === undefined ? {} : { through: (numbers) => moves.of(numbers) }),
  });
  if (explained === undefined) return;
  const movers = explained.players.map(({ owner, name }) =>
    owner === "guest" ? { feature: name, party: context.self.party } : { feature: null, party: part.hosts[owner]! },
  );
  await moves.report(context, movers, explained.means[0]!);
}

async function score(
  context: Context,
  model: GuestModel,
  rows: RowSource,
  scores: ScoreFile,
  explained: Contributions | undefined,
): Promise<void> {
  const peers = await Promise.all(model.hosts.map((party) => context.peer(predictMessages, "guest", "host", party)));
  const players = explained?.players.length ?? 0;
  const take = (next: Float64Array, moved: Float64Array): Promise<void> =>
    scores.add(explained === undefined ? next : besideScores(next, moved, players));
  const { signal, secrets } = context;
  const input = { model, rows, first: scores.rows, signal, onProgress: telling(context) };
  if (context.parameters.form === "sum-only" && peers.length > 0) {
    await predictSumGuest({ ...input, secrets, take: (next) => scores.add(next) }, peers);
    return;
  }
  const contributions = explained === undefined ? {} : { contributions: explained };
  await predictGuest({ ...input, ...contributions, take }, peers);
}

async function runHost(context: Context): Promise<void> {
  const value = await context.inputs.model("model");
  if (isShared(value)) return sharedHost(context, value);
  const data = await alignedFile(context, "data");
  const { part, pipeline, parameters: trained } = storedHostModel(value);
  const { rows, report: tell } = modelRows(context, data, { pipeline, columns: Object.keys(part.featureNumbers) });
  const peer = await guestPeer(context, predictMessages);
  const { signal, secrets } = context;
  const input = { model: part, rows, signal, onProgress: telling(context) };
  const outputs = typeof trained.classes === "number" ? trained.classes : 1;
  if (context.parameters.form === "sum-only") await predictSumHost({ ...input, outputs, secrets }, peer);
  else await predictHost(input, peer);
  await tell();
}
