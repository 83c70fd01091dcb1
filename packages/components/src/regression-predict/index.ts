/**
 * Scores of aligned rows with a regression whose coefficients stay where they are. The guest alone receives the scores.
 * Protocol, leakage and adversary: packages/federated, vertical/regression, predict.ts.
 */
import { addNumbers } from "@tombolo/datasets";
import { PARTIES_MAX, predictionMessages } from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { besideScores, Moves } from "../boosting-predict/explain.ts";
import { ScoreFile } from "../boosting-predict/score-file.ts";
import { aligned, component, model, one, onlyAt, report, type TaskContext, table } from "../component.ts";
import { modelRows } from "../pipeline/model-rows.ts";
import { storedGuestPart, storedHostPart } from "../regression-train/model.ts";
import { bandFaults } from "../score-service/faults.ts";
import { keptColumns, requireHosts, telling } from "../scoring.ts";
import { alignedFile } from "../tables.ts";
import { type AnswerInput, answerOf, requireFitting } from "./answer.ts";
import { columnsTaken, requireAllHosts, requireBinSets, requireColumns } from "./columns.ts";
import { disclosures } from "./disclosure.ts";
import { explainFaults } from "./explain.ts";
import { answerGuest, hostEnds } from "./host.ts";
import { type Parameters, parameters } from "./parameters.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

/** A class has no bounds. */
const asBands = ({ output, bands }: Parameters) => ({ output: output === "class" ? "score" : output, bands }) as const;

export const regressionPredict = component({
  name: "regression-predict",
  version: "5.3.0",
  title: { en: "Score with a regression", zh: "回归模型预测" },
  summary: {
    en: "Scores matched rows with a joint regression; the scores, or only their bands or classes, go to the guest; with scores of several hosts it learns their sum alone. Without a host, with a model of the guest's columns alone.",
    zh: "用联合回归模型为匹配的行打分，分数（或仅其分段、类别）由发起方获得；有多个数据方时仅得知其合计；没有数据方时使用仅含发起方列的模型。",
  },
  roles: { guest: one, host: { min: 0, max: PARTIES_MAX - 1 } },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { model: model("regression"), data: aligned(table(), "required") },
  outputs: {
    data: onlyAt(aligned(table(), "kept"), "guest"),
    contributions: onlyAt(report(), "guest"),
    preparation: report(),
  },
  protocol: { name: "regression/predict", messages: predictionMessages },
  use: "score",
  // Bounds that differ narrow a row's total down.
  oncePerDataset: ({ output }) => output === "band" || output === "decision",
  faults: ({ parameters: given }) => [...bandFaults(asBands(given)), ...explainFaults(given)],
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  const data = await alignedFile(context, "data");
  const stored = storedGuestPart(await context.inputs.model("model"));
  requireHosts(context, stored.part);
  const { keepColumns } = context.parameters;
  const { needed, names, texts, explained, run } = answerOf(context, stored);
  const players = explained?.movers.length ?? 0;
  const moves = new Moves(players);
  const columns = names.map((name) => keptColumns(data, keepColumns, name))[0]!;
  const { rows, report: tell } = modelRows(context, data, { pipeline: stored.pipeline, columns: needed });
  const scores = await ScoreFile.open(context, data.rowCount, names.length);
  try {
    const take: AnswerInput["take"] = (next, moved) =>
      scores.add(moved === null ? next : besideScores(next, moved, players));
    await run({ rows, first: scores.rows, take, signal: context.signal, onProgress: telling(context) });
    await tell();
    const note = { keys: data.keys, label: data.label, aligned: data.aligned, columns: [...columns, ...names] };
    await context.outputs.file("data", data, note, async (path) => {
      const values = explained === null ? scores.read() : moves.of(scores.read());
      const added = { name: names, values, ...(texts === null ? {} : { texts }) };
      await addNumbers(data.path, path, columns, added, { signal: context.signal });
      return data.rowCount;
    });
  } finally {
    await scores.close();
  }
  if (explained !== null) await moves.report(context, explained.movers, explained.base);
}

async function runHost(context: Context): Promise<void> {
  const data = await alignedFile(context, "data");
  const { part, pipeline } = storedHostPart(await context.inputs.model("model"));
  const { output } = context.parameters;
  requireFitting(part, output);
  requireAllHosts(context, part);
  if (output === "score") requireColumns(context, part);
  if (output === "score" && part.kind === "regression/host-bins") requireBinSets(context, part);
  const { rows, report: tell } = modelRows(context, data, { pipeline, columns: columnsTaken(part) });
  const ends = await hostEnds(context);
  await answerGuest(context, part, { rows, signal: context.signal, onProgress: telling(context) }, ends);
  await tell();
}
