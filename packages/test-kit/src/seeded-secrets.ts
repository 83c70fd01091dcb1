import { createCipheriv, createHash } from "node:crypto";
import type { Secrets } from "@tombolo/base";

/**
 * Secrets that a seed replays: AES-256-CTR keystream under SHA-256(seed, label). For tests only; the import check
 * keeps this package out of nodes and runners (SECURITY.md rule 1).
 */
export function seededSecrets(seed: number, label: string): Secrets {
  const key = createHash("sha256").update(`tombolo/test-kit/secrets\0${seed}\0${label}`).digest();
  const stream = createCipheriv("aes-256-ctr", key, new Uint8Array(16));
  return { kind: "secrets", bytes: (length) => new Uint8Array(stream.update(new Uint8Array(length))) };
}
