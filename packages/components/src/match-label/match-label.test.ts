/** Against the plaintext join, over random tables. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { failureOf, keyed, runOne } from "../testing/tasks.ts";

type Row = { readonly id: string; readonly income: number | null; readonly city: string | null };

const hostTable = (rows: readonly Row[]): Record<string, TaskTable> => ({
  "in.data": {
    ...keyed(
      tableOf(
        texts(
          "id",
          rows.map(({ id }) => id),
        ),
        numbers(
          "income",
          rows.map(({ income }) => income ?? Number.NaN),
        ),
        texts(
          "city",
          rows.map(({ city }) => city),
        ),
      ),
    ),
    aligned: false,
  },
});
const guestTable = (ids: readonly string[]): Record<string, TaskTable> => ({
  "in.data": {
    ...keyed(
      tableOf(
        texts("id", ids),
        numbers(
          "amount",
          ids.map((_, i) => i),
        ),
      ),
    ),
    aligned: false,
  },
});
const task = (columns: readonly object[], parameters = {}): TaskDraft => ({
  component: "match-label",
  inputs: { data: "in.data" },
  parameters: { columns, ...parameters },
});
const BOTH = [{ column: "city", kind: "text", bytes: 12 }, { column: "income" }];

/** Rows as objects, by id. */
function rowsOf(table: TaskTable): Record<string, Record<string, unknown>> {
  const value = (column: TaskTable["columns"][number], i: number): unknown =>
    column.kind === "number"
      ? Number.isNaN(column.values[i])
        ? null
        : column.values[i]
      : (column.categories[column.codes[i]!] ?? null);
  return Object.fromEntries(
    Array.from({ length: table.rowCount }, (_, i) => {
      const row = Object.fromEntries(table.columns.map((column) => [column.name, value(column, i)]));
      return [row.id, row];
    }),
  );
}

const person = fc.record({
  id: fc.integer({ min: 0, max: 60 }).map((i) => `person-${i}`),
  income: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  city: fc.option(fc.constantFrom("", "Suzhou", "苏州市", 'a b,c"d')),
});

describe("match-label", () => {
  it("gives the guest what the plaintext join gives, and the host no rows", { timeout: 60_000 }, async () => {
    const people = fc.uniqueArray(person, { selector: ({ id }) => id, minLength: 1, maxLength: 40 });
    const asked = fc.uniqueArray(
      fc.integer({ min: 0, max: 60 }).map((i) => `person-${i}`),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(people, asked, async (rows, ids) => {
        const kept = await runOne(task(BOTH), { bank: guestTable(ids), telco: hostTable(rows) });
        const expected = ids.flatMap((id, amount) => {
          const row = rows.find((each) => each.id === id);
          return row === undefined ? [] : [[id, { id, amount, "telco.city": row.city, "telco.income": row.income }]];
        });
        expect(rowsOf(kept.bank!.tables["task.data"]!)).toEqual(Object.fromEntries(expected));
        expect(kept.bank!.reports["task.report"]!.data).toMatchObject({
          matched: expected.length,
          ownRows: ids.length,
        });
        expect(Object.keys(kept.telco!.tables)).toEqual(["in.data"]);
        expect(kept.telco!.reports["task.report"]!.data).toMatchObject({
          matched: null,
          partners: { bank: ids.length },
        });
      }),
      { numRuns: 8 },
    );
  });

  it("draws at the owner, at least what is asked, and nothing at the guest", async () => {
    const rows = [{ id: "a", income: 1, city: "x" }];
    const kept = await runOne(task(BOTH), { bank: guestTable(["a", "b"]), telco: hostTable(rows) });
    expect(kept.telco!.draws["task bank"]).toBeGreaterThanOrEqual(2);
    expect(kept.bank!.draws).toEqual({});
  });

  it("refuses a text that is too long, a column of another kind or none, and too many rows", async () => {
    const tables = { bank: guestTable(["a", "b"]), telco: hostTable([{ id: "a", income: 1, city: "Lianyungang" }]) };
    const refusals: [TaskDraft, string][] = [
      [task([{ column: "city", kind: "text", bytes: 10 }]), "input.labels"],
      [task([{ column: "city" }]), "input.columns"],
      [task([{ column: "age" }]), "input.columns"],
      [task(BOTH, { partnerRowsMax: 1 }), "consent.rows"],
    ];
    for (const [each, code] of refusals) expect((await failureOf(runOne(each, tables))).code).toBe(code);
  });
});
