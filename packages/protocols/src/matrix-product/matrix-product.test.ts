import { seededSampling, systemSecrets } from "@tombolo/base";
import {
  encodePublicKey,
  encodeSeeded,
  freshNoise,
  productNoise,
  RlweSecretKey,
  rlweParameters,
} from "@tombolo/crypto";
import { atWindows, type Me, runParties, runWorld, tamperEvery } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import {
  answerBytes,
  KeyOwner,
  MatrixOwner,
  type ProductShape,
  planProduct,
  productMessages,
  ReleaseBudget,
  type TransformStore,
} from "./index.ts";
import { Shelf } from "./testing/shelf.ts";

const table = productMessages("keyOwner", "matrixOwner");
const sampling = seededSampling(5);
const below = (bits: number): bigint => {
  const word = BigInt(sampling.below(2 ** 32)) * 2n ** 32n + BigInt(sampling.below(2 ** 32));
  return BigInt.asUintN(bits, word);
};
const numbers = (count: number, bits: number): BigUint64Array =>
  BigUint64Array.from({ length: count }, () => below(bits));
/** With both ends of the range. */
const entries = (count: number, bits: number): BigInt64Array => {
  const bound = (1n << BigInt(bits)) - 1n;
  return BigInt64Array.from({ length: count }, (_, i) =>
    i % 7 === 0 ? bound : i % 7 === 1 ? -bound : below(bits) - bound / 2n,
  );
};
const shapeOf = (rows: number, columns: number, more: Partial<ProductShape> = {}): ProductShape => ({
  rows,
  columns,
  vectors: 1,
  entryBits: 24,
  bits: 64,
  releasedMax: 2 ** 30,
  ...more,
});

/** In the clear: of each vector the rows' sums of products, modulo 2^bits. */
function plainProduct(matrix: BigInt64Array, vectors: BigUint64Array, { rows, columns, bits }: ProductShape): bigint[] {
  return Array.from({ length: (vectors.length / columns) * rows }, (_, i) => {
    const [vector, row] = [Math.floor(i / rows), i % rows];
    let sum = 0n;
    for (let c = 0; c < columns; c++) sum += matrix[row * columns + c]! * vectors[vector * columns + c]!;
    return BigInt.asUintN(bits, sum);
  });
}

interface Run {
  readonly matrix: BigInt64Array;
  /** Of each product: shares of the owner of the key, and of the matrix. */
  readonly shares: readonly (readonly [BigUint64Array, BigUint64Array | null])[];
  readonly cacheBytesMax?: number;
  readonly store?: TransformStore;
  readonly budget?: number;
}

const asKeyOwner =
  (shape: ProductShape, { shares }: Run) =>
  async (me: Me) => {
    const plan = planProduct(shape);
    const peer = await me.peer(table, "keyOwner", "bob", "matrixOwner");
    const owner = (await KeyOwner.open([plan], peer, me.secrets)).product(plan);
    const out: BigUint64Array[] = [];
    for (const [own] of shares) out.push(await owner.multiply(own));
    return out;
  };

const asMatrixOwner =
  (shape: ProductShape, { matrix, shares, cacheBytesMax = 2 ** 28, store }: Run) =>
  async (me: Me) => {
    const peer = await me.peer(table, "matrixOwner", "alice", "keyOwner");
    const budget = new ReleaseBudget(shape.releasedMax);
    const plan = planProduct(shape);
    const opened = await MatrixOwner.open([plan], peer, { secrets: me.secrets, budget, cacheBytesMax, store });
    const owner = opened.product(plan, matrix);
    const out: BigUint64Array[] = [];
    for (const [, own] of shares) out.push(await owner.multiply(own));
    return out;
  };

async function expectProducts(shape: ProductShape, run: Run): Promise<void> {
  const { results } = await runParties(
    { seed: 7 },
    ["alice", asKeyOwner(shape, run)],
    ["bob", asMatrixOwner(shape, run)],
  );
  const [theirs, ours] = results;
  run.shares.forEach(([a, b], i) => {
    const vectors = a.map((x, j) => BigInt.asUintN(shape.bits, x + (b?.[j] ?? 0n)));
    const sums = Array.from(theirs[i]!, (x, j) => BigInt.asUintN(shape.bits, x + ours[i]![j]!));
    expect(sums).toEqual(plainProduct(run.matrix, vectors, shape));
  });
}

