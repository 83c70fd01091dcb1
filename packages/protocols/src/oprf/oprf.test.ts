import { readFileSync } from "node:fs";
import { concat, fromHex, toHex, utf8 } from "@tombolo/base";
import { POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import { atWindows, type Me, runWorld, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import * as oprf from "./index.ts";

interface Suite {
  readonly mode: number;
  readonly seed: string;
  readonly keyInfo: string;
  readonly skSm: string;
  readonly pkSm?: string;
  readonly vectors: readonly {
    readonly Input: string;
    readonly Blind: string;
    readonly BlindedElement: string;
    readonly EvaluationElement: string;
    readonly Output: string;
    readonly Proof?: { readonly proof: string; readonly r: string };
  }[];
}

const file = new URL("../../../../vectors/oprf-ristretto255-sha512.json", import.meta.url);
const { suites } = JSON.parse(readFileSync(file, "utf8")) as { suites: readonly Suite[] };
const modes = ["oprf", "voprf"] as const;

const list = (hex: string): Uint8Array => concat(...hex.split(",").map(fromHex));

function inputsOf(parts: readonly Uint8Array[]): oprf.Inputs {
  const offsets = new Uint32Array(parts.length + 1);
  parts.forEach((part, i) => {
    offsets[i + 1] = offsets[i]! + part.length;
  });
  return { messages: concat(...parts), offsets };
}

describe("RFC 9497 vectors", () => {
  for (const suite of suites) {
    const mode = modes[suite.mode]!;
    const key = fromHex(suite.skSm);

    it(`${mode}: the key comes from its seed`, async () => {
      expect(toHex(oprf.deriveKey(fromHex(suite.seed), fromHex(suite.keyInfo), mode))).toBe(suite.skSm);
      if (suite.pkSm !== undefined) expect(toHex(await oprf.publicKeyOf(key))).toBe(suite.pkSm);
    });

    suite.vectors.forEach((vector, i) => {
      it(`${mode}: vector ${i + 1}`, async () => {
        const inputs = inputsOf(vector.Input.split(",").map(fromHex));
        const blinds = list(vector.Blind);
        const blinded = await oprf.blind(inputs, blinds, mode);
        expect(blinded).toEqual(list(vector.BlindedElement));
        const evaluated = await oprf.blindEvaluate(key, blinded);
        expect(evaluated).toEqual(list(vector.EvaluationElement));
        expect(await oprf.finalize(inputs, blinds, evaluated)).toEqual(list(vector.Output));
        expect(await oprf.evaluate(inputs, key, mode)).toEqual(list(vector.Output));
        if (vector.Proof === undefined) return;
        const statement = { publicKey: fromHex(suite.pkSm!), blinded, evaluated };
        const proof = await oprf.prove(statement, key, fromHex(vector.Proof.r));
        expect(toHex(proof)).toBe(vector.Proof.proof);
        expect(await oprf.verify(statement, proof)).toBe(true);
      });
    });
  }
});

describe("proofs", () => {
  it("hold for nothing else", async () => {
    const secrets = seededSecrets(1, "proofs");
    const key = ristretto255.randomScalar(secrets);
    const inputs = inputsOf(["a", "b", "c"].map(utf8));
    const blinded = await oprf.blind(inputs, oprf.randomBlinds(3, secrets), "voprf");
    const evaluated = await oprf.blindEvaluate(key, blinded);
    const statement = { publicKey: await oprf.publicKeyOf(key), blinded, evaluated };
    const proof = await oprf.prove(statement, key, ristretto255.randomScalar(secrets));
    expect(await oprf.verify(statement, proof)).toBe(true);
    for (const byte of [0, 33]) {
      const changed = proof.slice();
      changed[byte]! ^= 1;
      expect(await oprf.verify(statement, changed)).toBe(false);
    }
    const swapped = concat(evaluated.subarray(32, 64), evaluated.subarray(0, 32), evaluated.subarray(64));
    expect(await oprf.verify({ ...statement, evaluated: swapped }, proof)).toBe(false);
    expect(await oprf.verify({ ...statement, publicKey: blinded.subarray(0, 32) }, proof)).toBe(false);
    expect(await oprf.verify(statement, concat(proof.subarray(0, 32), new Uint8Array(32).fill(0xff)))).toBe(false);
    expect(await oprf.verify(statement, proof.subarray(1))).toBe(false);
  });
});

const key = oprf.deriveKey(new Uint8Array(32).fill(5), utf8("bank/customers/1"), "oprf");
const someInputs = inputsOf(["张三", "", "bo"].map(utf8));

interface Setting {
  readonly mode: oprf.Mode;
  readonly inputs?: oprf.Inputs;
  readonly pinned?: Uint8Array | null;
  readonly serverMode?: oprf.Mode;
  readonly inputsMax?: number;
  readonly chunkInputs?: number;
}

async function play(me: Me, setting: Setting): Promise<Uint8Array | number> {
  const {
    mode,
    inputs = someInputs,
    pinned = null,
    serverMode = mode,
    inputsMax = 10_000,
    chunkInputs = 4096,
  } = setting;
  if (me.id === "client") {
    const peer = await me.peer(oprf.messages, "client", "server", "server");
    return (await oprf.client(inputs, peer, { mode, publicKey: pinned, secrets: me.secrets, chunkInputs })).outputs;
  }
  const peer = await me.peer(oprf.messages, "server", "client", "client");
  return oprf.server(key, peer, { mode: serverMode, inputsMax, secrets: me.secrets });
}

const parties = ["client", "server"];

describe("client and server", () => {
  for (const mode of modes) {
    it(`${mode}: the client gets the server's own outputs, within the declared cost`, () =>
      atWindows([1, 8], async (window) => {
        const world = await runWorld(parties, { seed: 1, window }, (me) => play(me, { mode }));
        expect(world.result("client")).toEqual(await oprf.evaluate(someInputs, key, mode));
        expect(world.result("server")).toBe(3);
        expect(world.cost.rounds).toBe(4);
        expect(world.cost.bytes).toBe(8 + 32 * 3 + 32 + 32 * 3 + (mode === "voprf" ? oprf.PROOF_BYTES : 0));
      }));

    it(`${mode}: no inputs give no outputs`, async () => {
      const world = await runWorld(parties, { seed: 1 }, (me) => play(me, { mode, inputs: inputsOf([]) }));
      expect(world.result("client")).toEqual(new Uint8Array(0));
    });

    it(`${mode}: every changed message is noticed or gives other outputs`, () =>
      tamperEvery({
        parties,
        table: oprf.messages,
        seed: 2,
        deadlineMs: 200,
        run: (me) => play(me, { mode }),
        tolerated:
          mode === "oprf"
            ? { publicKey: "not used without proofs", blinded: "another input", evaluated: "OPRF trusts the server" }
            : {},
      }));
  }

  it("go over several chunks", async () => {
    const inputs = inputsOf(Array.from({ length: 12 }, (_, i) => utf8(String(i))));
    const world = await runWorld(parties, { seed: 1 }, (me) => play(me, { mode: "voprf", inputs, chunkInputs: 5 }));
    expect(world.result("client")).toEqual(await oprf.evaluate(inputs, key, "voprf"));
    expect(world.cost.byDirection["server->client"]!.evaluated).toEqual({ messages: 3, bytes: 12 * 32 + 3 * 64 });
  });

  it("refuse another key, a missing proof and too many inputs", async () => {
    const code = async (setting: Setting, victim: string) =>
      (await runWorld(parties, { seed: 1 }, (me) => play(me, setting))).error(victim).code;
    expect(await code({ mode: "voprf", pinned: new Uint8Array(POINT_BYTES) }, "client")).toBe("protocol.oprf");
    expect(await code({ mode: "voprf", serverMode: "oprf" }, "client")).toBe("protocol.oprf");
    expect(await code({ mode: "oprf", inputsMax: 2 }, "server")).toBe("consent.oprf-inputs");
  });
});
