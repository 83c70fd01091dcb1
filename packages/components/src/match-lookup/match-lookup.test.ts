/** Both halves together: make a catalogue, ask, refresh it, ask again. */
import { mkdir, mkdtemp, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, idsOf, keyed } from "../testing/tasks.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tombolo-catalogue-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);
const table = (ids: readonly string[]): TaskTable => ({ ...keyed(tableOf(texts("id", ids))), aligned: false });
const make = (parameters: Record<string, unknown> = {}): TaskDraft => ({
  component: "match-catalogue",
  inputs: { data: "large.data" },
  parameters: { padTo: 10, ...parameters },
});
const refresh = (previous: string, parameters = {}): TaskDraft => ({
  ...make(parameters),
  inputs: { data: "large.data", previous },
});
const ask = (catalogue: string, parameters = {}): TaskDraft => ({
  component: "match-lookup",
  inputs: { data: "small.data", catalogue },
  parameters,
});

class World {
  readonly kept: Readonly<Record<string, Kept>> = { bank: emptyKept(), telco: emptyKept() };
  readonly #folder: string;

  constructor(name: string) {
    this.#folder = join(root, name);
  }

  /** Another seed: another task's randomness. */
  run(name: string, task: TaskDraft, setting: Partial<Setting> = {}, seed = 7) {
    return runTask({ ...flowOf({ [name]: task }), seed }, name, this.kept, {
      datasets: {},
      modelFolders: this.#folder,
      ...setting,
    });
  }

  set(party: "bank" | "telco", ids: readonly string[]): void {
    this.kept[party]!.tables[party === "bank" ? "small.data" : "large.data"] = table(ids);
  }

