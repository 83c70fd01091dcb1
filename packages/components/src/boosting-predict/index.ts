/**
 * Scores of aligned rows with a boosted model whose parts stay where they are. The guest alone receives the scores.
 * Protocol, leakage and adversary: packages/federated, vertical/boosting, predict-guest.ts.
 */
import { addNumbers } from "@tombolo/datasets";
import {
  type Contributions,
  type GuestModel,
  predictGuest,
  predictHost,
  predictionMessages,
  type RowSource,
} from "@tombolo/federated/vertical/boosting";
import { z } from "zod";
import { storedGuestModel, storedHostModel } from "../boosting-train/model.ts";
import {
  aligned,
  any,
  component,
  type Disclosure,
  model,
  one,
  onlyAt,
  type Participant,
  report,
  type TaskContext,
  table,
} from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import { field } from "../fields.ts";
import { keptColumns, requireHosts, rowsIn, SCORE_COLUMN, telling } from "../scoring.ts";
import { alignedFile, guestOf } from "../tables.ts";
import { besideScores, contributionNames, contributionsOf, Moves } from "./explain.ts";
import { ScoreFile } from "./score-file.ts";

const parameters = z.strictObject({
  keepColumns: field(
    z.boolean().default(false),
    { en: "Keep columns", zh: "保留特征列" },
    { en: "The guest's own columns stay beside the score.", zh: "在分数旁保留发起方自己的列。" },
  ),
  contributions: field(
    z.boolean().default(false),
    { en: "Contributions", zh: "特征贡献" },
    {
      en: "Beside each score, how far each of the guest's columns and each host as a whole moved it (Shapley values of the margin), and a chart over all rows.",
      zh: "在每个分数旁给出发起方各列及每个数据方整体对其的影响（边际值的 Shapley 值），并附全部行的汇总图。",
    },
  ),
});
type Context = TaskContext<z.output<typeof parameters>, Record<string, never>>;

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
  protocol: { name: "boosting/predict", messages: predictionMessages },
  use: "score",
  discloses: ({ participants }) => disclosures(participants),
  run: { guest: runGuest, host: runHost },
});

function disclosures(participants: readonly Participant[]): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  const { guest, hosts } = sides;
  if (hosts.length === 0) return [];
  const learnt = hosts.flatMap((host) => [
    learns(guest, host, "scores", {
      en: `the score of every matched row; ${guest.party} alone receives scores`,
      zh: `每个匹配行的分数；分数只由 ${guest.party} 获得`,
    }),
    learns(guest, host, "row-branches", {
      en: `for each scored row, to which side it goes at splits of ${host.party}, also at some off the row's path; from these also how far ${host.party} as a whole moves each score; no column name, threshold or value`,
      zh: `每个打分行在 ${host.party} 各分裂处走向哪一侧，包括部分不在该行路径上的分裂；由此也可算出 ${host.party} 整体对每个分数的影响；不含列名、阈值与取值`,
    }),
    learns(host, guest, "row-count", {
      en: "how many rows are scored, with which model; no path and no score",
      zh: "打分的行数与所用模型；不含路径与分数",
    }),
  ]);
  const why = {
    en: "that a column of the model is missing or unusable, or that the parts are of different models",
    zh: "模型所需的列缺失或不可用，或各方持有的部分不属于同一模型",
  };
  return [...learnt, ...earlyEnds([guest, ...hosts], why)];
}

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
  const peers = await Promise.all(model.hosts.map((party) => context.peer(predictionMessages, "guest", "host", party)));
  const players = explained?.players.length ?? 0;
  const take = (next: Float64Array, moved: Float64Array): Promise<void> =>
    scores.add(explained === undefined ? next : besideScores(next, moved, players));
  const { signal } = context;
  const contributions = explained === undefined ? {} : { contributions: explained };
  const input = { model, rows, first: scores.rows, ...contributions, take, signal, onProgress: telling(context) };
  await predictGuest(input, peers);
}

async function runHost(context: Context): Promise<void> {
  const data = await alignedFile(context, "data");
  const { part } = storedHostModel(await context.inputs.model("model"));
  const rows = rowsIn(context, data, Object.keys(part.featureNumbers));
  const peer = await context.peer(predictionMessages, "host", "guest", guestOf(context).party);
  await predictHost({ model: part, rows, signal: context.signal, onProgress: telling(context) }, peer);
}
