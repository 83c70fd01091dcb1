import { createHash } from "node:crypto";
import { concat, utf8 } from "@tombolo/base";
import { ristretto255 } from "@tombolo/crypto";
import { seededSecrets } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { defaultIdRules, encodeIds, strictIdPolicy } from "../ids/index.ts";
import { findDuplicate, firstNotAscending, gather, sortedOrder } from "./sorting.ts";
import {
  digestPoints,
  groupTag,
  hashPrefix,
  idRange,
  idsAt,
  jointOrder,
  LABEL,
  tagBytes,
  truncateInto,
} from "./steps.ts";
import { agreementKey, pairKeys, zeroShares } from "./zero-shares.ts";

const binding = new Uint8Array(32).fill(9);
const names = ["bo", "张", "al", "cy"];
const ids = encodeIds([{ column: names, rules: defaultIdRules }], strictIdPolicy);
const encodings = names.map((name) => utf8(`${name.length}:${name}`));

describe("steps of ECDH-PSI", () => {
  it("make tags long enough for 2^-40", () => {
    expect(tagBytes(0, 0, 1)).toBe(6);
    expect(tagBytes(1, 1, 1)).toBe(6); // 41 bits
    expect(tagBytes(1e5, 1e5, 1)).toBe(10); // 41 + 33.2
    expect(tagBytes(1e6, 10, 1)).toBe(11); // 41 + 39.9
    expect(tagBytes(1e6, 1e6, 4)).toBe(11);
    expect(tagBytes(2 ** 27, 2 ** 27, 255)).toBe(13);
  });

  it("cut ids in ranges and pick them", () => {
    expect(idRange(ids, 1, 3)).toEqual({
      messages: concat(encodings[1]!, encodings[2]!),
      offsets: Uint32Array.of(0, 5, 9),
    });
    expect(idsAt(ids, Uint32Array.of(3, 1)).messages).toEqual(concat(encodings[3]!, encodings[1]!));
  });

  it("order rows by SHA-256 of label, session, key and id", async () => {
    const key = new Uint8Array(32).fill(3);
    const digest = (i: number) =>
      createHash("sha256").update(LABEL.order).update(binding).update(key).update(encodings[i]!).digest("hex");
    const expected = [0, 1, 3].sort((a, b) => (digest(a) < digest(b) ? -1 : 1));
    expect([...(await jointOrder(ids, Uint32Array.of(0, 1, 3), binding, key)).rows]).toEqual(expected);
  });

  it("make fingerprints by SHA-256 of label, session and point", async () => {
    const points = await ristretto255.hashToGroup(ids.messages, ids.offsets, groupTag(binding));
    const digests = await digestPoints(hashPrefix(LABEL.tag, binding), points);
    const tags = new Uint8Array(5 * 7);
    truncateInto(tags, 1, digests, 7);
    const expected = names.map((_, i) =>
      createHash("sha256")
        .update(LABEL.tag)
        .update(binding)
        .update(points.subarray(32 * i, 32 * i + 32))
        .digest(),
    );
    expect(tags).toEqual(concat(new Uint8Array(7), ...expected.map((digest) => digest.subarray(0, 7))));
  });

  it("hash to other points in another session", async () => {
    const hash = (session: Uint8Array) => ristretto255.hashToGroup(ids.messages, ids.offsets, groupTag(session));
    expect(await hash(binding)).not.toEqual(await hash(new Uint8Array(32)));
  });

  it("sort as Buffer.compare does, with long common prefixes too", () => {
    const bytes = seededSecrets(1, "sort")
      .bytes(3000)
      .map((byte, i) => (i % 6 < 4 ? byte & 1 : byte));
    const strings = Array.from({ length: 500 }, (_, i) => Buffer.from(bytes.subarray(6 * i, 6 * i + 6)));
    const expected = new Uint8Array(Buffer.concat(strings.sort(Buffer.compare)));
    const order = sortedOrder(bytes, 6);
    expect(gather(bytes, 6, order)).toEqual(expected);
    expect(firstNotAscending(expected, 6)).toBe(-1);
    expect(firstNotAscending(Uint8Array.of(1, 2, 2, 3, 3, 1), 1)).toBe(2);
    expect(findDuplicate(Uint8Array.of(5, 6, 7, 8, 5, 6), 2)).toBe(2);
    expect(findDuplicate(bytes.subarray(0, 60), 6)).toBe(-1);
  });

  for (const count of [2, 3, 5])
    it(`share zero among ${count} hosts`, async () => {
      const keys = await Promise.all(Array.from({ length: count }, (_, i) => agreementKey(seededSecrets(i, "host"))));
      const publicKeys = concat(...keys.map((key) => key.publicKey));
      const shares = await Promise.all(
        keys.map(async (key, i) => zeroShares(ids, await pairKeys(key, i, publicKeys, binding), binding)),
      );
      const sum = shares.reduce((a, b) => a.map((word, i) => word ^ b[i]!));
      expect(sum.every((word) => word === 0)).toBe(true);
      for (const share of shares) expect(new Set(share).size).toBe(share.length);
    });
});
