import { bytesToBigint, type TomboloError, toHex } from "@tombolo/base";
import { generateHeKey } from "@tombolo/crypto";
import { runWorld, tamperEvery } from "@tombolo/test-kit";
import { tamperFrame } from "@tombolo/transport-memory";
import { describe, expect, test } from "vitest";
import { agreementDigest } from "./agreement.ts";
import { type GuestResult, type HostModel, predictionMessages, trainHost, trainingMessages } from "./index.ts";
import {
  joinedTrees,
  parametersOf,
  partiesOf,
  predictWorld,
  sampleTable,
  type TrainOptions,
  trainParty,
  trainWorld,
} from "./testing/world.ts";

const SEED = 7;
const OPTIONS: TrainOptions = { trees: 2, depth: 3, bins: 6, minimumRows: 2, minChildWeight: 0.1 };
const ADDITIVE: TrainOptions = { ...OPTIONS, scheme: "okamoto-uchiyama" };
const TABLE = sampleTable(36, 3);

const ENCRYPTED = ["key", "gradients", "offers", "sums"] as const;
const LINEAR = ["sumsSeed", "sumsMask", "sumsHint", "sumsVectors", "sumsAnswers", "layout", "items"] as const;
const names = Object.keys(trainingMessages).filter((name) => !["routes", "itemCounts", "columnNames"].includes(name));
const without = (others: readonly string[]): string[] => names.filter((name) => !others.includes(name));
const NOISE = "what changes noise alone changes no sum";

test.each([
  ["okamoto-uchiyama", [...without(LINEAR), "routes"], {}],
  ["lattice", without(ENCRYPTED), { sumsHint: NOISE, sumsVectors: NOISE, sumsAnswers: NOISE }],
] as const)(
  "every training message that is changed on the way is noticed or without effect, %s",
  {
    timeout: 120_000,
  },
  async (scheme, some, more) => {
    const table = sampleTable(36, 2);
    const options = { ...OPTIONS, scheme, trees: 1, maxLeaves: 6 };
    const run = trainParty(table, options);
    const whole = await trainWorld(table, options);
    await tamperEvery({
      parties: partiesOf(table),
      table: trainingMessages,
      names: some,
      seed: SEED,
      actions: ["flip", "replace"],
      deadlineMs: 20_000,
      run,
      tolerated: {
        ready: "an unknown digest only means that fewer trees of an earlier attempt are kept",
        start: "parts with different model ids refuse to score together",
        kept: "parts that keep different splits refuse to score together",
        ...more,
      },
      check: (world, name, action) => {
        const outcomes = Object.values(world.outcomes);
        for (const outcome of outcomes)
          if (!outcome.ok)
            expect(outcome.error.code, `${action} of ${name}`).toMatch(/^(protocol|transport|aborted)\./);
        if (!(name in more) || outcomes.some(({ ok }) => !ok)) return;
        const host = world.result("host-1") as HostModel;
        expect(joinedTrees({ guest: world.result("bank") as GuestResult, hosts: [host], world })).toEqual(
          joinedTrees(whole),
        );
      },
    });
  },
);

test("every prediction message that is changed on the way is noticed, but for the bits themselves", async () => {
  const trained = await trainWorld(TABLE, OPTIONS);
  for (const byte of [0, 5]) {
    const { tamper } = tamperFrame({ table: predictionMessages, name: "request", action: "flip", byte });
    const world = await predictWorld(TABLE, trained, { tamper });
    expect(world.outcomes.bank!.ok).toBe(false);
  }
  const { tamper } = tamperFrame({
    table: predictionMessages,
    name: "bits",
    action: "replace",
    payload: new Uint8Array(3),
  });
  expect((await predictWorld(TABLE, trained, { tamper })).error("bank").code).toBe("protocol.malformed");
});

test("parts of different models do not score together", async () => {
  const [first, second] = [await trainWorld(TABLE, OPTIONS), await trainWorld(TABLE, OPTIONS, { seed: 8 })];
  const world = await predictWorld(TABLE, { ...first, hosts: second.hosts });
  expect(world.error("host-1").code).toBe("protocol.agreement");
});

test("another seed, other parameters or another number of rows are refused before any gradient", async () => {
  const guest = trainParty(TABLE, OPTIONS);
  for (const [host, code] of [
    [trainParty(TABLE, { ...OPTIONS, depth: 2 }), "protocol.agreement"],
    [trainParty(sampleTable(35, 3), OPTIONS), "protocol.rows"],
  ] as const) {
    const world = await runWorld(partiesOf(TABLE), { seed: SEED }, (me) => (me.id === "bank" ? guest(me) : host(me)));
    expect(world.error("host-1").code).toBe(code);
    expect(
      Object.values(world.cost.byDirection).every(
        (names) => names.gradients === undefined && names.sumsVectors === undefined,
      ),
    ).toBe(true);
  }
});

