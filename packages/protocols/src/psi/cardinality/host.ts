/** The host's part of the cardinality protocol: goal, messages and guarantees are in guest.ts. */
import { concat } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { matchIndices, POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import { planNoise } from "../../noise/index.ts";
import { collect } from "../ecdh/receiving.ts";
import { firstNotAscending } from "../ecdh/sorting.ts";
import { counted } from "./guest.ts";
import type { messages } from "./messages.ts";
import {
  admitPartner,
  type CountOptions,
  CountProgressMeter,
  checkedRows,
  checkOptions,
  chunkRowsOf,
  ROWS_MAX,
  tooFew,
} from "./options.ts";
import { blindedChunks, dummyDigests, dummyPlan, LABEL, refused, shuffled, TagCollector } from "./steps.ts";

export type GuestPeer = Peer<typeof messages, "host">;

export interface HostCount {
  /** The count as the host sees it: exact, or with `dummies` expected on top. */
  readonly seen: number;
  /** Mean of what `hideFromHost` adds to `seen`. */
  readonly dummies: number;
  readonly partnerRows: number;
}

export async function host(digests: Uint8Array, peer: GuestPeer, options: CountOptions): Promise<HostCount> {
  checkOptions(options);
  const rows = checkedRows(digests, ROWS_MAX);
  const [noise] = planNoise(options.noise.kind, options.noise.epsilonMilli, [1n]);
  const partnerRows = await peer.exchange("hostRows", rows, "guestRows"); // 1
  const { capacity } = dummyPlan(options.hideFromHost);
  await admitPartner(partnerRows, capacity, peer.party, options, LABEL.stage);
  const all = concat(digests, await dummyDigests(LABEL, peer.binding, 0, capacity));
  const own = shuffled(all, options.secrets).digests;
  const key = ristretto255.randomScalar(options.secrets); // b
  const collector = new TagCollector(LABEL, peer.binding, peer.party, {
    received: partnerRows + capacity,
    own: rows + capacity,
  });
  const progress = new CountProgressMeter(options, rows + partnerRows + 2 * capacity);
  await Promise.all([
    peer.sendEach("hostPoints", counted(blindedChunks(LABEL, own, key, peer.binding, chunkRowsOf(options)), progress)),
    receivePoints(peer, collector, key, progress),
  ]); // 2
  const seen = await countMatches(peer, collector, rows + capacity);
  if (seen < options.minimum + capacity) throw tooFew(options.minimum, LABEL.stage);
  await peer.send("count", seen + Number(noise!.draw(options.secrets))); // 4
  progress.add("done", 0);
  return { seen, dummies: capacity / 2, partnerRows };
}

async function receivePoints(
  peer: GuestPeer,
  collector: TagCollector,
  key: Uint8Array,
  progress: CountProgressMeter,
): Promise<void> {
  for await (const points of peer.receiveEach("guestPoints")) {
    await collector.add(points, key); // b·a·H(x)
    progress.add("match", points.length / POINT_BYTES);
  }
  collector.finish();
}

async function countMatches(peer: GuestPeer, { tags, width }: TagCollector, ownRows: number): Promise<number> {
  const doubled = await collect(peer.receiveEach("doubled"), ownRows * width, peer.party); // 3
  if (firstNotAscending(doubled, width) >= 0)
    throw refused(LABEL, "order", "fingerprints are not ascending, or come twice", peer.party);
  return (await matchIndices(doubled, tags, width)).left.length;
}
