/**
 * The computations of RFC 9497, modes OPRF and VOPRF, ciphersuite ristretto255-SHA512, in batches. Letters and section
 * numbers are the RFC's. Points and scalars are 32 bytes each, lists of them concatenated.
 */
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToBigint, concat, equalBytes, type Secrets, TomboloError, utf8 } from "@tombolo/base";
import { POINT_BYTES, ristretto255, SCALAR_BYTES } from "@tombolo/crypto";

/** "oprf": the client trusts the server to use one key. "voprf": the server proves that it uses a known one. */
export type Mode = "oprf" | "voprf";

/** n inputs as concatenation and n + 1 offsets. */
export interface Inputs {
  readonly messages: Uint8Array;
  readonly offsets: Uint32Array;
}

export const OUTPUT_BYTES = 64;
/** c ‖ s */
export const PROOF_BYTES = 2 * SCALAR_BYTES;
/** The proof numbers its elements with two bytes. */
export const BATCH_MAX = 65535;

const MODE_NUMBER = { oprf: 0, voprf: 1 } as const;
const SHA512_BLOCK_BYTES = 128;

/** 3.1 */
export const contextString = (mode: Mode): Uint8Array =>
  concat(utf8("OPRFV1-"), Uint8Array.of(MODE_NUMBER[mode]), utf8("-ristretto255-SHA512"));

const tag = (name: string, mode: Mode): Uint8Array => concat(utf8(name), contextString(mode));

/** I2OSP(length, 2) ‖ bytes */
function prefixed(bytes: Uint8Array): Uint8Array {
  if (bytes.length > 65535) throw new TomboloError("input.oprf-length", "an OPRF input has at most 65535 bytes");
  return concat(Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes);
}

/** RFC 9380 5.3.1 expand_message_xmd for 64 bytes, which is one block of SHA-512; then modulo the order. */
function hashToScalar(message: Uint8Array, dst: Uint8Array): Uint8Array {
  const dstPrime = concat(dst, Uint8Array.of(dst.length));
  const b0 = sha512(concat(new Uint8Array(SHA512_BLOCK_BYTES), message, Uint8Array.of(0, 64, 0), dstPrime));
  return ristretto255.reduceScalar(sha512(concat(b0, Uint8Array.of(1), dstPrime)));
}

const scalarOf = (bytes: Uint8Array): bigint => bytesToBigint(bytes.toReversed());
const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
const at = (list: Uint8Array, i: number): Uint8Array => list.subarray(32 * i, 32 * i + 32);

/** 3.2.1 DeriveKeyPair: `seed` is 32 secret bytes; `info` names what the key is for. */
export function deriveKey(seed: Uint8Array, info: Uint8Array, mode: Mode): Uint8Array {
  for (let counter = 0; counter < 256; counter++) {
    const input = concat(seed, prefixed(info), Uint8Array.of(counter));
    const key = hashToScalar(input, tag("DeriveKeyPair", mode));
    if (!isZero(key)) return key;
  }
  throw new TomboloError("state.oprf-key", "no key could be derived");
}

/** pkS = skS·G */
export const publicKeyOf = (key: Uint8Array): Promise<Uint8Array> => ristretto255.multiplyBase(key);

/** One fresh blind for each input. */
export const randomBlinds = (count: number, secrets: Secrets): Uint8Array =>
  concat(...Array.from({ length: count }, () => ristretto255.randomScalar(secrets)));

/** 3.3.1 Blind: blind·H(input). An input that hashes to the identity, which nobody can find, ends in `protocol.point`. */
export async function blind({ messages, offsets }: Inputs, blinds: Uint8Array, mode: Mode): Promise<Uint8Array> {
  const elements = await ristretto255.hashToGroup(messages, offsets, tag("HashToGroup-", mode));
  return ristretto255.multiplyEach(elements, blinds);
}

/** 3.3.1 BlindEvaluate: refuses what is no group element. */
export const blindEvaluate = (key: Uint8Array, blinded: Uint8Array): Promise<Uint8Array> =>
  ristretto255.multiply(blinded, key);

/** 3.3.1 Finalize: n × OUTPUT_BYTES. */
export async function finalize(inputs: Inputs, blinds: Uint8Array, evaluated: Uint8Array): Promise<Uint8Array> {
  return hashOutputs(inputs, await ristretto255.multiplyEach(evaluated, ristretto255.invertScalar(blinds)));
}

