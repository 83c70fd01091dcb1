/** Hashes of many short byte strings at once, for protocols that do not call kernels themselves. */
import { kernels } from "@tombolo/kernels";

export const DIGEST_BYTES = 32;

/** SHA-256 of one message. */
export const sha256 = (message: Uint8Array): Promise<Uint8Array> =>
  kernels.sha256Batch(message, Uint32Array.of(0, message.length));

/** SHA-256(prefix || message) of each message: n × 32 bytes. */
export const sha256Prefixed = (prefix: Uint8Array, messages: Uint8Array, offsets: Uint32Array): Promise<Uint8Array> =>
  kernels.sha256Prefixed(prefix, messages, offsets);

/** The first `width` bytes of SHA-256(prefix || element) of each element of `elementWidth` bytes. */
export const sha256Truncated = (
  prefix: Uint8Array,
  elements: Uint8Array,
  elementWidth: number,
  width: number,
): Promise<Uint8Array> => kernels.sha256Truncated(prefix, elements, elementWidth, width);

/** The same with SM3. */
export const sm3Truncated: typeof sha256Truncated = (...args) => kernels.sm3Truncated(...args);
