/** Bad input and bad partners of catalogues and their lookups: a typed error, and nothing of a result. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Column } from "@tombolo/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { begins, type Chunks, first, type Lie, lying, never, offGroup, twice } from "../testing/lying.ts";
import { emptyKept, type Kept, type Setting, taskWorld } from "../testing/run-flow.ts";
import { flowOf } from "../testing/tasks.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tombolo-bad-catalogue-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const make: TaskDraft = {
  component: "match-catalogue",
  inputs: { data: "large.data" },
  parameters: { padTo: 10, duplicates: "remove", empty: "remove" },
};
const strict: TaskDraft = { ...make, parameters: { padTo: 10 } };
const ask: TaskDraft = { component: "match-lookup", inputs: { data: "small.data", catalogue: "made.catalogue" } };

type Ids = readonly (string | null)[] | Column;
const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);
const tableWith = (ids: Ids) => ({
  ...tableOf("kind" in ids ? ids : texts("id", ids as readonly (string | null)[])),
  keys: ["id"],
});

let worlds = 0;
class World {
  readonly kept: Readonly<Record<string, Kept>>;
  readonly #folder = join(root, `${worlds++}`);

  constructor(bank: Ids, telco: Ids) {
    this.kept = {
      bank: { ...emptyKept(), tables: { "small.data": tableWith(bank) } },
      telco: { ...emptyKept(), tables: { "large.data": tableWith(telco) } },
    };
  }

  /** How it ended at both: an error's code, or null. */
  async run(name: "made" | "asked", task: TaskDraft, setting: Partial<Setting> = {}): Promise<(string | null)[]> {
    const all = { datasets: {}, modelFolders: this.#folder, deadlineMs: 20_000, ...setting };
    const { outcomes } = await taskWorld(flowOf({ [name]: task }), name, this.kept, all);
    return ["bank", "telco"].map((party) => {
      const outcome = outcomes[party]!;
      return outcome.ok ? null : outcome.error.code;
    });
  }

  get found(): number | undefined {
    return this.kept.bank!.tables["asked.data"]?.rowCount;
  }
}
const WELL = [null, null];
const megabyte = "x".repeat(2 ** 20);

describe("a lookup", () => {
  const INPUTS: Readonly<Record<string, readonly [bank: Ids, telco: Ids, found: number]>> = {
    "of one id in one": [["a"], ["a"], 1],
    "of one id in many": [["id-7"], numbered(0, 300), 1],
    "of many ids in one": [numbered(0, 300), ["id-7"], 1],
    "of all ids there are": [numbered(0, 20).reverse(), numbered(0, 20), 20],
    "of none that is there": [numbered(0, 20), numbered(20, 40), 0],
    "of no id at all": [[], numbered(0, 20), 0],
    "of repeated, empty and endless ids": [["a", "a", null, " ", megabyte], ["a", "a", "", megabyte], 1],
    "of numbers in text": [numbers("id", [7, 8, 9]), ["8", "9", "x"], 2],
  };
  it.each(Object.entries(INPUTS))("%s", async (_what, [bank, telco, found]) => {
    const world = new World(bank, telco);
    expect(await world.run("made", make)).toEqual(WELL);
    expect(await world.run("asked", ask)).toEqual(WELL);
    expect(world.found).toBe(found);
  });

  const REFUSED: Readonly<Record<string, readonly [bank: Ids, code: string]>> = {
    "repeated ids": [["a", "a"], "input.duplicate-id"],
    "rows without an id": [["a", null], "input.empty-id"],
    "ids of a megabyte": [["a", megabyte], "input.empty-id"],
    "numbers that are not whole": [numbers("id", [7.5]), "input.id-number"],
  };
  it.each(Object.entries(REFUSED))("refuses %s, in question and table alike", async (_what, [ids, code]) => {
    const asking = new World(ids, ["a"]);
    expect(await asking.run("made", strict)).toEqual(WELL);
    expect(await asking.run("asked", ask)).toEqual([code, code]);
    expect(asking.found).toBeUndefined();
    const making = new World(["a"], ids);
    expect(await making.run("made", strict)).toEqual([code, code]);
    expect(making.kept.bank!.models).toEqual({});
  });
});

