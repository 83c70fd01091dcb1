import { concat, systemSecrets, toHex, utf8 } from "@tombolo/base";
import { fromLittleEndian, toLittleEndian } from "@tombolo/kernels";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commit, opensTo } from "./commitments.ts";
import { type BlindingGroup, ristretto255, sm2 } from "./groups.ts";

const secrets = systemSecrets();
const dst = utf8("tombolo-test");
const hashTo = (group: BlindingGroup, text: string): Promise<Uint8Array> =>
  group.hashToGroup(utf8(text), Uint32Array.of(0, utf8(text).length), dst);

describe.each([ristretto255, sm2])("$name", (group) => {
  const hash = (text: string): Promise<Uint8Array> => hashTo(group, text);

  it("undoes a blinding with the inverse scalar", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 30 }), async (text) => {
        const scalar = group.randomScalar(secrets);
        const blinded = await group.multiply(await hash(text), scalar);
        const unblinded = await group.multiply(blinded, group.invertScalar(scalar));
        expect(toHex(unblinded)).toBe(toHex(await hash(text)));
      }),
      { numRuns: 20 },
    );
  });

  it("commutes: the order of two keys does not matter", async () => {
    const [a, b] = [group.randomScalar(secrets), group.randomScalar(secrets)];
    const point = await hash("x");
    const ab = await group.multiply(await group.multiply(point, a), b);
    const ba = await group.multiply(await group.multiply(point, b), a);
    expect(toHex(ab)).toBe(toHex(ba));
  });

  it("refuses garbage from peers, and zeros", async () => {
    const scalar = group.randomScalar(secrets);
    for (const bad of [new Uint8Array(group.pointBytes), new Uint8Array(group.pointBytes).fill(255)]) {
      await expect(group.multiply(bad, scalar)).rejects.toMatchObject({ code: "protocol.point" });
      await expect(group.validate(concat(await hash("x"), bad))).rejects.toMatchObject({ code: "protocol.point" });
    }
  });
});

describe("ristretto255", () => {
  it("combines like single multiplications do", async () => {
    const base = await ristretto255.multiplyBase(toLittleEndian(1n, 32));
    const five = await ristretto255.combine(concat(base, base), concat(toLittleEndian(2n, 32), toLittleEndian(3n, 32)));
    expect(toHex(five)).toBe(toHex(await ristretto255.multiplyBase(toLittleEndian(5n, 32))));
    const each = await ristretto255.multiplyEach(
      concat(base, base),
      concat(toLittleEndian(2n, 32), toLittleEndian(5n, 32)),
    );
    expect(toHex(each.subarray(32))).toBe(toHex(five));
  });

  it("reduces and inverts scalars modulo the order", () => {
    expect(fromLittleEndian(ristretto255.reduceScalar(toLittleEndian(ristretto255.order * 7n + 3n, 64)))).toBe(3n);
    expect(fromLittleEndian(ristretto255.reduceScalar(new Uint8Array(64)))).toBe(0n);
    expect(() => ristretto255.invertScalar(new Uint8Array(32))).toThrow(RangeError);
    const half = fromLittleEndian(ristretto255.invertScalar(toLittleEndian(2n, 32)));
    expect((2n * half) % ristretto255.order).toBe(1n);
  });
});

describe("commitments", () => {
  it("open to the committed value only", async () => {
    const value = utf8("bins of telco");
    const { commitment, opening } = await commit("bins", value, secrets);
    expect(await opensTo(commitment, "bins", opening)).toBe(true);
    expect(await opensTo(commitment, "bin", opening)).toBe(false);
    expect(await opensTo(commitment, "bins", { ...opening, value: utf8("bins of Telco") })).toBe(false);
    expect(await opensTo(commitment, "bins", { ...opening, nonce: secrets.bytes(32) })).toBe(false);
    // Moving the border between nonce and value does not help.
    const moved = { nonce: opening.nonce.subarray(0, 31), value: concat(opening.nonce.subarray(31), value) };
    expect(await opensTo(commitment, "bins", moved)).toBe(false);
  });

  it("hide: the same value gives another commitment", async () => {
    const [one, two] = [await commit("x", utf8("y"), secrets), await commit("x", utf8("y"), secrets)];
    expect(toHex(one.commitment)).not.toBe(toHex(two.commitment));
  });
});
