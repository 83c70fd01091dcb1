/**
 * Private set intersection cardinality: the guest learns how many ids both have, and nobody which.
 *
 * Paper: blinding twice with shuffles, Huberman, Franklin, Hogg (EC 1999), section 3.2; as in the first rounds of Ion
 * et al., "On Deploying Secure Computing: Private Intersection-Sum-with-Cardinality" (EuroS&P 2020), with the parts of
 * the parties exchanged, so that the count is first seen by the host, which is not the one that asked.
 *
 * H is RFC 9380 hashing to ristretto255 under a tag with the session in it. Keys a, b are fresh for each run.
 *
 * 1. guest <-> host: row counts.
 * 2. guest -> host: a·H(x) of its ids, shuffled.   host -> guest: b·H(y) of its ids, shuffled.   (at once)
 * 3. guest -> host: sorted truncated SHA-256(a·b·H(y)): an order without meaning.
 *    host: SHA-256(b·a·H(x)) of what it got in 2; counts what is in both. Fewer than the minimum: an error, no result.
 * 4. host -> guest: the count, plus noise if agreed.
 *
 * With `hideFromHost`, the host adds D joint dummy ids, and the guest D, of which a random d are joint: the host sees
 * the count + d, and the guest subtracts d. The minimum then is D more, so that it holds whatever d is.
 *
 * Learns. Guest: the host's row count; the count (with noise, if agreed). Host: the guest's row count; the exact count
 * (or count + d). Neither: which ids match, or any id. Both: that the minimum was missed, if it was.
 * Adversary: semi-honest; DDH in ristretto255, random oracles. The minimum binds a guest that follows the protocol: one
 * that deviates can send multiples of one point and answer with the same multiples of a host's point, so that one common
 * id counts many times; and who knows minimum - 1 members can ask about one more id. That is why runs draw on a budget
 * and noise is offered. A host may return any count.
 *
 * Rounds: 4. Bytes: `trafficBytes` in steps.ts.
 */
import type { Peer } from "@tombolo/channel";
import { POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import { cut } from "../ecdh/receiving.ts";
import { gather, sortedOrder } from "../ecdh/sorting.ts";
import type { messages } from "./messages.ts";
import {
  admitPartner,
  type CountOptions,
  CountProgressMeter,
  checkedRows,
  checkOptions,
  chunkRowsOf,
  ROWS_MAX,
} from "./options.ts";
import { blindedChunks, dummyPlan, LABEL, shuffled, TagCollector, withGuestDummies } from "./steps.ts";

export type HostPeer = Peer<typeof messages, "guest">;

export interface GuestCount {
  /** As released: with noise it may be negative or above either row count. */
  readonly count: number;
  readonly partnerRows: number;
}

/** `digests`: 16 bytes for each of the own distinct ids, the same function of an id at both parties. */
export async function guest(digests: Uint8Array, host: HostPeer, options: CountOptions): Promise<GuestCount> {
  checkOptions(options);
  const rows = checkedRows(digests, ROWS_MAX);
  const partnerRows = await host.exchange("guestRows", rows, "hostRows"); // 1
  await admitPartner(partnerRows, 0, host.party, options, LABEL.stage);
  const { secrets } = options;
  const plan = dummyPlan(options.hideFromHost);
  const { all, matching } = await withGuestDummies(LABEL, digests, host.binding, plan, secrets);
  const own = shuffled(all, secrets).digests;
  const key = ristretto255.randomScalar(secrets); // a
  const collector = new TagCollector(LABEL, host.binding, host.party, {
    received: partnerRows + plan.capacity,
    own: rows + plan.capacity,
  });
  const progress = new CountProgressMeter(options, rows + partnerRows + 2 * plan.capacity);
  await Promise.all([
    host.sendEach("guestPoints", counted(blindedChunks(LABEL, own, key, host.binding, chunkRowsOf(options)), progress)),
    collect(host, collector, key, progress),
  ]); // 2
  const order = sortedOrder(collector.tags, collector.width);
  const tags = gather(collector.tags, collector.width, order);
  await host.sendEach("doubled", cut(tags, chunkRowsOf(options) * POINT_BYTES)); // 3
  const count = await host.receive("count"); // 4
  progress.add("done", 0);
  return { count: count - matching, partnerRows };
}

async function collect(
  host: HostPeer,
  collector: TagCollector,
  key: Uint8Array,
  progress: CountProgressMeter,
): Promise<void> {
  for await (const points of host.receiveEach("hostPoints")) {
    await collector.add(points, key); // a·b·H(y)
    progress.add("match", points.length / POINT_BYTES);
  }
  collector.finish();
}

/** Tells the progress of what goes out. */
export async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  progress: CountProgressMeter,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    progress.add("blind", chunk.length / POINT_BYTES);
    yield chunk;
  }
}
