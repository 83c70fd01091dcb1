/**
 * Divides aligned rows into a training and a test part. The guest draws and tells the hosts which row goes where.
 *
 * The draw may keep the share of each label in both parts. Were it made from public randomness, a host could read off
 * the labels of rows near the border. So rows are ranked by SHA-256(key, id), with a key that the guest makes from its
 * whole table and the flow's seed: the same data and seed give the same parts in every run, and whoever cannot guess
 * the guest's table sees a random draw.
 *
 * Learns: host - which of the matched rows are for training and which for testing, nothing else. Guest - nothing.
 * Adversary: semi-honest. One message, a bit a row.
 */
import { type Column, concat, TomboloError, takeTable, utf8 } from "@tombolo/base";
import { bytes, message } from "@tombolo/channel";
import { sha256, sha256Prefixed } from "@tombolo/crypto";
import { z } from "zod";
import {
  aligned,
  any,
  component,
  type Disclosure,
  one,
  type Participant,
  type TaskContext,
  type TaskTable,
  table,
} from "../component.ts";
import { learns, sidesOf } from "../disclosing.ts";
import { field } from "../fields.ts";
import { alignedInput, columnNamed, guestOf, hostsOf } from "../tables.ts";

const LABELS = { key: "tombolo/split/1/key\0", rank: "tombolo/split/1/rank\0" } as const;
/** A bit a row: 2^27 rows are what matching takes at most. */
const ASSIGNMENT_BYTES_MAX = 2 ** 24;

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
});
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const splitMessages = {
  assignment: message("guest", "host", bytes(ASSIGNMENT_BYTES_MAX), {
    means: {
      en: "For each matched row, whether it is for training or for testing",
      zh: "每个匹配行属于训练集还是测试集",
    },
    sizeMax: ASSIGNMENT_BYTES_MAX,
  }),
};

export const split = component({
  name: "split",
  version: "1.0.0",
  title: { en: "Split", zh: "数据划分" },
  summary: {
    en: "Divides the matched rows into a training and a test part, the same at every party.",
    zh: "把匹配的行划分为训练集与测试集，各方一致。",
  },
  roles: { guest: one, host: any },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: aligned(table(), "required") },
  outputs: { train: aligned(table(), "kept"), test: aligned(table(), "kept") },
  protocol: { name: "split/draw", messages: splitMessages },
  use: "both",
  discloses: ({ participants }) => disclosures(participants),
  run: { guest: runGuest, host: runHost },
});

