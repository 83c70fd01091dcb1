import { TomboloError } from "@tombolo/base";
import { type Codec, fixedWidth, message } from "@tombolo/channel";
import { COMMITMENT_BYTES } from "@tombolo/crypto";
import { exactly } from "../exactly.ts";
import { OPENING_BYTES, PARTIES_MAX } from "./steps.ts";

export const commitment = exactly(COMMITMENT_BYTES);
export const opening = exactly(OPENING_BYTES);

export interface Placed {
  /** The receiver's place in the list. */
  readonly index: number;
  readonly list: Uint8Array;
}

/** u32 place ‖ 2 to PARTIES_MAX values of `width` bytes. */
export function placedList(width: number): Codec<Placed> {
  const values = fixedWidth(width);
  return {
    name: `placedList(${width})`,
    encode({ index, list }) {
      const out = new Uint8Array(4 + list.length);
      new DataView(out.buffer).setUint32(0, index, true);
      out.set(list, 4);
      return out;
    },
    decode(bytes) {
      if (bytes.length < 4) throw new TomboloError("protocol.malformed", "a list without a place");
      const list = values.decode(bytes.subarray(4));
      const index = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
      const count = list.length / width;
      if (count < 2 || count > PARTIES_MAX || index >= count)
        throw new TomboloError("protocol.malformed", "a list of impossible length");
      return { index, list };
    },
  };
}

export const messages = {
  commitment: message("leaf", "hub", commitment, {
    means: { en: "Commitment to a random number", zh: "随机数承诺" },
    sizeMax: COMMITMENT_BYTES,
  }),
  commitments: message("hub", "leaf", placedList(COMMITMENT_BYTES), {
    means: { en: "All parties' commitments to random numbers", zh: "各方随机数承诺" },
    sizeMax: 4 + PARTIES_MAX * COMMITMENT_BYTES,
  }),
  opening: message("leaf", "hub", opening, {
    means: { en: "The random number committed to", zh: "公开所承诺的随机数" },
    sizeMax: OPENING_BYTES,
  }),
  openings: message("hub", "leaf", placedList(OPENING_BYTES), {
    means: { en: "All parties' random numbers", zh: "各方公开的随机数" },
    sizeMax: 4 + PARTIES_MAX * OPENING_BYTES,
  }),
};
