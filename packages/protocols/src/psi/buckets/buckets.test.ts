import { concat, TomboloError, toHex } from "@tombolo/base";
import { bytes, type Peer, stream } from "@tombolo/channel";
import { groupRecords, idDigests, sortRecords } from "@tombolo/crypto";
import { atWindows, type Me, runWorld, seededSecrets, type World } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import {
  type Agreed,
  type Bucket,
  type BucketProtocol,
  bucketBits,
  bucketCapacity,
  guest,
  host,
  type IdStore,
  hostMessages as ourHosts,
  messages as ours,
} from "./index.ts";
import { filled } from "./steps.ts";

const means = { en: "test", zh: "测试" };
const room = 2 ** 20;
/** The bucket protocol's plaintext twin: both show all their digests. */
const messages = {
  ...ours,
  ...ourHosts,
  guestAll: stream("guest", "host", bytes(room), { means, sizeMax: room }),
  hostAll: stream("host", "guest", bytes(room), { means, sizeMax: room }),
  earlierAll: stream("earlier host", "later host", bytes(room), { means, sizeMax: room }),
  laterAll: stream("later host", "earlier host", bytes(room), { means, sizeMax: room }),
};

type Crossing = (digests: Uint8Array) => Promise<Uint8Array>;

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return concat(...parts);
}

const asGuest =
  (peer: Peer<typeof messages, "guest">): Crossing =>
  async (digests) =>
    (await Promise.all([collected(peer.receiveEach("hostAll")), peer.sendEach("guestAll", [digests])]))[0];
const asHost =
  (peer: Peer<typeof messages, "host">): Crossing =>
  async (digests) =>
    (await Promise.all([collected(peer.receiveEach("guestAll")), peer.sendEach("hostAll", [digests])]))[0];

const asEarlier =
  (peer: Peer<typeof messages, "earlier host">): Crossing =>
  async (digests) =>
    (await Promise.all([collected(peer.receiveEach("laterAll")), peer.sendEach("earlierAll", [digests])]))[0];
const asLater =
  (peer: Peer<typeof messages, "later host">): Crossing =>
  async (digests) =>
    (await Promise.all([collected(peer.receiveEach("earlierAll")), peer.sendEach("laterAll", [digests])]))[0];

const keyAt = (digests: Uint8Array, i: number): string => toHex(digests.subarray(16 * i, 16 * (i + 1)));
const keysOf = (digests: Uint8Array): string[] =>
  Array.from({ length: digests.length / 16 }, (_, i) => keyAt(digests, i));

/** One party over its attempts: what it keeps, and what its bucket protocol saw. */
class Party {
  readonly ids: readonly string[];
  agreed: Agreed | undefined;
  readonly matched = new Map<number, Uint32Array>();
  readonly seen: { own: number; partner: number; binding: string }[] = [];
  spreads = 0;
  shares: number[] = [];
  /** Of a one-sided match: whether this party gets its rows. */
  learns = true;
  #records: Uint8Array = new Uint8Array(0);
  #offsets: Uint32Array = new Uint32Array(1);

  constructor(ids: readonly string[]) {
    this.ids = ids;
  }

