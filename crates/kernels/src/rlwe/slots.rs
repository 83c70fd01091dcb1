//! Many products of 64-bit integers at once: numbers stand in the slots of plaintexts modulo each of a few primes t, whose product
//! exceeds whatever is computed (batching: Smart, Vercauteren, Designs, Codes and Cryptography 2014). A plaintext modulo t
//! has n slots, its values; a ciphertext holds round(q·m / t) as in `scaling.rs`, with t in place of 2^bits.
//!
//! Constant-time as everything here.

use super::prime::Factor;
use super::sampling::{binomial, key, small_row, ternary, uniform_row};
use super::{Prime, Ring};
use crate::error::{Result, require};
use rayon::prelude::*;

/// Of answers: primes that are kept, and how many products are summed.
#[derive(Clone, Copy)]
pub struct Answer {
    pub terms: usize,
    pub flood_bits: usize,
    pub keep: usize,
}

pub struct Slots {
    /// Of ciphertexts.
    ring: Ring,
    /// Of plaintexts: one row for each t.
    plain: Ring,
    /// For each t: q mod t, and 1 / t modulo each prime of the ring.
    scales: Vec<(Factor, Vec<Factor>)>,
    /// For each t and each before it, 1 / that modulo t.
    inverses: Vec<Vec<Factor>>,
}

impl Slots {
    pub fn new(n: usize, primes: &[u64], plain: &[u64]) -> Result<Self> {
        let (ring, plain) = (Ring::new(n, primes)?, Ring::new(n, plain)?);
        let scale = |t: &Prime| {
            let product = ring
                .primes
                .iter()
                .fold(1, |product, prime| t.reduce_wide(u128::from(product) * u128::from(t.reduce(prime.p))));
            let inverse = |prime: &Prime| prime.factor(prime.invert(prime.reduce(t.p)));
            require(product != 0, "plaintexts have other primes than ciphertexts")?;
            Ok((t.factor(product), ring.primes.iter().map(inverse).collect()))
        };
        let scales = plain.primes.iter().map(scale).collect::<Result<_>>()?;
        let before = |(i, t): (usize, &Prime)| {
            plain.primes[..i].iter().map(|other| t.factor(t.invert(t.reduce(other.p)))).collect()
        };
        let inverses = plain.primes.iter().enumerate().map(before).collect();
        Ok(Self { ring, plain, scales, inverses })
    }

    fn n(&self) -> usize {
        self.ring.n
    }

    /// Encryptions of numbers, n to one of each t, as `Ring::seal`: b, as values.
    pub fn seal(&self, numbers: &[u64], secret: &[u64], seed: &[u8], error_seed: &[u8]) -> Result<Vec<u64>> {
        let (mask_key, error_key) = (key(seed)?, key(error_seed)?);
        require(self.ring.count(secret)? == 1, "a secret is one polynomial")?;
        let (n, count) = (self.n(), self.ring.polynomials_of(numbers)?);
        let (kinds, digits) = (self.plain.primes.len(), self.ring.primes.len());
        self.ring.each(count * kinds, |at, out| {
            let (mut plain, mut errors, mut mask) = (vec![0u64; n], vec![0i64; n], vec![0u64; n]);
            self.coefficients(at % kinds, &numbers[at / kinds * n..][..n], &mut plain);
            self.rests(at % kinds, &mut plain);
            small_row(error_key, at, binomial, &mut errors);
            let rows = self.ring.primes.iter().zip(&self.ring.transforms).zip(out.chunks_exact_mut(n));
            for (k, ((prime, transform), out)) in rows.enumerate() {
                self.encode_row(at % kinds, k, &plain, out);
                for (out, &error) in out.iter_mut().zip(&errors) {
                    *out = prime.plus(*out, prime.small(error));
                }
                transform.forward(prime, out);
                uniform_row(mask_key, at * digits + k, prime, &mut mask);
                transform.subtract_products(prime, out, &mask, &secret[k * n..][..n]);
            }
        })
    }