describe("products of a matrix with shared vectors", () => {
  it("are right for one group of rows, and for several blocks and groups, cached or not", async () => {
    for (const [rows, columns, cacheBytesMax] of [
      [1, 1, 0],
      [3, 700, 2 ** 28],
      [300, 40, 0],
      [1 + sampling.below(900), 1 + sampling.below(300), 2 ** 20],
    ] as const) {
      const shape = shapeOf(rows, columns);
      const shares = [0, 1].map(() => [numbers(columns, 64), numbers(columns, 64)] as const);
      await expectProducts(shape, { matrix: entries(rows * columns, 24), shares, cacheBytesMax });
    }
  });

  it("are right from transforms that lie elsewhere, which are made once", async () => {
    const shape = shapeOf(300, 40);
    const shares = [0, 1, 2].map(() => [numbers(40, 64), numbers(40, 64)] as const);
    const store = new Shelf();
    await expectProducts(shape, { matrix: entries(300 * 40, 24), shares, cacheBytesMax: 0, store });
    expect(store).toMatchObject({ written: 1, reads: 2 });
  });

  it("are right the other way round, from the same transforms, kept or not", async () => {
    for (const [rows, columns, vectors, cacheBytesMax] of [
      [300, 40, 1, 2 ** 28],
      [5, 3, 2, 0],
    ] as const) {
      const shape = shapeOf(rows, columns, { vectors, bothWays: true });
      const plan = planProduct(shape);
      const matrix = entries(rows * columns, 24);
      const [ahead, back] = [rows, columns].map((_, i) => numbers((i === 0 ? columns : rows) * vectors, 64));
      const { results } = await runParties(
        { seed: 17 },
        [
          "alice",
          async (me: Me) => {
            const peer = await me.peer(table, "keyOwner", "bob", "matrixOwner");
            const product = (await KeyOwner.open([plan], peer, me.secrets)).product(plan);
            return [await product.multiply(ahead!), await product.multiplyTransposed(back!)] as const;
          },
        ],
        [
          "bob",
          async (me: Me) => {
            const peer = await me.peer(table, "matrixOwner", "alice", "keyOwner");
            const options = { secrets: me.secrets, budget: new ReleaseBudget(2 ** 30), cacheBytesMax };
            const product = (await MatrixOwner.open([plan], peer, options)).product(plan, matrix);
            return [await product.multiply(null), await product.multiplyTransposed(back!)] as const;
          },
        ],
      );
      const sums = (way: 0 | 1): bigint[] =>
        Array.from(results[0][way], (x, i) => BigInt.asUintN(64, x + results[1][way][i]!));
      expect(sums(0)).toEqual(plainProduct(matrix, ahead!, shape));
      const turned = matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
      const twice = back!.map((x) => BigInt.asUintN(64, 2n * x));
      expect(sums(1)).toEqual(plainProduct(turned, twice, { ...shape, rows: columns, columns: rows }));
    }
  });

  it("take no message but a public key, vectors and answers", () => {
    expect(Object.keys(table)).toEqual(["productKey", "productVectors", "productAnswers"]);
  });

  it("are right for several vectors, one side having them whole, and modulo 2^32", async () => {
    const shape = shapeOf(70, 9, { vectors: 3, bits: 32, entryBits: 20 });
    await expectProducts(shape, { matrix: entries(630, 20), shares: [[numbers(27, 32), null]] });
  });

  it("are right for several outputs", async () => {
    // One column: 8192 rows at once, and another output for the rest.
    const shape = shapeOf(8200, 1);
    expect(planProduct(shape).forward.outputs).toBeGreaterThan(1);
    await expectProducts(shape, { matrix: entries(8200, 24), shares: [[numbers(1, 64), numbers(1, 64)]] });
  });

  it("are right where entries take the larger ring", async () => {
    const shape = shapeOf(2, 20, { entryBits: 63 });
    expect(planProduct(shape).of.parameters.name).toBe("rlwe-16384");
    await expectProducts(shape, { matrix: entries(40, 63), shares: [[numbers(20, 64), numbers(20, 64)]] });
  });

  it("take one exchange of keys for all plans and matrices of a job, in both rings", async () => {
    const shapes = [shapeOf(40, 10), shapeOf(10, 40, { vectors: 2 }), shapeOf(2, 20, { entryBits: 63 })];
    const plans = shapes.map(planProduct);
    // A matrix of each, and another one of the first: numbers with fractions, of which none is halfway.
    const order = [0, 1, 2, 0];
    const fractions = Float64Array.from({ length: 400 }, () => sampling.below(2 ** 20) / 2 ** 10 - 512.3);
    const matrices = order.map((which, i) =>
      i === 3
        ? BigInt64Array.from(fractions, (value) => BigInt(Math.round(value * 2 ** 14)))
        : entries(shapes[which]!.rows * shapes[which]!.columns, shapes[which]!.entryBits),
    );
    const shares = order.map((which) => {
      const count = shapes[which]!.columns * shapes[which]!.vectors;
      return [numbers(count, 64), numbers(count, 64)] as const;
    });
    const { results, world } = await runParties(
      { seed: 14 },
      [
        "alice",
        async (me: Me) => {
          const owner = await KeyOwner.open(plans, await me.peer(table, "keyOwner", "bob", "matrixOwner"), me.secrets);
          const out: BigUint64Array[] = [];
          for (const [i, which] of order.entries())
            out.push(await owner.product(plans[which]!).multiply(shares[i]![0]));
          return out;
        },
      ],
      [
        "bob",
        async (me: Me) => {
          const peer = await me.peer(table, "matrixOwner", "alice", "keyOwner");
          const options = { secrets: me.secrets, budget: new ReleaseBudget(2 ** 30), cacheBytesMax: 2 ** 20 };
          const owner = await MatrixOwner.open(plans, peer, options);
          const out: BigUint64Array[] = [];
          for (const [i, which] of order.entries()) {
            const matrix = i === 3 ? { numbers: fractions, scale: 2 ** 14 } : matrices[i]!;
            out.push(await owner.product(plans[which]!, matrix).multiply(shares[i]![1]));
          }
          expect(() => owner.product(plans[0]!, { numbers: fractions, scale: 2 ** 20 })).toThrow(RangeError);
          expect(() => owner.product(plans[0]!, { numbers: fractions.fill(Number.NaN, 7, 8), scale: 1 })).toThrow(
            RangeError,
          );
          expect(() => owner.product(planProduct(shapeOf(1, 1, { releasedMax: 2 })), entries(1, 24))).toThrow(
            RangeError,
          );
          return out;
        },
      ],
    );
    for (const [i, which] of order.entries()) {
      const vectors = shares[i]![0].map((x, j) => BigInt.asUintN(64, x + shares[i]![1][j]!));
      const sums = Array.from(results[0][i]!, (x, j) => BigInt.asUintN(64, x + results[1][i]![j]!));
      expect(sums).toEqual(plainProduct(matrices[i]!, vectors, shapes[which]!));
    }
    expect(world.cost.byDirection["alice->bob"]!.productKey!.messages).toBe(2);
  });

  it("leave shares that tell nothing by themselves: another product, other shares", async () => {
    const shape = shapeOf(40, 10);
    const share = [numbers(10, 64), numbers(10, 64)] as const;
    const run: Run = { matrix: entries(400, 24), shares: [share, share] };
    const plan = planProduct(shape);
    await atWindows([1, 8], async (window) => {
      const { results, world } = await runParties(
        { seed: 8, window },
        ["alice", asKeyOwner(shape, run)],
        ["bob", asMatrixOwner(shape, run)],
      );
      for (const [first, second] of results) expect(first!.filter((x, i) => x === second![i]).length).toBe(0);
      const answers = world.cost.byDirection["bob->alice"]!.productAnswers!;
      expect(answers.bytes).toBe(2 * answerBytes(plan, plan.forward, plan.forward.outputs));
      // Keys and vectors, answers, vectors, answers.
      expect(world.cost.rounds).toBe(4);
    });
  });

  it("name the partner whose keys or ciphertexts are not what was agreed", async () => {
    const shape = shapeOf(2, 2);
    const run: Run = { matrix: entries(4, 24), shares: [[numbers(2, 64), numbers(2, 64)]] };
    const { of } = planProduct(shape);
    const secret = new RlweSecretKey(of, systemSecrets());
    const key = await encodePublicKey(of, await secret.publicKey(systemSecrets()));
    const vector = await encodeSeeded(of, await secret.encrypt(numbers(8192, 64), 64, systemSecrets()));
    const cases = [
      { key: key.subarray(1), vectors: [vector], code: "protocol.rlwe" },
      { key: vector, vectors: [vector], code: "protocol.rlwe" },
      { key: key.slice().fill(255, key.length - 12), vectors: [vector], code: "protocol.rlwe" },
      { key, vectors: [key], code: "protocol.rlwe" },
      { key, vectors: [], code: "protocol.count" },
      { key, vectors: [vector, vector], code: "protocol.count" },
    ];
    for (const { key, vectors, code } of cases) {
      const world = await runWorld(["alice", "bob"], { seed: 4 }, async (me) => {
        if (me.id === "bob") return void (await asMatrixOwner(shape, run)(me));
        const peer = await me.peer(table, "keyOwner", "bob", "matrixOwner");
        await peer.send("productKey", key);
        await peer.sendEach("productVectors", vectors);
        for await (const answer of peer.receiveEach("productAnswers")) expect(answer.length).toBe(0);
      });
      expect(world.error("bob")).toMatchObject({ code, blame: "alice" });
    }
  });

  it("end when a job has released what it was planned for", async () => {
    const plan = planProduct(shapeOf(4, 4));
    const shape = shapeOf(4, 4, { releasedMax: plan.forward.released });
    const share = [numbers(4, 64), numbers(4, 64)] as const;
    const run: Run = { matrix: entries(16, 24), shares: [share, share] };
    await expect(
      runParties({ seed: 9 }, ["alice", asKeyOwner(shape, run)], ["bob", asMatrixOwner(shape, run)]),
    ).rejects.toMatchObject({ cause: { code: "resource.product-budget" } });
  });

  it("end typed on every changed message, or with shares of another product", async () => {
    const shape = shapeOf(2, 2);
    const run: Run = { matrix: entries(4, 24), shares: [[numbers(2, 64), numbers(2, 64)]] };
    const wrong = "semi-honest: a changed residue below its prime is another key or ciphertext";
    await tamperEvery<unknown>({
      parties: ["alice", "bob"],
      table,
      seed: 3,
      names: ["productKey", "productVectors", "productAnswers"],
      actions: ["flip", "replace", "drop"],
      deadlineMs: 4000,
      run: (me) => (me.id === "alice" ? asKeyOwner(shape, run)(me) : asMatrixOwner(shape, run)(me)),
      tolerated: { productKey: wrong, productVectors: wrong, productAnswers: wrong },
    });
  });
});