describe("a host", () => {
  /** A guest of the test's own making, up to the gradients. */
  async function againstGuest(
    keyBytes: (honest: Uint8Array) => Uint8Array,
    gradients: (width: number) => Uint8Array,
  ): Promise<TomboloError> {
    const parameters = parametersOf(ADDITIVE);
    const world = await runWorld<unknown>(["bank", "telco"], { seed: SEED }, async (me) => {
      if (me.id === "telco") {
        const peer = await me.peer(trainingMessages, "host", "bank", "guest");
        return trainHost(
          { columns: TABLE.columns[1]!, rowCount: 36, parameters, sampling: me.sampling },
          peer,
          me.secrets,
        );
      }
      const peer = await me.peer(trainingMessages, "guest", "telco", "host");
      const { publicKey } = await generateHeKey({ scheme: "okamoto-uchiyama" }, me.secrets);
      const agreement = await agreementDigest(parameters, me.sampling);
      await peer.send("hello", { agreement, rows: 36, site: 1, digests: ["0".repeat(64)] });
      await peer.send("key", keyBytes(publicKey.toBytes()));
      await peer.receive("ready");
      await peer.send("start", { trees: 0, modelId: "0".repeat(32) });
      await peer.send("verdict", 0);
      await peer.sendEach("gradients", [gradients(publicKey.ciphertextBytes)]);
      return peer.receive("offers");
    });
    return world.error("telco");
  }

  const honest = (bytes: Uint8Array): Uint8Array => bytes;
  const ones = (width: number): Uint8Array => new Uint8Array(36 * width).map((_, i) => (i % width === 0 ? 1 : 0));

  test("refuses keys below 2048 bits or with a small factor", async () => {
    const small = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 3 ? 4 : byte)); // 1024 bits in the header
    expect((await againstGuest(small, ones)).code).toBe("protocol.public-key");
    const even = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 4 ? byte & 0xfe : byte));
    expect((await againstGuest(even, ones)).code).toBe("protocol.public-key");
  });

  test("refuses ciphertexts out of range and a wrong number of them", async () => {
    expect((await againstGuest(honest, (width) => new Uint8Array(36 * width))).code).toBe("protocol.ciphertext");
    expect((await againstGuest(honest, (width) => new Uint8Array(36 * width).fill(255))).code).toBe(
      "protocol.ciphertext",
    );
    expect((await againstGuest(honest, (width) => ones(width).subarray(width))).code).toBe("protocol.malformed");
    expect((await againstGuest(honest, (width) => new Uint8Array(37 * width).fill(1))).code).toBe("protocol.malformed");
  });
});