    /// Of each n·terms factors, and terms ciphertexts (b, a) for each t, as values: the sum of products, less what `masks` gives for the
    /// fourth of `seeds`, re-randomised, flooded and modulo fewer primes as `Ring::release` does with the other three. First all a,
    /// then all b.
    pub fn answer(
        &self,
        pairs: &[u64],
        factors: &[u64],
        public: &[u64],
        seeds: &[u8],
        how: Answer,
    ) -> Result<Vec<u64>> {
        let (n, kinds, words) = (self.n(), self.plain.primes.len(), self.ring.words());
        require(seeds.len() == 128, "four seeds")?;
        require((1..=self.ring.primes.len()).contains(&how.keep), "one prime is kept at least")?;
        require(self.ring.count(public)? == 2, "a public key is two polynomials")?;
        let (given, numbers) = (self.ring.count(pairs)?, self.ring.polynomials_of(factors)?);
        require(how.terms > 0 && numbers.is_multiple_of(how.terms), "as many factors as terms")?;
        require(given == 2 * kinds * numbers, "a ciphertext for each factor and prime")?;
        let flooding = self.ring.flooding(how.flood_bits)?;
        let width = how.keep * n;
        let mut out = vec![0u64; 2 * width * (numbers / how.terms * kinds)];
        let (all_a, all_b) = out.split_at_mut(width * (numbers / how.terms * kinds));
        let parts = all_a.par_chunks_mut(width).zip(all_b.par_chunks_mut(width)).enumerate();
        parts.for_each(|(at, (out_a, out_b))| {
            let (mut a, mut b) = (vec![0u64; words], vec![0u64; words]);
            let first = at / kinds * how.terms;
            for term in first..first + how.terms {
                let pair = &pairs[2 * words * (term * kinds + at % kinds)..][..2 * words];
                self.add_product(at % kinds, &factors[term * n..][..n], pair, [&mut b, &mut a]);
            }
            self.freshen(at, public, seeds, [&mut b, &mut a]);
            let [flood_key, mask_key] = [64, 96].map(|from| key(&seeds[from..from + 32]).expect("32 bytes"));
            let mut noise = vec![0u64; words];
            self.ring.flood_rows(flood_key, at, &flooding, &mut noise);
            let t = &self.plain.primes[at % kinds];
            let (mut mask, mut row) = (vec![0u64; n], vec![0u64; n]);
            uniform_row(mask_key, at, t, &mut mask);
            mask.iter_mut().for_each(|x| *x = t.minus(0, *x));
            self.rests(at % kinds, &mut mask);
            for (k, (prime, b)) in self.ring.primes.iter().zip(b.chunks_exact_mut(n)).enumerate() {
                self.encode_row(at % kinds, k, &mask, &mut row);
                for ((b, &mask), &noise) in b.iter_mut().zip(&row).zip(&noise[k * n..]) {
                    *b = prime.plus(*b, prime.plus(mask, noise));
                }
            }
            self.ring.drop_to(how.keep, n, &mut a);
            self.ring.drop_to(how.keep, n, &mut b);
            out_a.copy_from_slice(&a[..width]);
            out_b.copy_from_slice(&b[..width]);
        });
        Ok(out)
    }

    /// The shares of who answered, n for each `count`: see `combine`.
    pub fn masks(&self, seed: &[u8], count: usize) -> Result<Vec<u64>> {
        let (n, mask_key, kinds) = (self.n(), key(seed)?, self.plain.primes.len());
        self.combined(count, |at, j, row| {
            uniform_row(mask_key, at * kinds + j, &self.plain.primes[j], row);
            debug_assert_eq!(row.len(), n);
        })
    }

