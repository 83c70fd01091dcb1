import type { Dataset, DatasetColumn } from "@tombolo/sdk";
import { describe, expect, test } from "vitest";
import { sideOf } from "../../lib/sides.ts";
import {
  complete,
  type Draft,
  emptyDraft,
  fits,
  formOf,
  handedOf,
  protocolsOf,
  stepsOf,
  summable,
  summedOf,
} from "./draft.ts";
import { estimateWords, roughTime } from "./estimate.ts";

const column = (name: string, change: Partial<DatasetColumn> = {}): DatasetColumn => ({
  name,
  type: "number",
  role: "feature",
  meaning: "",
  unit: "",
  fillRate: null,
  distinct: null,
  statistics: null,
  top: null,
  ...change,
});
const dataset = (id: string, owner: string): Dataset => ({
  id,
  name: id,
  description: "",
  owner,
  rowCount: 10,
  columns: [column("phone", { role: "id" }), column("amount"), column("income")],
  asOf: null,
  published: true,
  visibility: { rowCount: true, fillRate: true, distinct: true, statistics: false, top: false },
  sourceFile: null,
  bytes: null,
  snapshot: "s",
  createdAt: "2026-11-21T00:00:00Z",
  origin: null,
  derivedFromRevoked: false,
});
const filled: Draft = {
  ...emptyDraft,
  projectId: "p",
  partners: ["telco"],
  own: sideOf(dataset("loans", "bank")),
  hosts: { telco: sideOf(dataset("customers", "telco")) },
};
const income = { column: "income", lower: 0, upper: 5000, decimals: 0 };

describe("the form", () => {
  test("asks of the partner's table only the keys, and keeps own columns", () => {
    expect(formOf(filled, "Match")).toMatchObject({
      kind: "rows",
      guest: { datasetId: "loans", keys: ["phone"], columns: ["amount", "income"] },
      hosts: [{ partyId: "telco", datasetId: "customers", keys: ["phone"], columns: [] }],
      protocol: "auto",
      parameters: { duplicates: "refuse", normalise: { trim: true, phone: null } },
    });
    expect(formOf(filled, "Match")?.parameters).not.toHaveProperty("minimumMatched");
  });
  test("of a count reads no columns at all, and never names a protocol of the rows", () => {
    const form = formOf({ ...filled, kind: "count", protocol: "ecdh", sums: [income] }, "Count");
    expect(form).toMatchObject({ protocol: "auto", guest: { columns: [] }, hosts: [{ columns: [] }] });
    expect(form?.parameters).toMatchObject({ minimumMatched: 10, noise: "none" });
    expect(form?.parameters).not.toHaveProperty("values");
  });
  test("of columns names them, their kinds and room, and keeps own columns", () => {
    const handed = [column("income"), column("city", { type: "text" })].map(handedOf);
    const form = formOf({ ...filled, kind: "label", handed, duplicates: "many-to-one" }, "Columns");
    expect(form).toMatchObject({
      kind: "label",
      guest: { columns: ["amount", "income"] },
      hosts: [{ columns: ["income", "city"] }],
      parameters: {
        duplicates: "refuse",
        columns: [
          { column: "income", kind: "number" },
          { column: "city", kind: "text" },
        ],
      },
    });
    expect(form?.parameters).not.toHaveProperty("minimumMatched");
    expect(complete({ ...filled, kind: "label" }, "columns")).toBe(false);
    expect(complete({ ...filled, kind: "label", handed }, "columns")).toBe(true);
  });
  test("of the other kinds says who learns and which rows stay", () => {
    const chosen = (change: Partial<Draft>) => formOf({ ...filled, ...change }, "Match");
    expect(chosen({ kind: "mine" })).toMatchObject({ kind: "rows", parameters: { join: "inner", receivers: "guest" } });
    expect(chosen({ kind: "left" })).toMatchObject({ kind: "rows", parameters: { join: "left", receivers: "all" } });
    const difference = { join: "difference", receivers: "guest" };
    expect(chosen({ kind: "difference" })).toMatchObject({ kind: "rows", parameters: difference });
    const many = chosen({ duplicates: "many-to-one" });
    expect(many?.parameters).toMatchObject({ duplicates: "many-to-one" });
    const count = chosen({ kind: "count", duplicates: "many-to-one" });
    expect(count?.parameters).toMatchObject({ duplicates: "refuse" });
  });
  test("tries id columns in turn, and reads as phone numbers only those that are", () => {
    const keys = ["phone", "amount"];
    const own = { ...filled.own, keys };
    const draft: Draft = { ...filled, own, keysAs: "inTurn", phone: { format: "digits", countryCode: "86" } };
    expect(formOf(draft, "Match")?.parameters).toMatchObject({ keys: [[1], [2]] });
    expect(formOf(draft, "Match")?.parameters).not.toHaveProperty("columnRules");
    const mixed = formOf({ ...draft, notPhones: ["amount", "gone"] }, "Match");
    expect(mixed?.parameters).toMatchObject({ columnRules: [null, { phone: null, trim: true }] });
    expect(formOf({ ...draft, keysAs: "together" }, "Match")?.parameters).not.toHaveProperty("keys");
    expect(formOf({ ...draft, own: filled.own }, "Match")?.parameters).not.toHaveProperty("keys");
  });
  test("of a sum reads the partner's summed columns", () => {
    const form = formOf({ ...filled, kind: "sum", sums: [income] }, "Sum");
    expect(form).toMatchObject({ hosts: [{ columns: ["income"] }], parameters: { values: [income] } });
  });
  test("is not there before project and table are chosen", () => expect(formOf(emptyDraft, "x")).toBeUndefined());
});

