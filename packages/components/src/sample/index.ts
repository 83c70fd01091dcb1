/**
 * A sample of aligned rows, the same at every party: a share of them, fewer rows of common labels, or rare labels more than once. The
 * guest draws and tells the hosts how often each row stays (../row-choice/draw.ts).
 *
 * Learns: host - which rows stay, and how often. Of a share that says nothing of labels. Where the draw follows labels it does: a row that
 * is left out has a commoner label, one that stands twice a rarer one; the consent says so. Guest - nothing.
 * Adversary: semi-honest. One bit a row; five where rows are repeated.
 */
import { TomboloError, takeTable } from "@tombolo/base";
import { bytes, stream } from "@tombolo/channel";
import { z } from "zod";
import {
  aligned,
  anyNumber,
  component,
  type Disclosure,
  one,
  type Participant,
  report,
  type TaskContext,
  type TaskTable,
  table,
} from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import { field } from "../fields.ts";
import { labelColumn } from "../labels.ts";
import { rowsByLabel } from "../row-choice/by-label.ts";
import { drawnRows, inStrata, ranksOf, strataOf } from "../row-choice/draw.ts";
import { MARKS_BYTES_MAX, packBits, unpackBits } from "../row-choice/marks.ts";
import { alignedInput, distinctRows, guestPeer, hostPeers } from "../tables.ts";

const LABELS = { key: "tombolo/sample/1/key\0", rank: "tombolo/sample/1/rank\0" } as const;
/** A row stands fewer than 2^5 times. */
const PLANES = 5;
const COPIES_MAX = 2 ** PLANES - 1;
const CLASSES_MAX = 20;

const parameters = z.strictObject({
  method: field(
    z.enum(["share", "under", "over"]).default("share"),
    { en: "Method", zh: "抽样方式" },
    {
      en: "A share of the rows; fewer rows of common labels; or rows of rare labels more than once. The last two show hosts which rows have them.",
      zh: "按比例抽样；对常见标签欠采样；或对稀有标签过采样。后两种会使数据方得知相应行的标签类别。",
    },
  ),
  share: field(
    z.number().gt(0).max(1).default(0.5),
    { en: "Share", zh: "抽样比例" },
    { en: "Of method share: the rows that stay.", zh: "按比例抽样时保留的行占比。" },
  ),
  stratify: field(
    z.boolean().default(true),
    { en: "Keep label shares", zh: "按标签分层" },
    { en: "Of method share: the same share of each label.", zh: "按比例抽样时各标签占比不变。" },
  ),
  ratio: field(
    z.number().min(0.01).max(1).default(1),
    { en: "Ratio of labels", zh: "标签比例" },
    {
      en: "Of under and over: rows of the rarest label to those of the commonest, afterwards.",
      zh: "欠采样与过采样后，最稀有标签与最常见标签的行数之比。",
    },
  ),
});
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const sampleMessages = {
  copies: stream("guest", "host", bytes(MARKS_BYTES_MAX), {
    means: { en: "For each matched row, how often it stays", zh: "每个匹配行保留的次数" },
    sizeMax: MARKS_BYTES_MAX,
  }),
};

