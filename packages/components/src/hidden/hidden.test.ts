/** Tables that stay with their owner, asked in each form, against the plaintext join. */
import type { MessageTable, Peer } from "@tombolo/channel";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { FlowDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, keyed } from "../testing/tasks.ts";

const FORMS = ["query-hidden", "query-two-server", "query-transfer"] as const;
type Form = (typeof FORMS)[number];
const COLUMNS = [{ column: "city", kind: "text", bytes: 12 }, { column: "income" }];

interface Person {
  readonly id: string;
  readonly income: number | null;
  readonly city: string | null;
}

const peopleTable = (people: readonly Person[]): TaskTable => {
  const ids = people.map(({ id }) => id);
  const incomes = people.map(({ income }) => income ?? Number.NaN);
  const cities = people.map(({ city }) => city);
  return { ...keyed(tableOf(texts("id", ids), numbers("income", incomes), texts("city", cities))), aligned: false };
};
const askTable = (ids: readonly (string | null)[]): TaskTable => {
  const rows = ids.map((_, i) => i);
  return { ...keyed(tableOf(texts("id", ids), numbers("row", rows))), aligned: false };
};

const flow = (form: Form, parameters: Record<string, unknown>): FlowDraft => ({
  version: "1",
  name: "test",
  parties: [
    { party: "bank", role: "guest" },
    { party: "telco", role: "host" },
    ...(form === "query-two-server" ? [{ party: "notary", role: "arbiter" }] : []),
  ],
  seed: 7,
  tasks: { ask: { component: form, inputs: { data: "in.data" }, parameters: { columns: COLUMNS, ...parameters } } },
});

async function run(
  form: Form,
  people: readonly Person[],
  ids: readonly (string | null)[],
  parameters: Record<string, unknown> = {},
  setting: Partial<Setting> = {},
): Promise<Record<string, Kept>> {
  const kept = { bank: emptyKept(), telco: emptyKept(), notary: emptyKept() };
  kept.bank.tables["in.data"] = askTable(ids);
  kept.telco.tables["in.data"] = peopleTable(people);
  await runTask(flow(form, parameters), "ask", kept, { datasets: {}, ...setting });
  return kept;
}

function rowsOf({ tables }: Kept): Record<string, unknown>[] {
  const table = tables["ask.data"]!;
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

const joined = (people: readonly Person[], ids: readonly (string | null)[]): Record<string, unknown>[] =>
  ids.flatMap((id, row) => {
    const found = people.find((each) => each.id === id);
    return found === undefined ? [] : [{ id, row, "telco.city": found.city, "telco.income": found.income }];
  });

const person = fc.record({
  id: fc.integer({ min: 0, max: 30 }).map((i) => `person-${i}`),
  income: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  city: fc.option(fc.constantFrom("", "Suzhou", "苏州市")),
});
const people = fc.uniqueArray(person, { selector: ({ id }) => id, minLength: 1, maxLength: 20 });
const asked = fc.array(fc.option(fc.integer({ min: 0, max: 30 }).map((i) => `person-${i}`)), {
  minLength: 1,
  maxLength: 6,
});

describe.each(FORMS)("%s", (form) => {
  it("gives what the plaintext join gives", async () => {
    await fc.assert(
      fc.asyncProperty(people, asked, async (all, ids) => {
        const kept = await run(form, all, ids);
        expect(rowsOf(kept.bank!)).toEqual(joined(all, ids));
        for (const party of ["telco", "notary"]) expect(kept[party]!.tables).not.toHaveProperty("ask.data");
      }),
      { numRuns: 3 },
    );
  });

  it("asks each key once, padded; draws and reports that, with the reason for the form", async () => {
    const all = [{ id: "a", income: 1, city: null }];
    const kept = await run(form, all, ["a", "a", "b", null, "c", "d", "e"], { padTo: 4, reason: "stays" });
    const why = { en: expect.stringContaining("may not leave"), zh: expect.any(String) };
    expect(kept.bank!.reports["ask.report"]!.data).toMatchObject({ matched: 2, removed: { empty: 1 }, form, why });
    expect(kept.telco!.reports["ask.report"]!.data).toMatchObject({ asked: 8, ownRows: 1, why });
    expect(kept.telco!.draws).toEqual({ "ask bank": 8 });
    if (form === "query-two-server") expect(kept.notary!.reports["ask.report"]!.data).toMatchObject({ asked: 8 });
  });

  it("ends well where no row has a usable key", async () => {
    const kept = await run(form, [{ id: "a", income: 1, city: null }], [null]);
    expect(rowsOf(kept.bank!)).toEqual([]);
  });

  it("refuses more keys than agreed, a larger table, ids that stand twice, and an empty table", async () => {
    const all = ["a", "b"].map((id) => ({ id, income: 1, city: null }));
    expect((await failureOf(run(form, all, ["a", "b", "c"], { idsMax: 2, padTo: 1 }))).code).toBe("input.rows");
    expect((await failureOf(run(form, [...all, all[0]!], ["a"]))).code).toBe("input.duplicate-id");
    expect((await failureOf(run(form, [], ["a"]))).code).toBe("input.rows");
    expect((await failureOf(run(form, [{ id: "a", income: 1, city: "Lianyungang city" }], ["a"]))).code).toBe(
      "input.labels",
    );
    const many = Array.from({ length: 1100 }, (_, i) => ({ id: `${i}`, income: i, city: null }));
    const failure = await failureOf(run(form, many, ["7"], { partnerRowsMax: 50 }));
    expect(["consent.rows", "protocol.size"]).toContain(failure.code);
  });
});

it("ends at who keeps the copy of two once more keys are asked there than agreed, however few the owner is asked", async () => {
  const all = ["a", "b"].map((id) => ({ id, income: 1, city: null }));
  const setting: Partial<Setting> = { meddle: (party, peer) => (party === "bank" ? askingTwice(peer) : peer) };
  const more = run("query-two-server", all, ["a"], { idsMax: 4, padTo: 4 }, setting);
  expect(await failureOf(more)).toMatchObject({ code: "consent.rows", blame: "bank" });
});

/** Asks the notary for each row twice. */
function askingTwice<P extends Peer<MessageTable, string>>(peer: P): P {
  if (peer.party !== "notary") return peer;
  const send = peer.send.bind(peer) as (name: string, value: unknown) => Promise<void>;
  const receive = peer.receive.bind(peer) as (name: string) => Promise<unknown>;
  const twice = async (name: string, value: Uint8Array): Promise<void> => {
    await send(name, value);
    if (name !== "rowQuery" || value.length === 0) return;
    await send(name, value);
    await receive("rowAnswer");
  };
  return Object.defineProperty(peer, "send", { value: twice });
}

describe("without columns", () => {
  it.each(["query-hidden", "query-two-server"] as const)("%s says which keys are there", async (form) => {
    const all = ["a", "b"].map((id) => ({ id, income: 1, city: null }));
    const kept = await run(form, all, ["b", "x"], { columns: [] });
    expect(rowsOf(kept.bank!)).toEqual([{ id: "b", row: 0 }]);
  });
});
