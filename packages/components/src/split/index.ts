/**
 * Divides aligned rows into a training and a test part. The guest draws (../row-choice/draw.ts), by the shares of its labels if wanted, or
 * goes by time or group by a column of its own, and tells the hosts which row goes where. The test part is a share of the rows, or one
 * of k folds: k such tasks of one table and draw hold out each row once (by time the first 1/(k + 1) of them never).
 *
 * Folds: as scikit-learn's StratifiedKFold, KFold (without `stratify`), GroupKFold and TimeSeriesSplit, with rows drawn.
 *
 * Learns: host - which of the matched rows are for training and which for testing; by time also that the latter are the later ones. Guest -
 * nothing. Adversary: semi-honest. One message, a bit a row; of folds by time two.
 */
import { TomboloError, takeTable } from "@tombolo/base";
import { bytes, message } from "@tombolo/channel";
import { aligned, anyNumber, component, one, report, type TaskContext, type TaskTable, table } from "../component.ts";
import { rowsByLabel } from "../row-choice/by-label.ts";
import { MARKS_BYTES_MAX, packBits, unpackBits } from "../row-choice/marks.ts";
import { alignedInput, guestPeer, hostPeers } from "../tables.ts";
import { disclosures } from "./disclosure.ts";
import { foldFaults, type Parameters, type PartyParameters, parameters, partyParameters } from "./parameters.ts";
import { type Parts, partsOf } from "./parts.ts";

type Context = TaskContext<Parameters, PartyParameters>;

export const splitMessages = {
  assignment: message("guest", "host", bytes(MARKS_BYTES_MAX), {
    means: {
      en: "For each matched row, whether it is for training or for testing",
      zh: "每个匹配行属于训练集还是测试集",
    },
    sizeMax: MARKS_BYTES_MAX,
  }),
  unused: message("guest", "host", bytes(MARKS_BYTES_MAX), {
    means: {
      en: "Of folds by time, for each matched row whether it is later than the fold and left out",
      zh: "按时间分折时，每个匹配行是否晚于该折而不使用",
    },
    sizeMax: MARKS_BYTES_MAX,
  }),
};

export const split = component({
  name: "split",
  version: "1.3.0",
  title: { en: "Split", zh: "数据划分" },
  summary: {
    en: "Divides the matched rows into a training and a test part, the same at every party; or holds out one fold of a cross-validation.",
    zh: "把匹配的行划分为训练集与测试集，各方一致；或留出交叉验证的一折。",
  },
  roles: { guest: one, host: anyNumber },
  parameters,
  partyParameters,
  inputs: { data: aligned(table(), "required") },
  outputs: { train: aligned(table(), "kept"), test: aligned(table(), "kept"), report: report() },
  protocol: { name: "split/draw", messages: splitMessages },
  use: "both",
  faults: ({ parameters: given }) => foldFaults(given),
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  const [fault] = foldFaults(context.parameters);
  if (fault !== undefined) throw new TomboloError("input.parameter", fault.message, { remedy: fault.remedy });
  const data = await alignedInput(context, "data");
  const parts = await partsOf(data, context);
  const peers = await hostPeers(context, splitMessages);
  const [assignment, unused] = [packBits(parts.isTest), parts.isUnused && packBits(parts.isUnused)];
  await Promise.all(
    peers.map(async (peer) => {
      await peer.send("assignment", assignment);
      if (unused !== null) await peer.send("unused", unused);
    }),
  );
  await finish(context, data, parts);
}

async function runHost(context: Context): Promise<void> {
  const { by, fold } = context.parameters;
  const data = await alignedInput(context, "data");
  const peer = await guestPeer(context, splitMessages);
  const marks = (packed: Uint8Array): Uint8Array => unpackBits(packed, data.rowCount, peer.party);
  const isTest = marks(await peer.receive("assignment"));
  const isUnused = by === "time" && fold !== null ? marks(await peer.receive("unused")) : null;
  if (isUnused?.some((mark, row) => mark === 1 && isTest[row] === 1))
    throw new TomboloError("protocol.rows", "a row is for testing and left out", { blame: peer.party });
  await finish(context, data, { isTest, isUnused });
}

async function finish(context: Context, data: TaskTable, { isTest, isUnused }: Parts): Promise<void> {
  const rows = (test: 0 | 1): number[] =>
    Array.from(isTest.keys()).filter((row) => isTest[row] === test && isUnused?.[row] !== 1);
  const [train, test] = [rows(0), rows(1)];
  if (train.length === 0 || test.length === 0)
    throw new TomboloError("input.rows", "there are too few rows to divide", {
      remedy: "Match more rows, or choose another test share or number of folds.",
    });
  await context.outputs.table("train", { ...data, ...takeTable(data, train) });
  await context.outputs.table("test", { ...data, ...takeTable(data, test) });
  await context.outputs.report("report", {
    kind: "split",
    title: { en: "Split", zh: "数据划分" },
    data: {
      rows: data.rowCount,
      test: test.length,
      unused: data.rowCount - train.length - test.length,
      label: data.label,
      byLabel: rowsByLabel(data, isTest, isUnused),
    },
  });
  context.progress({ stage: "split", done: 1, total: 1, rows: data.rowCount });
}
