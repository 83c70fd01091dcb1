//! Encryption with the secret key, and what its receiver makes of it: each polynomial in one pass, row by row.

use super::Ring;
use super::sampling::{binomial, key, small_row, uniform_row};
use crate::error::{Result, require};

impl Ring {
    /// Of n numbers modulo 2^bits each: encode(numbers) + binomial(error_seed) - uniform(seed)·secret, as values. `secret`: one
    /// polynomial, as values.
    pub fn seal(
        &self,
        numbers: &[u64],
        bits: usize,
        secret: &[u64],
        seed: &[u8],
        error_seed: &[u8],
    ) -> Result<Vec<u64>> {
        let (key, errors_key, encoding) = (key(seed)?, key(error_seed)?, self.encoding(bits)?);
        require(self.count(secret)? == 1, "a secret is one polynomial")?;
        let (n, digits) = (self.n, self.primes.len());
        self.each(self.polynomials_of(numbers)?, |at, out| {
            let (mut errors, mut mask) = (vec![0i64; n], vec![0u64; n]);
            small_row(errors_key, at, binomial, &mut errors);
            for (k, (prime, out)) in self.primes.iter().zip(out.chunks_exact_mut(n)).enumerate() {
                self.encode_row(&encoding, k, &numbers[at * n..][..n], out);
                for (out, &error) in out.iter_mut().zip(&errors) {
                    *out = prime.plus(*out, prime.small(error));
                }
                self.transforms[k].forward(prime, out);
                uniform_row(key, at * digits + k, prime, &mut mask);
                self.transforms[k].subtract_products(prime, out, &mask, &secret[k * n..][..n]);
            }
        })
    }

    /// Pairs (b + encode(numbers), uniform(seed)) as values; no numbers are zeros.
    pub fn unseal(&self, b: &[u64], seed: &[u8], numbers: &[u64], bits: usize) -> Result<Vec<u64>> {
        let (key, encoding, count) = (key(seed)?, self.encoding(bits)?, self.count(b)?);
        let given = self.polynomials_of(numbers)?;
        require(given == 0 || given == count, "numbers for all polynomials or none")?;
        let (n, digits, words) = (self.n, self.primes.len(), self.words());
        self.each(2 * count, |half, out| {
            let at = half / 2;
            for (k, (prime, out)) in self.primes.iter().zip(out.chunks_exact_mut(n)).enumerate() {
                if half % 2 == 1 {
                    uniform_row(key, at * digits + k, prime, out);
                    continue;
                }
                let b = &b[at * words + k * n..][..n];
                if given == 0 {
                    out.copy_from_slice(b);
                    continue;
                }
                self.encode_row(&encoding, k, &numbers[at * n..][..n], out);
                self.transforms[k].forward(prime, out);
                for (out, &b) in out.iter_mut().zip(b) {
                    *out = prime.plus(*out, b);
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIMES: [u64; 2] = [1125899904679937, 4398044938241];

    #[test]
    fn sealing_is_its_steps() {
        let ring = Ring::new(16, &PRIMES).unwrap();
        let numbers: Vec<u64> = (0..32u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        let secret = ring.forward(&ring.ternary(&[1; 32], 1).unwrap()).unwrap();
        let sealed = ring.seal(&numbers, 64, &secret, &[2; 32], &[3; 32]).unwrap();
        let (masks, errors) = (ring.uniform(&[2; 32], 2).unwrap(), ring.binomial(&[3; 32], 2).unwrap());
        let noisy = ring.add(&ring.encode(&numbers, 64).unwrap(), &errors).unwrap();
        let hidden = ring.products(&masks, &secret, 1, 1, false).unwrap();
        assert_eq!(sealed, ring.subtract(&ring.forward(&noisy).unwrap(), &hidden).unwrap());

        let pairs = ring.unseal(&sealed, &[2; 32], &[], 64).unwrap();
        assert_eq!((&pairs[..32], &pairs[32..64], &pairs[64..96]), (&sealed[..32], &masks[..32], &sealed[32..]));
        let more = ring.unseal(&sealed, &[2; 32], &numbers, 64).unwrap();
        let own = ring.forward(&ring.encode(&numbers, 64).unwrap()).unwrap();
        assert_eq!(more[64..96], ring.add(&sealed[32..], &own[32..]).unwrap());
        assert_eq!(more[96..], pairs[96..]);
    }

    #[test]
    fn refuses_wrong_sizes() {
        let ring = Ring::new(16, &PRIMES).unwrap();
        let (one, seed) = ([0; 32], [0; 32]);
        assert!(ring.seal(&[0; 15], 64, &one, &seed, &seed).is_err());
        assert!(ring.seal(&[0; 16], 0, &one, &seed, &seed).is_err());
        assert!(ring.seal(&[0; 16], 64, &[0; 64], &seed, &seed).is_err());
        assert!(ring.seal(&[0; 16], 64, &one, &seed[1..], &seed).is_err());
        assert!(ring.unseal(&one, &seed, &[0; 32], 64).is_err());
        assert!(ring.unseal(&[u64::MAX; 32], &seed, &[], 64).is_err());
    }
}