    /// The shares of who asked, of answers (b, a) as coefficients; `secret` as values.
    pub fn open(&self, b: &[u64], a: &[u64], secret: &[u64]) -> Result<Vec<u64>> {
        let (n, words, kinds) = (self.n(), self.ring.words(), self.plain.primes.len());
        require(self.ring.count(secret)? == 1, "a secret is one polynomial")?;
        let count = self.ring.count(a)?;
        require(self.ring.count(b)? == count && count.is_multiple_of(kinds), "an answer for each prime")?;
        self.combined(count / kinds, |at, j, row| {
            let from = (at * kinds + j) * words;
            let (mut phases, mut a, mut product) =
                (b[from..][..words].to_vec(), a[from..][..words].to_vec(), vec![0; n]);
            for (k, (prime, transform)) in self.ring.primes.iter().zip(&self.ring.transforms).enumerate() {
                let a = &mut a[k * n..][..n];
                transform.forward(prime, a);
                product.fill(0);
                transform.add_products(prime, &mut product, a, &secret[k * n..][..n]);
                transform.inverse(prime, &mut product);
                for (phase, &x) in phases[k * n..][..n].iter_mut().zip(&product) {
                    *phase = prime.plus(*phase, x);
                }
            }
            self.decode_row(j, &phases, row);
        })
    }

    /// Numbers of 64 bits to the plaintext that has them in its slots.
    fn coefficients(&self, j: usize, numbers: &[u64], out: &mut [u64]) {
        let t = &self.plain.primes[j];
        for (out, &number) in out.iter_mut().zip(numbers) {
            *out = t.reduce(number);
        }
        self.plain.transforms[j].inverse(t, out);
    }

    /// Of each m modulo t the r = (q·m + h) mod t, h = floor(t / 2), of which all rows of round(q·m / t) are made.
    fn rests(&self, j: usize, values: &mut [u64]) {
        let (t, product) = (&self.plain.primes[j], self.scales[j].0);
        for value in values {
            *value = t.plus(t.times(*value, product), t.p / 2);
        }
    }

    /// round(q·m / t) modulo prime k, which is (h - r) / t.
    fn encode_row(&self, j: usize, k: usize, rests: &[u64], out: &mut [u64]) {
        let (prime, inverse) = (&self.ring.primes[k], self.scales[j].1[k]);
        let half = prime.reduce(self.plain.primes[j].p / 2);
        for (out, &rest) in out.iter_mut().zip(rests) {
            *out = prime.times(prime.minus(half, prime.reduce(rest)), inverse);
        }
    }

    /// round(t·x / q) modulo t, from fractions of 128 bits as `Ring::decode` has them.
    fn decode_row(&self, j: usize, x: &[u64], out: &mut [u64]) {
        let t = &self.plain.primes[j];
        self.ring.fractions(x, out, |fraction| {
            let [high, low] = [fraction >> 64, fraction & u128::from(u64::MAX)];
            let scaled = high * u128::from(t.p) + ((low * u128::from(t.p)) >> 64);
            t.reduce(((scaled + (1 << 63)) >> 64) as u64)
        });
    }

    /// Adds a ciphertext times a plaintext.
    fn add_product(&self, j: usize, factors: &[u64], pair: &[u64], sums: [&mut [u64]; 2]) {
        let (n, words) = (self.n(), self.ring.words());
        let (mut plain, mut row) = (vec![0u64; n], vec![0u64; n]);
        self.coefficients(j, factors, &mut plain);
        let [sum_b, sum_a] = sums;
        for (k, (prime, transform)) in self.ring.primes.iter().zip(&self.ring.transforms).enumerate() {
            for (row, &x) in row.iter_mut().zip(&plain) {
                *row = prime.reduce(x);
            }
            transform.forward(prime, &mut row);
            let at = k * n..(k + 1) * n;
            transform.add_products(prime, &mut sum_b[at.clone()], &row, &pair[at.clone()]);
            transform.add_products(prime, &mut sum_a[at], &row, &pair[words + k * n..][..n]);
        }
    }

