import { createHash } from "node:crypto";
import { concat, TomboloError, toHex } from "@tombolo/base";
import { ristretto255 } from "@tombolo/crypto";
import {
  atWindows,
  type Me,
  runWorld,
  seededSecrets,
  tamperEvery,
  type World,
  type WorldOptions,
} from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { publicKeyOf } from "../../oprf/index.ts";
import {
  type CatalogueHeader,
  catalogueTags,
  decodeHeader,
  dummyTags,
  encodeHeader,
  guest,
  HEADER_BYTES,
  headerHash,
  host,
  idPrefix,
  messages,
  publish,
  publishMessages,
  receiveVersion,
  SIGNATURE_BYTES,
  sortTags,
  tagBytesFor,
} from "./index.ts";

const secrets = seededSecrets(9, "catalogue");
const key = ristretto255.randomScalar(secrets);
const catalogue = secrets.bytes(32);
const WIDTH = tagBytesFor(1000, 1000);
const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);

const digestsOf = (ids: readonly string[]): Uint8Array =>
  Buffer.concat(ids.map((id) => createHash("sha256").update(idPrefix(catalogue)).update(id).digest().subarray(0, 16)));

async function tagsOf(ids: readonly string[]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of catalogueTags(digestsOf(ids), key, catalogue, WIDTH)) parts.push(part);
  return sortTags(concat(...parts), WIDTH);
}

const split = (tags: Uint8Array): string[] =>
  Array.from({ length: tags.length / WIDTH }, (_, i) => toHex(tags.subarray(i * WIDTH, (i + 1) * WIDTH)));

async function headerOf(changes: Partial<CatalogueHeader> = {}): Promise<CatalogueHeader> {
  return {
    catalogue,
    version: 1,
    publicKey: await publicKeyOf(key),
    tagBytes: WIDTH,
    recordBytes: 0,
    rows: 0,
    added: 0,
    removed: 0,
    snapshot: new Uint8Array(32).fill(7),
    previous: new Uint8Array(32),
    idsMax: 1000,
    expiresAt: 5000,
    ...changes,
  };
}

/** A catalogue in memory, as the guest keeps it. */
class Kept {
  tags = new Set<string>();
  header: CatalogueHeader | null = null;

  async open() {
    const [removed, added]: string[][] = [[], []];
    return {
      removed: async (tags: Uint8Array) => void removed!.push(...split(tags)),
      added: async (tags: Uint8Array) => void added!.push(...split(tags)),
      commit: async (header: CatalogueHeader) => {
        for (const tag of removed!) this.tags.delete(tag);
        for (const tag of added!) this.tags.add(tag);
        this.header = header;
      },
    };
  }

  async lookUp(tags: Uint8Array): Promise<Uint8Array> {
    return Uint8Array.from(split(tags), (tag) => (this.tags.has(tag) ? 1 : 0));
  }
}

interface Version {
  readonly removed?: readonly string[];
  readonly added: readonly string[];
  readonly header?: Partial<CatalogueHeader>;
  readonly rowsMax?: number;
}

async function hand(kept: Kept, version: Version, world: WorldOptions = {}): Promise<World<unknown>> {
  const { removed = [], added, rowsMax = 1000 } = version;
  const before = kept.header;
  const header = await headerOf({
    version: (before?.version ?? 0) + 1,
    rows: (before?.rows ?? 0) + added.length - removed.length,
    added: added.length,
    removed: removed.length,
    ...(before === null ? {} : { previous: await headerHash(before) }),
    ...version.header,
  });
  const changes = { removed: [await tagsOf(removed)], added: [await tagsOf(added)] };
  return runWorld(["bank", "telco"], { seed: 1, ...world }, async (me): Promise<unknown> => {
    if (me.id === "telco")
      return publish(header, key, changes, await me.peer(publishMessages, "host", "bank", "guest"), me.secrets);
    const peer = await me.peer(publishMessages, "guest", "telco", "host");
    return receiveVersion(peer, { before, rowsMax, open: () => kept.open() });
  });
}

async function ask(me: Me, kept: Kept, ids: readonly string[], now = 0, budget = 1000): Promise<unknown> {
  const header = kept.header!;
  if (me.id === "bank") {
    const peer = await me.peer(messages, "guest", "telco", "host");
    const found = await guest(digestsOf(ids), peer, { secrets: me.secrets, header, catalogue: kept, chunkRows: 4 });
    return Array.from(found, (i) => ids[i]!);
  }
  const admit = async (count: number): Promise<void> => {
    if (count > budget) throw new TomboloError("consent.budget", "too many ids");
  };
  return host(await me.peer(messages, "host", "bank", "guest"), { header, key, now, admit });
}

