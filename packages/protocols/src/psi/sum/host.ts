/** The host's part of the private intersection-sum: goal, messages and guarantees are in guest.ts. */
import { concat } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { type HePublicKey, matchIndices, POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import { admitPartner, CountProgressMeter, checkedRows, checkOptions, tooFew } from "../cardinality/options.ts";
import {
  blindedChunks,
  dummyDigests,
  dummyPlan,
  refused,
  shuffled,
  TagCollector,
  wrongCount,
} from "../cardinality/steps.ts";
import { firstNotAscending, gather } from "../ecdh/sorting.ts";
import type { messages } from "./messages.ts";
import { planSum, ROWS_MAX, type SumOptions, type SumPlan, sumChunkRows } from "./options.ts";
import { column, integerOf, interleave, LABEL, partnersKey, plaintexts, sumCiphertexts } from "./steps.ts";

export type GuestPeer = Peer<typeof messages, "host">;

export interface HostSum {
  /** The count as the host sees it: exact, or with `dummies` expected on top. */
  readonly seen: number;
  readonly dummies: number;
  readonly partnerRows: number;
}

interface Run {
  readonly guest: GuestPeer;
  readonly options: SumOptions;
  readonly plan: SumPlan;
  readonly guestKey: HePublicKey;
  /** b */
  readonly blind: Uint8Array;
  readonly collector: TagCollector;
  readonly progress: CountProgressMeter;
}

/** `values[k][i]`: attribute k of the id with digest i, a whole number within its bounds. */
export async function host(
  digests: Uint8Array,
  values: readonly Float64Array[],
  guest: GuestPeer,
  options: SumOptions,
): Promise<HostSum> {
  checkOptions(options);
  const rows = checkedRows(digests, ROWS_MAX);
  if (values.length !== options.attributes.length || values.some(({ length }) => length !== rows))
    throw new RangeError("one value for each attribute and id");
  const { secrets, key } = options;
  const offer = await guest.exchange("hostOffer", { rows, publicKey: key.publicKey.toBytes() }, "guestOffer"); // 1
  const { capacity } = dummyPlan(options.hideFromHost);
  await admitPartner(offer.rows, capacity, guest.party, options, LABEL.stage);
  const [ownRows, guestRows] = [rows + capacity, offer.rows + capacity];
  const run: Run = {
    guest,
    options,
    plan: planSum(options, guestRows, ownRows),
    guestKey: partnersKey(offer.publicKey, key.publicKey.keyBits, guest.party),
    blind: ristretto255.randomScalar(secrets),
    collector: new TagCollector(LABEL, guest.binding, guest.party, { received: guestRows, own: ownRows }),
    progress: new CountProgressMeter(options, guestRows + 2 * ownRows),
  };
  const all = concat(digests, await dummyDigests(LABEL, guest.binding, 0, capacity));
  await Promise.all([guest.sendEach("hostRows", rowChunks(run, all, values, rows)), receivePoints(run)]); // 2
  const matched = await receiveMatched(run, ownRows); // 3
  if (matched.count < options.minimum + capacity) throw tooFew(options.minimum, LABEL.stage);
  const ciphertext = await completeSums(run, matched);
  const noisy = matched.count + Number(run.plan.countNoise.draw(secrets));
  await guest.send("result", { count: options.revealCount ? noisy : null, ciphertext }); // 4
  run.progress.add("done", 0);
  return { seen: matched.count, dummies: capacity / 2, partnerRows: offer.rows };
}

/** b·H(y) and Enc_host(t), shuffled; rows from `rows` on are dummies. */
async function* rowChunks(
  { plan, options, blind, guest, progress }: Run,
  all: Uint8Array,
  values: readonly Float64Array[],
  rows: number,
): AsyncGenerator<Uint8Array> {
  const { order, digests } = shuffled(all, options.secrets);
  const { key } = options;
  const zero = plan.figures.packZero();
  let from = 0;
  for await (const points of blindedChunks(LABEL, digests, blind, guest.binding, sumChunkRows(options))) {
    const count = points.length / POINT_BYTES;
    const packed = Array.from(order.subarray(from, from + count), (row) =>
      row < rows ? plan.figures.pack(values, row) : zero,
    );
    const encrypted = await key.encrypt(plaintexts(key.publicKey, packed), options.secrets);
    const width = key.publicKey.ciphertextBytes;
    yield interleave(count, { bytes: points, width: POINT_BYTES }, { bytes: encrypted, width });
    from += count;
    progress.add("blind", count);
  }
}

async function receivePoints({ guest, collector, blind, progress }: Run): Promise<void> {
  for await (const points of guest.receiveEach("guestPoints")) {
    await collector.add(points, blind); // b·a·H(x)
    progress.add("match", points.length / POINT_BYTES);
  }
  collector.finish();
}

interface Matched {
  readonly count: number;
  /** Sum of the matched Enc_host(t + r), and of their Enc_guest(r); empty without a match. */
  readonly masked: Uint8Array;
  readonly masks: Uint8Array;
}

async function receiveMatched(run: Run, rows: number): Promise<Matched> {
  const { guest, collector, options, guestKey, progress } = run;
  const { width: tagWidth, tags } = collector;
  const width = guestKey.ciphertextBytes;
  const stride = tagWidth + 2 * width;
  let [done, count] = [0, 0];
  let [last, masked, masks] = [new Uint8Array(0), new Uint8Array(0), new Uint8Array(0)];
  for await (const chunk of guest.receiveEach("masked")) {
    const size = chunk.length / stride;
    if (!Number.isInteger(size) || size === 0 || done + size > rows) throw wrongCount(LABEL, guest.party);
    const found = column(chunk, stride, 0, tagWidth);
    if (firstNotAscending(concat(last, found), tagWidth) >= 0)
      throw refused(LABEL, "order", "fingerprints are not ascending, or come twice", guest.party);
    last = found.slice(-tagWidth);
    const { left } = await matchIndices(found, tags, tagWidth);
    masked = await addUp(options.key.publicKey, masked, gather(column(chunk, stride, tagWidth, width), width, left));
    masks = await addUp(guestKey, masks, gather(column(chunk, stride, tagWidth + width, width), width, left));
    done += size;
    count += left.length;
    progress.add("match", size);
  }
  if (done !== rows) throw wrongCount(LABEL, guest.party);
  return { count, masked, masks };
}

/** The sum so far and these ciphertexts of the partner, in one ciphertext. */
async function addUp(key: HePublicKey, sum: Uint8Array, received: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  await key.validate(received);
  return new Uint8Array(await sumCiphertexts(key, concat(sum, received)));
}

async function completeSums({ guestKey, plan, options, guest }: Run, matched: Matched): Promise<Uint8Array> {
  const total = integerOf(await options.key.decrypt(matched.masked)); // U
  if (total >> BigInt(plan.totalBits) !== 0n)
    throw refused(LABEL, "bound", "a decrypted sum is outside the bounds of honest sums", guest.party);
  const completed = total + plan.figures.completion(matched.count, options.secrets);
  // Encrypting anew gives the result randomness of its own, so it does not tell which masks are in it.
  const result = await guestKey.encrypt(plaintexts(guestKey, [completed]), options.secrets);
  return guestKey.subtract(result, matched.masks);
}
