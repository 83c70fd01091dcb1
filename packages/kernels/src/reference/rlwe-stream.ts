/** The streams that samples of rings come from. */
import { createCipheriv } from "node:crypto";

const DRAWN_AT_ONCE = 4096;

/** Elements of `width` bytes, little-endian, of the stream of one row or polynomial. */
export function stream(seed: Uint8Array, index: number, width: 1 | 8): () => bigint {
  const start = Buffer.alloc(16);
  start.writeBigUInt64BE(BigInt(index));
  const cipher = createCipheriv("aes-256-ctr", seed, start);
  let bytes = Buffer.alloc(0);
  return () => {
    if (bytes.length === 0) bytes = cipher.update(Buffer.alloc(DRAWN_AT_ONCE));
    const element = width === 1 ? BigInt(bytes[0]!) : bytes.readBigUInt64LE();
    bytes = bytes.subarray(width);
    return element;
  };
}
