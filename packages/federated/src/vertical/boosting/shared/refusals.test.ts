import { type Column, seededSampling, type TomboloError } from "@tombolo/base";
import { type Me, runWorld } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { FEATURES_MAX } from "../parameters.ts";
import { rowsOf } from "../row-source.ts";
import { decodeSharedCheckpoint, type SharedCheckpoint } from "./checkpoint.ts";
import { sharedMessages, sharedPredictionMessages } from "./messages.ts";
import { checkSharedGuestModel, checkSharedHostModel, type SharedGuestModel, type SharedHostModel } from "./model.ts";
import { predictSharedGuest, predictSharedHost } from "./predict.ts";
import { asGuest, asHost, inputOf, type SharedHooks, type SharedOptions, sharedTable } from "./testing/world.ts";
import { trainSharedHost } from "./train.ts";

const TABLE = sharedTable(60, "binary");
const OPTIONS = { trees: 2, depth: 2, bins: 4 };

const errorsOf = async (guest: (me: Me) => Promise<unknown>, host: (me: Me) => Promise<unknown>) => {
  const world = await runWorld(["bank", "telco"], { seed: 3, deadlineMs: 2000 }, (me) =>
    me.id === "bank" ? guest(me) : host(me),
  );
  return ["bank", "telco"].map((party) => {
    try {
      world.result(party);
      return null;
    } catch (error) {
      const { code, blame } = ((error as Error).cause ?? error) as TomboloError;
      return { code, blame };
    }
  });
};

const trained = (options: { guest?: SharedOptions; host?: SharedOptions }, hooks: SharedHooks = {}, table = TABLE) =>
  errorsOf(
    asGuest(TABLE, { ...OPTIONS, ...options.guest }, hooks),
    asHost(table, { ...OPTIONS, ...options.host }, hooks),
  );