function disclosures(participants: readonly Participant[]): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  return sides.hosts.map((host) =>
    learns(host, sides.guest, "split-assignment", {
      en: "which of the matched rows are for training and which for testing; no label",
      zh: "匹配的行中哪些用于训练、哪些用于测试；不含任何标签",
    }),
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

/** 1 for rows of the test part: in each stratum those of the lowest rank. Strata stand in the order of their first. */
async function draw(data: TaskTable, { parameters: { testShare, stratify }, sampling }: Context): Promise<Uint8Array> {
  const ids = rowIds(data);
  const ranks = await ranksOf(data, ids, sampling.fork("split").next());
  const isTest = new Uint8Array(data.rowCount);
  const strata = stratify && data.label !== null ? strataOf(columnNamed(data, data.label)) : null;
  const byRank = (a: number, b: number): number => (ranks[a]! < ranks[b]! ? -1 : ranks[a]! > ranks[b]! ? 1 : a - b);
  const groups = [...Map.groupBy([...isTest.keys()].sort(byRank), (row) => strata?.[row] ?? 0).values()];
  const sizes = testSizes(
    groups.map((rows) => rows.length),
    testShare,
  );
  groups.forEach((rows, i) => {
    for (const row of rows.slice(0, sizes[i])) isTest[row] = 1;
  });
  return isTest;
}

/**
 * Rows of each stratum for testing: its share, rounded so that their sum depends on the number of all rows alone (largest
 * remainders first). Were each rounded by itself, the size of the test part would tell hosts something of the strata's.
 */
export function testSizes(sizes: readonly number[], share: number): number[] {
  const total = Math.round(sizes.reduce((sum, size) => sum + size, 0) * share);
  const out = sizes.map((size) => Math.floor(size * share));
  const rest = (i: number): number => sizes[i]! * share - out[i]!;
  const byRest = [...sizes.keys()].sort((a, b) => rest(b) - rest(a) || a - b);
  const missing = total - out.reduce((sum, size) => sum + size, 0);
  for (const i of byRest.slice(0, missing)) out[i]!++;
  return out;
}

/** Independent of the row order, which is another one in every run. */
async function ranksOf(data: TaskTable, ids: readonly string[], seed: number): Promise<BigUint64Array> {
  const order = Array.from(ids.keys()).sort((a, b) => (ids[a]! < ids[b]! ? -1 : ids[a]! > ids[b]! ? 1 : 0));
  const sorted = takeTable(data, order);
  const digests = await Promise.all(sorted.columns.map((column) => sha256(columnBytes(column))));
  const key = await sha256(concat(utf8(LABELS.key), utf8(`${seed}\0`), ...digests));
  const encoded = ids.map(utf8);
  const offsets = new Uint32Array(ids.length + 1);
  encoded.forEach((id, i) => {
    offsets[i + 1] = offsets[i]! + id.length;
  });
  const ranks = await sha256Prefixed(concat(utf8(LABELS.rank), key), concat(...encoded), offsets);
  const view = new DataView(ranks.buffer, ranks.byteOffset, ranks.byteLength);
  return BigUint64Array.from(ids, (_, i) => view.getBigUint64(32 * i));
}

function columnBytes(column: Column): Uint8Array {
  if (column.kind === "number") return new Uint8Array(column.values.slice().buffer);
  return utf8(JSON.stringify(Array.from(column.codes, (code) => column.categories[code] ?? null)));
}

/** By the key columns; by position in a table without any. */
function rowIds(data: TaskTable): string[] {
  const keys = data.keys.map((name) => columnNamed(data, name));
  return Array.from({ length: data.rowCount }, (_, row) =>
    JSON.stringify(keys.length === 0 ? row : keys.map((column) => valueAt(column, row))),
  );
}

const valueAt = (column: Column, row: number): string | number | null =>
  column.kind === "number" ? column.values[row]! : (column.categories[column.codes[row]!] ?? null);

const CLASSES_MAX = 20;
const QUANTILES = 10;

/** A class per value of a label with few of them, else by deciles. */
function strataOf(column: Column): Int32Array {
  if (column.kind === "text") return column.codes;
  const values = [...new Set(column.values)].sort((a, b) => a - b);
  if (values.length <= CLASSES_MAX) {
    const classes = new Map(values.map((value, i) => [value, i]));
    return Int32Array.from(column.values, (value) => classes.get(value)!);
  }
  const sorted = column.values.toSorted();
  const cuts = Array.from(
    { length: QUANTILES - 1 },
    (_, i) => sorted[Math.floor((sorted.length * (i + 1)) / QUANTILES)]!,
  );
  return Int32Array.from(column.values, (value) => cuts.filter((cut) => value >= cut).length);
}

function packBits(flags: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(flags.length / 8));
  for (let i = 0; i < flags.length; i++) out[i >> 3]! |= flags[i]! << (i & 7);
  return out;
}

function unpackBits(packed: Uint8Array, count: number, party: string): Uint8Array {
  const spare = 8 * packed.length - count;
  const clean = spare === 0 || (packed.at(-1) ?? 0) >> (8 - spare) === 0;
  if (packed.length !== Math.ceil(count / 8) || !clean)
    throw new TomboloError("protocol.rows", "the division is of another number of rows", { blame: party });
  return Uint8Array.from({ length: count }, (_, i) => (packed[i >> 3]! >> (i & 7)) & 1);
}
