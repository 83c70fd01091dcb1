/** Partners that lie, break the format or meddle on the way: refused with a typed error, or harmless. */
import type { MessageTable, Peer } from "@tombolo/channel";
import { type Me, runWorld, tamperEvery, type World } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { defaultIdRules, encodeIds, strictIdPolicy } from "../ids/index.ts";
import { guest, host, messages, type PsiResult } from "./index.ts";

const ids = (from: number, to: number) => {
  const column = Array.from({ length: to - from }, (_, i) => `id-${from + i}`);
  return encodeIds([{ column, rules: defaultIdRules }], strictIdPolicy);
};

type Lie = (chunks: Uint8Array[]) => Uint8Array[];

/** The peer, but what goes out under `name` is changed. Streams are changed as a whole. */
function lying<P extends Peer<MessageTable, string>>(peer: P, name: string, lie: (sent: never) => unknown): P {
  const change = lie as (sent: unknown) => unknown;
  const meddled = {
    send: (message: string, value: unknown) =>
      peer.send(message as never, (message === name ? change(value) : value) as never),
    async sendEach(message: string, chunks: AsyncIterable<Uint8Array>) {
      if (message !== name) return peer.sendEach(message as never, chunks as never);
      const all: Uint8Array[] = [];
      for await (const chunk of chunks) all.push(chunk);
      return peer.sendEach(message as never, change(all) as never);
    },
  };
  return new Proxy(peer, {
    get: (target, key) =>
      key in meddled ? meddled[key as keyof typeof meddled] : bound(target, Reflect.get(target, key)),
  });
}

const bound = (target: object, value: unknown): unknown => (typeof value === "function" ? value.bind(target) : value);

const PARTIES = ["bank", "telco", "shop"] as const;

