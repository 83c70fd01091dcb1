import type { Column } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyBins, binColumn, type WeighedColumn } from "../binning/index.ts";
import {
  basePoints,
  cardColumn,
  factorOf,
  pointsOf,
  type Scale,
  type Scorecard,
  scorecardCsv,
  scorecardShape,
} from "./index.ts";
import { pmmlOf, scorecardPmml } from "./pmml.ts";
import { type Element, element, xmlText } from "./xml.ts";

const SCALE: Scale = { baseScore: 600, baseOdds: 50, pointsToDouble: 20, decimals: 0 };
const ROWS = 400;
const rows = Array.from({ length: ROWS }, (_, i) => i);
const number = (name: string, values: number[]): Column => ({
  kind: "number",
  name,
  values: Float64Array.from(values),
});
const age = number(
  "age",
  rows.map((i) => (i % 7 === 0 ? Number.NaN : i % 5 === 0 ? -9 : (i * 37) % 101)),
);
const plain = number(
  "plain",
  rows.map((i) => (i * 53) % 97),
);
const job: Column = {
  kind: "text",
  name: "job <&>",
  codes: Int32Array.from(rows, (i) => (i % 40 === 0 ? 3 : i % 3)),
  categories: ["fixed", "self", 'no "job"', "rare"],
};

/** Fine bins as they are, with made-up weights. */
function weighed(column: Column, special: (number | string)[] = []): WeighedColumn {
  const { fine } = binColumn(column, { method: "quantile", bins: 5, minimumRows: 50, edges: null, special });
  const groups = fine.rows.map((_, bin) => bin);
  return { fine, groups, woe: groups.map((group) => Math.sin(3 * group + column.name.length)) };
}
const COLUMNS = [weighed(age, [-9]), weighed(plain), weighed(job)];
const terms = (own: WeighedColumn, coefficient: number) => [
  { column: own.fine.name, category: null, merged: null, mean: 0.05, coefficient },
];
const cardOf = (scale: Scale): Scorecard => ({
  ...{ kind: "scorecard", version: 1, party: "bank", scale, base: basePoints(scale, -1.2) },
  columns: COLUMNS.map((own, i) => cardColumn(own, pointsOf(own, terms(own, 0.8 - i / 2), scale))),
});

describe("points", () => {
  it("are on the scale that was asked for", () => {
    // toad: factor = pdo / ln 2 = 28.8539, offset = 600 - factor ln 50 = 487.1229
    expect(factorOf(SCALE)).toBeCloseTo(28.85390081777927, 12);
    expect(basePoints({ ...SCALE, decimals: 4 }, 0)).toBe(487.1229);
    expect(basePoints(SCALE, -Math.log(50))).toBe(600);
    expect(basePoints(SCALE, -Math.log(100))).toBe(620);
  });

  it("sum up to the scale of the regression's margin", () => {
    const fine = { ...SCALE, decimals: 4 };
    const card = cardOf(fine);
    const table = { rowCount: ROWS, columns: [age, plain, job] };
    const binned = applyBins(table, COLUMNS, () => {});
    for (const row of [0, 1, 5, 7, 35, 399]) {
      const margin = COLUMNS.reduce((sum, _, i) => {
        const column = binned.columns[i]!;
        const woe = column.kind === "number" ? column.values[row]! : Number.NaN;
        return sum + (0.8 - i / 2) * (woe - 0.05);
      }, -1.2);
      const points = scoreOf(card, table.columns, row);
      expect(points).toBeCloseTo(600 - factorOf(fine) * (Math.log(50) + margin), 3);
    }
  });

  it("of names of bins follow their categories, as where weights stay with another party", () => {
    const own = { ...COLUMNS[2]!, woe: null };
    const names = cardColumn(
      own,
      own.groups.map(() => 0),
    ).bins.map(({ name }) => name);
    const category = { column: "job", merged: null, mean: 0.25 };
    const made = pointsOf(own, [{ ...category, category: names[1]!, coefficient: 1 }], { ...SCALE, decimals: 2 });
    expect(made[1]).toBe(-21.64);
    expect(made[0]).toBe(7.21);
    expect(() => pointsOf(own, terms(own, 1), SCALE)).toThrow("no weights here");
  });

  it("turn over with the sign of the coefficient", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.integer({ min: 0, max: 4 }),
        (coefficient, decimals) => {
          const [own, scale] = [COLUMNS[0]!, { ...SCALE, decimals }];
          const turned = pointsOf(own, terms(own, -coefficient), scale);
          expect(pointsOf(own, terms(own, coefficient), scale)).toEqual(turned.map((points) => 0 - points));
        },
      ),
    );
  });
});

