//! Results on their way to the owner of the key: some coefficients of each ciphertext, masked, flooded and modulo fewer primes, in
//! one pass; and their decryption. Every stride-th coefficient takes a transform that is shorter by as much.

use super::Ring;
use super::sampling::{binomial, key, small_row, ternary};
use crate::error::{Result, require};
use rayon::prelude::*;

/// What `release` gives of each ciphertext.
#[derive(Clone, Copy)]
pub struct Release {
    pub bits: usize,
    pub flood_bits: usize,
    /// Primes that are kept.
    pub keep: usize,
    /// Coefficients 0, stride, 2·stride...
    pub stride: usize,
    pub wanted: usize,
}

impl Ring {
    /// `pairs`: ciphertexts (b, a), `public`: a public key (b, a), all as values. With u = ternary, e = binomial, f = noise of
    /// flood_bits, each of its third of `seeds`: a + u·public a + e as coefficients modulo the primes kept, and then of
    /// b + u·public b the wanted coefficients, plus f and encode(masks). All a come first, then all b.
    pub fn release(
        &self,
        pairs: &[u64],
        public: &[u64],
        masks: &[u64],
        seeds: &[u8],
        how: Release,
    ) -> Result<Vec<u64>> {
        require(seeds.len() == 96, "three seeds")?;
        let [u_key, error_key, flood_key] = [0, 32, 64].map(|at| key(&seeds[at..at + 32]).expect("32 bytes"));
        let (n, words, Release { keep, stride, wanted, .. }) = (self.n, self.words(), how);
        self.require_places(stride, wanted)?;
        require((1..=self.primes.len()).contains(&keep), "one prime is kept at least")?;
        require(self.count(public)? == 2, "a public key is two polynomials")?;
        let count = self.count(pairs)? / 2;
        require(
            pairs.len() == 2 * count * words && masks.len() == count * wanted,
            "a mask for each coefficient wanted",
        )?;
        let (encoding, flooding) = (self.encoding(how.bits)?, self.flooding(how.flood_bits)?);
        let mut out = vec![0u64; count * keep * (n + wanted)];
        let (all_a, all_b) = out.split_at_mut(count * keep * n);
        let parts = all_a.par_chunks_mut(keep * n).zip(all_b.par_chunks_mut(keep * wanted)).enumerate();
        parts.for_each(|(at, (out_a, out_b))| {
            let (b, a) = pairs[2 * at * words..][..2 * words].split_at(words);
            let (mut small, mut errors, mut u) = (vec![0i64; n], vec![0i64; n], vec![0u64; n]);
            small_row(u_key, at, ternary, &mut small);
            small_row(error_key, at, binomial, &mut errors);
            let (mut a, mut full_b) = (a.to_vec(), b.to_vec());
            let mut b = vec![0u64; self.primes.len() * wanted];
            self.flood_rows(flood_key, at, &flooding, &mut b);
            let mut mask = vec![0u64; wanted];
            for (k, (prime, transform)) in self.primes.iter().zip(&self.transforms).enumerate() {
                let row = k * n..(k + 1) * n;
                for (u, &x) in u.iter_mut().zip(&small) {
                    *u = prime.small(x);
                }
                transform.forward(prime, &mut u);
                let (public_b, public_a) = public.split_at(words);
                transform.add_products(prime, &mut a[row.clone()], &u, &public_a[row.clone()]);
                transform.inverse(prime, &mut a[row.clone()]);
                for (a, &error) in a[row.clone()].iter_mut().zip(&errors) {
                    *a = prime.plus(*a, prime.small(error));
                }
                transform.add_products(prime, &mut full_b[row.clone()], &u, &public_b[row.clone()]);
                let found = self.every(k, stride, &mut full_b[row]);
                self.encode_row(&encoding, k, &masks[at * wanted..][..wanted], &mut mask);
                for ((b, &found), &mask) in b[k * wanted..][..wanted].iter_mut().zip(&*found).zip(&mask) {
                    *b = prime.plus(prime.plus(*b, found), mask);
                }
            }
            self.drop_to(keep, n, &mut a);
            self.drop_to(keep, wanted, &mut b);
            out_a.copy_from_slice(&a[..keep * n]);
            out_b.copy_from_slice(&b[..keep * wanted]);
        });
        Ok(out)
    }

