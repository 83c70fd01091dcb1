/**
 * Bad input and bad partners, for each kind of match, in runs of both parties: a result that is right, or the same typed
 * error at both, and then nothing of the task's output at either and nothing left of its work.
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Column, concat } from "@tombolo/base";
import type { World } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { begins, type Chunks, first, type Lie, lying, never, offGroup, twice } from "../testing/lying.ts";
import { emptyKept, type Kept, type Setting, taskWorld } from "../testing/run-flow.ts";
import { flowOf } from "../testing/tasks.ts";

const KINDS: Readonly<Record<string, { readonly component: string; readonly parameters: Record<string, unknown> }>> = {
  ecdh: { component: "psi", parameters: { protocol: "ecdh" } },
  vole: { component: "psi", parameters: { protocol: "vole" } },
  "one-sided vole": { component: "psi", parameters: { protocol: "vole", receivers: "guest" } },
  count: { component: "match-count", parameters: { minimumMatched: 1 } },
  sum: { component: "match-sum", parameters: { minimumMatched: 1, values: [{ column: "n", upper: 1e6 }] } },
};
type Kind = keyof typeof KINDS;
const isRows = (kind: Kind): boolean => KINDS[kind]!.component === "psi";
const isOneSided = (kind: Kind): boolean => kind.startsWith("one-sided");

interface Ended {
  readonly world: World<void>;
  readonly kept: Readonly<Record<string, Kept>>;
}

type Ids = readonly (string | null)[] | Column;

async function ended(
  kind: Kind,
  ids: Readonly<Record<"bank" | "telco", Ids>>,
  parameters: Record<string, unknown> = {},
  setting: Partial<Setting> = {},
): Promise<Ended> {
  const { component, parameters: own } = KINDS[kind]!;
  const task: TaskDraft = { component, inputs: { data: "in.data" }, parameters: { ...own, ...parameters } };
  const kept = Object.fromEntries(
    Object.entries(ids).map(([party, column]) => {
      const id = "kind" in column ? column : texts("id", column as readonly (string | null)[]);
      const rows = id.kind === "number" ? id.values.length : id.codes.length;
      const table = { ...tableOf(id, numbers("n", new Float64Array(rows).fill(1))), keys: ["id"] };
      return [party, { ...emptyKept(), tables: { "in.data": table } }];
    }),
  );
  const workFolders = await mkdtemp(join(tmpdir(), "tombolo-bad-"));
  try {
    const all = { datasets: {}, minimumRows: 1, workFolders, ...setting };
    const world = await taskWorld(flowOf({ task }), "task", kept, all);
    for (const party of Object.keys(ids)) await expectCleared(join(workFolders, party, "task", "work"), world, party);
    return { world, kept };
  } finally {
    await rm(workFolders, { recursive: true, force: true });
  }
}

/** Only what was cut off on its way is kept, for an attempt that goes on with it. */
async function expectCleared(work: string, world: World<void>, party: string): Promise<void> {
  const outcome = world.outcomes[party]!;
  if (!outcome.ok && outcome.error.family === "transport") return;
  expect(await readdir(work).catch(() => [])).toEqual([]);
}

/** What a liar keeps is its own affair. */
function expectRefused({ world, kept }: Ended, code: string, liar?: string): void {
  expect([world.error("bank").code, world.error("telco").code]).toEqual([code, code]);
  for (const [party, { tables }] of Object.entries(kept))
    if (party !== liar) expect(Object.keys(tables)).toEqual(["in.data"]);
}

/** What the guest gets: rows, a count, or a sum of ones. */
function expectMatched({ world, kept }: Ended, kind: Kind, count: number): void {
  for (const party of ["bank", "telco"]) world.result(party);
  const { data } = kept.bank!.reports["task.report"]!;
  expect(data).toMatchObject(isRows(kind) ? { matched: count } : kind === "count" ? { count } : { count });
  const table = kept.bank!.tables["task.data"];
  expect(table?.rowCount).toBe(isRows(kind) ? count : undefined);
  expect(kept.telco!.tables["task.data"]?.rowCount).toBe(isRows(kind) && !isOneSided(kind) ? count : undefined);
}

