import { TomboloError } from "@tombolo/base";
import type { Codec } from "@tombolo/channel";

/** Exactly `width` bytes of any content. */
export function exactly(width: number): Codec<Uint8Array> {
  return {
    name: `exactly(${width})`,
    encode: (value) => value,
    decode(value) {
      if (value.length !== width) throw new TomboloError("protocol.malformed", `not ${width} bytes`);
      return value;
    },
  };
}