    /// Numbers modulo 2^bits: round(2^bits·x / q) of the wanted coefficients x of b + a·secret. `b`: these coefficients alone, `a` as
    /// coefficients, `secret` as values.
    pub fn open(
        &self,
        b: &[u64],
        a: &[u64],
        secret: &[u64],
        bits: usize,
        [stride, wanted]: [usize; 2],
    ) -> Result<Vec<u64>> {
        let (n, words, width) = (self.n, self.words(), self.primes.len() * wanted);
        self.require_places(stride, wanted)?;
        self.encoding(bits)?;
        let count = self.count(a)?;
        require(self.count(secret)? == 1, "a secret is one polynomial")?;
        require(b.len() == count * width, "as many coefficients of b as are wanted")?;
        let below = b.chunks_exact(wanted).enumerate().all(|(row, x)| x.iter().all(|&x| x < self.prime_of(row).p));
        require(below, "a residue is below its prime")?;
        let mut out = vec![0u64; count * wanted];
        out.par_chunks_mut(wanted).enumerate().for_each(|(at, out)| {
            let (mut a, mut phases) = (a[at * words..][..words].to_vec(), b[at * width..][..width].to_vec());
            let mut product = vec![0u64; n];
            for (k, (prime, transform)) in self.primes.iter().zip(&self.transforms).enumerate() {
                let a = &mut a[k * n..][..n];
                transform.forward(prime, a);
                product.fill(0);
                transform.add_products(prime, &mut product, a, &secret[k * n..][..n]);
                let found = self.every(k, stride, &mut product);
                for (phase, &found) in phases[k * wanted..][..wanted].iter_mut().zip(&*found) {
                    *phase = prime.plus(*phase, found);
                }
            }
            self.decode_rows(&phases, bits, out);
        });
        Ok(out)
    }

    fn require_places(&self, stride: usize, wanted: usize) -> Result<()> {
        require(
            stride.is_power_of_two() && stride <= self.n / super::SIZE_MIN && wanted > 0 && wanted <= self.n / stride,
            "wanted coefficients are every 2^i-th, at least 16 of which there are",
        )
    }

