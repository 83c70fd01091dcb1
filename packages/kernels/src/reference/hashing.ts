/** SHA-256 and the AES-256-CTR generator on @noble/hashes and @noble/ciphers. */
import { ctr } from "@noble/ciphers/aes.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { elementCount, messageCount, requireRange } from "../checks.ts";
import type { Kernels } from "../kernels.ts";

export const sha256Batch: Kernels["sha256Batch"] = (messages, offsets) =>
  sha256Prefixed(new Uint8Array(0), messages, offsets);

export const sha256Prefixed: Kernels["sha256Prefixed"] = async (prefix, messages, offsets) => {
  const count = messageCount(messages, offsets);
  const start = sha256.create().update(prefix);
  const out = new Uint8Array(32 * count);
  for (let i = 0; i < count; i++)
    out.set(
      start
        .clone()
        .update(messages.subarray(offsets[i]!, offsets[i + 1]!))
        .digest(),
      32 * i,
    );
  return out;
};

export const sha256Truncated: Kernels["sha256Truncated"] = async (prefix, elements, elementWidth, width) => {
  const count = elementCount(elements, elementWidth);
  requireRange(Number.isInteger(width) && width >= 1 && width <= 32, "a truncated digest has 1 to 32 bytes");
  const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => i * elementWidth);
  const digests = await sha256Prefixed(prefix, elements, offsets);
  const out = new Uint8Array(count * width);
  for (let i = 0; i < count; i++) out.set(digests.subarray(32 * i, 32 * i + width), i * width);
  return out;
};

export const prgExpand: Kernels["prgExpand"] = (seed, length) => {
  requireRange(seed.length === 32, "a seed has 32 bytes");
  requireRange(Number.isSafeInteger(length) && length >= 0 && length < 2 ** 32, "a length is an integer below 2^32");
  return length === 0 ? new Uint8Array(0) : ctr(seed, new Uint8Array(16)).encrypt(new Uint8Array(length));
};