describe("the steps", () => {
  test("leave the columns out of a count", () => {
    expect(stepsOf(filled)).toContain("columns");
    expect(stepsOf({ ...filled, kind: "count" })).not.toContain("columns");
  });
  test("need as many keys on every side", () => {
    expect(complete(filled, "tables")).toBe(true);
    expect(complete({ ...filled, own: { ...filled.own, keys: ["phone", "amount"] } }, "tables")).toBe(false);
  });
  test("hold counts and sums to two parties", () => {
    expect(fits("rows", { ...filled, partners: ["a", "b"] })).toBe(true);
    expect(fits("sum", { ...filled, partners: ["a", "b"] })).toBe(false);
  });
  test("need a column to sum, between bounds that can be", () => {
    expect(complete({ ...filled, kind: "sum" }, "columns")).toBe(false);
    expect(complete({ ...filled, kind: "sum", sums: [income] }, "columns")).toBe(true);
    expect(summable({ ...income, upper: 0 })).toBe(false);
    expect(summable({ ...income, upper: 2 ** 50, decimals: 9 })).toBe(false);
  });
});

test("bounds begin with what the owner shows", () => {
  const statistics = { min: -5, max: 90.5, mean: 1, deviation: 1, quantiles: [] };
  expect(summedOf(column("x", { statistics }))).toEqual({ column: "x", lower: -5, upper: 90.5, decimals: 2 });
  expect(summable(summedOf(column("x", { statistics: { ...statistics, min: 0, max: 0 } })))).toBe(true);
  expect(summedOf(column("x", { type: "integer" }))).toMatchObject({ lower: 0, upper: 1_000_000, decimals: 0 });
});

test("protocols are those the node's component lists", () => {
  const psi = { name: "psi", parameters: { properties: { protocol: { enum: ["ecdh", "vole"] } } } };
  expect(protocolsOf([psi as never])).toEqual(["ecdh", "vole"]);
  expect(protocolsOf([])).toEqual([]);
});

describe("an estimate", () => {
  test("is one whole number of the unit that fits, and never nothing", () => {
    const said = [0.01, 1.2, 119, 121, 3600, 9000, 90_000, 900_000].map((seconds) => roughTime(seconds, "en"));
    expect(said).toEqual([
      "1 second",
      "2 seconds",
      "119 seconds",
      "3 minutes",
      "60 minutes",
      "3 hours",
      "25 hours",
      "11 days",
    ]);
  });
  test("is said in both languages, or not at all", () => {
    const why = { en: "", zh: "" };
    const estimate = { seconds: 125, bytesOut: 3_100_000, bytesIn: 999, diskBytes: 0 };
    const plan = { protocol: "ecdh", why, estimate };
    expect(estimateWords(plan, "en")).toEqual({ time: "3 minutes", sent: "3.10 MB", received: "999 B", disk: "0 B" });
    expect(estimateWords(plan, "zh")?.time).toBe("3分钟");
    expect(estimateWords({ ...plan, estimate: null }, "en")).toBeNull();
  });
});