/** 3.3.1 Evaluate: what the server computes for an input of its own, equal to the client's Finalize. */
export async function evaluate(inputs: Inputs, key: Uint8Array, mode: Mode): Promise<Uint8Array> {
  const { messages, offsets } = inputs;
  return hashOutputs(inputs, await ristretto255.hashAndMultiply(messages, offsets, tag("HashToGroup-", mode), key));
}

function hashOutputs({ messages, offsets }: Inputs, elements: Uint8Array): Uint8Array {
  const out = new Uint8Array((offsets.length - 1) * OUTPUT_BYTES);
  for (let i = 0; i + 1 < offsets.length; i++) {
    const input = messages.subarray(offsets[i], offsets[i + 1]);
    out.set(sha512(concat(prefixed(input), prefixed(at(elements, i)), utf8("Finalize"))), i * OUTPUT_BYTES);
  }
  return out;
}

/** What a proof is about: D[i] = k·C[i] for the k of B = k·G. */
interface Statement {
  readonly publicKey: Uint8Array; // B
  readonly blinded: Uint8Array; // C
  readonly evaluated: Uint8Array; // D
}

/** 2.2.1 GenerateProof. `nonce` is a fresh random scalar, never used again. */
export async function prove(statement: Statement, key: Uint8Array, nonce: Uint8Array): Promise<Uint8Array> {
  const m = await ristretto255.combine(statement.blinded, weights(statement));
  const [z, t2, t3] = await Promise.all([
    ristretto255.multiply(m, key), // Z = k·M, as in ComputeCompositesFast
    ristretto255.multiplyBase(nonce), // t2 = r·G
    ristretto255.multiply(m, nonce), // t3 = r·M
  ]);
  const c = challenge(statement.publicKey, m, z, t2, t3);
  const s = scalarOf(nonce) - scalarOf(c) * scalarOf(key); // s = r - c·k
  return concat(c, scalarBytes(s));
}

/** 2.2.2 VerifyProof. */
export async function verify(statement: Statement, proof: Uint8Array): Promise<boolean> {
  const [c, s] = [at(proof, 0), at(proof, 1)];
  if (proof.length !== PROOF_BYTES || scalarOf(c) >= ristretto255.order || scalarOf(s) >= ristretto255.order)
    return false;
  const d = weights(statement);
  const [m, z] = await Promise.all([
    ristretto255.combine(statement.blinded, d),
    ristretto255.combine(statement.evaluated, d),
  ]);
  const [t2, t3] = await Promise.all([
    ristretto255.combine(concat(await generator(), statement.publicKey), proofScalars(s, c)), // t2 = s·G + c·B
    ristretto255.combine(concat(m, z), proofScalars(s, c)), // t3 = s·M + c·Z
  ]);
  return equalBytes(challenge(statement.publicKey, m, z, t2, t3), c);
}

const proofScalars = (s: Uint8Array, c: Uint8Array): Uint8Array => concat(s, c);
const generator = (): Promise<Uint8Array> => ristretto255.multiplyBase(scalarBytes(1n));

function scalarBytes(value: bigint): Uint8Array {
  const reduced = ((value % ristretto255.order) + ristretto255.order) % ristretto255.order;
  return Uint8Array.from({ length: SCALAR_BYTES }, (_, i) => Number((reduced >> BigInt(8 * i)) & 255n));
}

/** 2.2.1 ComputeComposites, the weights d[i]. */
function weights({ publicKey, blinded, evaluated }: Statement): Uint8Array {
  const count = blinded.length / POINT_BYTES;
  if (count === 0 || count > BATCH_MAX || evaluated.length !== blinded.length)
    throw new TomboloError("protocol.oprf-batch", `a proof covers 1 to ${BATCH_MAX} elements`);
  const seed = sha512(concat(prefixed(publicKey), prefixed(tag("Seed-", "voprf"))));
  const dst = tag("HashToScalar-", "voprf");
  const out = new Uint8Array(count * SCALAR_BYTES);
  for (let i = 0; i < count; i++) {
    const number = Uint8Array.of(i >> 8, i & 255);
    const pair = concat(prefixed(at(blinded, i)), prefixed(at(evaluated, i)));
    out.set(hashToScalar(concat(prefixed(seed), number, pair, utf8("Composite")), dst), i * SCALAR_BYTES);
  }
  return out;
}

function challenge(...elements: readonly Uint8Array[]): Uint8Array {
  return hashToScalar(concat(...elements.map(prefixed), utf8("Challenge")), tag("HashToScalar-", "voprf"));
}