/** By the card's own points, as the pipeline has it. */
function scoreOf(card: Scorecard, columns: readonly Column[], row: number): number {
  const inPoints = COLUMNS.map((own, i) => ({ ...own, woe: card.columns[i]!.bins.map(({ points }) => points) }));
  const { columns: made } = applyBins({ rowCount: ROWS, columns }, inPoints, () => {});
  return made.reduce((sum, column) => sum + (column.kind === "number" ? column.values[row]! : 0), card.base ?? 0);
}

const childrenOf = (of: Element, name: string): Element[] =>
  of.children.filter((child): child is Element => typeof child !== "string" && child.name === name);

/** PMML's own rules: three values of truth are two here, since predicates ask for missing values by themselves. */
function holds({ name, attributes, children }: Element, value: string | number | null): boolean {
  const inner = children as readonly Element[];
  if (name === "True") return true;
  if (name === "CompoundPredicate")
    return attributes.booleanOperator === "and"
      ? inner.every((each) => holds(each, value))
      : inner.some((each) => holds(each, value));
  if (attributes.operator === "isMissing") return value === null;
  if (value === null) return false;
  const than = typeof value === "number" ? Number(attributes.value) : String(attributes.value);
  return (
    { isNotMissing: true, equal: value === than, greaterOrEqual: value >= than, lessThan: value < than } as Record<
      string,
      boolean
    >
  )[String(attributes.operator)]!;
}

function pmmlScore(root: Element, valueIn: (field: string) => string | number | null): number {
  const [card] = childrenOf(root, "Scorecard");
  const [characteristics] = childrenOf(card!, "Characteristics");
  return childrenOf(characteristics!, "Characteristic").reduce((sum, { children, attributes: { name } }) => {
    const attribute = (children as readonly Element[]).find((each) =>
      holds(each.children[0] as Element, valueIn(String(name))),
    );
    return sum + Number(attribute!.attributes.partialScore);
  }, Number(card!.attributes.initialScore));
}

describe("a card for other programs", () => {
  const card = cardOf(SCALE);
  const columns = [age, plain, job];

  it("scores as PMML what it scores here, also values that were not there", () => {
    const unseen = {
      ...job,
      codes: job.codes.map((code, i) => (i % 11 === 0 ? -1 : i % 13 === 0 ? 4 : code)),
      categories: [...job.categories, "new"],
    };
    const odd = [
      { ...age, values: age.kind === "number" ? age.values.map((v, i) => (i % 17 === 0 ? 1e6 : v)) : [] } as Column,
      plain,
      unseen,
    ];
    const root = pmmlOf(card);
    for (const table of [columns, odd])
      for (const row of rows) {
        const valueIn = (field: string): string | number | null => {
          const column = table.find(({ name }) => name === field)!;
          if (column.kind === "text") return column.categories[column.codes[row]!] ?? null;
          return Number.isNaN(column.values[row]!) ? null : column.values[row]!;
        };
        expect(pmmlScore(root, valueIn), String(row)).toBeCloseTo(scoreOf(card, table, row), 9);
      }
  });

  it("has PMML's elements in the schema's order, and nothing unescaped", () => {
    const text = scorecardPmml(card);
    const order = ["<PMML", "<Header", "<DataDictionary", "<Scorecard", "<MiningSchema", "<Output", "<Characteristics"];
    const places = order.map((name) => text.indexOf(name));
    expect(places.every((place, i) => place > (places[i - 1] ?? 0))).toBe(true);
    expect(text).toContain('name="job &lt;&amp;&gt;"');
    expect(text).toContain('value="no &quot;job&quot;"');
    expect(text.match(/<Characteristic /g)).toHaveLength(3);
    expect(() => xmlText(element("A", { b: "\u0001" }))).toThrow("XML cannot hold");
    expect(() => xmlText(element("A", { b: "\ud800" }))).toThrow("XML cannot hold");
    expect(xmlText(element("A", { b: "😀" }))).toContain("😀");
  });

  it("is JSON of its own schema, and a table that no spreadsheet computes", () => {
    expect(scorecardShape.parse(JSON.parse(JSON.stringify(card)))).toEqual(card);
    const lines = scorecardCsv({ ...card, columns: [{ ...card.columns[0]!, name: "=cmd,1" }] }).split("\r\n");
    expect(lines[0]).toBe("column,bin,rows,woe,points");
    expect(lines[1]).toBe(`,base,,,${card.base}`);
    expect(lines[2]).toMatch(/^"'=cmd,1",/);
    expect(lines.some((line) => line.includes("'= -9"))).toBe(true);
  });
});