export const sample = component({
  name: "sample",
  version: "1.0.1",
  title: { en: "Sample", zh: "抽样" },
  summary: {
    en: "Keeps some of the matched rows, the same at every party: a share, fewer of common labels, or rare labels more than once.",
    zh: "在各方一致地抽取匹配的行：按比例、对常见标签欠采样，或对稀有标签过采样。",
  },
  roles: { guest: one, host: anyNumber },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: aligned(table(), "required") },
  outputs: { data: aligned(table(), "kept"), report: report() },
  protocol: { name: "sample/draw", messages: sampleMessages },
  use: "train",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

const LEARNT = {
  share: {
    en: "which of the matched rows stay; no label",
    zh: "匹配的行中哪些被保留；不含任何标签",
  },
  under: {
    en: "which of the matched rows stay; each row that is left out has a commoner label than the rarest, and how many stay tells how many have the rarest",
    zh: "匹配的行中哪些被保留；被剔除的行均不属于最稀有的标签，保留的行数可推知最稀有标签的行数",
  },
  over: {
    en: "how often each of the matched rows stands in the sample; a row that stands in it more than once has a rarer label than the commonest, and how often tells how many have each",
    zh: "每个匹配行在样本中出现的次数；出现多于一次的行均不属于最常见的标签，次数可推知各标签的行数",
  },
} as const;

function disclosures(participants: readonly Participant[], { method }: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  const { guest, hosts } = sides;
  const why = {
    en: "that too few rows would stay, or that the label does not allow such a draw",
    zh: "保留的行过少，或标签不支持该抽样方式",
  };
  return [
    ...hosts.map((host) =>
      learns(host, guest, method === "share" ? "sampled-rows" : "sampled-by-label", LEARNT[method]),
    ),
    ...earlyEnds([guest, ...hosts], why),
  ];
}

const planesOf = ({ method }: Parameters): number => (method === "over" ? PLANES : 1);

async function runGuest(context: Context): Promise<void> {
  const data = await alignedInput(context, "data");
  const seed = context.sampling.fork("sample").next();
  const ranks = await ranksOf(data, { seed, salt: context.drawSalt, labels: LABELS });
  const copies = copiesOf(data, ranks, context.parameters);
  const planes = Array.from({ length: planesOf(context.parameters) }, (_, plane) =>
    packBits(copies.map((count) => (count >> plane) & 1)),
  );
  const peers = await hostPeers(context, sampleMessages);
  await Promise.all(peers.map((peer) => peer.sendEach("copies", planes)));
  await finish(context, data, copies);
}

async function runHost(context: Context): Promise<void> {
  const data = await alignedInput(context, "data");
  const peer = await guestPeer(context, sampleMessages);
  const copies = new Uint8Array(data.rowCount);
  let plane = 0;
  for await (const packed of peer.receiveEach("copies")) {
    if (plane === planesOf(context.parameters)) throw otherPlanes(peer.party);
    unpackBits(packed, data.rowCount, peer.party).forEach((bit, row) => {
      copies[row]! |= bit << plane;
    });
    plane += 1;
  }
  if (plane !== planesOf(context.parameters)) throw otherPlanes(peer.party);
  await finish(context, data, copies);
}

const otherPlanes = (party: string): TomboloError =>
  new TomboloError("protocol.rows", "the sample is told in another number of parts", { blame: party });

/** How often each row stays. */
export function copiesOf(data: TaskTable, ranks: BigUint64Array, given: Parameters): Uint8Array {
  if (given.method === "share") return drawnRows(data, ranks, given);
  const copies = new Uint8Array(data.rowCount);
  const groups = inStrata(data.rowCount, classesOf(data), ranks);
  const counts = groups.map(({ length }) => length);
  if (given.method === "under") {
    const most = Math.floor(Math.min(...counts) / given.ratio);
    for (const rows of groups) for (const row of rows.slice(0, most)) copies[row] = 1;
    return copies;
  }
  const least = Math.ceil(Math.max(...counts) * given.ratio);
  for (const rows of groups) {
    const wanted = Math.max(rows.length, least);
    if (wanted > COPIES_MAX * rows.length) throw tooRare();
    for (const [place, row] of rows.entries())
      copies[row] = Math.floor(wanted / rows.length) + Number(place < wanted % rows.length);
  }
  return copies;
}

const tooRare = (): TomboloError =>
  new TomboloError("input.label", `a label is so rare that its rows would stand more than ${COPIES_MAX} times`, {
    remedy: "Choose a smaller ratio.",
  });

function classesOf(data: TaskTable): Int32Array {
  const column = labelColumn(data);
  const classes = column.kind === "text" ? new Set(column.codes).size : new Set(column.values).size;
  if (classes >= 2 && classes <= CLASSES_MAX) return strataOf(column);
  throw new TomboloError("input.label", `rows are drawn by label where it has 2 to ${CLASSES_MAX} values`, {
    remedy: "Draw a share of the rows, or choose another label.",
    detail: { classes },
  });
}

async function finish(context: Context, data: TaskTable, copies: Uint8Array): Promise<void> {
  const rows = Array.from(copies.keys()).flatMap((row) => new Array<number>(copies[row]!).fill(row));
  const kept = copies.reduce((sum, count) => sum + Number(count > 0), 0);
  if (kept < distinctRows(Math.max(1, context.policy.minimumRows), data))
    throw new TomboloError("input.rows", "too few rows would stay", {
      remedy: "Keep a larger share, or match more rows.",
    });
  const copiesMax = distinctRows(Math.max(1, ...copies), data);
  await context.outputs.table("data", { ...data, ...takeTable(data, rows), copiesMax });
  await context.outputs.report("report", {
    kind: "sample",
    title: { en: "Sample", zh: "抽样" },
    data: {
      method: context.parameters.method,
      rows: data.rowCount,
      kept,
      repeated: rows.length - kept,
      label: data.label,
      byLabel: rowsByLabel(data, copies),
    },
  });
  context.progress({ stage: "sample", done: 1, total: 1, rows: rows.length });
}