/** A liar that has nothing more to hear may be done before it is caught. */
function expectCaught([bank, telco]: readonly (string | null | undefined)[], liar: string, code: string): void {
  const [own, other] = liar === "bank" ? [bank, telco] : [telco, bank];
  expect(other).toBe(code);
  expect([code, null]).toContain(own);
}

type Case = readonly ["bank" | "telco", string, string, Lie, string];
const more = (asked: { count: number }) => ({ ...asked, count: asked.count + 1 });
const fewer = (asked: { count: number }) => ({ ...asked, count: asked.count - 1 });

describe("a partner that, while asked,", () => {
  const LIES: readonly Case[] = [
    ["bank", "declares more ids", "ask", more, "protocol.size"],
    ["bank", "declares fewer ids", "ask", fewer, "protocol.size"],
    [
      "bank",
      "names another version",
      "ask",
      (asked: { version: number }) => ({ ...asked, version: asked.version + 1 }),
      "protocol.version",
    ],
    ["bank", "sends a point outside the group", "blinded", first(begins(offGroup)), "protocol.point"],
    ["bank", "cuts a point", "blinded", first((chunk) => chunk.subarray(1)), "protocol.malformed"],
    ["bank", "repeats a chunk", "blinded", (all: Chunks) => [...all, all[0]!], "protocol.size"],
    ["bank", "stops", "blinded", never, "transport.timeout"],
    ["telco", "sends a point outside the group", "evaluated", first(begins(offGroup)), "protocol.point"],
    ["telco", "leaves an answer out", "evaluated", first((chunk) => chunk.subarray(32)), "protocol.size"],
    ["telco", "repeats a chunk", "evaluated", (all: Chunks) => [...all, all[0]!], "protocol.size"],
    ["telco", "stops", "evaluated", never, "transport.timeout"],
  ];
  it.each(LIES)("as %s, %s (%s)", async (liar, _what, name, lie, code) => {
    const world = new World(numbered(5, 15), numbered(0, 30));
    expect(await world.run("made", make)).toEqual(WELL);
    expectCaught(await world.run("asked", ask, dishonest(liar, name, lie, code)), liar, code);
    expect(world.found).toBeUndefined();
  });
});

describe("a partner that, while a catalogue is made,", () => {
  const LIES: readonly Case[] = [
    [
      "telco",
      "signs another header",
      "header",
      (sent: { header: { rows: number } }) => ({ ...sent, header: { ...sent.header, rows: sent.header.rows + 10 } }),
      "protocol.signature",
    ],
    ["telco", "leaves a fingerprint out", "added", first((chunk) => chunk.subarray(8)), "protocol.size"],
    ["telco", "repeats a chunk", "added", (all: Chunks) => [...all, all[0]!], "protocol.size"],
    ["telco", "repeats a fingerprint", "added", first(twice(8)), "protocol.order"],
    ["telco", "stops", "added", never, "transport.timeout"],
    [
      "bank",
      "says it stored another",
      "stored",
      (hash: Uint8Array) => hash.map((byte) => byte ^ 1),
      "protocol.version",
    ],
  ];
  it.each(LIES)("as %s, %s (%s)", async (liar, _what, name, lie, code) => {
    const world = new World(["id-1"], numbered(0, 30));
    expectCaught(await world.run("made", make, dishonest(liar, name, lie, code)), liar, code);
    expect(world.kept[liar === "bank" ? "telco" : "bank"]!.models).toEqual({});
  });
});

const dishonest = (liar: string, name: string, lie: Lie, code: string): Partial<Setting> => ({
  deadlineMs: code === "transport.timeout" ? 1500 : 20_000,
  meddle: (party, peer) => (party === liar ? lying(peer, name, lie) : peer),
});
