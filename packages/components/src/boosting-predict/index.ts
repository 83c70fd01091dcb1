/**
 * Scores of aligned rows with a boosted model whose parts stay where they are. The guest alone receives the scores: with
 * each row's branches, or as totals alone. Protocols, leakage and adversary: packages/federated, vertical/boosting,
 * predict-guest.ts and predict-sum-guest.ts.
 */
import { addNumbers } from "@tombolo/datasets";
import {
  type Contributions,
  type GuestModel,
  predictGuest,
  predictHost,
  predictSumGuest,
  predictSumHost,
  type RowSource,
  scoringMessages,
} from "@tombolo/federated/vertical/boosting";
import { z } from "zod";
import { storedGuestModel, storedHostModel } from "../boosting-train/model.ts";
import { aligned, any, component, model, one, onlyAt, report, type TaskContext, table } from "../component.ts";
import { keptColumns, requireHosts, rowsIn, SCORE_COLUMN, telling } from "../scoring.ts";
import { alignedFile, guestOf } from "../tables.ts";
import { disclosures } from "./disclosure.ts";
import { besideScores, contributionNames, contributionsOf, Moves } from "./explain.ts";
import { formFaults } from "./faults.ts";
import { type Parameters, parameters } from "./parameters.ts";
import { ScoreFile } from "./score-file.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

export const boostingPredict = component({
  name: "boosting-predict",
  version: "3.0.0",
  title: { en: "Score with boosted trees", zh: "提升树预测" },
  summary: {
    en: "Scores matched rows with a joint model; the scores go to the guest, of several classes a probability each.",
    zh: "用联合模型为匹配的行打分，分数仅发起方获得；多分类每类一列概率。",
  },
  roles: { guest: one, host: any },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { model: model("boosting"), data: aligned(table(), "required") },
  outputs: { data: onlyAt(aligned(table(), "kept"), "guest"), contributions: onlyAt(report(), "guest") },
  protocol: { name: "boosting/predict", messages: scoringMessages },
  use: "score",
  faults: ({ parameters: given, participants }) => formFaults(given, participants),
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  const data = await alignedFile(context, "data");
  const { part, classes } = storedGuestModel(await context.inputs.model("model"));
  requireHosts(context, part);
  const explained = context.parameters.contributions ? contributionsOf(part) : undefined;
  const players = explained?.players.length ?? 0;
  const moves = new Moves(players);
  const scored = classes === undefined ? [SCORE_COLUMN] : classes.map((each) => `${SCORE_COLUMN}_${each}`);
  const names = [...scored, ...(explained === undefined ? [] : contributionNames(explained))];
  const columns = keptColumns(data, context.parameters.keepColumns);
  const rows = rowsIn(context, data, part.features);
  const scores = await ScoreFile.open(context, data.rowCount, names.length);
  try {
    await score(context, part, rows, scores, explained);
    const note = { keys: data.keys, label: data.label, aligned: data.aligned, columns: [...columns, ...names] };
    await context.outputs.file("data", data, note, async (path) => {
      const values = explained === undefined ? scores.read() : moves.of(scores.read());
      await addNumbers(data.path, path, columns, { name: names, values }, { signal: context.signal });
      return data.rowCount;
    });
  } finally {
    await scores.close();
  }
  if (explained !== undefined) await moves.report(context, explained, part.hosts);
}

async function score(
  context: Context,
  model: GuestModel,
  rows: RowSource,
  scores: ScoreFile,
  explained: Contributions | undefined,
): Promise<void> {
  const peers = await Promise.all(model.hosts.map((party) => context.peer(scoringMessages, "guest", "host", party)));
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
  const data = await alignedFile(context, "data");
  const { part, parameters: trained } = storedHostModel(await context.inputs.model("model"));
  const rows = rowsIn(context, data, Object.keys(part.featureNumbers));
  const peer = await context.peer(scoringMessages, "host", "guest", guestOf(context).party);
  const { signal, secrets } = context;
  const input = { model: part, rows, signal, onProgress: telling(context) };
  const outputs = typeof trained.classes === "number" ? trained.classes : 1;
  if (context.parameters.form === "sum-only") await predictSumHost({ ...input, outputs, secrets }, peer);
  else await predictHost(input, peer);
}