/** Bank (guest) and two hosts with rows 0..9 and 5..14; of the bank and telco the sender of `name` lies to the other. */
function worldWhere(name: keyof typeof messages, lie: (sent: never) => unknown): Promise<World<PsiResult>> {
  return runWorld([...PARTIES], { seed: 1 }, async (me: Me) => {
    const options = { secrets: me.secrets, hostCount: 2, chunkRows: 4 };
    const fromGuest = messages[name].from === "guest";
    if (me.id === "bank") {
      const [telco, shop] = await Promise.all(PARTIES.slice(1).map((id) => me.peer(messages, "guest", id, "host")));
      const meddled = fromGuest ? (lying(telco as never, name, lie) as NonNullable<typeof telco>) : telco!;
      return guest(ids(0, 10), [meddled, shop!], options);
    }
    const peer = await me.peer(messages, "host", "bank", "guest");
    const lies = me.id === "telco" && !fromGuest;
    return host(ids(5, 15), lies ? (lying(peer as never, name, lie) as typeof peer) : peer, options);
  });
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const withFirst =
  (change: (first: Uint8Array) => Uint8Array): Lie =>
  ([first, ...rest]) => [change(first!), ...rest];
const point = (bytes: Uint8Array) => withFirst((first) => new Uint8Array([...bytes, ...first.subarray(32)]));

const identity = new Uint8Array(32);
/** The field's prime, little-endian: zero again, but not canonical. */
const notCanonical = new Uint8Array(32).fill(0xff).map((byte, i) => (i === 0 ? 0xed : i === 31 ? 0x7f : byte));
const notOnCurve = new Uint8Array(32).fill(0).map((_, i) => (i === 0 ? 2 : i === 1 ? 1 : 0));
const odd = identity.map((_, i) => (i === 0 ? 1 : 0));

const lies: Record<string, [keyof typeof messages, (sent: never) => unknown, code: string, victim: string]> = {
  "fewer ids than declared": ["blinded", ((c) => c.slice(1)) satisfies Lie, "protocol.size", "telco"],
  "more ids than declared": ["blinded", ((c) => [...c, c[0]!]) satisfies Lie, "protocol.size", "telco"],
  "an id twice": ["blinded", ((c) => [c[1]!, ...c.slice(1)]) satisfies Lie, "protocol.duplicate", "telco"],
  "the identity": ["blinded", point(identity), "protocol.point", "telco"],
  "a point that is not canonical": ["blinded", point(notCanonical), "protocol.point", "telco"],
  "a negative point": ["blinded", point(odd), "protocol.point", "telco"],
  "half a point": ["blinded", withFirst((f) => f.subarray(1)), "protocol.malformed", "telco"],
  "fewer answers": ["evaluated", ((c) => c.slice(1)) satisfies Lie, "protocol.size", "bank"],
  "more answers": ["evaluated", ((c) => [...c, c[0]!]) satisfies Lie, "protocol.size", "bank"],
  "an answer twice": ["evaluated", ((c) => [c[1]!, ...c.slice(1)]) satisfies Lie, "protocol.duplicate", "bank"],
  "the identity as answer": ["evaluated", point(identity), "protocol.point", "bank"],
  "a shorter catalogue": ["catalogue", withFirst((f) => f.subarray(8)), "protocol.size", "bank"],
  "a longer catalogue": ["catalogue", ((c) => [...c, c[0]!]) satisfies Lie, "protocol.size", "bank"],
  "another coin": ["opening", (sent: Uint8Array) => flipped(sent, 40), "protocol.coin", "bank"],
  "another coin of the guest": [
    "openings",
    (s: { list: Uint8Array }) => ({ ...s, list: flipped(s.list, 40) }),
    "protocol.coin",
    "telco",
  ],
  "another coin of the host": [
    "openings",
    (s: { list: Uint8Array }) => ({ ...s, list: flipped(s.list, 100) }),
    "protocol.coin",
    "telco",
  ],
  "more coins than parties": [
    "openings",
    (s: { list: Uint8Array }) => ({ ...s, list: new Uint8Array([...s.list, ...s.list]) }),
    "protocol.roster",
    "telco",
  ],
  "a replaced commitment": [
    "roster",
    (s: { commitments: Uint8Array }) => ({ ...s, commitments: flipped(s.commitments, 40) }),
    "protocol.coin",
    "telco",
  ],
  "a replaced public key": [
    "roster",
    (s: { publicKeys: Uint8Array }) => ({ ...s, publicKeys: flipped(s.publicKeys, 0) }),
    "protocol.roster",
    "telco",
  ],
  "a match that is none": ["matched", withFirst((f) => flipped(f, f.length - 1)), "protocol.matched", "telco"],
  "matches out of order": ["matched", withFirst((f) => f.toReversed()), "protocol.order", "telco"],
  "half a match": ["matched", withFirst((f) => f.subarray(1)), "protocol.size", "telco"],
  "matches with nothing between": [
    "matched",
    ((c) => [new Uint8Array(0), ...c]) satisfies Lie,
    "protocol.size",
    "telco",
  ],
  "no matches": ["matched", (() => []) satisfies Lie, "protocol.result", "bank"],
  "another result": ["receipt", (sent: Uint8Array) => flipped(sent, 0), "protocol.result", "bank"],
  "more matches than rows": ["matched", ((c) => [...c, ...c, ...c]) satisfies Lie, "protocol.size", "telco"],
};

describe("a lying partner", () => {
  for (const [what, [name, lie, code, victim]] of Object.entries(lies))
    it(`sending ${what} is refused`, async () => {
      const world = await worldWhere(name, lie);
      expect(world.error(victim).code).toBe(code);
      expect(world.error(victim === "bank" ? "telco" : "bank").code).toBe(code);
    });

  it("sending a byte string off the curve is refused, its place told to the victim only", async () => {
    const world = await worldWhere("blinded", point(notOnCurve));
    expect(world.error("telco").detail).toMatchObject({ chunkStartsAt: 0 });
    expect(world.error("bank").detail).toBeUndefined();
  });

  it("handing the hosts a public key off the curve is refused", async () => {
    const world = await runWorld(["bank", "telco", "shop"], { seed: 1 }, async (me) => {
      const options = { secrets: me.secrets, hostCount: 2 };
      if (me.id !== "bank") return host(ids(0, 3), await me.peer(messages, "host", "bank", "guest"), options);
      const hosts = await Promise.all(["telco", "shop"].map((id) => me.peer(messages, "guest", id, "host")));
      const lie = (sent: { publicKeys: Uint8Array; index: number }) => ({
        ...sent,
        publicKeys: sent.publicKeys.map((byte, i) => (i >> 5 === sent.index - 1 ? byte : 0)),
      });
      return guest(
        ids(0, 3),
        hosts.map((peer) => lying(peer as never, "roster", lie) as typeof peer),
        options,
      );
    });
    expect(world.error("telco").code).toBe("protocol.point");
  });
});

it("a guest that hides the other hosts from one is refused before its catalogue", async () => {
  const world = await worldWhere("roster", (sent: { commitments: Uint8Array; publicKeys: Uint8Array }) => ({
    ...sent,
    commitments: sent.commitments.subarray(0, 64),
    publicKeys: sent.publicKeys.subarray(0, 32),
  }));
  expect(world.error("telco").code).toBe("protocol.roster");
  expect(world.cost.byDirection["telco->bank"]).not.toHaveProperty("catalogue");
});

describe("tampering with any message", () => {
  const run = async (me: Me): Promise<PsiResult> => {
    const options = { secrets: me.secrets, hostCount: me.parties.length - 1, chunkRows: 4 };
    const [first, ...others] = me.parties as [string, ...string[]];
    if (me.id !== first) return host(ids(2, 10), await me.peer(messages, "host", first, "guest"), options);
    const hosts = await Promise.all(others.map((id) => me.peer(messages, "guest", id, "host")));
    return guest(ids(0, 6), hosts, options);
  };
  /** Rows 2..5 of the guest and 0..3 of each host are the same ids: a changed id may be lost, never mismatched. */
  const check = (world: World<PsiResult>): void => {
    const results = Object.values(world.outcomes).flatMap((outcome) => (outcome.ok ? [outcome.value.rows] : []));
    if (results.length < Object.keys(world.outcomes).length) return;
    const [joint, ...others] = results as [Uint32Array, ...Uint32Array[]];
    expect(joint.every((row) => row >= 2)).toBe(true);
    for (const rows of others) expect([...rows]).toEqual(Array.from(joint, (row) => row - 2));
  };
  const lost = "a changed id is another id, which nobody else has";
  const tolerated = { blinded: lost, evaluated: lost, catalogue: lost };
  const deadlineMs = 300;

  it("ends in an error or loses ids", () =>
    tamperEvery({ parties: [...PARTIES], table: messages, seed: 5, run, check, tolerated, deadlineMs }));
});
