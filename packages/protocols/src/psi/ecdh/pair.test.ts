/** ECDH-PSI of two parties on digests: results, cost, one side and both, partners that lie. */
import { createHash } from "node:crypto";
import { atWindows, type Me, runWorld, type World } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type PairOptions,
  pairMessages,
  pairTrafficBytes,
  receiver,
  SUITE_NAMES,
  type SuiteName,
  sender,
} from "./index.ts";

const messages = pairMessages("asker", "answerer");
const digests = (ids: readonly number[]): Uint8Array =>
  Uint8Array.from(Buffer.concat(ids.map((id) => createHash("sha256").update(`${id}`).digest().subarray(0, 16))));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

type Settings = Partial<PairOptions> & { readonly window?: number; readonly seed?: number };
type Meddle = (chunks: Uint8Array[]) => Uint8Array[];

function run(x: readonly number[], y: readonly number[], settings: Settings = {}): Promise<World<Uint32Array>> {
  const { window = 8, seed = 1, ...given } = settings;
  return runWorld(["asker", "answerer"], { seed, window }, async (me: Me) => {
    const options = { secrets: me.secrets, output: "both" as const, chunkRows: 3, ...given };
    if (me.id === "asker") {
      const peer = await me.peer(messages, "asker", "answerer", "answerer");
      return receiver(digests(x), peer, { binding: peer.binding, partnerCount: y.length, ...options });
    }
    const peer = await me.peer(messages, "answerer", "asker", "asker");
    return sender(digests(y), peer, { binding: peer.binding, partnerCount: x.length, ...options });
  });
}

const found = (world: World<Uint32Array>, party: string, ids: readonly number[]): number[] =>
  Array.from(world.result(party), (position) => ids[position]!).sort((a, b) => a - b);

async function expectIntersection(x: readonly number[], y: readonly number[], settings: Settings = {}): Promise<void> {
  const world = await run(x, y, settings);
  const joint = x.filter((id) => y.includes(id)).sort((a, b) => a - b);
  expect(found(world, "asker", x)).toEqual(joint);
  expect(found(world, "answerer", y)).toEqual(settings.output === "receiver" ? [] : joint);
}

/** The asker's or the answerer's stream `name` arrives changed. */
function meddled(
  name: string,
  change: Meddle,
  suite: SuiteName = "ristretto255",
  x = range(0, 10),
  y = range(5, 15),
): Promise<World<Uint32Array>> {
  const through = <P extends { sendEach: (...args: never[]) => Promise<void> }>(peer: P): P =>
    new Proxy(peer, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (key !== "sendEach") return typeof value === "function" ? value.bind(target) : value;
        return async (stream: string, chunks: AsyncIterable<Uint8Array>) => {
          const all: Uint8Array[] = [];
          for await (const chunk of chunks) all.push(chunk);
          return target.sendEach(...([stream, stream === name ? change(all) : all] as never[]));
        };
      },
    });
  return runWorld(["asker", "answerer"], { seed: 1 }, async (me: Me) => {
    const options = { secrets: me.secrets, output: "both" as const, chunkRows: 4, suite };
    if (me.id === "asker") {
      const peer = await me.peer(messages, "asker", "answerer", "answerer");
      return receiver(digests(x), through(peer), { ...options, binding: peer.binding, partnerCount: y.length });
    }
    const peer = await me.peer(messages, "answerer", "asker", "asker");
    return sender(digests(y), through(peer), { ...options, binding: peer.binding, partnerCount: x.length });
  });
}

