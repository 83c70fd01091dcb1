/**
 * Divides aligned rows into a training and a test part. The guest draws (../row-choice/draw.ts), by the shares of its labels if wanted, or
 * takes the latest rows by a column of its own for testing, and tells the hosts which row goes where.
 *
 * Learns: host - which of the matched rows are for training and which for testing; by time also that the latter are the later ones. Guest -
 * nothing. Adversary: semi-honest. One message, a bit a row.
 */
import { TomboloError, takeTable } from "@tombolo/base";
import { bytes, message } from "@tombolo/channel";
import { z } from "zod";
import {
  aligned,
  anyNumber,
  component,
  type Disclosure,
  one,
  type Participant,
  type TaskContext,
  type TaskTable,
  table,
} from "../component.ts";
import { learns, sidesOf } from "../disclosing.ts";
import { columnName, field } from "../fields.ts";
import { drawnSizes, inStrata, ranksOf, strataOf } from "../row-choice/draw.ts";
import { MARKS_BYTES_MAX, packBits, unpackBits } from "../row-choice/marks.ts";
import { alignedInput, columnNamed, guestOf, hostsOf } from "../tables.ts";

const LABELS = { key: "tombolo/split/1/key\0", rank: "tombolo/split/1/rank\0" } as const;

const parameters = z.strictObject({
  testShare: field(
    z.number().min(0.01).max(0.99).default(0.3),
    { en: "Test share", zh: "测试集占比" },
    { en: "Share of the rows kept for testing.", zh: "留作测试的行占比。" },
  ),
  stratify: field(
    z.boolean().default(true),
    { en: "Keep label shares", zh: "按标签分层" },
    { en: "The same share of each label in both parts.", zh: "两部分中各标签占比相同。" },
  ),
  by: field(
    z.enum(["draw", "time"]).default("draw"),
    { en: "By", zh: "划分方式" },
    {
      en: "A draw, or time: the latest rows by a column of the guest's are for testing. Hosts then see which rows are later.",
      zh: "随机抽取，或按发起方的时间列：较晚的行用于测试，数据方由此得知哪些行较晚。",
    },
  ),
});
type Parameters = z.output<typeof parameters>;
const partyParameters = z.strictObject({
  time: field(
    columnName.nullable().default(null),
    { en: "Time", zh: "时间列" },
    {
      en: "Of the guest, to divide by time: a column of dates or numbers.",
      zh: "发起方按时间划分所用的日期或数值列。",
    },
  ),
});
type Context = TaskContext<Parameters, z.output<typeof partyParameters>>;

export const splitMessages = {
  assignment: message("guest", "host", bytes(MARKS_BYTES_MAX), {
    means: {
      en: "For each matched row, whether it is for training or for testing",
      zh: "每个匹配行属于训练集还是测试集",
    },
    sizeMax: MARKS_BYTES_MAX,
  }),
};

export const split = component({
  name: "split",
  version: "1.1.0",
  title: { en: "Split", zh: "数据划分" },
  summary: {
    en: "Divides the matched rows into a training and a test part, the same at every party.",
    zh: "把匹配的行划分为训练集与测试集，各方一致。",
  },
  roles: { guest: one, host: anyNumber },
  parameters,
  partyParameters,
  inputs: { data: aligned(table(), "required") },
  outputs: { train: aligned(table(), "kept"), test: aligned(table(), "kept") },
  protocol: { name: "split/draw", messages: splitMessages },
  use: "both",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

const LEARNT = {
  draw: {
    en: "which of the matched rows are for training and which for testing; no label",
    zh: "匹配的行中哪些用于训练、哪些用于测试；不含任何标签",
  },
  time: {
    en: "which of the matched rows are for training and which, the later ones by a column of the guest's, for testing; no label and no time",
    zh: "匹配的行中哪些用于训练、哪些用于测试（按发起方时间列较晚的行）；不含标签与具体时间",
  },
} as const;

function disclosures(participants: readonly Participant[], { by }: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  return sides.hosts.map((host) =>
    learns(host, sides.guest, "split-assignment", by === "time" ? LEARNT.time : LEARNT.draw),
  );
}

async function runGuest(context: Context): Promise<void> {
  const data = await alignedInput(context, "data");
  const isTest = await draw(data, context);
  const peers = await Promise.all(
    hostsOf(context).map(({ party }) => context.peer(splitMessages, "guest", "host", party)),
  );
  const assignment = packBits(isTest);
  await Promise.all(peers.map((peer) => peer.send("assignment", assignment)));
  await finish(context, data, isTest);
}

async function runHost(context: Context): Promise<void> {
  const data = await alignedInput(context, "data");
  const peer = await context.peer(splitMessages, "host", "guest", guestOf(context).party);
  const assignment = await peer.receive("assignment");
  await finish(context, data, unpackBits(assignment, data.rowCount, peer.party));
}

async function finish(context: Context, data: TaskTable, isTest: Uint8Array): Promise<void> {
  const rows = (test: 0 | 1): number[] => Array.from(isTest.keys()).filter((row) => isTest[row] === test);
  const [train, test] = [rows(0), rows(1)];
  if (train.length === 0 || test.length === 0)
    throw new TomboloError("input.rows", "there are too few rows to divide", {
      remedy: "Match more rows, or choose another test share.",
    });
  await context.outputs.table("train", { ...data, ...takeTable(data, train) });
  await context.outputs.table("test", { ...data, ...takeTable(data, test) });
  context.progress({ stage: "split", done: 1, total: 1, rows: data.rowCount });
}

/** 1 for rows of the test part: in each stratum those of the lowest rank, or the latest ones of all. */
async function draw(data: TaskTable, context: Context): Promise<Uint8Array> {
  const { testShare, stratify, by } = context.parameters;
  const ranks = await ranksOf(data, context.sampling.fork("split").next(), LABELS);
  const isTest = new Uint8Array(data.rowCount);
  if (by === "time") {
    const times = timesIn(data, context.partyParameters.time);
    // Rows of one moment at the border are drawn.
    const latest = inStrata(data.rowCount, null, ranks)[0]?.sort((a, b) => times[b]! - times[a]!) ?? [];
    for (const row of latest.slice(0, Math.round(data.rowCount * testShare))) isTest[row] = 1;
    return isTest;
  }
  const strata = stratify && data.label !== null ? strataOf(columnNamed(data, data.label)) : null;
  const groups = inStrata(data.rowCount, strata, ranks);
  const sizes = drawnSizes(
    groups.map((rows) => rows.length),
    testShare,
  );
  groups.forEach((rows, i) => {
    for (const row of rows.slice(0, sizes[i])) isTest[row] = 1;
  });
  return isTest;
}

/** Numbers as they are, text as dates. */
function timesIn(data: TaskTable, name: string | null): Float64Array {
  if (name === null)
    throw new TomboloError("input.parameter", "the guest names no column to divide by time", {
      remedy: "Name the guest's column of dates or numbers as time.",
    });
  const column = columnNamed(data, name);
  const dates = column.kind === "number" ? [] : column.categories.map((text) => Date.parse(text));
  const times =
    column.kind === "number" ? column.values : Float64Array.from(column.codes, (code) => dates[code] ?? Number.NaN);
  const missing = times.reduce((sum, time) => sum + Number(!Number.isFinite(time)), 0);
  if (missing === 0) return times;
  throw new TomboloError("input.missing-values", "rows have no usable date or number to divide by", {
    remedy: "Choose another column, or leave such rows out first (filter).",
    detail: { column: name, rows: missing },
  });
}