    /// Values to coefficients, plus an encryption of zero without flooding.
    fn freshen(&self, at: usize, public: &[u64], seeds: &[u8], [b, a]: [&mut [u64]; 2]) {
        let (n, words) = (self.n(), self.ring.words());
        let [u_key, error_key] = [0, 32].map(|from| key(&seeds[from..from + 32]).expect("32 bytes"));
        let (mut small, mut errors, mut u) = (vec![0i64; n], vec![0i64; n], vec![0u64; n]);
        small_row(u_key, at, ternary, &mut small);
        small_row(error_key, at, binomial, &mut errors);
        let (public_b, public_a) = public.split_at(words);
        for (k, (prime, transform)) in self.ring.primes.iter().zip(&self.ring.transforms).enumerate() {
            for (u, &x) in u.iter_mut().zip(&small) {
                *u = prime.small(x);
            }
            transform.forward(prime, &mut u);
            let row = k * n..(k + 1) * n;
            for (sum, key) in [(&mut *b, public_b), (&mut *a, public_a)] {
                transform.add_products(prime, &mut sum[row.clone()], &u, &key[row.clone()]);
                transform.inverse(prime, &mut sum[row.clone()]);
            }
            for (a, &error) in a[row].iter_mut().zip(&errors) {
                *a = prime.plus(*a, prime.small(error));
            }
        }
    }

    /// Of `count` times a plaintext for each t, which `fill` gives as coefficients.
    fn combined(&self, count: usize, fill: impl Fn(usize, usize, &mut [u64]) + Sync) -> Result<Vec<u64>> {
        let (n, width) = (self.n(), self.n() + self.n().div_ceil(64));
        require(count <= super::WORDS_MAX / width, "too many polynomials at once")?;
        let mut out = vec![0u64; count * width];
        out.par_chunks_mut(width).enumerate().for_each(|(at, out)| {
            let mut rows = vec![0u64; self.plain.words()];
            let plain = self.plain.primes.iter().zip(&self.plain.transforms);
            for (j, ((t, transform), row)) in plain.zip(rows.chunks_exact_mut(n)).enumerate() {
                fill(at, j, row);
                transform.forward(t, row);
            }
            self.combine(&rows, out);
        });
        Ok(out)
    }