  path = (party: string, model: string, file: string): string => join(this.#folder, party, model, file);

  report = (party: string, task: string): unknown => this.kept[party]!.reports[`${task}.report`]!.data;
  found = (task: string): string[] => idsOf(this.kept.bank!.tables[`${task}.data`]!) as string[];
}

describe("a catalogue and its lookups", () => {
  it("finds what the large table has, before and after a refresh, and nothing at the other side", async () => {
    const world = new World("refresh");
    world.set("telco", numbered(0, 500));
    world.set("bank", [...numbered(495, 505), "id-1"]);
    await world.run("first", make());
    expect(world.report("bank", "first")).toEqual({ version: 1, rows: 510, added: 510, removed: 0 });
    await world.run("ask", ask("first.catalogue"));
    expect(world.found("ask").toSorted()).toEqual([...numbered(495, 500), "id-1"].toSorted());
    expect(world.kept.telco!.tables).not.toHaveProperty("ask.data");
    expect(world.report("telco", "ask")).toMatchObject({ asked: 11, inEpoch: 11 });
    expect(world.kept.telco!.draws).toEqual({ "ask bank": 11 });

    world.set("telco", [...numbered(3, 500), ...numbered(502, 504)]);
    await world.run("second", refresh("first.catalogue"));
    expect(world.report("bank", "second")).toEqual({ version: 2, rows: 520, added: 20, removed: 10 });
    await world.run("again", ask("second.catalogue"));
    expect(world.found("again").toSorted()).toEqual([...numbered(495, 500), ...numbered(502, 504)].toSorted());
    expect(world.report("telco", "again")).toMatchObject({ asked: 11, inEpoch: 22 });
    expect((await failureOf(world.run("stale", ask("first.catalogue")))).code).toBe("consent.epoch");
  });

  it("ends an epoch by ids asked and by days, and bounds one run", async () => {
    const world = new World("epoch");
    world.set("telco", numbered(0, 20));
    world.set("bank", numbered(10, 30));
    await world.run("made", make({ idsMax: 30, days: 2 }));
    await world.run("ask", ask("made.catalogue"));
    expect((await failureOf(world.run("wide", ask("made.catalogue", { idsMax: 19 })))).code).toBe("consent.rows");
    expect((await failureOf(world.run("more", ask("made.catalogue")))).code).toBe("consent.epoch");
    await expect(stat(world.path("telco", "made.catalogue", "key"))).rejects.toThrow();
    const late = { startedAtMs: 2 * 86_400_000 };
    expect((await failureOf(world.run("late", ask("made.catalogue"), late))).code).toBe("consent.epoch");
  });

  it("sends nothing but the same again when a refresh was cut off, and no second one beside a newer version", async () => {
    const world = new World("cut-off");
    world.set("telco", numbered(0, 50));
    world.set("bank", numbered(45, 55));
    await world.run("first", make());
    world.set("telco", numbered(0, 54));
    // Fails when all of the refresh is there.
    const tags = world.path("bank", "first.catalogue", "tags");
    await rename(tags, `${tags}.away`);
    await mkdir(tags);
    await expect(world.run("lost", refresh("first.catalogue"))).rejects.toThrow();
    await rmdir(tags);
    await rename(`${tags}.away`, tags);
    await world.run("ask", ask("first.catalogue")); // still answered

    world.set("telco", numbered(0, 57));
    expect((await failureOf(world.run("other", refresh("first.catalogue")))).code).toBe("state.catalogue");
    world.set("telco", numbered(0, 54));
    await world.run("second", refresh("first.catalogue"));
    expect((await failureOf(world.run("twin", refresh("first.catalogue"), {}, 8))).code).toBe("state.catalogue");
    await world.run("again", ask("second.catalogue"));
    expect(world.found("again").toSorted()).toEqual(numbered(45, 54).toSorted());
    expect(world.report("telco", "again")).toMatchObject({ asked: 10, inEpoch: 20 });
  });

  it("makes a refresh again whose partner failed at the end", async () => {
    const world = new World("retry");
    const setting = { workFolders: join(root, "retry-work") };
    world.set("telco", numbered(0, 50));
    world.set("bank", numbered(45, 55));
    await world.run("first", make(), setting);
    world.set("telco", numbered(0, 54));
    await world.run("second", refresh("first.catalogue"), setting);
    await world.run("second", refresh("first.catalogue"), setting);
    await world.run("ask", ask("second.catalogue"));
    expect(world.found("ask")).toHaveLength(9);
  });

  it("takes a refresh of the same id columns and rules only, and in time", async () => {
    const world = new World("same");
    world.set("telco", numbered(0, 20));
    world.set("bank", numbered(10, 30));
    await world.run("made", make({ days: 2 }));
    const rules = { normalise: { case: "lower" } };
    expect((await failureOf(world.run("rules", refresh("made.catalogue", { ...rules, days: 2 })))).code).toBe(
      "consent.changed",
    );
    world.kept.telco!.tables["large.data"] = { ...table(numbered(0, 20)), keys: ["other"] };
    expect((await failureOf(world.run("keys", refresh("made.catalogue")))).code).toBe("consent.changed");
    world.set("telco", numbered(0, 21));
    const late = { startedAtMs: 2 * 86_400_000 };
    expect((await failureOf(world.run("late", refresh("made.catalogue"), late))).code).toBe("consent.epoch");
    await expect(stat(world.path("telco", "made.catalogue", "key"))).rejects.toThrow();
    expect((await failureOf(world.run("ask", ask("made.catalogue")))).code).toBe("consent.epoch");
  });

  it("keeps the key at its maker alone, readable by its owner only", async () => {
    const world = new World("key");
    world.set("telco", numbered(0, 20));
    await world.run("made", make());
    const key = world.path("telco", "made.catalogue", "key");
    expect((await stat(key)).mode & 0o077).toBe(0);
    await expect(stat(world.path("bank", "made.catalogue", "key"))).rejects.toThrow();
    const hex = (await readFile(key)).toString("hex");
    for (const own of Object.values(world.kept)) expect(JSON.stringify(own.models)).not.toContain(hex);
  });

  it("takes an empty result, and refuses repeated ids and what is no catalogue", async () => {
    const world = new World("edges");
    world.set("telco", ["a"]);
    world.set("bank", ["b"]);
    await world.run("made", make());
    await world.run("ask", ask("made.catalogue"));
    expect(world.found("ask")).toEqual([]);
    world.set("telco", ["a", "a"]);
    expect((await failureOf(world.run("twice", make()))).code).toBe("input.duplicate-id");
    world.kept.bank!.models["made.catalogue"] = { kind: "boosting" };
    expect((await failureOf(world.run("other", ask("made.catalogue")))).code).toBe("input.model");
  });
});
