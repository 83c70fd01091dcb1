/** Partners that lie, break the format or meddle on the way: refused with a typed error, or harmless. */
import { concat } from "@tombolo/base";
import { type Me, runWorld, tamperEvery, type World } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import {
  psiMessages,
  type Received,
  type ReceiverPeer,
  receive,
  type SenderPeer,
  type SettingName,
  send,
  type VolePsiOptions,
} from "./index.ts";
import { dealer } from "./testing/dealer.ts";

const messages = psiMessages("receiver", "sender");

type Result = Received | Uint32Array;
type Changes = Record<string, (value: never) => unknown>;

const LABEL_BYTES = 3;
const item = (i: number): Uint8Array => new Uint8Array(16).fill(i + 1);
const items = (from: number, to: number): Uint8Array =>
  concat(...Array.from({ length: to - from }, (_, i) => item(from + i)));

/** The peer, but what goes out under a name is changed; streams as a whole. */
function lying<P extends object>(peer: P, lies: Changes): P {
  const change = (name: string, value: unknown): unknown =>
    (lies[name] as ((v: unknown) => unknown) | undefined)?.(value) ?? value;
  const target = peer as unknown as Record<string, (...args: unknown[]) => unknown>;
  const meddled: Record<string, unknown> = {
    send: (name: string, value: unknown) => target.send!(name, change(name, value)),
    exchange: (name: string, value: unknown, other: string) => target.exchange!(name, change(name, value), other),
    sendEach: (name: string, chunks: Iterable<Uint8Array>) => target.sendEach!(name, change(name, [...chunks])),
  };
  return new Proxy(peer, {
    get: (of, key) => {
      if (typeof key === "string" && key in meddled) return meddled[key];
      const value: unknown = Reflect.get(of, key);
      return typeof value === "function" ? value.bind(of) : value;
    },
  });
}

interface Sides {
  readonly lies?: Changes;
  readonly bank?: Partial<VolePsiOptions>;
  readonly shop?: Partial<VolePsiOptions>;
  readonly setting?: SettingName;
  readonly bankItems?: Uint8Array;
  readonly shopItems?: Uint8Array;
}

async function run(me: Me, sides: Sides = {}): Promise<Result> {
  const { lies = {}, setting = "fast", bankItems = items(0, 20), shopItems = items(12, 30) } = sides;
  const deal = dealer(3);
  const options = { setting, secrets: me.secrets };
  if (me.id === "bank") {
    const peer: ReceiverPeer = await me.peer(messages, "receiver", "shop", "sender");
    return receive(bankItems, LABEL_BYTES, deal.receive, lying(peer, lies), { ...options, ...sides.bank });
  }
  const peer: SenderPeer = await me.peer(messages, "sender", "bank", "receiver");
  const labels = { width: LABEL_BYTES, values: new Uint8Array((shopItems.length / 16) * LABEL_BYTES).fill(7) };
  return send(shopItems, labels, deal.send, lying(peer, lies), { ...options, ...sides.shop });
}

const worldOf = (sides: Sides): Promise<World<Result>> =>
  runWorld(["bank", "shop"], { seed: 1 }, (me) => run(me, sides));

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
type Chunks = Uint8Array[];
const withFirst =
  (change: (first: Uint8Array) => Uint8Array) =>
  ([first, ...rest]: Chunks): Chunks => [change(first!), ...rest];
const shorter = (by: number) => withFirst((first) => first.subarray(by));
const longer = (chunks: Chunks): Chunks => [...chunks, chunks[0]!];

