/**
 * Whether a count reaches a threshold, and not the count: after step 5 of guest.ts, between the guest and the first host.
 *
 * The first host adds a random byte r to its values of each bin, so that the guest's sums are count + r modulo 256: uniform, and nothing by
 * themselves. Then the guest's sum picks one of sixteen bits (Naor, Pinkas, STOC 1999; `oblivious-transfer/one-of-sixteen`) that the host laid
 * out by r: entry d says whether d - r modulo 16 is the threshold or more. There are at most 15 lists, so the last four bits of the sum are enough.
 *
 * 7. guest -> first host: four bits of each sum, masked by random choices.   8. first host -> guest: sixteen masked bits of each bin.
 *
 * Learns. Guest: of each of its ids whether the count is at least the threshold. Host: nothing more. The guest together with the first host
 * learns the counts, as without a threshold; with other hosts it learns, of what is not theirs, what bits and their own lists tell.
 * Adversary: semi-honest, as in guest.ts. 4 random transfers a bin.
 */
import type { Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  chosenPads,
  DIGIT_TRANSFERS,
  keyWords,
  maskedDigits,
  tablePads,
} from "../../oblivious-transfer/one-of-sixteen/index.ts";
import { randomOtReceiver, randomOtSender } from "../../oblivious-transfer/softspoken/index.ts";
import { DIGIT_CHUNK_BYTES, type messages, TABLE_BYTES, TABLE_CHUNK_BYTES } from "./messages.ts";
import { refused, THRESHOLD_TRANSFERS } from "./steps.ts";

/** Guest: of each bin 1 if its count reaches the threshold. `sums`: the counts under the first host's masks. */
export async function readReached(
  sums: Uint8Array,
  host: Peer<typeof messages, "receiver">,
  secrets: Secrets,
): Promise<Uint8Array> {
  const digits = sums.map((sum) => sum & 15);
  const options = { secrets, label: THRESHOLD_TRANSFERS, adversary: "semi-honest" } as const;
  const { choices, keys } = await randomOtReceiver(DIGIT_TRANSFERS * digits.length, host, options);
  await host.sendEach("digits", chunks(maskedDigits(digits, choices), DIGIT_CHUNK_BYTES)); // 7
  const pads = chosenPads(choices, keyWords(keys));
  const out = new Uint8Array(digits.length);
  let done = 0;
  for await (const part of host.receiveEach("tables")) {
    const count = part.length / TABLE_BYTES;
    if (count === 0 || done + count > out.length) throw wrongSize(host.party);
    for (let i = 0; i < count; i++, done++) {
      const table = part[2 * i]! | (part[2 * i + 1]! << 8); // 8
      out[done] = ((table >>> digits[done]!) ^ pads[done]!) & 1;
    }
  }
  if (done !== out.length) throw wrongSize(host.party);
  return out;
}

/** First host: `masks` are what it added in each bin, of `lists` hosts' counts. */
export async function tellReached(
  masks: Uint8Array,
  { least, lists }: { readonly least: number; readonly lists: number },
  guest: Peer<typeof messages, "sender">,
  secrets: Secrets,
): Promise<void> {
  const options = { secrets, label: THRESHOLD_TRANSFERS, adversary: "semi-honest" } as const;
  const { zero, one } = await randomOtSender(DIGIT_TRANSFERS * masks.length, guest, options);
  const masked = await received(guest, Math.ceil(masks.length / 2)); // 7
  const pads = tablePads(keyWords(zero), keyWords(one), masked);
  const tables = new Uint8Array(TABLE_BYTES * masks.length);
  masks.forEach((mask, bin) => {
    const word = pads[bin]! ^ entriesAt(mask, least, lists);
    tables[2 * bin] = word;
    tables[2 * bin + 1] = word >>> 8;
  });
  await guest.sendEach("tables", chunks(tables, TABLE_CHUNK_BYTES)); // 8
}

/** Bit d: whether a count that is d under this mask reaches the threshold. */
export function entriesAt(mask: number, least: number, lists: number): number {
  let word = 0;
  for (let count = least; count <= lists; count++) word |= 1 << ((count + mask) & 15);
  return word;
}

async function received(guest: Peer<typeof messages, "sender">, length: number): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  let filled = 0;
  for await (const part of guest.receiveEach("digits")) {
    if (part.length === 0 || filled + part.length > length) throw wrongSize(guest.party);
    out.set(part, filled);
    filled += part.length;
  }
  if (filled !== length) throw wrongSize(guest.party);
  return out;
}

function* chunks(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const wrongSize = (party: string) => refused("size", "the partner sent another number of bins", party);
