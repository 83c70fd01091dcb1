/** Partners that lie, break the format or meddle on the way: refused with a typed error, or items are lost for all. */
import { concat } from "@tombolo/base";
import { BLOCK_BYTES } from "@tombolo/crypto";
import { type Me, runWorld, tamperEvery, type World, type WorldOptions } from "@tombolo/test-kit";
import { tamperFrame } from "@tombolo/transport-memory";
import { describe, expect, it } from "vitest";
import { guest, host, messages } from "./index.ts";

const PARTIES = ["bank", "telco", "shop"] as const;
const [BANK, TELCO, SHOP] = PARTIES;
const item = (i: number): Uint8Array => new Uint8Array(BLOCK_BYTES).fill(i + 1);
const items = (from: number, to: number): Uint8Array =>
  concat(...Array.from({ length: to - from }, (_, i) => item(from + i)));
const own: Readonly<Record<string, Uint8Array>> = {
  [BANK]: items(0, 20),
  [TELCO]: items(10, 30),
  [SHOP]: concat(items(0, 15), items(40, 50)),
};
const COUNTS = [20, 20, 25];

/** Changes what a party sends under a name; streams as a whole. */
type Lies = Readonly<Record<string, (value: never) => unknown>>;
type Sending = Record<"send" | "sendEach", (name: string, value: unknown) => unknown>;

function lying<P extends object>(peer: P, lies: Lies): P {
  const target = peer as unknown as Sending;
  const change = (name: string, value: unknown): unknown =>
    (lies[name] as ((v: unknown) => unknown) | undefined)?.(value) ?? value;
  return new Proxy(peer, {
    get: (of, key) => {
      if (key === "send") return (name: string, value: unknown) => target.send(name, change(name, value));
      if (key === "sendEach")
        return (name: string, chunks: Iterable<Uint8Array>) => {
          if (lies[name] === undefined) return target.sendEach(name, chunks);
          return target.sendEach(name, change(name, [...chunks]));
        };
      const value: unknown = Reflect.get(of, key);
      return typeof value === "function" ? value.bind(of) : value;
    },
  });
}

interface Given {
  readonly lies?: Readonly<Record<string, Lies>>;
  readonly counts?: Readonly<Record<string, readonly number[]>>;
  readonly sets?: Readonly<Record<string, Uint8Array>>;
}

async function match(me: Me, { lies = {}, counts = {}, sets = {} }: Given): Promise<Uint32Array> {
  const digests = sets[me.id] ?? own[me.id]!;
  const options = { secrets: me.secrets, binding: new Uint8Array(32), counts: counts[me.id] ?? COUNTS };
  const as = <P extends object>(peer: P): P => lying(peer, lies[me.id] ?? {});
  if (me.id === BANK) {
    const hosts = [await me.peer(messages, "guest", TELCO, "host"), await me.peer(messages, "guest", SHOP, "host")];
    return guest(digests, hosts.map(as), options);
  }
  const peer = as(await me.peer(messages, "host", BANK, "guest"));
  if (me.id === TELCO) {
    const later = [as(await me.peer(messages, "earlier host", SHOP, "later host"))];
    return host(digests, peer, { earlier: [], later }, options);
  }
  return host(
    digests,
    peer,
    { earlier: [as(await me.peer(messages, "later host", TELCO, "earlier host"))], later: [] },
    options,
  );
}

const worldOf = (given: Given, options: WorldOptions = {}): Promise<World<Uint32Array>> =>
  runWorld([...PARTIES], { seed: 1, deadlineMs: 2000, ...options }, (me) => match(me, given));

const codes = (world: World<Uint32Array>): (string | undefined)[] =>
  PARTIES.map((party) => {
    const outcome = world.outcomes[party]!;
    return outcome.ok ? undefined : outcome.error.code;
  });

