/** Against the plaintext join: make a catalogue with records, ask, refresh it, ask again; and verification beside it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed } from "../testing/tasks.ts";

let root: string;
let worlds = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tombolo-query-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Person {
  readonly id: string;
  readonly income: number | null;
  readonly city: string | null;
}
const COLUMNS = [{ column: "city", kind: "text", bytes: 12 }, { column: "income" }];

const peopleTable = (people: readonly Person[]): TaskTable => ({
  ...keyed(
    tableOf(
      texts(
        "id",
        people.map(({ id }) => id),
      ),
      numbers(
        "income",
        people.map(({ income }) => income ?? Number.NaN),
      ),
      texts(
        "city",
        people.map(({ city }) => city),
      ),
    ),
  ),
  aligned: false,
});
const askTable = (ids: readonly (string | null)[]): TaskTable => ({
  ...keyed(
    tableOf(
      texts("id", ids),
      numbers(
        "row",
        ids.map((_, i) => i),
      ),
    ),
  ),
  aligned: false,
});

const make = (parameters: Record<string, unknown> = {}, previous?: string): TaskDraft => ({
  component: "match-catalogue",
  inputs: { data: "large.data", ...(previous === undefined ? {} : { previous }) },
  parameters: { padTo: 10, columns: COLUMNS, ...parameters },
});
const ask = (catalogue: string, parameters: Record<string, unknown> = {}): TaskDraft => ({
  component: "query-keyword",
  inputs: { data: "small.data", catalogue },
  parameters: { columns: ["city", "income"], padTo: 4, ...parameters },
});
const verify = (catalogue: string, parameters: Record<string, unknown> = {}): TaskDraft => ({
  component: "query-verify",
  inputs: { data: "small.data", catalogue },
  parameters: { padTo: 4, ...parameters },
});

class World {
  readonly kept: Readonly<Record<string, Kept>> = { bank: emptyKept(), telco: emptyKept() };
  readonly #folder = join(root, `${worlds++}`);

  async run(name: string, task: TaskDraft, setting: Partial<Setting> = {}): Promise<void> {
    await runTask(flowOf({ [name]: task }), name, this.kept, { datasets: {}, modelFolders: this.#folder, ...setting });
  }

  set(large: TaskTable, small: TaskTable): void {
    this.kept.telco!.tables["large.data"] = large;
    this.kept.bank!.tables["small.data"] = small;
  }

  rows(task: string): Record<string, unknown>[] {
    const table = this.kept.bank!.tables[`${task}.data`]!;
    return Array.from({ length: table.rowCount }, (_, i) =>
      Object.fromEntries(
        table.columns.map((column) => [
          column.name,
          column.kind === "number"
            ? Number.isNaN(column.values[i])
              ? null
              : column.values[i]
            : (column.categories[column.codes[i]!] ?? null),
        ]),
      ),
    );
  }

  report = (party: string, task: string): unknown => this.kept[party]!.reports[`${task}.report`]!.data;
}

const joined = (people: readonly Person[], ids: readonly (string | null)[]): Record<string, unknown>[] =>
  ids.flatMap((id, row) => {
    const found = people.find((each) => each.id === id);
    return found === undefined ? [] : [{ id, row, "telco.city": found.city, "telco.income": found.income }];
  });

const person = fc.record({
  id: fc.integer({ min: 0, max: 30 }).map((i) => `person-${i}`),
  income: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  city: fc.option(fc.constantFrom("", "Suzhou", "苏州市", 'a b,c"d')),
});
const people = fc.uniqueArray(person, { selector: ({ id }) => id, minLength: 1, maxLength: 25 });
const asked = fc.array(fc.option(fc.integer({ min: 0, max: 30 }).map((i) => `person-${i}`)), {
  minLength: 1,
  maxLength: 20,
});

describe("query-keyword", () => {
  it("gives what the plaintext join gives, before and after a refresh that changes values", async () => {
    await fc.assert(
      fc.asyncProperty(people, people, asked, async (before, after, ids) => {
        const world = new World();
        world.set(peopleTable(before), askTable(ids));
        await world.run("first", make());
        await world.run("ask", ask("first.catalogue"));
        expect(world.rows("ask")).toEqual(joined(before, ids));
        world.set(peopleTable(after), askTable(ids));
        await world.run("second", make({}, "first.catalogue"));
        await world.run("again", ask("second.catalogue"));
        expect(world.rows("again")).toEqual(joined(after, ids));
        expect(Object.keys(world.kept.telco!.tables)).toEqual(["large.data"]);
      }),
      { numRuns: 5 },
    );
  });

  it("draws what is asked, padded, and tells each side only its part", async () => {
    const world = new World();
    const ids = ["person-1", "person-1", "person-2", null, "x"];
    world.set(peopleTable([{ id: "person-1", income: 7, city: null }]), askTable(ids));
    await world.run("made", make());
    await world.run("ask", ask("made.catalogue"));
    expect(world.report("bank", "ask")).toEqual({
      matched: 2,
      ownRows: 5,
      removed: { empty: 1, duplicates: 0 },
      version: 1,
    });
    expect(world.report("telco", "ask")).toMatchObject({ asked: 4, inEpoch: 4 });
    expect(world.kept.telco!.draws).toEqual({ "ask bank": 4 });
    expect((await failureOf(world.run("wide", ask("made.catalogue", { idsMax: 3 })))).code).toBe("consent.rows");
  });

  it("refuses other columns than the consent names, at either side, and a catalogue for another use", async () => {
    const world = new World();
    world.set(peopleTable([{ id: "a", income: 1, city: "x" }]), askTable(["a"]));
    await world.run("records", make());
    await world.run("ids", make({ columns: [] }));
    const refusals: [TaskDraft, string][] = [
      [ask("records.catalogue", { columns: ["city"] }), "consent.changed"],
      [ask("ids.catalogue"), "input.model"],
      [verify("records.catalogue"), "input.model"],
      [make({ columns: [{ column: "income" }] }, "records.catalogue"), "consent.changed"],
    ];
    for (const [task, code] of refusals) expect((await failureOf(world.run("no", task))).code).toBe(code);
    const lookup = { component: "match-lookup", inputs: { data: "small.data", catalogue: "records.catalogue" } };
    expect((await failureOf(world.run("no", lookup))).code).toBe("consent.changed");
    world.set(peopleTable([{ id: "a", income: 1, city: "Lianyungang city" }]), askTable(["a"]));
    expect((await failureOf(world.run("no", make()))).code).toBe("input.labels");
  });
});

describe("query-verify", () => {
  const peopleOf = (rows: readonly (readonly [string | null, string, string])[]): TaskTable => ({
    ...keyed(
      tableOf(
        ...["name", "number", "phone"].map((name, i) =>
          texts(
            name,
            rows.map((row) => row[i]!),
          ),
        ),
      ),
    ),
    keys: ["name", "number", "phone"],
    aligned: false,
  });

  it("says yes where all columns stand together in one row, no elsewhere, and nothing where one is missing", async () => {
    const world = new World();
    const register = peopleOf([
      ["李雷", "11010119900307001X", "13800138000"],
      ["韩梅梅", "110101199003070028", "13900139000"],
    ]);
    const small = peopleOf([
      ["李雷", "11010119900307001X", "13800138000"],
      ["李雷", "11010119900307001X", "13900139000"],
      ["韩梅梅", "110101199003070028", "13900139000"],
      ["韩梅", "梅110101199003070028", "13900139000"],
      [null, "110101199003070028", "13900139000"],
      ["李雷", "11010119900307001X", "13800138000"],
    ]);
    world.set(register, small);
    await world.run("made", make({ columns: [] }));
    await world.run("verified", verify("made.catalogue"));
    expect(world.rows("verified").map((row) => row.verified)).toEqual([1, 0, 1, 0, null, 1]);
    expect(world.report("telco", "verified")).toMatchObject({ asked: 4 });
    expect(world.kept.telco!.tables).not.toHaveProperty("verified.data");
    expect((await failureOf(world.run("no", verify("made.catalogue", { answer: "phone" })))).code).toBe(
      "input.columns",
    );
  });
});