  get store(): IdStore {
    return {
      rowCount: this.ids.length,
      spread: async (prefix, bits) => {
        this.spreads += 1;
        const encoded = this.ids.map((id) => new TextEncoder().encode(id));
        const ends = encoded.map((_, i) => concat(...encoded.slice(0, i + 1)).length);
        const digests = await idDigests(prefix, concat(...encoded), Uint32Array.from([0, ...ends]));
        const rows = Uint32Array.from(this.ids, (_, i) => i);
        ({ records: this.#records, offsets: this.#offsets } = await groupRecords(digests, rows, bits));
      },
      bucket: (index, bits): Promise<Bucket> =>
        sortRecords(this.#records.subarray(20 * this.#offsets[index]!, 20 * this.#offsets[index + 1]!), bits),
    };
  }

  /** `crossings` with all others, by place. */
  protocol(place: number, ...crossings: readonly Crossing[]): BucketProtocol {
    return async (digests, run) => {
      const theirs = await Promise.all(crossings.map((cross) => cross(digests)));
      expect(theirs.map(({ length }) => length / 16)).toEqual(run.counts.toSpliced(place, 1));
      const own = keysOf(digests);
      const partners = theirs.map((each) => new Set(this.learns ? keysOf(each) : []));
      this.seen.push({ own: own.length, partner: theirs[0]!.length / 16, binding: toHex(run.binding) });
      run.progress(1);
      const inAll = own.flatMap((key, i) => (partners.every((partner) => partner.has(key)) ? [i] : []));
      return Uint32Array.from(inAll).reverse();
    };
  }

  /** Matched ids in the joint order. */
  get result(): string[] {
    const buckets = [...this.matched].sort(([a], [b]) => a - b);
    return buckets.flatMap(([, rows]) => Array.from(rows, (row) => this.ids[row]!));
  }
}

interface Setting {
  readonly window?: number;
  readonly attempt?: number;
  readonly limits?: { readonly partnerRowsMax?: number; readonly partnerRows?: number; readonly round?: number };
  readonly output?: "both" | "guest";
  /** Ends this party's attempt once it has put so many buckets. */
  readonly crash?: { readonly party: string; readonly after: number };
}

const BUCKET_ROWS = 64;

async function runSide(me: Me, party: Party, { crash, limits, output = "both" }: Setting): Promise<unknown> {
  let put = 0;
  const options = {
    secrets: me.secrets,
    output,
    bucketRowsMax: BUCKET_ROWS,
    ...limits,
    agreed: {
      load: async () => party.agreed,
      save: async (agreed: Agreed) => {
        party.agreed = agreed;
      },
    },
    matches: {
      put: async (bucket: number, { rows }: Bucket, positions: Uint32Array) => {
        if (crash?.party === me.id && put === crash.after) throw new TomboloError("state.crash", "crashed");
        put += 1;
        party.matched.set(
          bucket,
          positions.map((position) => rows[position]!),
        );
      },
    },
    progress: (share: number) => void party.shares.push(share),
  };
  const [first, ...hosts] = me.parties as [string, ...string[]];
  const place = me.parties.indexOf(me.id);
  if (place === 0) {
    const peers = await Promise.all(hosts.map((id) => me.peer(messages, "guest", id, "host")));
    return guest(party.store, peers, { ...options, protocol: party.protocol(0, ...peers.map(asGuest)) });
  }
  const peer = await me.peer(messages, "host", first, "guest");
  const earlier = await Promise.all(
    hosts.slice(0, place - 1).map((id) => me.peer(messages, "later host", id, "earlier host")),
  );
  const later = await Promise.all(hosts.slice(place).map((id) => me.peer(messages, "earlier host", id, "later host")));
  const protocol = party.protocol(place, asHost(peer), ...earlier.map(asLater), ...later.map(asEarlier));
  return host(party.store, peer, { ...options, protocol }, { earlier, later });
}

function runAll(parties: Readonly<Record<string, Party>>, setting: Setting = {}): Promise<World<unknown>> {
  const { window, attempt = 1 } = setting;
  return runWorld(
    Object.keys(parties),
    { seed: attempt, ...(window === undefined ? {} : { window }), binding: { attempt } },
    (me) => runSide(me, parties[me.id]!, setting),
  );
}

const run = (bank: Party, telco: Party, setting: Setting = {}): Promise<World<unknown>> =>
  runAll({ bank, telco }, setting);

const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);

function expectMatched(bank: Party, telco: Party): void {
  const common = bank.ids.filter((id) => telco.ids.includes(id));
  expect([...bank.result].sort()).toEqual([...new Set(common)].sort());
  expect(telco.result).toEqual(bank.result);
}

describe("a match in buckets", () => {
  for (const [name, a, b] of [
    ["one bucket", numbered(0, 40), numbered(20, 60)],
    ["many buckets", numbered(0, 900), numbered(450, 1000)],
    ["many buckets against one row", numbered(0, 500), ["id-7"]],
    ["no rows at one side", numbered(0, 500), []],
    ["no rows at all", [], []],
    ["repeated ids", [...numbered(0, 300), ...numbered(0, 20)], numbered(10, 300)],
  ] as const)
    it(`finds what both have: ${name}, at windows 1 and 8`, () =>
      atWindows([1, 8], async (window) => {
        const [bank, telco] = [new Party(a), new Party(b)];
        const world = await run(bank, telco, { window });
        expect(world.result("bank")).toMatchObject({ rows: [a.length, b.length] });
        expectMatched(bank, telco);
      }));

  it("shows of each bucket the public capacity and nothing else", async () => {
    const [bank, telco] = [new Party(numbered(0, 900)), new Party(numbered(450, 1000))];
    await run(bank, telco);
    const bits = bucketBits(900, BUCKET_ROWS);
    expect(bank.seen.length).toBe(2 ** bits);
    for (const { own, partner } of bank.seen) {
      expect(own).toBe(bucketCapacity(900, bits));
      expect(partner).toBe(bucketCapacity(550, bits));
    }
    expect(new Set(bank.seen.map(({ binding }) => binding)).size).toBe(2 ** bits);
    expect(bank.seen.map(({ binding }) => binding)).toEqual(telco.seen.map(({ binding }) => binding));
    expect(bank.shares.every((share) => Number.isInteger(Math.round(share * 1e6) / 1e4))).toBe(true);
    const own = ["guestOffer", "guestOpened", "guestReceipt"] as const;
    expect(own.map((name) => ours[name].sizeMax)).toEqual([72, 96, 32]);
  });

  it("goes on after the last bucket that both have done, with other bindings", async () => {
    const [bank, telco] = [new Party(numbered(0, 900)), new Party(numbered(450, 1000))];
    const world = await run(bank, telco, { crash: { party: "telco", after: 5 } });
    expect(world.error("telco").code).toBe("state.crash");
    const [before, seen] = [bank.seen.map(({ binding }) => binding), bank.seen.length];
    await run(bank, telco, { attempt: 2 });
    expectMatched(bank, telco);
    expect([bank.spreads, telco.spreads]).toEqual([1, 1]);
    const again = bank.seen.slice(seen);
    expect(again.length).toBe(2 ** bucketBits(900, BUCKET_ROWS) - 5);
    expect(again.some(({ binding }) => before.includes(binding))).toBe(false);
  });

  it("starts anew when one side has lost what both agreed on, or has other rows", async () => {
    for (const lose of [
      (bank: Party) => {
        bank.agreed = undefined;
        return bank;
      },
      (bank: Party) => Object.assign(new Party([...bank.ids, "one-more"]), { agreed: bank.agreed }),
    ]) {
      const [bank, telco] = [new Party(numbered(0, 900)), new Party(numbered(450, 1000))];
      await run(bank, telco, { crash: { party: "bank", after: 3 } });
      const key = telco.agreed!.jointKey;
      const later = lose(bank);
      await run(later, telco, { attempt: 2 });
      expectMatched(later, telco);
      expect(telco.spreads).toBe(2);
      expect(toHex(telco.agreed!.jointKey)).not.toBe(toHex(key));
    }
  });

  it("refuses a partner that kept another result", async () => {
    const [bank, telco] = [new Party(numbered(0, 900)), new Party(numbered(450, 1000))];
    await run(bank, telco, { crash: { party: "bank", after: 3 } });
    telco.agreed = { ...telco.agreed!, receipts: telco.agreed!.receipts.map(() => new Uint8Array(32)) };
    const world = await run(bank, telco, { attempt: 2 });
    expect(world.error("bank").code).toBe("protocol.result");
  });

  it("one-sided tells the host nothing, in receipts and what it keeps neither, and goes on like any other", async () => {
    const kept: string[][] = [];
    for (const common of [0, 450]) {
      const [bank, telco] = [new Party(numbered(0, 900)), new Party(numbered(900 - common, 1450 - common))];
      telco.learns = false;
      await run(bank, telco, { output: "guest", crash: { party: "bank", after: 5 } });
      const world = await run(bank, telco, { output: "guest", attempt: 2 });
      world.result("telco");
      expect(bank.result.length).toBe(common);
      expect(telco.result).toEqual([]);
      expect(telco.spreads).toBe(1);
      kept.push(telco.agreed!.receipts.map(toHex));
      expect(bank.agreed!.receipts.map(toHex)).toEqual(kept.at(-1));
    }
    expect(kept[0]).toEqual(kept[1]);
  });

  it("of a later round has other bindings, and takes the size that is left and no other", async () => {
    const bindings: string[] = [];
    for (const round of [0, 1]) {
      const [bank, telco] = [new Party(numbered(0, 40)), new Party(numbered(20, 60))];
      await run(bank, telco, { limits: { round, partnerRows: 40 } });
      expectMatched(bank, telco);
      bindings.push(bank.seen[0]!.binding);
    }
    expect(bindings[0]).not.toBe(bindings[1]);
    const world = await run(new Party(numbered(0, 40)), new Party(numbered(0, 39)), { limits: { partnerRows: 40 } });
    expect(world.error("bank").code).toBe("protocol.size");
  });

  it("of several parties finds what all have, and goes on where all were when one was cut off", async () => {
    const sets = [
      numbered(0, 600),
      numbered(100, 500),
      numbered(300, 800),
      [...numbered(250, 400), ...numbered(480, 520)],
    ];
    const common = sets[0]!.filter((id) => sets.every((set) => set.includes(id))).sort();
    const parties = Object.fromEntries(sets.map((ids, i) => [`party-${i}`, new Party(ids)]));
    const all = Object.values(parties);
    const bits = bucketBits(600, BUCKET_ROWS, sets.length);
    await runAll(parties, { crash: { party: "party-2", after: 3 } });
    const world = await runAll(parties, { attempt: 2 });
    for (const [i, party] of all.entries()) {
      expect(world.result(`party-${i}`)).toMatchObject({ rows: [600, 400, 500, 190], buckets: 2 ** bits });
      expect(party.result).toEqual(all[0]!.result);
      expect([...party.result].sort()).toEqual(common);
      expect(party.spreads).toBe(1);
      expect(party.seen.slice(-(2 ** bits - 3)).map(({ own }) => own)).toEqual(
        Array.from({ length: 2 ** bits - 3 }, () => bucketCapacity(sets[i]!.length, bits, sets.length)),
      );
    }
    const lost = Object.assign(all[1]!, { agreed: undefined });
    await runAll(parties, { attempt: 3 });
    expect(all.map(({ spreads }) => spreads)).toEqual([2, 2, 2, 2]);
    expect([...lost.result].sort()).toEqual(common);
  });

  it("refuses sizes outside the limits before any id is digested", async () => {
    const [bank, telco] = [new Party(numbered(0, 90)), new Party(numbered(0, 90))];
    const world = await run(bank, telco, { limits: { partnerRowsMax: 89 } });
    expect(world.error("bank").code).toBe("consent.rows");
    expect([bank.spreads, telco.spreads]).toEqual([0, 0]);
  });
});

describe("fillers", () => {
  const bucket: Bucket = { digests: new Uint8Array(16).fill(0x55), rows: Uint32Array.of(0) };

  it("of the two parties and all ids of a bucket start differently", () => {
    const secrets = seededSecrets(1, "fillers");
    for (const bits of [2, 3, 16]) {
      const last = 2 ** bits - 1;
      for (const index of [0, last]) {
        const leading = (place: number) => {
          const digests = filled(bucket, { bucket: index, bits, place }, 50, secrets);
          expect(keyAt(digests, 0)).toBe("55".repeat(16));
          const view = new DataView(digests.buffer, digests.byteOffset + 16);
          return new Set(Array.from({ length: 49 }, (_, i) => view.getUint16(16 * i) >> (16 - bits)));
        };
        expect([...leading(0)]).toEqual([(index + 1) % 2 ** bits]);
        expect([...leading(1)]).toEqual([(index + 2) % 2 ** bits]);
      }
    }
  });

  it("have no room where a bucket overflows, which ends the run", () => {
    const secrets = seededSecrets(1, "fillers");
    expect(() => filled(bucket, { bucket: 0, bits: 2, place: 0 }, 0, secrets)).toThrow(
      expect.objectContaining({ code: "state.bucket-overflow" }),
    );
  });
});
