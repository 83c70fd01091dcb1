import { concat } from "@tombolo/base";
import { ristretto255 } from "@tombolo/crypto";
import { type Me, runWorld, seededSecrets } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import {
  addedCommitments,
  addedShares,
  deal,
  dealSum,
  dealZeros,
  messages,
  openSum,
  reconstruct,
  type SumParties,
  type SumPeer,
  type VerifiableShares,
  verify,
} from "./index.ts";
import { sharesOf } from "./polynomials.ts";

const secrets = seededSecrets(1, "shamir");
const KEYS = [12345678901234567890n, 2n ** 200n + 7n];
/** All choices of so many. */
const choices = <T>(all: readonly T[], count: number): T[][] =>
  count === 0 ? [[]] : all.flatMap((one, i) => choices(all.slice(i + 1), count - 1).map((rest) => [one, ...rest]));
const changed = (share: VerifiableShares, at: number): VerifiableShares => ({
  ...share,
  values: share.values.map((value, i) => (i === at ? value + 1n : value)),
});

describe("Shamir's shares", () => {
  it("are those of 1234 + 166·x + 94·x^2", () => {
    const shares = [1, 2, 3, 4, 5, 6].map((index) => sharesOf([[1234n, 166n, 94n]], index));
    expect(shares.map(({ values }) => values[0])).toEqual([1494n, 1942n, 2578n, 3402n, 4414n, 5614n]);
    for (const three of choices(shares, 3)) expect(reconstruct(three)).toEqual([1234n]);
    expect(reconstruct(shares.slice(0, 2))).not.toEqual([1234n]);
  });

  it("give secrets to any t + 1 of n, in either form", async () => {
    for (const form of ["feldman", "hiding"] as const) {
      const { shares, commitments } = await deal(KEYS, { parties: 5, threshold: 2 }, form, secrets);
      for (const three of choices(shares, 3)) expect(reconstruct(three)).toEqual(KEYS);
      for (const share of shares) expect(await verify(share, commitments, secrets)).toBe(true);
      for (const at of [0, 1]) expect(await verify(changed(shares[3]!, at), commitments, secrets)).toBe(false);
      expect(await verify({ ...shares[3]!, index: 5 }, commitments, secrets)).toBe(false);
      const torn = { ...commitments, points: commitments.points.map((byte, i) => (i === 40 ? byte ^ 4 : byte)) };
      expect(await verify(shares[0]!, torn, secrets)).toBe(false);
    }
  });

  it("stand for the key's point in Feldman's form alone, which takes no 0", async () => {
    const { commitments } = await deal([5n], { parties: 3, threshold: 1 }, "feldman", secrets);
    const five = await ristretto255.multiplyBase(Uint8Array.of(5, ...new Uint8Array(31)));
    expect(commitments.points.subarray(0, 32)).toEqual(five);
    const numbers = await deal([5n, 5n, 0n], { parties: 3, threshold: 1 }, "hiding", secrets);
    const points = [0, 64, 128].map((at) => numbers.commitments.points.slice(at, at + 32));
    expect(new Set([five, ...points].map(String)).size).toBe(4);
    await expect(deal([0n], { parties: 3, threshold: 1 }, "feldman", secrets)).rejects.toThrow(RangeError);
    for (const threshold of [0, 3, 1.5])
      await expect(deal([1n], { parties: 3, threshold }, "feldman", secrets)).rejects.toThrow(RangeError);
  });

  it("are worth nothing together with earlier ones once refreshed", async () => {
    for (const form of ["feldman", "hiding"] as const) {
      const sharing = { parties: 3, threshold: 1 };
      const before = await deal(KEYS, sharing, form, secrets);
      const changes = await Promise.all([1, 2, 3].map(() => dealZeros(KEYS.length, sharing, form, secrets)));
      for (const { shares, commitments } of changes)
        for (const share of shares) expect(await verify(share, commitments, secrets)).toBe(true);
      const after = before.shares.map((share, i) => addedShares([share, ...changes.map(({ shares }) => shares[i]!)]));
      const commitments = await addedCommitments([before, ...changes].map((dealt) => dealt.commitments));
      for (const two of choices(after, 2)) expect(reconstruct(two)).toEqual(KEYS);
      for (const share of after) expect(await verify(share, commitments, secrets)).toBe(true);
      expect(await verify(before.shares[0]!, commitments, secrets)).toBe(false);
      expect(reconstruct([before.shares[0]!, after[1]!])).not.toEqual(KEYS);
      // A dealer that would move the secret: its share of power 0 has no commitment.
      const moving = await deal([1n, 1n], sharing, form, secrets);
      expect(await verify(moving.shares[0]!, changes[0]!.commitments, secrets)).toBe(false);
    }
  });
});

const ROLES = ["north", "east", "south", "west"];
const NUMBERS: Readonly<Record<string, readonly bigint[]>> = {
  north: [1n, -50n, 0n],
  east: [2n, 20n, 0n],
  south: [3n, -2n, 2n ** 100n],
  west: [4n, 1n, 0n],
};
const SUMS = [10n, -31n, 2n ** 100n];

