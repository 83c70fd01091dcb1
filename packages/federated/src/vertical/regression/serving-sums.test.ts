import { runWorld } from "@tombolo/test-kit";
import { describe, expect, test } from "vitest";
import { AWAY, type HostAnswer, KNOWN, UNKNOWN } from "../serving/index.ts";
import { type HostModel, openSeal, SummedHosts, sealedAnswerForm, sealedForm } from "./index.ts";
import { answerForm, hostForm, servingMessages, totalIn } from "./serving.ts";

const HOSTS = ["telco", "shop"] as const;
const terms = [{ column: "x", category: null, merged: null, mean: 0, scale: 1, coefficient: 1 }];
const QUANTA = { telco: 2 ** -20, shop: 2 ** -8 };
const VALUES = { telco: [1.5, -2.25, 1000, 7], shop: [0.5, 2.001, -1000.004, 7] };
const WIDTH = sealedAnswerForm(answerForm).bytes;

/** What both hosts say to a batch each, the last row of which the shop does not know. */
async function answered(asks: Readonly<Record<(typeof HOSTS)[number], Uint8Array>>): Promise<HostAnswer[]> {
  const world = await runWorld(HOSTS, { seed: 7 }, async ({ id, peer, secrets }) => {
    const party = id as (typeof HOSTS)[number];
    const pair =
      party === "telco"
        ? ({ side: "earlier", peer: await peer(servingMessages, "earlier", "shop", "later") } as const)
        : ({ side: "later", peer: await peer(servingMessages, "later", "telco", "earlier") } as const);
    const quantum = QUANTA[party];
    const { unit, seal } = await openSeal([pair], { quantum, told: 1, secrets });
    const model: HostModel = {
      ...{ kind: "regression/host", version: 1, modelId: "0".repeat(32), hosts: 2, missing: "refuse", terms },
      quantum: unit,
    };
    const form = sealedForm(hostForm(model), unit);
    const answers = new Uint8Array(VALUES[party].length * (1 + WIDTH));
    VALUES[party].forEach((value, row) => {
      if (party === "shop" && row === 3) return;
      answers[row * (1 + WIDTH)] = KNOWN;
      form.write(Float64Array.of(value), 0, answers, row * (1 + WIDTH) + 1);
    });
    await seal(asks[party], answers);
    return answers;
  });
  return HOSTS.map((id) => {
    const answers = world.result(id);
    const at = (row: number) => row * (1 + WIDTH);
    const rows = VALUES[id].map((_, row) => row);
    return {
      status: Uint8Array.from(rows, (row) => answers[at(row)]!),
      bits: Uint8Array.from(rows.flatMap((row) => [...answers.subarray(at(row) + 1, at(row + 1))])),
      width: WIDTH,
    };
  });
}

const summed = (answers: readonly HostAnswer[]): Promise<HostAnswer> =>
  new SummedHosts(
    answers.map((answer, i) => ({
      party: HOSTS[i]!,
      session: { done: Promise.resolve(), wear: 0, ask: async () => answer, end: async () => {} },
    })),
  ).ask(new Uint8Array(64));

const ask = (first: number): Uint8Array => Uint8Array.of(first, ...new Uint8Array(67));

describe("of several hosts a service says sums", () => {
  test("in the coarsest host's unit, and nothing of a row that one does not know", async () => {
    const answers = await answered({ telco: ask(1), shop: ask(1) });
    const sums = await summed(answers);
    expect([...sums.status]).toEqual([KNOWN, KNOWN, KNOWN, UNKNOWN]);
    VALUES.telco.slice(0, 3).forEach((own, row) => {
      const whole = (value: number): number => Math.round(value / 2 ** -8) * 2 ** -8;
      expect(totalIn(sums, row)).toBe(whole(own) + whole(VALUES.shop[row]!));
    });
    expect(totalIn(sums, 3)).toBe(0);
    const away = { ...answers[1]!, status: new Uint8Array(4).fill(AWAY) };
    expect([...(await summed([answers[0]!, away])).status]).toEqual([AWAY, AWAY, AWAY, AWAY]);
  });

  test("of which one host's part is noise, as are sums of answers to different batches", async () => {
    const [one, other] = await Promise.all([
      answered({ telco: ask(1), shop: ask(1) }),
      answered({ telco: ask(1), shop: ask(2) }),
    ]);
    const sizes = (answer: HostAnswer): number[] => [0, 1, 2].map((row) => Math.abs(totalIn(answer, row)));
    for (const alone of one) expect(Math.min(...sizes(await summed([alone])))).toBeGreaterThan(2 ** 30);
    expect(Math.min(...sizes(await summed(other)))).toBeGreaterThan(2 ** 30);
  });

  test("and none where they do not round alike", async () => {
    const [telco, shop] = await answered({ telco: ask(1), shop: ask(1) });
    const bits = shop!.bits.slice();
    for (let row = 0; row < 4; row++) bits[(row + 1) * WIDTH - 2]! ^= 1;
    await expect(summed([telco!, { ...shop!, bits }])).rejects.toMatchObject({ code: "protocol.agreement" });
  });
});