    /// Of n numbers, given modulo each t: their 64 low bits, and then n bits, whether they are at least (last t - 1) / 2 times the product
    /// of the other t. Digits of mixed radix (Garner, 1959).
    fn combine(&self, rows: &[u64], out: &mut [u64]) {
        let (n, primes) = (self.n(), &self.plain.primes);
        let (low, above) = out.split_at_mut(n);
        let mut digits = vec![0u64; primes.len()];
        for i in 0..n {
            for (j, t) in primes.iter().enumerate() {
                let mut digit = rows[j * n + i];
                for (&before, &inverse) in digits[..j].iter().zip(&self.inverses[j]) {
                    digit = t.times(t.minus(digit, t.reduce(before)), inverse);
                }
                digits[j] = digit;
            }
            low[i] = digits.iter().zip(primes).rev().fold(0, |sum: u64, (&d, t)| sum.wrapping_mul(t.p).wrapping_add(d));
            let (top, t) = (digits[primes.len() - 1], primes[primes.len() - 1].p);
            above[i / 64] |= u64::from(top >= t / 2) << (i % 64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 64;
    const PRIMES: [u64; 4] = [1125899906826241, 1125899906629633, 1125899905744897, 1125899905351681];
    const PLAIN: [u64; 3] = [12439552819201, 12439552327681, 12439552032769];

    fn numbers(seed: u64) -> Vec<u64> {
        (0..4 * N as u64).map(|i| (i + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | (i % 3) << 62).collect()
    }

    /// Sums of two products of 64 bits, shared: equal modulo 2^64 but for a wrap, which the bits tell.
    #[test]
    fn shares_add_up_to_the_products() {
        let slots = Slots::new(N, &PRIMES, &PLAIN).unwrap();
        let small = Slots::new(N, &PRIMES[..2], &PLAIN).unwrap();
        let secret = slots.ring.ternary(&[1; 32], 1).unwrap();
        let (a, seed) = (slots.ring.uniform(&[2; 32], 1).unwrap(), [7; 32]);
        let values = slots.ring.forward(&secret).unwrap();
        let zero = slots.ring.forward(&slots.ring.binomial(&[3; 32], 1).unwrap()).unwrap();
        let b = slots.ring.subtract(&zero, &slots.ring.products(&a, &values, 1, 1, false).unwrap()).unwrap();
        let public = [b, a].concat();

        let (x, y) = (numbers(5), numbers(77));
        let sealed = slots.seal(&x, &values, &seed, &[9; 32]).unwrap();
        let pairs = slots.ring.unseal(&sealed, &seed, &[], 1).unwrap();
        let seeds: Vec<u8> = (0..128).collect();
        let how = Answer { terms: 2, flood_bits: 120, keep: 2 };
        let answer = slots.answer(&pairs, &y, &public, &seeds, how).unwrap();
        let (a, b) = answer.split_at(answer.len() / 2);
        let asked = small.open(b, a, &small.ring.forward(&small.ring.ternary(&[1; 32], 1).unwrap()).unwrap()).unwrap();
        let answered = slots.masks(&seeds[96..], 2).unwrap();
        let product = PLAIN.iter().fold(1u64, |product, &t| product.wrapping_mul(t));
        let mut seen = [false; 2];
        for at in 0..2 {
            for i in 0..N {
                let place = at * (N + 1);
                let bit = |share: &[u64]| share[place + N] >> i & 1 == 1;
                let wrap = bit(&asked) | bit(&answered);
                seen[usize::from(wrap)] = true;
                let sum = asked[place + i].wrapping_add(answered[place + i]);
                let expected = (0..2).fold(0u64, |sum, term| {
                    let from = (2 * at + term) * N + i;
                    sum.wrapping_add(x[from].wrapping_mul(y[from]))
                });
                assert_eq!(sum.wrapping_sub(if wrap { product } else { 0 }), expected);
            }
        }
        assert!(seen[1]);
    }

    #[test]
    fn refuses_wrong_sizes() {
        let slots = Slots::new(16, &PRIMES[..1], &PLAIN).unwrap();
        let (one, seed) = ([0; 16], [0; 32]);
        assert!(Slots::new(16, &PRIMES[..1], &PRIMES[..1]).is_err());
        assert!(slots.seal(&one, &one, &seed, &seed).is_ok());
        assert!(slots.seal(&one[1..], &one, &seed, &seed).is_err());
        assert!(slots.seal(&one, &[0; 32], &seed, &seed).is_err());
        assert!(slots.seal(&one, &one, &seed[1..], &seed).is_err());
        let answer = |pairs: &[u64], factors: &[u64], terms, keep| {
            slots.answer(pairs, factors, &[0; 32], &[0; 128], Answer { terms, flood_bits: 9, keep })
        };
        assert!(answer(&[0; 96], &one, 1, 1).is_ok());
        assert!(answer(&[0; 80], &one, 1, 1).is_err());
        assert!(answer(&[0; 96], &one, 2, 1).is_err());
        assert!(answer(&[0; 96], &one, 0, 1).is_err());
        assert!(answer(&[0; 96], &one, 1, 2).is_err());
        assert!(slots.open(&[0; 48], &[0; 48], &one).is_ok());
        assert!(slots.open(&[0; 32], &[0; 48], &one).is_err());
        assert!(slots.open(&[0; 32], &[0; 32], &one).is_err());
        assert!(slots.masks(&seed[1..], 1).is_err());
    }
}