    /// Coefficients 0, stride, 2·stride... of values: neighbours are f at roots of one power, so that their sum is stride times
    /// that of such coefficients alone, a polynomial in X^stride whose transform the rest of the stages is.
    fn every<'a>(&self, k: usize, stride: usize, values: &'a mut [u64]) -> &'a mut [u64] {
        let prime = &self.primes[k];
        let size = values.len() / stride;
        if stride > 1 {
            for at in 0..size {
                // At most 2^11 words below 2^50.
                values[at] = prime.reduce(values[at * stride..][..stride].iter().sum());
            }
        }
        self.transforms[k].inverse(prime, &mut values[..size]);
        &mut values[..size]
    }

    /// Rows of `width` modulo all primes to those modulo the first `keep`, which come out in front.
    pub(super) fn drop_to(&self, keep: usize, width: usize, rows: &mut [u64]) {
        for l in (keep..self.primes.len()).rev() {
            let (rest, last) = rows[..(l + 1) * width].split_at_mut(l * width);
            for (k, row) in rest.chunks_exact_mut(width).enumerate() {
                self.round_off(l, k, row, last);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIMES: [u64; 3] = [1125899904679937, 4398044938241, 4398043496449];
    const HOW: Release = Release { bits: 30, flood_bits: 60, keep: 2, stride: 4, wanted: 14 };

    #[test]
    fn a_release_is_its_steps() {
        let (n, ring) = (64, Ring::new(64, &PRIMES).unwrap());
        let (pairs, public) = (ring.uniform(&[1; 32], 4).unwrap(), ring.uniform(&[2; 32], 2).unwrap());
        let seeds: Vec<u8> = (0..96).collect();
        let masks: Vec<u64> = (0..28u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        let out = ring.release(&pairs, &public, &masks, &seeds, HOW).unwrap();

        let u = ring.forward(&ring.ternary(&seeds[..32], 2).unwrap()).unwrap();
        let fresh = ring.add(&pairs, &ring.products(&u, &public, 1, 2, false).unwrap()).unwrap();
        let mut fresh = ring.inverse(&fresh).unwrap();
        let errors = ring.binomial(&seeds[32..64], 2).unwrap();
        for at in 0..2 {
            let own = at * 2 * 3 * n + 3 * n..(at + 1) * 2 * 3 * n;
            let sum = ring.add(&fresh[own.clone()], &errors[at * 3 * n..][..3 * n]).unwrap();
            fresh[own].copy_from_slice(&sum);
        }
        // Masks and flooding of a ring of 16, of which 14 are wanted.
        let dropped = ring.drop_last(&fresh).unwrap();
        for at in 0..2 {
            assert_eq!(out[at * 2 * n..][..2 * n], dropped[(2 * at + 1) * 2 * n..][..2 * n]);
        }
        let (encoding, flooding) = (ring.encoding(30).unwrap(), ring.flooding(60).unwrap());
        for at in 0..2 {
            let mut b = vec![0; 3 * 14];
            ring.flood_rows(seeds[64..].try_into().unwrap(), at, &flooding, &mut b);
            for (k, prime) in ring.primes.iter().enumerate() {
                let mut mask = [0; 14];
                ring.encode_row(&encoding, k, &masks[at * 14..][..14], &mut mask);
                for i in 0..14 {
                    let sum = prime.plus(b[k * 14 + i], mask[i]);
                    b[k * 14 + i] = prime.plus(sum, fresh[at * 6 * n + k * n + 4 * i]);
                }
            }
            ring.drop_to(2, 14, &mut b);
            assert_eq!(out[2 * 2 * n + at * 28..][..28], b[..28]);
        }
    }

    #[test]
    fn opening_gives_the_numbers_wanted() {
        let (n, ring) = (64, Ring::new(64, &PRIMES).unwrap());
        let secret = ring.forward(&ring.ternary(&[4; 32], 1).unwrap()).unwrap();
        for (stride, wanted) in [(1, 64), (1, 3), (2, 32), (4, 5)] {
            let numbers: Vec<u64> = (0..2 * n as u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 14).collect();
            let sealed = ring.seal(&numbers, 50, &secret, &[5; 32], &[6; 32]).unwrap();
            let sealed = ring.inverse(&sealed).unwrap();
            let a = ring.inverse(&ring.uniform(&[5; 32], 2).unwrap()).unwrap();
            let rows = sealed.chunks_exact(n).flat_map(|row| row.iter().step_by(stride).take(wanted));
            let b: Vec<u64> = rows.copied().collect();
            let expected = numbers.chunks_exact(n).flat_map(|x| x.iter().step_by(stride).take(wanted));
            assert_eq!(
                ring.open(&b, &a, &secret, 50, [stride, wanted]).unwrap(),
                expected.copied().collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn refuses_wrong_sizes() {
        let ring = Ring::new(64, &PRIMES).unwrap();
        let (pairs, masks, seeds) = ([0; 384], [0; 14], [0; 96]);
        let release = |how| ring.release(&pairs, &pairs, &masks, &seeds, how);
        assert!(release(HOW).is_ok());
        assert!(release(Release { keep: 0, ..HOW }).is_err());
        assert!(release(Release { keep: 4, ..HOW }).is_err());
        assert!(release(Release { stride: 8, ..HOW }).is_err());
        assert!(release(Release { stride: 3, ..HOW }).is_err());
        assert!(release(Release { wanted: 13, ..HOW }).is_err());
        assert!(release(Release { flood_bits: 0, ..HOW }).is_err());
        assert!(ring.release(&pairs[192..], &pairs, &masks, &seeds, HOW).is_err());
        assert!(ring.release(&pairs, &pairs, &masks, &seeds[1..], HOW).is_err());
        let (a, secret) = ([0; 192], [0; 192]);
        assert!(ring.open(&[0; 42], &a, &secret, 64, [4, 14]).is_ok());
        assert!(ring.open(&[0; 41], &a, &secret, 64, [4, 14]).is_err());
        assert!(ring.open(&[u64::MAX; 42], &a, &secret, 64, [4, 14]).is_err());
        assert!(ring.open(&[0; 51], &a, &secret, 64, [4, 17]).is_err());
    }
}
