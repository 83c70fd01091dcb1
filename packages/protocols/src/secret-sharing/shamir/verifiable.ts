/**
 * Shares that can be checked against what their dealer published.
 *
 * Feldman, "A Practical Scheme for Non-interactive Verifiable Secret Sharing", FOCS 1987: the dealer publishes A_k = a_k·G of the coefficients;
 * a share s of index j is right if s·G = sum of j^k·A_k. **A_0 = secret·G stands for the secret**: it hides keys, but whoever can guess a secret
 * can check the guess. `hiding`, for numbers: Pedersen, "Non-Interactive and Information-Theoretic Secure Verifiable Secret Sharing", CRYPTO 1991: A_k = a_k·G +
 * b_k·H with a second random polynomial, whose share goes with the first; A_k is uniform, and binds whoever cannot find H's logarithm.
 *
 * Refreshing: Herzberg, Jarecki, Krawczyk, Yung, "Proactive Secret Sharing", CRYPTO 1995, section 3: polynomials with f(0) = 0 are dealt and added, after which
 * earlier shares are worth nothing together with later ones. A_0 of such is not published: it is nothing.
 *
 * Adversary: malicious dealers and holders; a wrong share is found, and by its index who gave it, but with probability 2^-128. All must see the
 * same commitments: that is up to the protocol (sum.ts). Deviation: H = G + H' of a hashed H', so that no scalar is a small number or 0.
 */
import { bigintToBytes, bytesToBigint, concat, equalBytes, type Secrets, TomboloError, utf8 } from "@tombolo/base";
import { ristretto255 as group, POINT_BYTES } from "@tombolo/crypto";
import { checkSharing, modulo, randomPolynomials, type Shares, type Sharing, sharesOf } from "./polynomials.ts";

const LABEL = utf8("tombolo/secret-sharing/shamir/1/second-generator");
const CHECK_BYTES = 16;

export type Form = "hiding" | "feldman";

/** Of each secret t + 1 points, or t where all secrets are 0. Public. */
export interface Commitments {
  readonly form: Form;
  readonly threshold: number;
  /** Of a refresh: without the points of power 0. */
  readonly zero: boolean;
  readonly points: Uint8Array;
}

/** What goes to one party. */
export interface VerifiableShares extends Shares {
  /** f(index) of the second polynomials; none in Feldman's form. */
  readonly blinding: readonly bigint[];
}

export interface Dealt {
  /** Of index 1 first. */
  readonly shares: readonly VerifiableShares[];
  readonly commitments: Commitments;
}

export const deal = (values: readonly bigint[], sharing: Sharing, form: Form, secrets: Secrets): Promise<Dealt> =>
  dealt(values, { ...sharing, form, zero: false }, secrets);

/** To be added to `count` secrets' shares. */
export const dealZeros = (count: number, sharing: Sharing, form: Form, secrets: Secrets): Promise<Dealt> =>
  dealt(new Array<bigint>(count).fill(0n), { ...sharing, form, zero: true }, secrets);

async function dealt(
  values: readonly bigint[],
  { form, zero, ...sharing }: Sharing & Pick<Commitments, "form" | "zero">,
  secrets: Secrets,
): Promise<Dealt> {
  checkSharing(sharing);
  if (form === "feldman" && !zero && values.some((value) => modulo(value) === 0n))
    throw new RangeError("Feldman's form is for keys: 0 is none");
  const polynomials = randomPolynomials(values, sharing, secrets);
  const hidden = form === "hiding";
  const random = hidden && !zero ? values.map(() => modulo(bytesToBigint(secrets.bytes(64)))) : values;
  const blinding = hidden ? randomPolynomials(random, sharing, secrets) : [];
  const of = (coefficients: readonly (readonly bigint[])[]): bigint[] =>
    coefficients.flatMap((all) => all.slice(zero ? 1 : 0));
  const points = await committed(of(polynomials), of(blinding));
  const shares = Array.from({ length: sharing.parties }, (_, i) => ({
    ...sharesOf(polynomials, i + 1),
    blinding: sharesOf(blinding, i + 1).values,
  }));
  return { shares, commitments: { form, zero, threshold: sharing.threshold, points } };
}

