import { type Me, runWorld } from "@tombolo/test-kit";
import { describe, expect, test } from "vitest";
import type { RowSource } from "../boosting/index.ts";
import {
  bandsGuest,
  bandsHost,
  decideGuest,
  decideHost,
  type EarlierHost,
  type GuestClassModel,
  type GuestModel,
  type HostClassModel,
  type HostModel,
  predictionMessages,
  shareForBands,
  shareForClass,
} from "./index.ts";
import type { LaterHost } from "./predict-sum.ts";

const HOSTS = ["telco", "shop", "post"];
const PARTIES = ["bank", ...HOSTS];
const world = { seed: 7, deadlineMs: 60_000 };
const common = { version: 1, modelId: "0".repeat(32), missing: "refuse" } as const;
const term = { column: "x", category: null, merged: null, mean: 0, scale: 1 };
const terms = [{ ...term, coefficient: 1 }];
const guest: GuestModel = {
  ...{ ...common, kind: "regression/guest", family: "linear", power: 1.5, intercept: 1, offset: null },
  ...{ hosts: HOSTS, terms },
};
const host: HostModel = { ...common, kind: "regression/host", hosts: 3, quantum: 2 ** -10, terms };

const rowsOf = (values: readonly number[]): RowSource => ({
  rowCount: values.length,
  async *chunks(first) {
    yield [{ kind: "number", name: "x", values: Float64Array.from(values.slice(first)) }];
  },
});

interface Job {
  guest(
    me: Me,
    ends: { peer: GuestEnd; further: GuestEnd[]; take: (more: Float64Array) => Promise<void> },
  ): Promise<void>;
  first(me: Me, ends: { peer: HostEnd; further: EarlierHost[] }): Promise<void>;
  further(me: Me, ends: { peer: HostEnd; first: LaterHost }): Promise<void>;
}
type GuestEnd = Parameters<typeof bandsGuest>[1];
type HostEnd = Parameters<typeof bandsHost>[1];

const run = (job: Job) =>
  runWorld(PARTIES, world, async (me) => {
    const found: number[] = [];
    if (me.id === "bank") {
      const peers = await Promise.all(HOSTS.map((id) => me.peer(predictionMessages, "guest", id, "host")));
      const take = async (more: Float64Array): Promise<void> => void found.push(...more);
      await job.guest(me, { peer: peers[0]!, further: peers.slice(1), take });
      return found;
    }
    const peer = await me.peer(predictionMessages, "host", "bank", "guest");
    if (me.id === "telco") {
      const further = await Promise.all(
        HOSTS.slice(1).map(
          async (id): Promise<EarlierHost> => ({
            side: "earlier",
            peer: await me.peer(predictionMessages, "earlier", id, "later"),
          }),
        ),
      );
      await job.first(me, { peer, further });
    } else {
      const first: LaterHost = { side: "later", peer: await me.peer(predictionMessages, "later", "telco", "earlier") };
      await job.further(me, { peer, first });
    }
    return found;
  });