const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);
/** As `texts`, for columns too large for it. */
const manyTexts = (count: number): Column => ({
  kind: "text",
  name: "id",
  codes: Int32Array.from({ length: count }, (_, i) => i),
  categories: numbered(0, count),
});
const megabyte = "x".repeat(2 ** 20);
const nothingMatched = (kind: Kind): string | number =>
  isOneSided(kind) ? 0 : isRows(kind) ? "input.no-match" : "consent.minimum-matched";

interface Case {
  readonly bank: Ids;
  readonly telco: Ids;
  readonly parameters?: Record<string, unknown>;
  /** An error's code, or how many rows match. */
  readonly ends: string | number | ((kind: Kind) => string | number);
}

const REMOVE = { duplicates: "remove", empty: "remove" };

const INPUTS: Readonly<Record<string, Case>> = {
  "no rows at the guest": { bank: [], telco: numbered(0, 5), ends: "consent.rows" },
  "no rows at the host": { bank: numbered(0, 5), telco: [], ends: "consent.rows" },
  "no rows at all": { bank: [], telco: [], ends: "consent.rows" },
  "one row each": { bank: ["a"], telco: ["a"], ends: 1 },
  "one row each, another": { bank: ["a"], telco: ["b"], ends: nothingMatched },
  "one row against many": { bank: numbered(7, 8), telco: numbered(0, 300), ends: 1 },
  "the same rows": { bank: numbered(0, 20), telco: numbered(0, 20).reverse(), ends: 20 },
  "nothing in common": { bank: numbered(0, 20), telco: numbered(20, 40), ends: nothingMatched },
  "one id in all rows": { bank: Array(20).fill("a"), telco: ["a"], ends: "input.duplicate-id" },
  "one id in all rows, the first kept": {
    bank: Array(20).fill("a"),
    telco: ["a"],
    parameters: REMOVE,
    ends: 1,
  },
  "ids repeated at the host": { bank: ["a"], telco: ["b", "a", "b"], ends: "input.duplicate-id" },
  "rows without an id": { bank: ["a", null, " "], telco: ["a"], ends: "input.empty-id" },
  "rows without an id, left out": { bank: ["a", null, " "], telco: ["a", ""], parameters: REMOVE, ends: 1 },
  "nothing but rows without an id, left out": {
    bank: [null, ""],
    telco: ["a"],
    parameters: REMOVE,
    // A count declares how many ids it has, not rows.
    ends: (kind) => (isRows(kind) ? nothingMatched(kind) : "consent.rows"),
  },
  "ids of a megabyte": { bank: [megabyte, "a"], telco: ["a"], ends: "input.empty-id" },
  "ids of a megabyte, left out": { bank: [megabyte, "a"], telco: ["a", megabyte], parameters: REMOVE, ends: 1 },
  "numbers against text": { bank: numbers("id", [7, 8, 9]), telco: ["8", "9", "x"], ends: 2 },
  "numbers that are not whole": { bank: numbers("id", [7.5, 8]), telco: ["8"], ends: "input.id-number" },
};

describe.each(Object.keys(KINDS))("%s of", (kind) => {
  it.each(Object.entries(INPUTS))("%s", async (_what, { bank, telco, parameters, ends }) => {
    const expected = typeof ends === "function" ? ends(kind) : ends;
    const result = await ended(kind, { bank, telco }, parameters);
    if (typeof expected === "number") expectMatched(result, kind, expected);
    else expectRefused(result, expected);
  });
});

describe("a million rows", () => {
  const million = 10 ** 6;
  it("against one, by vole", { timeout: 120_000 }, async () => {
    const ids = { bank: manyTexts(million), telco: ["id-999999"] };
    expectMatched(await ended("vole", ids, {}, { deadlineMs: 110_000 }), "vole", 1);
  });
  it("of which one matches, where the other asks about one id, by ecdh (a fiftieth of it)", {
    timeout: 120_000,
  }, async () => {
    const ids = { bank: ["id-7"], telco: manyTexts(million / 50) };
    expectMatched(await ended("ecdh", ids, {}, { deadlineMs: 110_000 }), "ecdh", 1);
  });
});