describe("ECDH-PSI of two parties on digests", () => {
  const cases: Record<string, [number[], number[]]> = {
    "some ids": [range(0, 20), range(13, 40)],
    "no rows at the receiver": [[], range(0, 5)],
    "no rows at the sender": [range(0, 5), []],
    "no rows at all": [[], []],
    "one row, equal": [[1], [1]],
    "one row, different": [[1], [2]],
    "all ids": [range(0, 9), range(0, 9).reverse()],
  };
  for (const [name, [x, y]] of Object.entries(cases))
    it(`finds ${name} at windows 1 and 8, at both sides or one`, () =>
      atWindows([1, 8], async (window) => {
        await expectIntersection(x, y, { window });
        await expectIntersection(x, y, { window, output: "receiver" });
      }));

  it.each(SUITE_NAMES)("equals the plaintext intersection on any sets with %s", async (suite) => {
    const ids = fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(ids, ids, fc.nat(), (x, y, seed) => expectIntersection(x, y, { seed, suite })),
      { numRuns: 15 },
    );
  });

  it("sends the rounds and bytes it declares", async () => {
    for (const [output, rounds, reported, suite] of [
      ["both", 3, 5, "ristretto255"],
      ["receiver", 2, 0, "ristretto255"],
      ["both", 3, 5, "sm2"],
    ] as const) {
      const { cost } = await run(range(0, 50), range(45, 120), { output, suite });
      const bytes = (direction: string) =>
        Object.values(cost.byDirection[direction] ?? {}).reduce((sum, one) => sum + one.bytes, 0);
      expect(cost.rounds).toBe(rounds);
      expect({ toReceiver: bytes("answerer->asker"), toSender: bytes("asker->answerer") }).toEqual(
        pairTrafficBytes({ receiverRows: 50, senderRows: 75, reported, suite }),
      );
    }
  });

  it("matches nothing across bindings", async () => {
    const world = await runWorld(["asker", "answerer"], { seed: 1 }, async (me: Me) => {
      const options = { secrets: me.secrets, output: "both" as const, partnerCount: 4 };
      const ids = digests(range(0, 4));
      return me.id === "asker"
        ? receiver(ids, await me.peer(messages, "asker", "answerer", "answerer"), {
            ...options,
            binding: new Uint8Array(32),
          })
        : sender(ids, await me.peer(messages, "answerer", "asker", "asker"), {
            ...options,
            binding: new Uint8Array(32).fill(1),
          });
    });
    expect(world.result("asker")).toHaveLength(0);
  });

  it("reports its share up to the whole", async () => {
    const seen: number[] = [];
    await run(range(0, 7), range(3, 9), { progress: (share) => seen.push(share) });
    expect(Math.max(...seen)).toBe(1);
  });

  const drop: Meddle = (chunks) => chunks.slice(1);
  const repeat: Meddle = (chunks) => [...chunks, chunks[0]!];
  const again: Meddle = ([, ...rest]) => [rest[0]!, ...rest];
  const first =
    (bytes: Uint8Array): Meddle =>
    ([chunk, ...rest]) => [Uint8Array.from([...bytes, ...chunk!.subarray(bytes.length)]), ...rest];
  const lies: [name: string, what: string, change: Meddle, code: string, victim: string][] = [
    ["blinded", "fewer points", drop, "protocol.size", "answerer"],
    ["blinded", "more points", repeat, "protocol.size", "answerer"],
    ["blinded", "a point twice", again, "protocol.duplicate", "answerer"],
    ["blinded", "the identity", first(new Uint8Array(32)), "protocol.point", "answerer"],
    ["evaluated", "fewer points", drop, "protocol.size", "asker"],
    ["evaluated", "a point twice", again, "protocol.duplicate", "asker"],
    ["evaluated", "no point", first(new Uint8Array(32).fill(255)), "protocol.point", "asker"],
    ["catalogue", "fewer fingerprints", (chunks) => chunks.map((c) => c.subarray(1)), "protocol.size", "asker"],
    [
      "catalogue",
      "a fingerprint twice",
      (chunks) => chunks.map((c) => c.map((_, i) => c[i % 8]!)),
      "protocol.duplicate",
      "asker",
    ],
    ["matched", "a place outside", first(Uint8Array.of(0, 0, 0, 1)), "protocol.matched", "answerer"],
    [
      "matched",
      "a place twice",
      (chunks) => chunks.map((c) => c.map((_, i) => c[i % 4]!)),
      "protocol.matched",
      "answerer",
    ],
    ["matched", "half a place", (chunks) => chunks.map((c) => c.subarray(1)), "protocol.size", "answerer"],
    ["matched", "more places than rows", (chunks) => [...chunks, ...chunks, ...chunks], "protocol.size", "answerer"],
  ];
  it.each(lies)("refuses in %s: %s", async (name, _, change, code, victim) => {
    const error = (await meddled(name, change)).error(victim);
    expect(error.code).toBe(code);
  });

  const lines: [name: string, what: string, change: Meddle, code: string, victim: string][] = [
    [
      "blinded",
      "a point off the curve",
      first(Uint8Array.of(2, ...new Uint8Array(31), 2)),
      "protocol.point",
      "answerer",
    ],
    ["blinded", "zeros", first(new Uint8Array(33)), "protocol.point", "answerer"],
    ["blinded", "a point twice", again, "protocol.duplicate", "answerer"],
    ["blinded", "half a point", (chunks) => chunks.map((c) => c.subarray(1)), "protocol.malformed", "answerer"],
    ["evaluated", "a coordinate not reduced", first(new Uint8Array(33).fill(255)), "protocol.point", "asker"],
    ["evaluated", "an uncompressed point", first(Uint8Array.of(4)), "protocol.point", "asker"],
    ["evaluated", "fewer points", drop, "protocol.size", "asker"],
  ];
  it.each(lines)("refuses with sm2, in %s: %s, and says who sent it", async (name, _, change, code, victim) => {
    const error = (await meddled(name, change, "sm2")).error(victim);
    expect(error).toMatchObject({ code, blame: victim === "asker" ? "answerer" : "asker" });
  });

  it("takes only chunks of a sensible size", async () => {
    expect((await run([1], [1], { chunkRows: 0 })).error("asker").code).toBe("input.chunk-rows");
  });
});