describe("bands of several hosts' scores", () => {
  /** Of bank, telco, shop and post, row by row. */
  const banded = (parts: readonly (readonly number[])[], below: readonly number[], shopRows = parts.length) => {
    const rows = (side: number, count = parts.length) => rowsOf(parts.slice(0, count).map((part) => part[side]!));
    return run({
      guest: ({ secrets }, { peer, further, take }) =>
        bandsGuest({ model: guest, rows: rows(0), below, take, secrets }, peer, further),
      first: ({ secrets }, { peer, further }) =>
        bandsHost({ model: host, rows: rows(1), bounds: below.length, secrets }, peer, further),
      further: ({ id, secrets }, { peer, first }) =>
        shareForBands(
          { model: host, rows: rows(HOSTS.indexOf(id) + 1, id === "shop" ? shopRows : parts.length) },
          { peer, first, secrets },
        ),
    });
  };

  test("are those of the sum of all, however large and opposite its parts", async () => {
    const parts = [
      [0, 0, 0, 0],
      [0.5, -0.25, 0.5, -1],
      [3, 1, -4, 0.5],
      [-200_000, 100_000, -300_000, 400_003],
      [200_000, -100_000, 300_000, -400_000],
      [1, 5_000_000, -5_000_000, 2],
    ];
    const below = [0.5, 2, 3.5];
    const world = await banded(parts, below);
    const scores = parts.map((own) => 1 + own.reduce((sum, part) => sum + part));
    expect(world.result("bank")).toEqual(scores.map((score) => below.filter((bound) => score >= bound).length));
  });

  test("end by name where a host's part is out of range, or it is asked for other rows", async () => {
    const far = await banded([[0, 0, 1e12, -1e12]], [0.001]);
    expect(far.error("shop")).toMatchObject({ code: "input.range", remedy: expect.any(String) });
    const short = await banded(
      [
        [0, 0, 0, 0],
        [1, 1, 1, 1],
      ],
      [1],
      1,
    );
    expect(short.error("shop").code).toBe("protocol.rows");
  });

  test("are told to no guest that asks hosts for different rows", async () => {
    const request = { rows: 1, first: 0, chunkRows: 8192, modelId: common.modelId, unit: -20 };
    const world = await run({
      async guest(_, { peer, further }) {
        await Promise.all([peer, further[0]!].map((each) => each.send("request", request)));
        await further[1]!.send("request", { ...request, unit: 20 });
        for await (const _ of peer.receiveEach("totals")) break;
      },
      first: ({ secrets }, { peer, further }) =>
        bandsHost({ model: host, rows: rowsOf([1]), bounds: 1, secrets }, peer, further),
      further: ({ secrets }, { peer, first }) =>
        shareForBands({ model: host, rows: rowsOf([1]) }, { peer, first, secrets }),
    });
    expect(world.error("telco")).toMatchObject({ code: "protocol.agreement", blame: "post" });
  });
});

test("the likeliest class of several hosts' totals", async () => {
  const coefficients = [
    [1, 0, -1],
    [0.5, -1, 0],
    [-2, 1, 0.25],
    [0, 0.75, -0.5],
  ];
  const values = Array.from({ length: 12 }, (_, row) =>
    coefficients.map((_each, party) => ((row * 13 + party * 29) % 17) / 4 - 2),
  );
  const rows = (party: number) => rowsOf(values.map((own) => own[party]!));
  const classTerms = (party: number) => [{ ...term, coefficients: coefficients[party]! }];
  const bank: GuestClassModel = {
    ...{ ...common, kind: "regression/guest-classes", family: "multinomial", hosts: HOSTS },
    ...{ intercepts: [0.1, 0, -0.2], terms: classTerms(0) },
  };
  const hostOf = (id: string): HostClassModel => ({
    ...{ ...common, kind: "regression/host-classes", family: "multinomial", classes: 3, hosts: 3, quantum: 2 ** -20 },
    terms: classTerms(HOSTS.indexOf(id) + 1),
  });
  const decided = await run({
    guest: ({ secrets }, { peer, further, take }) =>
      decideGuest({ model: bank, rows: rows(0), take, secrets }, peer, further),
    first: ({ id, secrets }, { peer, further }) =>
      decideHost({ model: hostOf(id), rows: rows(1), secrets }, peer, further),
    further: ({ id, secrets }, { peer, first }) =>
      shareForClass({ model: hostOf(id), rows: rows(HOSTS.indexOf(id) + 1) }, { peer, first, secrets }),
  });
  const expected = values.map((own) => {
    const totals = bank.intercepts.map(
      (intercept, c) => intercept + own.reduce((sum, value, party) => sum + value * coefficients[party]![c]!, 0),
    );
    return totals.indexOf(Math.max(...totals));
  });
  expect(new Set(expected).size).toBe(3);
  expect(decided.result("bank")).toEqual(expected);
});
