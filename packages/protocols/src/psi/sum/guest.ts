/**
 * Private intersection-sum: the guest learns sums of the host's attributes over the ids both have, and nobody which
 * those are.
 *
 * Paper: Ion et al., "On Deploying Secure Computing: Private Intersection-Sum-with-Cardinality" (EuroS&P 2020), the
 * DDH-based protocol. Deviation: there the party without values sees the count first and the party with values gets the
 * sum. Here the guest, which has no values, gets the sum, and the host sees the count and can refuse before anyone has
 * a sum (SECURITY.md rule 8). For that the host adds up ciphertexts of its own that the guest has shuffled, masked and
 * re-randomised, and the masks come along under the guest's key, as in the share conversion of Buddhavarapu et al.,
 * "Private Matching for Compute" (ePrint 2020/599).
 *
 * H is RFC 9380 hashing to ristretto255 under a tag with the session in it. Group keys a, b and both Paillier keys are
 * fresh for each run. t packs a row's attributes into one integer (figures.ts).
 *
 * 1. guest <-> host: row counts; Paillier public keys.
 * 2. guest -> host: a·H(x), shuffled.   host -> guest: b·H(y), Enc_host(t), shuffled.   (at once)
 * 3. guest -> host, sorted by tag: truncated SHA-256(a·b·H(y)), Enc_host(t)·Enc_host(r), Enc_guest(r); r a fresh mask,
 *    at least 40 bits (and one for each doubling of rows) longer than t, the factor fresh randomness.
 *    host: matches with SHA-256(b·a·H(x)); fewer than the minimum: an error, no result. Else adds up the matched
 *    Enc_host(t + r), decrypts that one sum U, and makes Enc_guest(U + completion) - sum of matched Enc_guest(r).
 * 4. host -> guest: that ciphertext, and the count where the guest is to have it. Guest decrypts.
 *
 * `completion` removes what would tell the count from the sums, and adds the agreed noise. Dummies hide the count from
 * the host as in psi/cardinality; theirs are rows of zeros.
 *
 * Learns. Guest: the host's row count; the sums (with noise, if agreed); the count, if agreed. Host: the guest's row
 * count; the exact count (or count + d). Neither: which ids match; a single value; any id. Both: that the minimum was
 * missed, if it was.
 * Adversary: semi-honest; DDH, DCR with short exponents (packages/crypto), random oracles. The masks hide t from the
 * host, who can decrypt, up to 2^-40 a run. Each side decrypts one ciphertext, made by the other: the host a sum whose
 * value goes back only under the guest's key, the guest its own result, which it keeps; Paillier keys do not suffer from
 * chosen ciphertexts (rule 10), and values beyond their bounds end the run. A guest that deviates can weigh rows
 * unequally, and so learn another linear function of the matched rows than their sum: outside the model. A host may
 * return any sums.
 *
 * Rounds: 4. Bytes: `trafficBytes` in steps.ts.
 */
