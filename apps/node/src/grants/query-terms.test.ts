import type { QueryTerms } from "@tombolo/sdk";
import { describe, expect, it } from "vitest";
import { type CatalogueUse, checkQuery } from "./query-terms.ts";

const TERMS: QueryTerms = {
  keys: ["name", "phone"],
  columns: [
    { column: "income", kind: "number", bytes: 32 },
    { column: "city", kind: "text", bytes: 12 },
  ],
  padTo: 1000,
  idsMax: 500,
  idsPerDay: 50,
};
const MADE: CatalogueUse = { keys: TERMS.keys, columns: TERMS.columns, padTo: 1000, idsMax: 500 };
const check = (made: Partial<CatalogueUse>, components = ["read-table", "match-catalogue"], terms = TERMS) =>
  checkQuery("telco", "d", terms, { components, catalogues: [{ ...MADE, ...made }] });

describe("a query table's grant", () => {
  it("lets a catalogue through that is as its owner drew it up, or more careful", () => {
    check({});
    check({ padTo: 5000, idsMax: 1 });
    // A number has no length.
    check({ columns: [{ column: "income", kind: "number", bytes: 8 }, TERMS.columns[1]!] });
    check({ columns: [] }, undefined, { ...TERMS, columns: [] });
  });

  const refused: [string, Partial<CatalogueUse>][] = [
    ["of one key of two", { keys: ["phone"] }],
    ["of its keys in another order", { keys: ["phone", "name"] }],
    ["of fewer columns", { columns: TERMS.columns.slice(0, 1) }],
    ["of ids alone", { columns: [] }],
    ["of longer texts", { columns: [TERMS.columns[0]!, { column: "city", kind: "text", bytes: 13 }] }],
    ["with the size told finer", { padTo: 999 }],
    ["for more questions", { idsMax: 501 }],
  ];
  it.each(refused)("refuses a catalogue %s", (_, made) => {
    expect(() => check(made)).toThrow(expect.objectContaining({ code: "consent.query" }));
  });

  it("refuses everything that is no catalogue", () => {
    const other = (components: string[], catalogues: CatalogueUse[]) => () =>
      checkQuery("telco", "d", TERMS, { components, catalogues });
    for (const each of [
      other(["read-table", "psi"], []),
      other(["read-table"], []),
      other(["read-table", "match-catalogue", "match-count"], [MADE]),
    ])
      expect(each).toThrow(expect.objectContaining({ code: "consent.query" }));
  });
});