async function partiesOf(me: Me): Promise<SumParties> {
  const place = ROLES.indexOf(me.id);
  const peers = await Promise.all(
    ROLES.map(async (role, there): Promise<readonly [string, SumPeer] | null> => {
      if (there === place) return null;
      return place < there
        ? [role, await me.peer(messages, "first", role, "second")]
        : [role, await me.peer(messages, "second", role, "first")];
    }),
  );
  return { roles: ROLES, self: me.id, peers: new Map(peers.filter((peer) => peer !== null)) };
}

type Change = (value: Uint8Array, to: string) => Uint8Array;

function meddling(parties: SumParties, kind: string, change: Change): SumParties {
  const changed = (role: string, peer: SumPeer): SumPeer =>
    new Proxy(peer, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name !== "exchange") return value.bind(target);
        return (send: string, payload: Uint8Array, receive: string) =>
          value.call(target, send, send.endsWith(kind) ? change(payload, role) : payload, receive);
      },
    });
  return { ...parties, peers: new Map(Array.from(parties.peers, ([role, peer]) => [role, changed(role, peer)])) };
}

/** All deal, those who remain open; the north may meddle. */
const sum = (remaining: readonly string[], kind = "", change: Change = (value) => value) =>
  runWorld(ROLES, { seed: 3 }, async (me) => {
    const own = await partiesOf(me);
    const parties = me.id === "north" && kind !== "" ? meddling(own, kind, change) : own;
    const dealt = await dealSum(parties, { values: NUMBERS[me.id]!, threshold: 1 }, me.secrets);
    return remaining.includes(me.id) ? openSum(parties, dealt, new Set(remaining), me.secrets) : null;
  });

const flipped: Change = (value) => value.map((byte, i) => (i === 31 ? byte ^ 1 : byte));

describe("sums with dropouts", () => {
  it("are those of all who dealt, for any two who remain and for all", async () => {
    for (const remaining of [["north", "west"], ["east", "south"], ROLES]) {
      const world = await sum(remaining);
      for (const role of ROLES)
        expect(world.result(role)).toEqual(remaining.includes(role) ? { sums: SUMS, refused: [] } : null);
    }
  });

  it("cost what is said", async () => {
    const { cost } = await sum(ROLES);
    expect(cost.bytes).toBe(12 * (64 * 3 + 32 * 2 * 3 + 32 + 64 * 3));
  });

  it("take t + 1 who remain", async () => {
    expect((await sum(["east"])).error("east")).toMatchObject({ code: "state.parties" });
  });

  it("name who deals shares that do not fit, or of another length", async () => {
    expect((await sum(ROLES, "Shares", flipped)).error("west")).toMatchObject({
      code: "protocol.share",
      blame: "north",
    });
    for (const kind of ["Shares", "Commitments", "Digest"])
      expect((await sum(ROLES, kind, (value) => value.subarray(1))).error("west")).toMatchObject({
        code: "protocol.size",
        blame: "north",
      });
    const beyond: Change = (value) => concat(new Uint8Array(32).fill(255), value.subarray(32));
    expect((await sum(ROLES, "Shares", beyond)).error("west")).toMatchObject({
      code: "protocol.range",
      blame: "north",
    });
  });

  it("end where one shows others other commitments", async () => {
    const other = await deal(NUMBERS.north!, { parties: 4, threshold: 1 }, "hiding", secrets);
    const west =
      (kind: string, own: Uint8Array): Change =>
      (value, to) =>
        to === "west" && kind !== "" ? own : value;
    const world = await runWorld(ROLES, { seed: 3 }, async (me) => {
      const own = await partiesOf(me);
      // Shares and commitments that fit, but not those of the others.
      const { values, blinding } = other.shares[3]!;
      const bytes = concat(...[...values, ...blinding].map((value) => bytesOf(value)));
      const parties =
        me.id === "north"
          ? meddling(meddling(own, "Shares", west("s", bytes)), "Commitments", west("c", other.commitments.points))
          : own;
      return dealSum(parties, { values: NUMBERS[me.id]!, threshold: 1 }, me.secrets);
    });
    for (const role of ["east", "west"]) expect(world.error(role)).toMatchObject({ code: "protocol.commitments" });
  });

  it("open without a wrong share, and say whose it was", async () => {
    const world = await sum(ROLES, "SumShares", flipped);
    expect(world.result("south")).toEqual({ sums: SUMS, refused: ["north"] });
    expect((await sum(["north", "west"], "SumShares", flipped)).error("west")).toMatchObject({ code: "state.parties" });
  });
});

const bytesOf = (value: bigint): Uint8Array =>
  Uint8Array.from(value.toString(16).padStart(64, "0").match(/../g)!, (byte) => Number.parseInt(byte, 16));
