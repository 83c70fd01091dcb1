//! From one key to another, with a special prime (the ring's last): the hybrid method of Gentry, Halevi, Smart (CRYPTO 2012)
//! with one digit for each of the other primes (Halevi, Polyakov, Shoup, CT-RSA 2019).

use super::Ring;
use super::scaling::centred;
use crate::error::{Result, require};
use rayon::prelude::*;

impl Ring {
    /// `polynomials`: coefficients modulo all primes but the last. `key`: for each of these primes two polynomials modulo all, as
    /// values. For each polynomial x two: round(sum of digit_i(x)·key_i / last), as coefficients modulo all but the last,
    /// where digit_i is x modulo prime i, centred.
    pub fn switch_key(&self, polynomials: &[u64], key: &[u64]) -> Result<Vec<u64>> {
        let (n, digits) = (self.n, self.primes.len() - 1);
        require(digits > 0, "a ring keeps a prime")?;
        require(self.count(key)? == 2 * digits, "a switching key has two polynomials a digit")?;
        require(polynomials.len().is_multiple_of(digits * n), "not a whole number of polynomials")?;
        let rows = || polynomials.chunks_exact(n).enumerate();
        require(
            rows().all(|(row, x)| x.iter().all(|&x| x < self.primes[row % digits].p)),
            "a residue is below its prime",
        )?;
        let mut out = vec![0u64; 2 * polynomials.len()];
        out.par_chunks_mut(2 * digits * n).zip(polynomials.par_chunks(digits * n)).for_each(|(out, x)| {
            let sums: Vec<[Vec<u64>; 2]> = (0..=digits).into_par_iter().map(|k| self.switched(x, key, k)).collect();
            let (last, sums) = sums.split_last().expect("one a prime");
            for (k, sums) in sums.iter().enumerate() {
                for (half, sum) in sums.iter().enumerate() {
                    self.round_off(k, sum, &last[half], &mut out[(half * digits + k) * n..][..n]);
                }
            }
        });
        Ok(out)
    }

    /// Both sums modulo prime k.
    fn switched(&self, x: &[u64], key: &[u64], k: usize) -> [Vec<u64>; 2] {
        let (n, prime, transform) = (self.n, &self.primes[k], &self.transforms[k]);
        let mut sums = [vec![0u128; n], vec![0u128; n]];
        let mut digit = vec![0u64; n];
        for (i, source) in x.chunks_exact(n).enumerate() {
            let from = self.primes[i].p;
            for (digit, &x) in digit.iter_mut().zip(source) {
                *digit = prime.signed(centred(x, from));
            }
            transform.forward(prime, &mut digit);
            for (half, sums) in sums.iter_mut().enumerate() {
                let key = &key[(2 * i + half) * self.words() + k * n..][..n];
                for ((sum, &a), &b) in sums.iter_mut().zip(&digit).zip(key) {
                    *sum += u128::from(a) * u128::from(b);
                }
            }
        }
        sums.map(|sums| {
            let mut out: Vec<u64> = sums.into_iter().map(|sum| prime.reduce_wide(sum)).collect();
            transform.inverse(prime, &mut out);
            out
        })
    }
}