describe("boosting at level shared refuses", () => {
  it.each([
    ["other parameters", { host: { lambda: 2 } }],
    ["another number of trees", { guest: { trees: 3 } }],
  ] as const)("%s, at both parties", async (_, options) => {
    expect(await trained(options)).toEqual([
      { code: "protocol.agreement", blame: "telco" },
      { code: "protocol.agreement", blame: "bank" },
    ]);
  });

  it("another seed, and another number of rows", async () => {
    const other = await trained({}, { host: { sampling: seededSampling(4) } });
    expect(other.map((error) => error!.code)).toEqual(["protocol.agreement", "protocol.agreement"]);
    const fewer = await trained({}, {}, sharedTable(59, "binary"));
    expect(fewer.map((error) => error!.code)).toEqual(["protocol.rows", "protocol.rows"]);
  });

  it("columns that cannot be split at either party", async () => {
    const constant: Column = { kind: "number", name: "one", values: new Float64Array(60).fill(1) };
    const errors = await trained({}, { guest: { columns: [constant] }, host: { columns: [] } });
    expect(errors.map((error) => error!.code)).toEqual(["input.columns", "input.columns"]);
  });

  it("more columns than a part of a model names, before it trains", async () => {
    const columns = Array.from({ length: FEATURES_MAX + 1 }, (_, i): Column => {
      return { kind: "number", name: `${i}`, values: new Float64Array(60) };
    });
    expect((await trained({}, { host: { columns } }))[1]).toMatchObject({ code: "input.columns" });
  });

  it("labels that are none, before anything is sent", async () => {
    const labels = TABLE.labels.map((label) => label * 2);
    expect((await trained({}, { guest: { labels } }))[0]).toMatchObject({ code: "input.label" });
  });

  it("weights that are none, too large, or not agreed, before anything is sent", async () => {
    for (const weights of [new Float64Array(60), new Float64Array(60).fill(2 ** 20), new Float64Array(60).fill(-1)])
      expect((await trained({ guest: { weighted: true } }, { guest: { weights } }))[0]).toMatchObject({
        code: "input.weights",
      });
    expect((await trained({ guest: { weighted: true } }))[0]).toMatchObject({ code: "input.weights" });
  });

  it("a guest that says otherwise than the parameters whether rows have weights", async () => {
    const [, host] = await errorsOf(
      async (me) => {
        const peer = await me.peer(sharedMessages, "guest", "telco", "host");
        const { agreement } = await peer.receive("hostOpening");
        const sizes = { rows: 60, candidates: 1, columns: 1, cells: 2 };
        await peer.send("guestOpening", { agreement, ...sizes, weightBits: 3, kept: null });
        await peer.send("sharedStart", { run: "0".repeat(32), trees: 0 });
      },
      asHost(TABLE, OPTIONS, {}),
    );
    expect(host).toEqual({ code: "protocol.malformed", blame: "bank" });
  });

  it("more candidate splits than a partner may have, before it makes room for them", async () => {
    const table = sharedTable(1000, "binary");
    const [, host] = await errorsOf(
      async (me) => {
        const peer = await me.peer(sharedMessages, "guest", "telco", "host");
        const { agreement } = await peer.receive("hostOpening");
        await peer.send("guestOpening", {
          agreement,
          rows: 1000,
          candidates: 40,
          columns: 2 ** 17,
          cells: 2,
          weightBits: null,
          kept: null,
        });
        await peer.send("sharedStart", { run: "0".repeat(32), trees: 0 });
      },
      asHost(table, OPTIONS, {}),
    );
    expect(host).toEqual({ code: "protocol.malformed", blame: "bank" });
  });

  it("to go on from trees that are not kept", async () => {
    const tree = { splits: [], leaves: "0".repeat(64) };
    const kept: SharedCheckpoint = { run: "0".repeat(32), trees: [tree], margins: new BigUint64Array(60) };
    const opening = { agreement: "", rows: 60, candidates: 1, columns: 1, cells: 2, weightBits: null, kept: null };
    const [, host] = await errorsOf(
      async (me) => {
        const peer = await me.peer(sharedMessages, "guest", "telco", "host");
        const { agreement } = await peer.receive("hostOpening");
        await peer.send("guestOpening", { ...opening, agreement });
        await peer.send("sharedStart", { run: kept.run, trees: 2 });
      },
      async (me) =>
        trainSharedHost(
          { ...inputOf(TABLE, OPTIONS), columns: TABLE.columns[1], resumeFrom: [kept] },
          await me.peer(sharedMessages, "host", "bank", "guest"),
          me.secrets,
        ),
    );
    expect(host).toEqual({ code: "protocol.malformed", blame: "bank" });
  });

  it("to score with parts of different models, or other rows", async () => {
    const leaves = "0".repeat(32);
    const modelId = "1".repeat(32);
    const common = { version: 1, modelId, depth: 1, features: [] } as const;
    const split = { kind: "numeric", feature: "use", threshold: 3, missingLeft: true } as const;
    const guest: SharedGuestModel = checkSharedGuestModel({
      ...common,
      kind: "boosting/shared-guest",
      objective: "binary",
      baseMargin: 0,
      scale: 1,
      hosts: ["telco"],
      trees: [{ splits: [], hostNodes: [1], leaves }],
    });
    const host: SharedHostModel = checkSharedHostModel({
      ...common,
      kind: "boosting/shared-host",
      trees: [{ splits: [{ node: 1, split }], leaves }],
    });
    const scored = (part: SharedHostModel, rows: number) =>
      errorsOf(
        async (me) => {
          const peer = await me.peer(sharedPredictionMessages, "guest", "telco", "host");
          const input = { model: guest, rows: rowsOf([], 60), take: async () => {} };
          await predictSharedGuest(input, peer, me.secrets);
        },
        async (me) => {
          const peer = await me.peer(sharedPredictionMessages, "host", "bank", "guest");
          await predictSharedHost({ model: part, rows: rowsOf([], rows) }, peer, me.secrets);
        },
      );
    expect((await scored({ ...host, modelId: "2".repeat(32) }, 60))[1]).toMatchObject({ code: "protocol.agreement" });
    expect((await scored({ ...host, trees: [{ splits: [], leaves }] }, 60))[1]).toMatchObject({
      code: "protocol.agreement",
    });
    expect((await scored(host, 59))[1]).toMatchObject({ code: "protocol.rows" });
    const twice = { ...guest, trees: [{ splits: [{ node: 1, split }], hostNodes: [1], leaves }] };
    expect(() => checkSharedGuestModel(twice)).toThrow(/not a valid boosting model part/);
    expect(() => checkSharedHostModel({ ...host, depth: 2 })).toThrow(/not a valid boosting model part/);
    expect(() => decodeSharedCheckpoint({ run: modelId, trees: [], margins: "00" })).toThrow(/damaged/);
  });
});
