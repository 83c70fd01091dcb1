/** Totals of single rows, under a key of the guest's, are sums of what their bins add; what is no sum ends the service. */
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { ELGAMAL_CIPHERTEXT_BYTES } from "@tombolo/crypto";
import { type Me, runWorld, tamperEvery } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idWords, KNOWN, ServingStore, serveHost, UNKNOWN } from "../../serving/index.ts";
import { type GuestBinsModel, type HostBinsModel, servingDigest, servingMessages, totalIn } from "../index.ts";
import { hostBinsForm, openTotals, TotalsOfBins } from "./serving.ts";

const QUANTUM = 2 ** -6;
const modelId = "0".repeat(32);
const binNames = (column: number, count: number) => Array.from({ length: count }, (_, bin) => `${column} ${bin}`);

function modelsOf(weights: readonly (readonly number[])[]): [GuestBinsModel, HostBinsModel] {
  const columns = weights.map((woe, id) => ({
    ...{ id, name: null, woe, rows: woe.map(() => 1) },
    ...{ mean: 0.25 * id, scale: 1, coefficient: id % 2 === 0 ? 1.5 : -0.5 },
  }));
  return [
    {
      ...{ kind: "regression/guest-bins", version: 1, modelId, hosts: ["telco"], missing: "refuse", terms: [] },
      ...{ family: "logistic", power: 1.5, intercept: 0, offset: null },
      lookups: { quantum: QUANTUM, columns },
    } as GuestBinsModel,
    {
      ...{ kind: "regression/host-bins", version: 1, modelId },
      columns: weights.map((woe, c) => ({ column: `c${c}`, bins: binNames(c, woe.length) })),
    },
  ];
}

const idsOf = (rows: readonly number[]): Uint8Array =>
  Uint8Array.from(rows.flatMap((row) => [row + 1, ...new Array<number>(15).fill(7)]));

interface Options {
  /** Of each row that the host has, its bins; NaN: none. */
  readonly rows: readonly (readonly number[])[];
  readonly ask: readonly number[];
  readonly asOfHost?: HostBinsModel;
  readonly cheat?: (answers: Uint8Array) => void;
}

const PARTIES = ["bank", "telco"];

async function served(weights: readonly (readonly number[])[], options: Options) {
  const world = await runWorld(PARTIES, { seed: 5 }, party(weights, options));
  return world.result("bank")!;
}

function party(weights: readonly (readonly number[])[], { rows, ask, asOfHost, cheat }: Options) {
  const [guest, own] = modelsOf(weights);
  const host = asOfHost ?? own;
  return async (me: Me) => {
    if (me.id === "telco") {
      const peer = await me.peer(servingMessages, "host", "bank", "guest");
      const store = new ServingStore(hostBinsForm(host), rows.length, rows.length);
      rows.forEach((bins, row) => {
        store.put(idWords(idsOf([row])), 0, Float64Array.from(bins), 0, 0);
      });
      const sealed = await openTotals(host, peer, me.secrets);
      const seal: typeof sealed = async (asked, answers) => {
        const out = await sealed(asked, answers);
        cheat?.(out);
        return out;
      };
      return void (await serveHost({ digest: await servingDigest(host), store, since: () => 0, seal }, peer));
    }
    const peer: Peer<typeof servingMessages, "guest"> = await me.peer(servingMessages, "guest", "telco", "host");
    const session = await TotalsOfBins.open(guest, peer, me.secrets);
    const answer = await session.ask(idsOf(ask)).catch(async (error: unknown) => {
      await expect(session.done).rejects.toBe(error);
      throw error;
    });
    await session.end();
    await session.done;
    return answer;
  };
}

const codeOf = (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (error: Error) => (error instanceof TomboloError ? error : (error.cause as TomboloError)).code,
  );

describe("services of regressions on shared bins", { timeout: 60_000 }, () => {
  it("say of each row the sum of what its bins add, in whole quanta", async () => {
    const weight = fc.integer({ min: -30_000, max: 30_000 }).map((woe) => woe / 1e4);
    const column = fc.array(weight, { minLength: 2, maxLength: 5 });
    const drawn = fc.array(column, { minLength: 1, maxLength: 4 }).chain((weights) => {
      const bin = weights.map((woe) => fc.oneof(fc.nat(woe.length - 1), fc.constant(Number.NaN)));
      return fc.tuple(fc.constant(weights), fc.array(fc.tuple(...bin), { minLength: 1, maxLength: 6 }));
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ([weights, rows]) => {
        const ask = [...rows.keys(), 99, 0];
        const answer = await served(weights, { rows, ask });
        const [{ lookups }] = modelsOf(weights);
        const whole = (value: number): number => Math.round(value / QUANTUM);
        ask.forEach((row, i) => {
          expect(answer.status[i]).toBe(row === 99 ? UNKNOWN : KNOWN);
          const total = lookups.columns.reduce((sum, { woe, mean, coefficient }, c) => {
            const bin = rows[row]?.[c] ?? Number.NaN;
            return sum + whole(coefficient * ((Number.isNaN(bin) ? 0 : woe[bin]!) - mean));
          }, 0);
          expect(totalIn(answer, i)).toBe(row === 99 ? 0 : total * QUANTUM);
        });
      }),
      { numRuns: 8 },
    );
  });

  const weights = [
    [0.5, -1, 2],
    [0.25, 0.5],
  ];
  const rows = [[0, 1]];

  it("end where the host says what is no sum, or has other bins", async () => {
    const change =
      (by: (ciphertext: Uint8Array) => void) =>
      (out: Uint8Array): void =>
        by(out.subarray(1, 1 + ELGAMAL_CIPHERTEXT_BYTES));
    const point = change((own) => {
      own[3]! ^= 1;
    });
    // The second point in place of the first: both are on the curve.
    const other = change((own) => own.copyWithin(0, ELGAMAL_CIPHERTEXT_BYTES / 2));
    const ask = [0];
    expect(await codeOf(served(weights, { rows, ask, cheat: point }))).toBe("protocol.point");
    expect(await codeOf(served(weights, { rows, ask, cheat: other }))).toBe("protocol.ciphertext");
    const [, asOfHost] = modelsOf([
      [0, 1, 2, 3],
      [0, 1],
    ]);
    expect(await codeOf(served(weights, { rows, ask, asOfHost }))).toBe("protocol.agreement");
  });

  it("are refused where sums could not be found", async () => {
    const wide = [
      [0, 2 ** 21],
      [0, 1],
    ];
    expect(await codeOf(served(wide, { rows, ask: [0] }))).toBe("input.model");
  });

  it("notice every key, table of weights and answer that is changed on the way", async () => {
    await tamperEvery({
      ...{ parties: PARTIES, table: servingMessages, names: ["lookupKey", "lookupAdded", "bits"], seed: 9 },
      run: party(weights, { rows, ask: [0] }),
    });
  });

  it("make a fresh answer each time", async () => {
    const said: string[] = [];
    const cheat = (out: Uint8Array): void => {
      const width = 1 + ELGAMAL_CIPHERTEXT_BYTES;
      for (let at = 0; at < out.length; at += width) said.push(out.subarray(at, at + width).join());
    };
    await served(weights, { rows: [...rows, ...rows], ask: [0, 1, 0], cheat });
    expect(new Set(said).size).toBe(3);
  });
});