describe("plans", () => {
  it("keep 2^-40 over the job and decrypt in the worst case", () => {
    for (const [rows, columns] of [
      [1, 1],
      [4096, 300],
      [300, 4096],
      [100_000, 330],
    ] as const) {
      const plan = planProduct(shapeOf(rows, columns, { bothWays: true }));
      const { primes, size } = plan.of.parameters;
      const q = primes.reduce((all, p) => all * p, 1n);
      expect([plan.period * plan.rowsAtOnce, Math.log2(plan.period) % 1]).toEqual([size, 0]);
      expect(plan.blocks * plan.period).toBeGreaterThanOrEqual(columns);
      expect(plan.groups * plan.rowsAtOnce).toBeGreaterThanOrEqual(rows);
      for (const side of [plan.forward, plan.transposed!]) {
        // At least the bare product's noise; all released numbers together within 2^-40.
        const bare = productNoise(plan.of.parameters, freshNoise(), 2n ** 24n, side.inputs);
        expect(side.noise > bare && side.noise < 4n * bare + 2n ** 40n).toBe(true);
        expect(side.noise * 2n ** 30n * 2n ** 40n <= 2n ** BigInt(side.floodBits + 1)).toBe(true);
        expect((side.noise + 2n ** BigInt(side.floodBits)) * 2n ** 65n < q).toBe(true);
        expect(side.released).toBe(side.outputs * side.places.wanted);
        expect(side.places.wanted * side.places.stride).toBeLessThanOrEqual(size);
        expect(side.released).toBeGreaterThanOrEqual(side.results);
      }
    }
    expect(planProduct(shapeOf(4096, 300)).of.parameters).toBe(rlweParameters("rlwe-8192"));
  });

  it("keep 2^-40 over all attempts, each with the whole budget", () => {
    for (const attempts of [1, 3, 20]) {
      const { forward, transposed } = planProduct(shapeOf(300, 40, { bothWays: true, attempts }));
      for (const { noise, floodBits } of [forward, transposed!])
        expect(noise * BigInt(attempts) * 2n ** 30n * 2n ** 40n <= 2n ** BigInt(floodBits + 1)).toBe(true);
    }
  });

  it("refuse sizes out of range, and noise that no parameters have room for", () => {
    const refused = expect.objectContaining({ code: "input.product-shape" });
    for (const bad of [
      shapeOf(0, 1),
      shapeOf(1, 2 ** 21),
      shapeOf(2 ** 24, 2 ** 20),
      shapeOf(1, 1, { vectors: 0 }),
      shapeOf(1, 1, { entryBits: 64 }),
      shapeOf(1, 1, { bits: 65 }),
      shapeOf(1, 1, { releasedMax: 2 ** 41 }),
      shapeOf(1, 1, { attempts: 0 }),
      shapeOf(1.5, 1),
    ])
      expect(() => planProduct(bad)).toThrow(refused);
  });
});

it("several vectors share a ciphertext where that takes fewer", () => {
  const { together, forward } = planProduct(shapeOf(4096, 300, { vectors: 8, releasedMax: 2 ** 24 }));
  expect(together).toBeGreaterThan(1);
  expect(forward.released).toBeLessThan(4096 * 8 * 1.1);
});