describe("by lattices", () => {
  const lengths: [string, string, string, Uint8Array, string][] = [
    ["a guest's vectors of another number", "sumsVectors", "host-1", new Uint8Array(51_200), "protocol.count"],
    [
      "a guest's residues that are none",
      "sumsVectors",
      "host-1",
      new Uint8Array(102_400).fill(255),
      "protocol.ciphertext",
    ],
    ["a host's hint of another length", "sumsHint", "bank", new Uint8Array(25_600), "protocol.count"],
    [
      "a host's answers that are no residues",
      "sumsAnswers",
      "bank",
      new Uint8Array(25_600).fill(255),
      "protocol.ciphertext",
    ],
    ["a host's answers of another number", "sumsAnswers", "bank", new Uint8Array(51_200), "protocol.count"],
    ["a host's sums of nothing", "sumsAnswers", "bank", new Uint8Array(25_600), "protocol.sums"],
    ["a host's columns with too many bins", "layout", "bank", Uint8Array.of(0, 200), "protocol.malformed"],
    ["a host's sets with a gap", "items", "bank", new Uint8Array(10).fill(3), "protocol.malformed"],
  ];
  test.each(lengths)("%s end the training", async (_, name, at, payload, code) => {
    const table = sampleTable(36, 2);
    const { tamper } = tamperFrame({ table: trainingMessages, name, action: "replace", payload });
    const world = await runWorld(partiesOf(table), { seed: SEED, tamper }, trainParty(table, { ...OPTIONS, trees: 1 }));
    expect(world.error(at).code).toBe(code);
    if (at === "bank") expect(world.error(at).blame).toBe("host-1");
  });

  const counts: [string, Uint32Array, string][] = [
    ["that do not add up to the node", new Uint32Array(4), "protocol.malformed"],
    ["of another number of sets", Uint32Array.of(36), "protocol.malformed"],
  ];
  test.each(counts)("a host's counts of rows %s end the training", async (_, value, code) => {
    const table = sampleTable(36, 2);
    const payload = new Uint8Array(value.buffer);
    const { tamper } = tamperFrame({ table: trainingMessages, name: "itemCounts", action: "replace", payload });
    const options = { ...OPTIONS, objective: "regression" as const, trees: 1 };
    const world = await runWorld(partiesOf(table), { seed: SEED, tamper }, trainParty(table, options));
    expect(world.error("bank")).toMatchObject({ code, blame: "host-1" });
  });

  const wrongNames = [
    ["leaves one out", []],
    ["gives one to two", [1, 2, 3].map((number) => ({ number, name: "x" }))],
    ["numbers one twice", ["x", "y"].map((name) => ({ number: 1, name }))],
  ] as const;
  test.each(wrongNames)("a host that names its columns and %s ends the training", async (_, names) => {
    const table = sampleTable(36, 2);
    const payload = new TextEncoder().encode(JSON.stringify(names));
    const { tamper } = tamperFrame({ table: trainingMessages, name: "columnNames", action: "replace", payload });
    const options = { ...OPTIONS, hostColumns: "named" as const, trees: 1 };
    const world = await runWorld(partiesOf(table), { seed: SEED, tamper }, trainParty(table, options));
    expect(world.error("bank")).toMatchObject({ code: "protocol.malformed", blame: "host-1" });
  });

  test("a host's names of its columns cannot lead a screen astray, and are those of splits alone", async () => {
    const table = sampleTable(36, 2);
    const said = [1, 2, 3].map((number) => ({ number, name: `\u202eevil\u001b[2J\n${number}` }));
    const payload = new TextEncoder().encode(JSON.stringify(said));
    const { tamper } = tamperFrame({ table: trainingMessages, name: "columnNames", action: "replace", payload });
    const options = { ...OPTIONS, hostColumns: "named" as const, trees: 1 };
    const world = await runWorld(partiesOf(table), { seed: SEED, tamper }, trainParty(table, options));
    const { model } = world.result("bank") as GuestResult;
    const used = model.trees.flatMap(({ splits }) =>
      splits.flatMap((split) => (split.owner === 0 ? split.feature : [])),
    );
    expect(used.length).toBeGreaterThan(0);
    const shown = used.map((number) => [number, `\ufffdevil\ufffd[2J ${number}`]);
    expect(model.hostColumns).toEqual([Object.fromEntries(shown)]);
  });

  test("nothing that hides is ever the same again, not even for the same data and seed", async () => {
    const seen: string[] = [];
    const tamper = (sent: { from: string; frame: Uint8Array; index: number }) => {
      if (sent.frame.length > 25_600) seen.push(toHex(sent.frame.subarray(-32)));
      return [sent.frame];
    };
    const table = sampleTable(36, 2);
    for (const seed of [SEED, SEED + 1])
      await runWorld(
        partiesOf(table),
        { seed, samplingSeed: SEED, tamper },
        trainParty(table, { ...OPTIONS, trees: 1 }),
      );
    expect(new Set(seen.filter((end) => !/^0+$/.test(end))).size).toBe(seen.filter((end) => !/^0+$/.test(end)).length);
    expect(seen.length).toBeGreaterThan(10);
  });
});

describe("a guest", () => {
  test("ends the training at sums that no honest host could have made, without saying more", async () => {
    // A ciphertext that encrypts no such sum: what a host would choose that is after the secret key.
    const { tamper } = tamperFrame({ table: trainingMessages, name: "sums", from: "host-1", action: "flip", byte: 3 });
    const world = await runWorld(partiesOf(TABLE), { seed: SEED, tamper }, trainParty(TABLE, ADDITIVE));
    const error = world.error("bank");
    expect(["protocol.bound", "protocol.ciphertext"]).toContain(error.code);
    expect(error.detail).toBeUndefined();
    expect(error.blame).toBe("host-1");
  });
});

test("what a host returns is freshly randomised: the same sums never look the same", async () => {
  const seen: bigint[] = [];
  const tamper = (sent: { from: string; frame: Uint8Array; index: number }) => {
    if (sent.from !== "bank" && sent.frame.length > 256) seen.push(bytesToBigint(sent.frame.subarray(-256)));
    return [sent.frame];
  };
  await runWorld(partiesOf(TABLE), { seed: SEED, tamper }, trainParty(TABLE, { ...ADDITIVE, trees: 1 }));
  await runWorld(
    partiesOf(TABLE),
    { seed: SEED + 1, samplingSeed: SEED, tamper },
    trainParty(TABLE, { ...ADDITIVE, trees: 1 }),
  );
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThan(4);
});