const stored = async (ids: readonly string[]): Promise<Kept> => {
  const kept = new Kept();
  (await hand(kept, { added: ids })).result("bank");
  return kept;
};

describe("unbalanced matching", () => {
  const cases: Record<string, [string[], string[]]> = {
    some: [numbered(5, 12), numbered(0, 10)],
    "one of many": [["id-50"], numbered(0, 60)],
    "more than the catalogue has": [numbered(0, 30), ["id-7"]],
    "none at all": [[], numbered(0, 5)],
    "an empty catalogue": [numbered(0, 5), []],
  };
  for (const [name, [own, theirs]] of Object.entries(cases))
    it(`finds ${name} at windows 1 and 8, within the declared cost`, () =>
      atWindows([1, 8], async (window) => {
        const kept = await stored(theirs);
        const world = await runWorld(["bank", "telco"], { seed: 1, window }, (me) => ask(me, kept, own));
        expect(world.result("bank")).toEqual(own.filter((id) => theirs.includes(id)));
        expect(world.result("telco")).toBe(own.length);
        expect(world.cost.rounds).toBeLessThanOrEqual(3);
        expect(world.cost.bytes).toBe(40 + 64 * own.length);
      }));

  it("equals the plaintext intersection through any versions", async () => {
    const set = fc.uniqueArray(fc.constantFrom(...numbered(0, 20)), { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(set, set, set, async (first, second, own) => {
        const kept = await stored(first);
        const version = {
          removed: first.filter((id) => !second.includes(id)),
          added: second.filter((id) => !first.includes(id)),
        };
        (await hand(kept, version)).result("bank");
        const world = await runWorld(["bank", "telco"], { seed: 1 }, (me) => ask(me, kept, own));
        expect(world.result("bank")).toEqual(own.filter((id) => second.includes(id)));
      }),
      { numRuns: 10 },
    );
  });

  it("refuses to answer about another version, after the epoch, or beyond the budget", async () => {
    const kept = await stored(numbered(0, 3));
    const failure = async (now: number, budget: number) =>
      (await runWorld(["bank", "telco"], { seed: 1 }, (me) => ask(me, kept, numbered(0, 5), now, budget))).error(
        "bank",
      );
    expect((await failure(5000, 1000)).code).toBe("consent.epoch");
    expect((await failure(4999, 4)).code).toBe("consent.budget");
    const world = await runWorld(["bank", "telco"], { seed: 1 }, (me) => {
      const other = new Kept();
      other.header = { ...kept.header!, version: 2 };
      return ask(me, me.id === "bank" ? other : kept, ["id-1"]);
    });
    expect(world.error("telco").code).toBe("protocol.version");
    expect(world.cost.byDirection["telco->bank"]).toBeUndefined();
  });
});

describe("a value that is no group element", () => {
  const noPoint = new Uint8Array(32).fill(255);

  it("is blamed on the guest that asks with it", async () => {
    const kept = await stored(numbered(0, 3));
    const world = await runWorld(["bank", "telco"], { seed: 1 }, async (me) => {
      if (me.id === "telco") return ask(me, kept, []);
      const peer = await me.peer(messages, "guest", "telco", "host");
      await peer.send("ask", { catalogue, version: 1, count: 1 });
      await peer.sendEach("blinded", [noPoint]);
      for await (const chunk of peer.receiveEach("evaluated")) expect(chunk).toBeUndefined();
    });
    expect(world.error("telco")).toMatchObject({ code: "protocol.point", blame: "bank", stage: "psi/unbalanced" });
  });

  it("is blamed on the host that answers with it, or signs with it", async () => {
    const kept = await stored(numbered(0, 3));
    const world = await runWorld(["bank", "telco"], { seed: 1 }, async (me) => {
      if (me.id === "bank") return ask(me, kept, ["id-1"]);
      const peer = await me.peer(messages, "host", "bank", "guest");
      await peer.receive("ask");
      await peer.sendEach("evaluated", [noPoint]);
    });
    expect(world.error("bank")).toMatchObject({ code: "protocol.point", blame: "telco", stage: "psi/unbalanced" });
    const signed = await hand(new Kept(), { added: ["x"], header: { publicKey: noPoint } });
    expect(signed.error("bank")).toMatchObject({ code: "protocol.point", blame: "telco" });
  });
});

describe("handing over a version", () => {
  it("sends what it declares", async () => {
    const kept = await stored(numbered(0, 4));
    const { cost } = await hand(kept, { removed: ["id-1"], added: ["id-9", "id-10"] });
    expect(cost.bytes).toBe(HEADER_BYTES + SIGNATURE_BYTES + 3 * WIDTH + 32);
    expect(cost.rounds).toBeLessThanOrEqual(2);
    expect(kept.tags.size).toBe(5);
  });

  it("pads with tags that nobody's id has, and takes them out again", async () => {
    const dummies = await dummyTags(key, catalogue, WIDTH, 3, 5);
    expect(new Set(split(dummies)).size).toBe(5);
    expect(await dummyTags(key, catalogue, WIDTH, 4, 1)).toEqual(dummies.slice(WIDTH, 2 * WIDTH));
    const other = await dummyTags(ristretto255.randomScalar(secrets), catalogue, WIDTH, 3, 5);
    expect(split(other).some((tag) => split(dummies).includes(tag))).toBe(false);
  });

  const refusals: Record<string, [Version, string]> = {
    "a version out of turn": [{ added: ["x"], header: { version: 3 } }, "protocol.version"],
    "another history": [{ added: ["x"], header: { previous: new Uint8Array(32).fill(1) } }, "protocol.version"],
    "sizes that do not add up": [{ added: ["x"], header: { rows: 99 } }, "protocol.version"],
    "another epoch's end": [{ added: ["x"], header: { idsMax: 999 } }, "protocol.version"],
    "a key that did not sign": [{ added: ["x"], header: { publicKey: catalogue.slice() } }, "protocol."],
    "fewer tags than declared": [{ added: ["x"], header: { added: 2, rows: 5 } }, "protocol.size"],
    "more tags than declared": [{ added: ["x", "y"], header: { added: 1, rows: 4 } }, "protocol.size"],
    "more rows than agreed": [{ added: ["x"], rowsMax: 3 }, "consent.rows"],
  };
  for (const [what, [version, code]] of Object.entries(refusals))
    it(`refuses ${what} and keeps the version before`, async () => {
      const kept = await stored(numbered(0, 3));
      expect((await hand(kept, version)).error("bank").code).toContain(code);
      expect(kept.header?.version).toBe(1);
      expect(kept.tags.size).toBe(3);
    });

  it("refuses tags too short for the catalogue's size", async () => {
    expect(tagBytesFor(10 ** 8, 10 ** 6)).toBe(11);
    expect((await hand(new Kept(), { added: ["x"], header: { idsMax: 2 ** 40 } })).error("bank").code).toBe(
      "protocol.tag-size",
    );
  });

  it("encodes headers exactly, and refuses impossible ones", async () => {
    const header = await headerOf({ rows: 5, added: 5 });
    expect(decodeHeader(encodeHeader(header))).toEqual(header);
    for (const change of [
      { tagBytes: 4 },
      { tagBytes: 17 },
      { recordBytes: 2 ** 12 + 1 },
      { version: 0 },
      { idsMax: 0 },
      { rows: -1 },
      { rows: 0.5 },
    ])
      expect(() => decodeHeader(encodeHeader({ ...header, ...change }))).toThrow(/header/);
    expect(() => decodeHeader(encodeHeader(header).subarray(1))).toThrow(/length/);
  });
});

describe("tampering with any message", () => {
  it("of a lookup ends in an error, or loses matches", async () => {
    const kept = await stored(numbered(0, 6));
    const lost = "a changed id is another id, which the catalogue does not hold";
    await tamperEvery<unknown>({
      parties: ["bank", "telco"],
      table: messages,
      seed: 4,
      deadlineMs: 300,
      run: (me) => ask(me, kept, numbered(3, 9)),
      check(world) {
        const outcome = world.outcomes.bank!;
        if (outcome.ok) expect(["id-3", "id-4", "id-5"]).toEqual(expect.arrayContaining(outcome.value as string[]));
      },
      tolerated: { blinded: lost, evaluated: lost },
    });
  });

  it("of a version ends in an error, or in other fingerprints", async () => {
    const added = await tagsOf(numbered(0, 6));
    const removed = await tagsOf(["id-9"]);
    const header = await headerOf({ rows: 5, added: 6, removed: 1 });
    await tamperEvery<unknown>({
      parties: ["bank", "telco"],
      table: publishMessages,
      seed: 4,
      deadlineMs: 300,
      run: async (me) => {
        if (me.id === "telco")
          return publish(
            header,
            key,
            { removed: [removed], added: [added] },
            await me.peer(publishMessages, "host", "bank", "guest"),
            me.secrets,
          );
        const peer = await me.peer(publishMessages, "guest", "telco", "host");
        return receiveVersion(peer, { before: null, rowsMax: 100, open: () => new Kept().open() });
      },
      tolerated: { added: "a fingerprint is random to who receives it", removed: "as those added" },
    });
  });
});
