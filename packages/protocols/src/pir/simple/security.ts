/**
 * Cost of the primal lattice attack on learning with errors, in bits: run by a test, stated in README.md.
 *
 * Alkim, Ducas, Pöppelmann, Schwabe (USENIX Security 2016, section 6): the secret and error, one short vector of a lattice of
 * dimension d = m + n + 1 and volume q^m, come to light with BKZ of block size b where
 *   sigma·sqrt(b) <= delta(b)^(2b - d)·q^(m/d),     delta(b) = ((pi·b)^(1/b)·b/(2·pi·e))^(1/(2(b - 1))).
 * The secret is uniform; n samples turn it into one of the error's distribution (normal form), so any m up to the number of
 * samples is tried. "Core-SVP" counts a single call in dimension b, 2^(0.292·b) by sieving (Becker, Ducas, Gama, Laarhoven,
 * SODA 2016), which leaves out what a real attack costs besides; the estimator of Albrecht, Player and Scott counts
 * 2^(0.292·b + 16.4)·8d. Dual attacks with their disputed speed-ups (Ducas, Pulles, CRYPTO 2023) are not counted.
 */
export const SECURITY_BITS = 128;

export interface Lwe {
  readonly dimension: number;
  readonly modulusBits: number;
  readonly sigma: number;
  readonly samples: number;
}

export interface Cost {
  readonly blockSize: number;
  readonly coreSvpBits: number;
  readonly estimatedBits: number;
}

const BLOCK_MIN = 60;
const BLOCK_MAX = 4000;
const SAMPLES_STEP = 8;

export function primalAttack(lwe: Lwe): Cost {
  for (let blockSize = BLOCK_MIN; blockSize < BLOCK_MAX; blockSize++)
    if (succeeds(lwe, blockSize)) {
      const coreSvpBits = 0.292 * blockSize;
      return { blockSize, coreSvpBits, estimatedBits: coreSvpBits + 16.4 + Math.log2(8 * 2 * lwe.dimension) };
    }
  throw new RangeError("no block size is large enough");
}

function succeeds({ dimension: n, modulusBits, sigma, samples }: Lwe, b: number): boolean {
  const logDelta = (Math.log(Math.PI * b) / b + Math.log(b / (2 * Math.PI * Math.E))) / (2 * (b - 1));
  const length = Math.log(sigma) + Math.log(b) / 2;
  for (let m = SAMPLES_STEP; m <= Math.min(samples, 4 * n); m += SAMPLES_STEP) {
    const d = m + n + 1;
    if (length <= (2 * b - d) * logDelta + (m / d) * modulusBits * Math.LN2) return true;
  }
  return false;
}
