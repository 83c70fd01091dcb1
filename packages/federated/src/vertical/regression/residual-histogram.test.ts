import { describe, expect, test } from "vitest";
import { designOf } from "./design.ts";
import { familyOf } from "./families/index.ts";
import { plainHistogram } from "./residual-histogram.ts";
import { prepareRows } from "./rows.ts";
import {
  classTable,
  type Options,
  parametersOf,
  sampleColumns,
  sampleTable,
  skewedTable,
  trainWorld,
} from "./testing/world.ts";

const ROWS = 400;
const LIMIT = { timeout: 120_000 };
const world = { seed: 7, deadlineMs: 110_000 };

describe("the guest is told how residuals lie, in steps of rows, and the host is not", () => {
  const numbers = (() => {
    const columns = sampleColumns(ROWS);
    return { ...columns, labels: Float64Array.from(columns.predictor, (z, i) => 1000 * z + ((i * 37) % 101) * 12) };
  })();
  test.each<[string, ReturnType<typeof sampleTable>, Options]>([
    ["logistic", sampleTable(ROWS), {}],
    ["linear, in units of the label", numbers, { family: "linear" }],
    ["multinomial, of each class", classTable(ROWS), { family: "multinomial", classes: 3 }],
  ])("%s", LIMIT, async (_, table, given) => {
    const options: Options = { residuals: true, minimumRows: 5, rowsPerTerm: 5, iterations: 3, ...given };
    const { guest, host } = await trainWorld(table, options, {}, world);
    expect(host.residuals).toBeNull();
    const parameters = parametersOf(options);
    const family = familyOf(parameters);
    const prepared = prepareRows(table, parameters);
    const how = { intercept: false, whiten: false, missing: "refuse", minimumRows: 5 } as const;
    const both = [guest, host];
    const designs = await Promise.all(
      [table.guest, table.host].map((columns) => designOf(columns, ROWS, how, (values) => values)),
    );
    const predictor = (row: number, output: number): number =>
      both.reduce((sum, { coefficients }, party) => {
        const { terms, columns } = designs[party]!;
        return terms.reduce(
          (all, { scale }, i) => all + coefficients[output * terms.length + i]! * scale * columns[i]![row]!,
          sum,
        );
      }, guest.intercepts[output]!);
    const outputs = Array.from({ length: family.outputs }, (_each, output) => output);
    const residuals = Array.from({ length: ROWS }, (_row, row) =>
      family.plainResiduals(
        outputs.map((output) => (predictor(row, output) - prepared.centre) / prepared.scale),
        outputs.map((output) => prepared.labels[output * ROWS + row]!),
      ),
    );
    const expected = plainHistogram(
      outputs.map((output) => residuals.map((own) => own[output]!)),
      family,
      5,
    );
    const { bounds, counts, step, rows } = guest.residuals!;
    expect([step, rows, counts.length]).toEqual([8, ROWS, family.outputs]);
    expect(bounds.at(-1)).toBeCloseTo(prepared.scale * (given.family === "linear" ? 3 : 0.9), 9);
    counts.forEach((own, output) => {
      expect(own).toHaveLength(bounds.length + 1);
      // A row at a bound may be on its other side, which moves a count by a step at most.
      const apart = own.filter((count, i) => count !== expected[output]![i]);
      expect(apart.length).toBeLessThanOrEqual(2);
      own.forEach((count, i) => {
        expect(count % step).toBe(0);
        expect(Math.abs(count - expected[output]![i]!)).toBeLessThanOrEqual(step);
      });
      expect(own.some((count) => count > 0)).toBe(true);
    });
  });

  test("of mini-batches the rows of the first, of a log link in wider ranges", LIMIT, async () => {
    const table = skewedTable(ROWS, "poisson");
    const sgd: Options = { family: "poisson", solver: "sgd", batchRows: 128, epochs: 1, learningRate: 0.05 };
    const { guest } = await trainWorld(table, { ...sgd, residuals: true, minimumRows: 5 }, {}, world);
    const { bounds, counts, rows } = guest.residuals!;
    expect([rows, bounds.length, bounds.at(-1)]).toEqual([100, 21, 3]);
    const told = counts[0]!.reduce((sum, count) => sum + count, 0);
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual(rows);
  });
});
