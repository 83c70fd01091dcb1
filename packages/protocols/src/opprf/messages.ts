import { fixedWidth, message, stream } from "@tombolo/channel";
import { BLOCK_BYTES } from "@tombolo/crypto";
import { exactly } from "../exactly.ts";
import { voleMessages } from "../vole/index.ts";

/** Of a stream, at most. */
export const CHUNK_BYTES = 2 ** 20;

/** Rows to spread into another protocol's table, in this order. */
export const oprfMessages = <Receiver extends string, Sender extends string>(receiver: Receiver, sender: Sender) => ({
  ...voleMessages(receiver, sender), // 1
  oprfSeed: message(receiver, sender, exactly(BLOCK_BYTES), {
    means: { en: "A random number of the encoded set", zh: "编码集合所用随机数" },
    sizeMax: BLOCK_BYTES,
  }), // 2
  oprfTable: stream(receiver, sender, fixedWidth(BLOCK_BYTES), {
    means: { en: "The asker's set, encoded and masked", zh: "编码并加掩的请求方集合" },
    sizeMax: CHUNK_BYTES,
  }), // 3: a + P
});

/** What makes the function programmable: sent once its keys are there. */
export const hintMessages = <Receiver extends string, Sender extends string>(receiver: Receiver, sender: Sender) => ({
  hintSeed: message(sender, receiver, exactly(BLOCK_BYTES), {
    means: { en: "A random number of the masked table", zh: "加掩表所用随机数" },
    sizeMax: BLOCK_BYTES,
  }), // 4
  hintTable: stream(sender, receiver, fixedWidth(BLOCK_BYTES), {
    means: { en: "Values that only who has the same ids can unmask", zh: "仅持有相同标识者可去掩的数值" },
    sizeMax: CHUNK_BYTES,
  }), // 5
});
