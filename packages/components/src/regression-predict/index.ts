/**
 * Scores of aligned rows with a regression whose coefficients stay where they are. The guest alone receives the scores.
 * Protocol, leakage and adversary: packages/federated, vertical/regression, predict.ts.
 */
import { TomboloError } from "@tombolo/base";
import { addNumbers } from "@tombolo/datasets";
import { columnsOf, predictGuest, predictHost, predictionMessages } from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { ScoreFile } from "../boosting-predict/score-file.ts";
import {
  aligned,
  component,
  type Disclosure,
  model,
  one,
  onlyAt,
  type Participant,
  type TaskContext,
  table,
} from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import { field } from "../fields.ts";
import { storedGuestModel, storedHostModel } from "../regression-train/model.ts";
import { keptColumns, requireHosts, rowsIn, SCORE_COLUMN, telling } from "../scoring.ts";
import { alignedFile, guestOf } from "../tables.ts";

const parameters = z.strictObject({
  keepColumns: field(
    z.boolean().default(false),
    { en: "Keep columns", zh: "保留特征列" },
    { en: "The guest's own columns stay beside the score.", zh: "在分数旁保留发起方自己的列。" },
  ),
  hostColumnsMin: field(
    z.number().int().min(1).max(100).default(3),
    { en: "Fewest host columns", zh: "数据方最少列数" },
    {
      en: "The guest can compute each row's total of a host's columns; with fewer columns than this the host refuses.",
      zh: "发起方可算出数据方各列在每行的贡献之和；列数少于此值时数据方拒绝打分。",
    },
  ),
});
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const regressionPredict = component({
  name: "regression-predict",
  version: "1.0.0",
  title: { en: "Score with a regression", zh: "回归模型预测" },
  summary: {
    en: "Scores matched rows with a joint regression; the scores go to the guest.",
    zh: "用联合回归模型为匹配的行打分，分数仅发起方获得。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { model: model(), data: aligned(table(), "required") },
  outputs: { data: onlyAt(aligned(table(), "kept"), "guest") },
  protocol: { name: "regression/predict", messages: predictionMessages },
  use: "score",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

function disclosures(participants: readonly Participant[], { hostColumnsMin }: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  const { guest, hosts } = sides;
  if (hosts.length === 0) return [];
  const learnt = hosts.flatMap((host) => [
    learns(guest, host, "scores", {
      en: `the score of every matched row; ${guest.party} alone receives scores`,
      zh: `每个匹配行的分数；分数只由 ${guest.party} 获得`,
    }),
    learns(guest, host, "row-totals", {
      en: `for each scored row the rounded sum of what ${host.party}'s columns contribute, of at least ${hostColumnsMin} column${hostColumnsMin === 1 ? "" : "s"}; no single column's part, coefficient or value${hostColumnsMin < 3 ? ", except what so few columns give away" : ""}. Where the columns have few distinct values, the totals have few as well: rows with the same total can be grouped, and are alike in these columns`,
      zh: `每个打分行中 ${host.party} 各列贡献之和（已舍入），至少 ${hostColumnsMin} 列；不含单列的贡献、系数与取值${hostColumnsMin < 3 ? "，但列数过少时可能由此推知" : ""}。若各列取值种类很少，贡献之和的种类也很少：可将贡献之和相同的行归为一组，这些行在上述各列上大致相同`,
    }),
    learns(host, guest, "row-count", {
      en: "how many rows are scored, with which model; no score",
      zh: "打分的行数与所用模型；不含分数",
    }),
  ]);
  const why = {
    en: "that a column of the model is missing or unusable, that the parts are of different models, or that too few columns take part",
    zh: "模型所需的列缺失或不可用、各方持有的部分不属于同一模型，或数据方列数过少",
  };
  return [...learnt, ...earlyEnds([guest, ...hosts], why)];
}

async function runGuest(context: Context): Promise<void> {
  const data = await alignedFile(context, "data");
  const { part } = storedGuestModel(await context.inputs.model("model"));
  requireHosts(context, part);
  const columns = keptColumns(data, context.parameters.keepColumns);
  const needed = [...columnsOf(part), ...(part.offset === null ? [] : [part.offset])];
  const rows = rowsIn(context, data, needed);
  const peer = await context.peer(predictionMessages, "guest", "host", part.hosts[0]!);
  const scores = await ScoreFile.open(context, data.rowCount);
  try {
    const take = (next: Float64Array): Promise<void> => scores.add(next);
    const { signal } = context;
    await predictGuest({ model: part, rows, first: scores.rows, take, signal, onProgress: telling(context) }, peer);
    const note = { keys: data.keys, label: data.label, aligned: data.aligned, columns: [...columns, SCORE_COLUMN] };
    await context.outputs.file("data", data, note, async (path) => {
      const added = { name: SCORE_COLUMN, values: scores.read() };
      await addNumbers(data.path, path, columns, added, { signal });
      return data.rowCount;
    });
  } finally {
    await scores.close();
  }
}

async function runHost(context: Context): Promise<void> {
  const data = await alignedFile(context, "data");
  const { part } = storedHostModel(await context.inputs.model("model"));
  const columns = columnsOf(part);
  if (columns.length < context.parameters.hostColumnsMin)
    throw new TomboloError("consent.few-columns", "the host brings too few columns for scores to be told", {
      remedy: "Train with more columns of the host, or lower hostColumnsMin, which its approver then sees.",
      blame: context.self.party,
    });
  const rows = rowsIn(context, data, columns);
  const peer = await context.peer(predictionMessages, "host", "guest", guestOf(context).party);
  await predictHost({ model: part, rows, signal: context.signal, onProgress: telling(context) }, peer);
}
