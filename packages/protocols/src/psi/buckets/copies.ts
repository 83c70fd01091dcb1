/**
 * Many rows to one id, after a match: how often each matched id comes at the guest, so that the host can lay its one row
 * beside each of them.
 *
 * 1. guest -> host: how many of the guest's rows have each matched id, in the joint order of the ids.
 *
 * Learns. The host: of each of its matched rows, how many rows of the guest have its id. The guest: nothing.
 * Adversary: the guest may send other numbers, which puts the host's rows beside the wrong ones of its own and nothing
 * else; never more in all than the rows it declared. Rounds: 1. Bytes: 4 a matched id.
 */
import { concat, TomboloError } from "@tombolo/base";
import { fixedWidth, type Peer, stream } from "@tombolo/channel";

const COUNT_BYTES = 4;
const CHUNK_BYTES = 2 ** 18;

export const copyMessages = {
  guestCopies: stream("guest", "host", fixedWidth(COUNT_BYTES), {
    means: { en: "How many of the guest's rows have each matched id", zh: "每个匹配标识在发起方的行数" },
    sizeMax: CHUNK_BYTES,
  }),
};

/** One part after another, each as long as it likes. */
export async function sendCopies(
  copies: AsyncIterable<Uint32Array>,
  peer: Peer<typeof copyMessages, "guest">,
): Promise<void> {
  await peer.sendEach("guestCopies", encoded(copies));
}

async function* encoded(parts: AsyncIterable<Uint32Array>): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    const out = new Uint8Array(part.length * COUNT_BYTES);
    const view = new DataView(out.buffer);
    part.forEach((count, i) => {
      view.setUint32(COUNT_BYTES * i, count, true);
    });
    for (let at = 0; at < out.length; at += CHUNK_BYTES) yield out.subarray(at, at + CHUNK_BYTES);
  }
}

/** In parts of the given lengths. `rowsMax`: of the guest, in all. */
export async function* receiveCopies(
  lengths: Iterable<number> | AsyncIterable<number>,
  rowsMax: number,
  peer: Peer<typeof copyMessages, "host">,
): AsyncGenerator<Uint32Array> {
  const chunks = peer.receiveEach("guestCopies")[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  let rows = 0;
  for await (const length of lengths) {
    while (rest.length < length * COUNT_BYTES) {
      const next = await chunks.next();
      if (next.done === true || next.value.length === 0) throw wrong(peer.party);
      rest = concat(rest, next.value);
    }
    const part = decoded(rest.subarray(0, length * COUNT_BYTES), peer.party);
    rest = rest.slice(length * COUNT_BYTES);
    rows += part.reduce((sum, count) => sum + count, 0);
    if (rows > rowsMax) throw wrong(peer.party);
    yield part;
  }
  if (rest.length > 0 || (await chunks.next()).done !== true) throw wrong(peer.party);
}

function decoded(bytes: Uint8Array, party: string): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = Uint32Array.from({ length: bytes.length / COUNT_BYTES }, (_, i) => view.getUint32(COUNT_BYTES * i, true));
  if (out.includes(0)) throw wrong(party);
  return out;
}

const wrong = (party: string): TomboloError =>
  new TomboloError("protocol.copies", "the partner's rows of each matched id do not add up", {
    stage: "psi/buckets",
    blame: party,
  });