/** a·G, or a·G + b·H = (a + b)·G + b·H'. */
async function committed(a: readonly bigint[], b: readonly bigint[]): Promise<Uint8Array> {
  if (a.length === 0) return new Uint8Array(0);
  if (b.length === 0) return group.multiplyBase(scalarsOf(a));
  const second = await secondGenerator();
  const [left, right] = await Promise.all([
    group.multiplyBase(scalarsOf(a.map((value, i) => modulo(value + b[i]!)))),
    group.multiplyEach(concat(...b.map(() => second)), scalarsOf(b)),
  ]);
  return group.add(left, right);
}

const secondGenerator = (): Promise<Uint8Array> => group.hashToGroup(LABEL, Uint32Array.of(0, LABEL.length), LABEL);

/** Whether all of a party's shares are right: a random combination of them is. */
export async function verify(
  { index, values, blinding }: VerifiableShares,
  commitments: Commitments,
  secrets: Secrets,
): Promise<boolean> {
  const { threshold, zero, form, points } = commitments;
  const powers = Array.from({ length: threshold + 1 }, (_, k) => modulo(BigInt(index) ** BigInt(k))).slice(
    zero ? 1 : 0,
  );
  if (points.length !== POINT_BYTES * powers.length * values.length) return false;
  if (blinding.length !== (form === "hiding" ? values.length : 0)) return false;
  if (values.length === 0) return true;
  const factors = values.map(() => 1n + bytesToBigint(secrets.bytes(CHECK_BYTES)));
  const combined = (all: readonly bigint[]): bigint[] =>
    all.length === 0 ? [] : [all.reduce((sum, value, i) => modulo(sum + value * factors[i]!), 0n)];
  const [value, blind] = [combined(values), combined(blinding)];
  // Of what an honest dealer gave they are none; the group takes no 0.
  if ([...value, ...blind, modulo((value[0] ?? 0n) + (blind[0] ?? 0n))].includes(0n)) return false;
  const scalars = scalarsOf(factors.flatMap((factor) => powers.map((power) => modulo(factor * power))));
  const right = await group.combine(points, scalars).catch(noPoints);
  return right !== null && equalBytes(await committed(value, blind), right);
}

function noPoints(error: unknown): null {
  if (error instanceof TomboloError && error.code === "protocol.point") return null;
  throw error;
}

/** Shares of the sums of secrets, of one party. */
export function addedShares(shares: readonly VerifiableShares[]): VerifiableShares {
  const sum = (x: readonly bigint[], y: readonly bigint[]): bigint[] => x.map((value, i) => modulo(value + y[i]!));
  return shares.reduce((all, next) => {
    if (all.index !== next.index || all.values.length !== next.values.length)
      throw new RangeError("shares of one party, of as many secrets");
    return { index: all.index, values: sum(all.values, next.values), blinding: sum(all.blinding, next.blinding) };
  });
}

/** Of the sums of secrets. Those of a refresh leave the points of power 0 of the first as they are. */
export async function addedCommitments(all: readonly Commitments[]): Promise<Commitments> {
  const [first, ...others] = all as readonly [Commitments, ...Commitments[]];
  let { points } = first;
  for (const next of others) {
    if (next.threshold !== first.threshold || next.form !== first.form || (first.zero && !next.zero))
      throw new RangeError("commitments of one kind");
    points = first.zero === next.zero ? await group.add(points, next.points) : await refreshed(points, next);
  }
  return { ...first, points };
}

async function refreshed(points: Uint8Array, { threshold, points: change }: Commitments): Promise<Uint8Array> {
  const [width, part] = [POINT_BYTES * (threshold + 1), POINT_BYTES * threshold];
  const rows = Array.from({ length: points.length / width }, (_, i) => points.subarray(i * width, (i + 1) * width));
  const sums = await group.add(concat(...rows.map((row) => row.subarray(POINT_BYTES))), change);
  return concat(...rows.flatMap((row, i) => [row.subarray(0, POINT_BYTES), sums.subarray(i * part, (i + 1) * part)]));
}

const scalarsOf = (values: readonly bigint[]): Uint8Array =>
  concat(...values.map((value) => bigintToBytes(value, group.scalarBytes).reverse()));
