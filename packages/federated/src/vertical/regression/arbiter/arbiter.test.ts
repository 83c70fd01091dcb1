import { TomboloError } from "@tombolo/base";
import { describe, expect, test } from "vitest";
import { decodeArbiterCheckpoint, encodeArbiterCheckpoint } from "../index.ts";
import { sampleColumns, sampleTable } from "../testing/world.ts";
import {
  type ArbiterOptions,
  type ArbiterTable,
  arbiterWorld,
  asTwo,
  hostNames,
  keeping,
  trainedOf,
  twinOf,
} from "./testing/world.ts";

const ROWS = 640;
const LIMIT = { timeout: 60_000 };
const BATCHES: ArbiterOptions = { batchRows: 320, epochs: 3, tolerance: 1e-7 };

const linearTable = (): ArbiterTable => {
  const columns = sampleColumns(ROWS);
  return asTwo({
    ...columns,
    labels: Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101)),
  });
};

/** The same fit as in plain numbers, coefficient by coefficient in units of its error there. */
async function expectTwin(table: ArbiterTable, options: ArbiterOptions): Promise<void> {
  const world = await arbiterWorld(table, options);
  const twin = await twinOf(table, options);
  ["bank", ...hostNames(table)].forEach((party, i) => {
    const { coefficients, intercepts, design, gradients } = trainedOf(world, party);
    const own = twin.parties[i]!;
    expect(gradients).toHaveLength(twin.epochs);
    const scaled = [...coefficients].map((value, j) => value * design.terms[j]!.scale);
    const expected = [...own.coefficients].map((value, j) => value * own.terms[j]!.scale);
    const most = Math.max(
      ...twin.parties.flatMap((each) => [...each.coefficients].map((c, j) => Math.abs(c * each.terms[j]!.scale))),
    );
    scaled.forEach((value, j) => {
      expect(Math.abs(value - expected[j]!)).toBeLessThan(1e-5 * most);
    });
    const [intercept, expectedIntercept] = [intercepts[0]!, own.intercepts[0]!];
    expect(Math.abs(intercept - expectedIntercept)).toBeLessThan(1e-5 * Math.max(most, Math.abs(expectedIntercept)));
  });
}

describe("training with an arbiter takes the steps of its plaintext twin", () => {
  test("logistic, in batches, with an L2 penalty", LIMIT, () =>
    expectTwin(asTwo(sampleTable(ROWS)), { ...BATCHES, l2: 5 }),
  );

  test("linear, in units of the label at both", LIMIT, () =>
    expectTwin(linearTable(), { ...BATCHES, family: "linear" }),
  );

  test("with two hosts, and Paillier", LIMIT, async () => {
    const { guest, host, labels } = sampleTable(ROWS);
    const table = { guest, labels, hosts: [host.slice(0, 2), host.slice(2)] };
    await expectTwin(table, { epochs: 1, hostTermsMin: 2, scheme: "paillier" });
  });
});

describe("training with an arbiter", () => {
  test("goes on from the last epoch that all have, under a new key", LIMIT, async () => {
    const table = asTwo(sampleTable(ROWS));
    const options = { ...BATCHES, epochs: 4 };
    const whole = await arbiterWorld(table, options);
    const [bank, telco] = [keeping(), keeping()];
    const hooks = {
      bank: bank.hooks,
      telco: {
        onEpoch: async (checkpoint: Parameters<NonNullable<typeof telco.hooks.onEpoch>>[0]) => {
          if (checkpoint.state.gradients.length === 3) throw new TomboloError("aborted.crash", "crash");
          await telco.hooks.onEpoch!(checkpoint);
        },
      },
    };
    expect((await arbiterWorld(table, options, hooks)).error("telco").code).toBe("aborted.crash");
    const resumed: number[] = [];
    const from = ({ kept }: typeof bank) => ({
      resumeFrom: kept.map((each) =>
        decodeArbiterCheckpoint(JSON.parse(JSON.stringify(encodeArbiterCheckpoint(each)))),
      ),
      onResume: (epochs: number) => void resumed.push(epochs),
    });
    const again = await arbiterWorld(table, options, { bank: from(bank), telco: from(telco) });
    expect(resumed).toEqual([2, 2]);
    for (const party of ["bank", "telco"])
      trainedOf(again, party).coefficients.forEach((value, j) => {
        expect(value).toBeCloseTo(trainedOf(whole, party).coefficients[j]!, 5);
      });
    expect(trainedOf(again, "bank").gradients).toHaveLength(4);
  });

  test("ends where all gradients are below the tolerance, and says so", LIMIT, async () => {
    const world = await arbiterWorld(asTwo(sampleTable(ROWS)), { tolerance: 0.05, epochs: 20 });
    for (const party of ["bank", "telco"]) {
      const { converged, gradients } = trainedOf(world, party);
      expect(converged).toBe(true);
      expect(gradients.length).toBeLessThan(20);
      expect(gradients.at(-1)).toBeLessThan(0.05);
    }
    expect(trainedOf(world, "bank").run).toBe(trainedOf(world, "telco").run);
  });

  test("refuses batches too small for the terms, at every party, and hosts of few columns", LIMIT, async () => {
    const table = asTwo(sampleTable(ROWS));
    const refused = async (options: ArbiterOptions, party: string): Promise<string> =>
      (await arbiterWorld(table, options)).error(party).code;
    expect(await refused({ batchRows: 160 }, "notary")).toBe("input.rows");
    expect(await refused({ rowsPerTerm: 100 }, "telco")).toBe("input.rows");
    expect(await refused({ rowsPerTerm: 39 }, "bank")).toBe("input.parameters");
    expect(await refused({ hostTermsMin: 6 }, "notary")).toBe("consent.few-columns");
  });

  test("tells a damaged checkpoint", () => {
    expect(() => decodeArbiterCheckpoint({ run: "00", weights: [1] })).toThrow(
      expect.objectContaining({ code: "input.checkpoint" }),
    );
  });
});

test("takes four rounds a batch, and as many bytes as its README says", LIMIT, async () => {
  const table = asTwo(sampleTable(ROWS));
  const cost = async (epochs: number) => (await arbiterWorld(table, { ...BATCHES, epochs }, {}, { latencyMs: 2 })).cost;
  const [one, two] = [await cost(1), await cost(2)];
  expect(two.rounds - one.rounds).toBe(4 * 2 + 2);
  const bytesOf = (from: string, to: string): number =>
    Object.values(two.byDirection[`${from}->${to}`]!).reduce((sum, { bytes }) => sum + bytes, 0) -
    Object.values(one.byDirection[`${from}->${to}`]!).reduce((sum, { bytes }) => sum + bytes, 0);
  expect(bytesOf("telco", "bank") / ROWS).toBeCloseTo(256, 0);
  expect(bytesOf("bank", "telco") / ROWS).toBeCloseTo(256, 0);
  // Five columns are two ciphertexts, twice.
  expect(bytesOf("telco", "notary") / 2).toBeCloseTo(4 * 256, -2);
  expect(bytesOf("notary", "telco") / 2).toBeCloseTo(4 * 86, -2);
});
