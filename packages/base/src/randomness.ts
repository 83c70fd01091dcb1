/**
 * Two kinds of randomness that cannot be exchanged (SECURITY.md rule 1).
 *
 * `Secrets` feeds keys, masks and blinding: from the operating system, fresh per party, task and attempt.
 * `Sampling` feeds splits and sub-sampling: from the flow's seed, known to all parties.
 */
export interface Secrets {
  readonly kind: "secrets";
  /** `length` fresh uniformly random bytes. */
  bytes(length: number): Uint8Array;
}

export interface Sampling {
  readonly kind: "sampling";
  /** Uniform in [0, 1) with 53 bits. */
  next(): number;
  /** Uniform integer in [0, bound), 1 <= bound <= 2^32. */
  below(bound: number): number;
  /** An independent stream for a named purpose; the same label gives the same stream. */
  fork(label: string): Sampling;
}

/** From the operating system's generator. Never prints its state: it has none. */
export function systemSecrets(): Secrets {
  return {
    kind: "secrets",
    bytes(length) {
      const out = new Uint8Array(length);
      // getRandomValues refuses more than 65536 bytes a call.
      for (let at = 0; at < length; at += 65536) globalThis.crypto.getRandomValues(out.subarray(at, at + 65536));
      return out;
    },
  };
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/** 32-bit FNV-1a folded into the splitmix step below: only to separate streams, no security is asked of it. */
function labelHash(label: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** xoshiro128** (Blackman, Vigna 2018) seeded by splitmix32. Public randomness: fast and reproducible, not secret. */
export function seededSampling(seed: number): Sampling {
  let mix = seed >>> 0;
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let [a, b, c, d] = [splitmix(), splitmix(), splitmix(), splitmix()];
  const u32 = (): number => {
    const result = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11);
    return result;
  };
  return {
    kind: "sampling",
    next: () => (u32() * 2 ** 21 + (u32() >>> 11)) / 2 ** 53,
    below(bound) {
      // Rejection keeps it uniform.
      const limit = 2 ** 32 - (2 ** 32 % bound);
      for (;;) {
        const value = u32();
        if (value < limit) return value % bound;
      }
    },
    fork: (label) => seededSampling(labelHash(label, seed)),
  };
}