type Chunks = Uint8Array[];
const shorter = (by: number) => (chunks: Chunks) => [chunks[0]!.subarray(by), ...chunks.slice(1)];
const longer = (chunks: Chunks): Chunks => [...chunks, chunks[0]!];

describe("a lying party", () => {
  const cases: Record<string, [party: string, name: string, lie: (value: never) => unknown, code: string]> = {
    "a table for fewer rows": [BANK, "oprfTable", shorter(16), "protocol.size"],
    "a table for more rows": [BANK, "oprfTable", longer, "protocol.size"],
    "a table with nothing between": [BANK, "oprfTable", (c: Chunks) => [new Uint8Array(0), ...c], "protocol.size"],
    "half a slot": [BANK, "oprfTable", shorter(1), "protocol.malformed"],
    "fewer shares": [TELCO, "hintTable", shorter(16), "protocol.size"],
    "more shares": [SHOP, "hintTable", longer, "protocol.size"],
    "a table for fewer rows to another host": [TELCO, "earlierOprfTable", shorter(16), "protocol.size"],
    "a table for more rows to another host": [SHOP, "laterOprfTable", longer, "protocol.size"],
    "a match that is none": [BANK, "inAll", () => [items(30, 31)], "protocol.matched"],
    "a match twice": [BANK, "inAll", () => [items(10, 11), items(10, 11)], "protocol.duplicate"],
    "more matches than rows": [BANK, "inAll", () => [items(0, 21)], "protocol.size"],
    "half a match": [BANK, "inAll", shorter(1), "protocol.malformed"],
    "points outside the group": [TELCO, "baseOtChoices", (v: Uint8Array) => v.map(() => 255), "protocol.point"],
    "points outside the group to another host": [
      SHOP,
      "earlierBaseOtChoices",
      (v: Uint8Array) => v.map(() => 255),
      "protocol.point",
    ],
  };
  for (const [what, [party, name, lie, code]] of Object.entries(cases))
    it(`sending ${what} is refused`, async () => {
      const world = await worldOf({ lies: { [party]: { [name]: lie } } });
      expect(codes(world).filter((each) => each !== undefined)).toContain(code);
    });

  it("about its size is refused by those that were told another", async () => {
    const world = await worldOf({ sets: { [SHOP]: items(0, 200) }, counts: { [SHOP]: [20, 20, 200] } });
    expect(codes(world).every((code) => code?.startsWith("protocol."))).toBe(true);
  });
});

describe("tampering with any message", () => {
  it("ends in an error or loses items, the same for all", async () => {
    const shared = Array.from({ length: 5 }, (_, i) => 10 + i);
    const check = ({ outcomes }: World<Uint32Array>): void => {
      const found = PARTIES.map((party) => outcomes[party]!);
      if (!found.every((each) => each.ok)) return;
      const [bank, telco, shop] = found.map(({ value }) => [...value]);
      expect(bank!.every((at) => shared.includes(at))).toBe(true);
      expect(telco!.map((at) => at + 10)).toEqual(bank);
      expect(shop).toEqual(bank);
    };
    const lost = "another item or function, whose values do not add up to zero";
    const names = [
      "oprfSeed",
      "oprfTable",
      "hintSeed",
      "hintTable",
      "earlierOprfSeed",
      "earlierOprfTable",
      "laterOprfSeed",
      "laterOprfTable",
    ];
    await tamperEvery({
      parties: [...PARTIES],
      table: messages,
      names: [...names, "inAll"],
      seed: 4,
      run: (me) => match(me, {}),
      check,
      tolerated: Object.fromEntries(names.map((name) => [name, lost])),
      deadlineMs: 1500,
    });
  });

  it("cuts every party off when one is cut off", async () => {
    const hook = tamperFrame({ table: messages, name: "hintTable", action: "drop" });
    const world = await worldOf({}, { tamper: hook.tamper, deadlineMs: 700 });
    expect(codes(world).every((code) => code !== undefined && code !== "state.internal")).toBe(true);
  });
});
