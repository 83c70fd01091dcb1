/**
 * Scores of aligned rows with a regression whose coefficients stay where they are. The guest alone receives the scores.
 * Protocol, leakage and adversary: packages/federated, vertical/regression, predict.ts.
 */
import { addNumbers } from "@tombolo/datasets";
import {
  bandsGuest,
  bandsHost,
  columnsOf,
  type HostPair,
  PARTIES_MAX,
  predictGuest,
  predictHost,
  predictionMessages,
  predictSumGuest,
  predictSumHost,
} from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { ScoreFile } from "../boosting-predict/score-file.ts";
import { aligned, component, model, one, onlyAt, type TaskContext, table } from "../component.ts";
import { storedGuestModel, storedHostModel } from "../regression-train/model.ts";
import { bandFaults } from "../score-service/faults.ts";
import { keptColumns, requireHosts, rowsIn, telling } from "../scoring.ts";
import { alignedFile, guestOf, hostsOf } from "../tables.ts";
import { requireAllHosts, requireColumns } from "./columns.ts";
import { disclosures } from "./disclosure.ts";
import { severalFaults } from "./faults.ts";
import { type Parameters, parameters } from "./parameters.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

export const regressionPredict = component({
  name: "regression-predict",
  version: "4.0.0",
  title: { en: "Score with a regression", zh: "回归模型预测" },
  summary: {
    en: "Scores matched rows with a joint regression; the scores, or only their bands, go to the guest; of several hosts it learns the sum alone.",
    zh: "用联合回归模型为匹配的行打分，分数（或仅其分段）由发起方获得；有多个数据方时仅得知其合计。",
  },
  roles: { guest: one, host: { min: 1, max: PARTIES_MAX - 1 } },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { model: model("regression"), data: aligned(table(), "required") },
  outputs: { data: onlyAt(aligned(table(), "kept"), "guest") },
  protocol: { name: "regression/predict", messages: predictionMessages },
  use: "score",
  faults: ({ parameters: given, participants }) => [...bandFaults(given), ...severalFaults(given, participants)],
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  const data = await alignedFile(context, "data");
  const { part } = storedGuestModel(await context.inputs.model("model"));
  requireHosts(context, part);
  const { output, bands, keepColumns } = context.parameters;
  const columns = keptColumns(data, keepColumns, output);
  const needed = [...columnsOf(part), ...(part.offset === null ? [] : [part.offset])];
  const rows = rowsIn(context, data, needed);
  const peers = await Promise.all(part.hosts.map((party) => context.peer(predictionMessages, "guest", "host", party)));
  const scores = await ScoreFile.open(context, data.rowCount);
  try {
    const { signal, secrets } = context;
    const take = (next: Float64Array): Promise<void> => scores.add(next);
    const input = { model: part, rows, first: scores.rows, take, signal, onProgress: telling(context) };
    if (peers.length > 1) await predictSumGuest(input, peers);
    else if (output === "score") await predictGuest(input, peers[0]!);
    else await bandsGuest({ ...input, below: boundsOf(bands), secrets }, peers[0]!);
    const note = { keys: data.keys, label: data.label, aligned: data.aligned, columns: [...columns, output] };
    await context.outputs.file("data", data, note, async (path) => {
      const added = { name: output, values: scores.read() };
      const texts = output === "score" ? {} : { texts: bands.map(({ name }) => name) };
      await addNumbers(data.path, path, columns, { ...added, ...texts }, { signal });
      return data.rowCount;
    });
  } finally {
    await scores.close();
  }
}

const boundsOf = (bands: Parameters["bands"]): number[] => bands.flatMap(({ below }) => below ?? []);

async function runHost(context: Context): Promise<void> {
  const data = await alignedFile(context, "data");
  const { part } = storedHostModel(await context.inputs.model("model"));
  const { output, bands } = context.parameters;
  requireAllHosts(context, part);
  if (output === "score") requireColumns(context, part);
  const rows = rowsIn(context, data, columnsOf(part));
  const [peer, others] = await Promise.all([
    context.peer(predictionMessages, "host", "guest", guestOf(context).party),
    otherHosts(context),
  ]);
  const { signal, secrets } = context;
  const input = { model: part, rows, signal, onProgress: telling(context) };
  if (others.length > 0) await predictSumHost(input, peer, others, secrets);
  else if (output === "score") await predictHost(input, peer);
  else await bandsHost({ ...input, bounds: boundsOf(bands).length, secrets }, peer);
}

/** Sessions with the other hosts: masks in pairs. */
function otherHosts(context: Context): Promise<HostPair[]> {
  const hosts = hostsOf(context).map(({ party }) => party);
  const place = hosts.indexOf(context.self.party);
  return Promise.all(
    hosts.flatMap((party, there): Promise<HostPair>[] => {
      if (there === place) return [];
      if (place < there)
        return [
          context.peer(predictionMessages, "earlier", "later", party).then((peer) => ({ side: "earlier", peer })),
        ];
      return [context.peer(predictionMessages, "later", "earlier", party).then((peer) => ({ side: "later", peer }))];
    }),
  );
}
