/** Of each pair of parties: those of two, and a key for masks. The first is the one that comes before the other in the list of roles. */
import { bytes, message } from "@tombolo/channel";
import { KEY_BYTES } from "../pairwise/stream.ts";
import { messages as pair } from "../two-party/messages.ts";

export const messages = {
  maskKey: message("first", "second", bytes(KEY_BYTES), {
    means: { en: "A key that these two parties have in common", zh: "这两方共有的密钥" },
    sizeMax: KEY_BYTES,
  }), // once
  ...pair,
};