import type { Peer } from "@tombolo/channel";
import { type HePublicKey, POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import { counted } from "../cardinality/guest.ts";
import { admitPartner, CountProgressMeter, checkedRows, checkOptions } from "../cardinality/options.ts";
import { blindedChunks, dummyPlan, refused, shuffled, TagCollector, withGuestDummies } from "../cardinality/steps.ts";
import { gather, sortedOrder } from "../ecdh/sorting.ts";
import { ranges } from "../ecdh/steps.ts";
import type { messages } from "./messages.ts";
import { planSum, ROWS_MAX, type SumOptions, type SumPlan, sumChunkRows } from "./options.ts";
import { column, integerOf, interleave, LABEL, partnersKey, randomMasks } from "./steps.ts";

export type HostPeer = Peer<typeof messages, "guest">;

export interface GuestSums {
  /** One for each attribute, in units of its whole numbers. */
  readonly sums: readonly bigint[];
  /** null where it is not revealed. */
  readonly count: number | null;
  readonly partnerRows: number;
}

/** What one run works with. */
interface Run {
  readonly host: HostPeer;
  readonly options: SumOptions;
  readonly plan: SumPlan;
  readonly hostKey: HePublicKey;
  /** a */
  readonly blind: Uint8Array;
  readonly collector: TagCollector;
  readonly progress: CountProgressMeter;
}

/** `digests` as for psi/cardinality. */
export async function guest(digests: Uint8Array, host: HostPeer, options: SumOptions): Promise<GuestSums> {
  checkOptions(options);
  const rows = checkedRows(digests, ROWS_MAX);
  const { secrets, key } = options;
  const offer = await host.exchange("guestOffer", { rows, publicKey: key.publicKey.toBytes() }, "hostOffer"); // 1
  await admitPartner(offer.rows, 0, host.party, options, LABEL.stage);
  const dummies = dummyPlan(options.hideFromHost);
  const [ownRows, hostRows] = [rows + dummies.capacity, offer.rows + dummies.capacity];
  const run: Run = {
    host,
    options,
    plan: planSum(options, ownRows, hostRows),
    hostKey: partnersKey(offer.publicKey, key.publicKey.keyBits, host.party),
    blind: ristretto255.randomScalar(secrets),
    collector: new TagCollector(LABEL, host.binding, host.party, { received: hostRows, own: ownRows }),
    progress: new CountProgressMeter(options, ownRows + 2 * hostRows),
  };
  const { all, matching } = await withGuestDummies(LABEL, digests, host.binding, dummies, secrets);
  const chunks = blindedChunks(LABEL, shuffled(all, secrets).digests, run.blind, host.binding, sumChunkRows(options));
  const [, held] = await Promise.all([
    host.sendEach("guestPoints", counted(chunks, run.progress)),
    receiveRows(run, hostRows),
  ]); // 2
  await host.sendEach("masked", maskedChunks(run, held)); // 3
  const result = await host.receive("result"); // 4
  const sums = await openSums(run, result.ciphertext);
  if ((result.count !== null) !== options.revealCount)
    throw refused(LABEL, "result", "the count was sent against the agreement, or left out", host.party);
  run.progress.add("done", 0);
  return { sums, count: result.count === null ? null : result.count - matching, partnerRows: offer.rows };
}

/** The host's rows as received, masked: everything but the tags, which the collector has. */
interface Held {
  /** Enc_host(t + r) */
  readonly masked: Uint8Array;
  /** r, as plaintexts. */
  readonly masks: Uint8Array;
}

async function receiveRows(
  { host, options, plan, hostKey, blind, collector, progress }: Run,
  rows: number,
): Promise<Held> {
  const width = hostKey.ciphertextBytes;
  const stride = POINT_BYTES + width;
  const held: Held = {
    masked: new Uint8Array(rows * width),
    masks: randomMasks(hostKey, rows, plan.maskBits, options.secrets),
  };
  let done = 0;
  for await (const chunk of host.receiveEach("hostRows")) {
    if (chunk.length % stride !== 0) throw refused(LABEL, "malformed", "rows of a wrong length", host.party);
    const count = chunk.length / stride;
    await collector.add(column(chunk, stride, 0, POINT_BYTES), blind); // a·b·H(y)
    const values = column(chunk, stride, POINT_BYTES, width);
    await hostKey.validate(values);
    const masks = held.masks.subarray(done * hostKey.plaintextBytes, (done + count) * hostKey.plaintextBytes);
    // Encrypting the mask also re-randomises: the host cannot tell which of its ciphertexts this was.
    held.masked.set(await hostKey.add(values, await hostKey.encrypt(masks, options.secrets)), done * width);
    done += count;
    progress.add("match", count);
  }
  collector.finish();
  return held;
}

async function* maskedChunks(run: Run, { masked, masks }: Held): AsyncGenerator<Uint8Array> {
  const { collector, hostKey, options, progress } = run;
  const { ciphertextBytes: width, plaintextBytes } = hostKey;
  const order = sortedOrder(collector.tags, collector.width);
  for (const [from, to] of ranges(order.length, sumChunkRows(options))) {
    const rows = order.subarray(from, to);
    const ownMasks = await options.key.encrypt(gather(masks, plaintextBytes, rows), options.secrets);
    yield interleave(
      rows.length,
      { bytes: gather(collector.tags, collector.width, rows), width: collector.width },
      { bytes: gather(masked, width, rows), width },
      { bytes: ownMasks, width },
    );
    progress.add("match", rows.length);
  }
}

async function openSums({ options: { key }, plan, host }: Run, ciphertext: Uint8Array): Promise<bigint[]> {
  if (ciphertext.length !== key.publicKey.ciphertextBytes)
    throw refused(LABEL, "malformed", "a result of a wrong length", host.party);
  return plan.figures.unpack(integerOf(await key.decrypt(ciphertext)));
}