const lies: Record<string, [name: keyof typeof messages, lie: (value: never) => unknown, code: string]> = {
  "a table for fewer rows": ["psiTable", shorter(16), "protocol.size"],
  "a table for more rows": ["psiTable", longer, "protocol.size"],
  "a table with nothing between": ["psiTable", (c: Chunks) => [new Uint8Array(0), ...c], "protocol.size"],
  "half a slot": ["psiTable", shorter(1), "protocol.malformed"],
  "fewer fingerprints": ["psiTags", shorter(6), "protocol.size"],
  "more fingerprints": ["psiTags", longer, "protocol.size"],
  "a fingerprint twice": [
    "psiTags",
    withFirst((tags) => concat(tags.subarray(0, 7), tags.subarray(0, 7), tags.subarray(14))),
    "protocol.duplicate",
  ],
  "fewer labels": ["psiLabels", shorter(3), "protocol.size"],
  "more labels": ["psiLabels", longer, "protocol.size"],
  "another coin": ["psiOpening", (opening: Uint8Array) => flipped(opening, 40), "protocol.coin"],
  "another nonce": ["psiOpening", (opening: Uint8Array) => flipped(opening, 0), "protocol.coin"],
  "fewer answers": ["psiMatched", shorter(1), "protocol.size"],
  "more answers": ["psiMatched", longer, "protocol.size"],
  "a match that is none": ["psiMatched", withFirst((bits) => bits.with(0, 0xff)), "protocol.result"],
  "a match that is no row": ["psiMatched", withFirst((bits) => bits.with(2, 0x80)), "protocol.malformed"],
  "no match": ["psiMatched", withFirst((bits) => bits.fill(0)), "protocol.result"],
  "another receipt": ["psiReceipt", (receipt: Uint8Array) => flipped(receipt, 3), "protocol.result"],
  "more rows than there are": ["psiRequest", (terms: { rows: number }) => ({ ...terms, rows: 500 }), "protocol.size"],
  "fewer rows than there are": [
    "psiOffer",
    (offer: { terms: { rows: number } }) => ({ ...offer, terms: { ...offer.terms, rows: 3 } }),
    "protocol.size",
  ],
  "rows beyond all limits": ["psiRequest", (terms: object) => ({ ...terms, rows: 2 ** 31 }), "protocol.malformed"],
};

describe.each(["fast", "malicious"] as const)("a lying partner, %s,", (setting) => {
  for (const [what, [name, lie, code]] of Object.entries(lies))
    it(`sending ${what} is refused`, async () => {
      const world = await worldOf({ setting, lies: { [name]: lie } });
      expect([world.error("bank").code, world.error("shop").code]).toEqual([code, code]);
    });
});

describe("a partner of another mind", () => {
  it.each([
    [{ setting: "malicious" as const }, "protocol.terms"],
    [{ output: "receiver" as const }, "protocol.terms"],
  ])("%o is refused before any correlation", async (shop, code) => {
    const world = await worldOf({ shop });
    expect([world.error("bank").code, world.error("shop").code]).toEqual([code, code]);
    expect(Object.keys(world.cost.byDirection["bank->shop"]!)).toEqual(["psiRequest"]);
  });

  it("declaring other rows than before, or too many, is refused", async () => {
    expect((await worldOf({ bank: { partnerRows: 17 } })).error("shop").code).toBe("protocol.size");
    expect((await worldOf({ shop: { partnerRowsMax: 19 } })).error("bank").code).toBe("consent.rows");
    expect((await worldOf({ shop: { partnerRows: 20 }, bank: { partnerRows: 18 } })).outcomes.bank!.ok).toBe(true);
  });

  it("using another binding finds nothing and is refused", async () => {
    const world = await worldOf({ bank: { binding: new Uint8Array(32) } });
    expect(world.error("bank").code).toBe("protocol.coin");
  });
});

describe("items that are there twice", () => {
  it("are the owner's fault at the receiver, the partner's at the sender", async () => {
    const twice = concat(items(0, 5), item(2));
    expect((await worldOf({ bankItems: twice })).error("bank").code).toBe("input.duplicate");
    const world = await worldOf({ shopItems: twice });
    expect(world.error("bank")).toMatchObject({ code: "protocol.duplicate", blame: "shop" });
  });
});

describe("tampering with any message", () => {
  it.each(["fast", "malicious"] as const)("ends in an error or loses items, %s", async (setting) => {
    // Rows 12..19 of the bank and 0..7 of the shop are the same: a changed item may be lost, never mismatched.
    const check = ({ outcomes }: World<Result>): void => {
      const { bank, shop } = outcomes;
      if (!bank!.ok || !shop!.ok) return;
      const [{ positions }, sent] = [bank!.value as Received, shop!.value as Uint32Array];
      expect(positions.every((at) => at >= 12)).toBe(true);
      expect([...sent]).toEqual(Array.from(positions, (at) => at - 12));
    };
    const lost = "a changed slot or fingerprint is another item, which nobody else has";
    const tolerated = {
      psiEncoding: "other positions or coins give other fingerprints, none of which match",
      psiTable: lost,
      psiTags: lost,
      psiLabels: "a label is the sender's own word; the transport authenticates it",
    };
    await tamperEvery({
      parties: ["bank", "shop"],
      table: messages,
      seed: 4,
      run: (me) => run(me, { setting }),
      check,
      tolerated,
      deadlineMs: 1500,
    });
  });
});
