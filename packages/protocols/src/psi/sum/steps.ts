/** The computations of the private intersection-sum without a network. */
import { bigintToBytes, bytesToBigint, type Secrets, TomboloError } from "@tombolo/base";
import { type HePublicKey, hePublicKeyFromBytes, POINT_BYTES } from "@tombolo/crypto";
import type { Labels } from "../cardinality/steps.ts";
import { tagBytes } from "../ecdh/steps.ts";

export const LABEL: Labels = {
  stage: "psi/sum",
  group: "tombolo-psi-sum-1-ristretto255_XMD:SHA-512_R255MAP_RO_",
  tag: "tombolo/psi-sum/1/tag\0",
  dummy: "tombolo/psi-sum/1/dummy\0",
};

/** Only Paillier: Okamoto-Uchiyama falls to one chosen ciphertext (SECURITY.md rule 10). */
export function partnersKey(encoded: Uint8Array, keyBits: number, party: string): HePublicKey {
  const key = hePublicKeyFromBytes(encoded);
  if (key.scheme === "paillier" && key.keyBits === keyBits) return key;
  throw new TomboloError("protocol.public-key", "the partner's key is not of the agreed kind", {
    stage: LABEL.stage,
    blame: party,
  });
}

/** Integers as the scheme's plaintexts. */
export function plaintexts(key: HePublicKey, values: readonly bigint[]): Uint8Array {
  const width = key.plaintextBytes;
  const out = new Uint8Array(values.length * width);
  values.forEach((value, i) => {
    out.set(bigintToBytes(value, width).reverse(), i * width);
  });
  return out;
}

export const integerOf = (plaintext: Uint8Array): bigint => bytesToBigint(plaintext.toReversed());

/** `count` masks below 2^bits, as plaintexts of the key. */
export function randomMasks(key: HePublicKey, count: number, bits: number, secrets: Secrets): Uint8Array {
  const out = new Uint8Array(count * key.plaintextBytes);
  const width = Math.ceil(bits / 8);
  const random = secrets.bytes(count * width);
  const topMask = 0xff >> (8 * width - bits);
  for (let i = 0; i < count; i++) {
    out.set(random.subarray(i * width, (i + 1) * width), i * key.plaintextBytes);
    out[i * key.plaintextBytes + width - 1]! &= topMask;
  }
  return out;
}

/** One ciphertext of the sum of all; there is at least one. */
export async function sumCiphertexts(key: HePublicKey, ciphertexts: Uint8Array): Promise<Uint8Array> {
  const width = key.ciphertextBytes;
  let rest = ciphertexts;
  while (rest.length > width) {
    const half = Math.floor(rest.length / width / 2) * width;
    const sums = await key.add(rest.subarray(0, half), rest.subarray(half, 2 * half));
    if (rest.length === 2 * half) rest = sums;
    else {
      const odd = new Uint8Array(half + width);
      odd.set(sums);
      odd.set(rest.subarray(2 * half), half);
      rest = odd;
    }
  }
  return rest;
}

/** Columns of fixed widths side by side, row by row. */
export function interleave(count: number, ...columns: readonly { bytes: Uint8Array; width: number }[]): Uint8Array {
  const stride = columns.reduce((sum, { width }) => sum + width, 0);
  const out = new Uint8Array(count * stride);
  let start = 0;
  for (const { bytes, width } of columns) {
    for (let i = 0; i < count; i++) out.set(bytes.subarray(i * width, (i + 1) * width), i * stride + start);
    start += width;
  }
  return out;
}

/** The column of `width` bytes that starts at `start` of each row of `stride` bytes. */
export function column(rows: Uint8Array, stride: number, start: number, width: number): Uint8Array {
  const count = rows.length / stride;
  const out = new Uint8Array(count * width);
  for (let i = 0; i < count; i++) out.set(rows.subarray(i * stride + start, i * stride + start + width), i * width);
  return out;
}

/** Payload bytes of one run. */
export function trafficBytes(sizes: {
  readonly guestRows: number;
  readonly hostRows: number;
  readonly dummies: number;
  readonly keyBits: number;
}): { readonly toGuest: number; readonly toHost: number } {
  const [guest, host] = [sizes.guestRows + sizes.dummies, sizes.hostRows + sizes.dummies];
  const [offer, ciphertext] = [8 + sizes.keyBits / 4, sizes.keyBits / 4];
  return {
    toGuest: offer + host * (POINT_BYTES + ciphertext) + 8 + ciphertext,
    toHost: offer + guest * POINT_BYTES + host * (tagBytes(guest, host, 1) + 2 * ciphertext),
  };
}