const moreRows = (offer: { rows: number }) => ({ ...offer, rows: offer.rows + 1 });
const fewerRows = (offer: { rows: number }) => ({ ...offer, rows: offer.rows - 1 });
/** Each moves up by one, so that some answer of a match goes to a row that is none, whatever their order. */
const moved = (width: number) => (chunk: Uint8Array) => concat(chunk.subarray(width), chunk.subarray(0, width));
/** Kind, who lies, in which message, how, and how it ends at both. */
const LIES: readonly (readonly [Kind, "bank" | "telco", string, string, Lie, string])[] = [
  ["ecdh", "telco", "declares more rows", "hostOffer", moreRows, "protocol.size"],
  ["ecdh", "bank", "declares fewer rows", "guestOffer", fewerRows, "protocol.size"],
  ["ecdh", "bank", "sends a point outside the group", "blinded", first(begins(offGroup)), "protocol.point"],
  ["ecdh", "telco", "sends a point outside the group", "evaluated", first(begins(offGroup)), "protocol.point"],
  ["ecdh", "bank", "repeats a point", "blinded", first(twice(32)), "protocol.duplicate"],
  ["ecdh", "bank", "repeats a chunk", "blinded", (all: Chunks) => [...all, all[0]!], "protocol.size"],
  ["ecdh", "bank", "leaves a point out", "blinded", first((chunk) => chunk.subarray(32)), "protocol.size"],
  ["ecdh", "bank", "cuts a point", "blinded", first((chunk) => chunk.subarray(1)), "protocol.malformed"],
  ["ecdh", "telco", "exchanges answers", "evaluated", first(moved(32)), "protocol.result"],
  ["ecdh", "telco", "repeats a fingerprint", "catalogue", first(twice(7)), "protocol.duplicate"],
  [
    "ecdh",
    "bank",
    "sends another result",
    "guestReceipt",
    (all: Uint8Array) => all.map((byte) => byte ^ 1),
    "protocol.result",
  ],
  ["ecdh", "telco", "stops", "catalogue", never, "transport.timeout"],
  ["vole", "telco", "declares more rows", "hostOffer", moreRows, "protocol.size"],
  ["vole", "bank", "declares fewer rows", "guestOffer", fewerRows, "protocol.size"],
  ["vole", "telco", "sends a point outside the group", "baseOtChoices", begins(offGroup) as never, "protocol.point"],
  ["vole", "bank", "cuts its table", "psiTable", first((chunk) => chunk.subarray(16)), "protocol.size"],
  ["vole", "bank", "repeats its table", "psiTable", (all: Chunks) => [...all, all[0]!], "protocol.size"],
  ["vole", "telco", "repeats a fingerprint", "psiTags", first(twice(7)), "protocol.duplicate"],
  [
    "vole",
    "bank",
    "claims other matches",
    "psiMatched",
    first((chunk) => chunk.map((byte) => byte ^ 3)),
    "protocol.result",
  ],
  ["vole", "bank", "stops", "psiTable", never, "transport.timeout"],
  ["one-sided vole", "telco", "repeats a fingerprint", "psiTags", first(twice(7)), "protocol.duplicate"],
  ["one-sided vole", "telco", "stops", "psiTags", never, "transport.timeout"],
  ["count", "bank", "sends a point outside the group", "guestPoints", first(begins(offGroup)), "protocol.point"],
  ["count", "bank", "repeats a point", "guestPoints", first(twice(32)), "protocol.duplicate"],
  ["count", "bank", "leaves a point out", "guestPoints", first((chunk) => chunk.subarray(32)), "protocol.size"],
  ["count", "telco", "stops", "hostPoints", never, "transport.timeout"],
  ["sum", "bank", "sends a point outside the group", "guestPoints", first(begins(offGroup)), "protocol.point"],
  ["sum", "bank", "leaves a point out", "guestPoints", first((chunk) => chunk.subarray(32)), "protocol.size"],
];

describe("a partner that", () => {
  const ids = { bank: numbered(0, 30), telco: numbered(10, 50) };

  it.each(LIES)("in %s, as %s, %s (%s)", async (kind, liar, _what, name, lie, code) => {
    const setting: Partial<Setting> = {
      deadlineMs: code === "transport.timeout" ? 2500 : 20_000,
      meddle: (party, peer) => (party === liar ? lying(peer, name, lie) : peer),
    };
    expectRefused(await ended(kind, ids, {}, setting), code, liar);
  });
});
