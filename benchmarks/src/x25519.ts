/** Yardstick: X25519 by Node's own OpenSSL on one thread. */
import { diffieHellman, generateKeyPairSync } from "node:crypto";

const OPERATIONS_AT_ONCE = 100;

export function x25519PerSecond(durationMs: number): number {
  const { privateKey } = generateKeyPairSync("x25519");
  const { publicKey } = generateKeyPairSync("x25519");
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < durationMs) {
    for (let i = 0; i < OPERATIONS_AT_ONCE; i++) diffieHellman({ privateKey, publicKey });
    count += OPERATIONS_AT_ONCE;
  }
  return (1000 * count) / (performance.now() - start);
}
