//! From one key to another, with a special prime (the ring's last): the hybrid method of Gentry, Halevi, Smart (CRYPTO 2012)
//! with one digit for each of the other primes (Halevi, Polyakov, Shoup, CT-RSA 2019). And merging by automorphisms, which
//! is where keys are switched most.

use super::scaling::centred;
use super::{Prime, Ring};
use crate::error::{Result, require};
use rayon::prelude::*;
use std::cell::RefCell;

thread_local! {
    /// Both sums and a digit of one prime.
    static SCRATCH: RefCell<(Vec<u128>, Vec<u64>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

impl Ring {
    /// `polynomials`: coefficients modulo all primes but the last. `key`: for each of these primes two polynomials modulo all, as
    /// values. For each polynomial x two: round(sum of digit_i(x)·key_i / last), as coefficients modulo all but the last,
    /// where digit_i is x modulo prime i, centred.
    pub fn switch_key(&self, polynomials: &[u64], key: &[u64]) -> Result<Vec<u64>> {
        let digits = self.require_key(polynomials, key, 1)?;
        let mut out = vec![0u64; 2 * polynomials.len()];
        let parts = out.par_chunks_mut(2 * digits * self.n).zip(polynomials.par_chunks(digits * self.n));
        parts.for_each(|(out, x)| self.switch_one(x, key, out));
        Ok(out)
    }

    /// Pairs of ciphertexts (b, a) modulo all primes but the last, coefficients, to one each: with z = X^offset·second and the
    /// automorphism g of `exponent`, (first + z) + g(first - z), where g's result is brought back under the key.
    pub fn merge(&self, ciphertexts: &[u64], offset: usize, exponent: usize, key: &[u64]) -> Result<Vec<u64>> {
        require(offset < 2 * self.n, "a shift is below 2n")?;
        require(exponent % 2 == 1 && exponent < 2 * self.n, "an exponent is odd and below 2n")?;
        let digits = self.require_key(ciphertexts, key, 4)?;
        let (n, width) = (self.n, 2 * digits * self.n);
        let mut out = vec![0u64; ciphertexts.len() / 2];
        out.par_chunks_mut(width).zip(ciphertexts.par_chunks(2 * width)).for_each(|(out, pair)| {
            let (first, second) = pair.split_at(width);
            let mut turned = vec![0u64; width];
            for (row, prime) in (0..2 * digits).map(|row| (row, &self.primes[row % digits])) {
                let rows = [first, second].map(|x| &x[row * n..][..n]);
                let at = row * n..(row + 1) * n;
                add_and_turn(prime, rows, [offset, exponent], &mut out[at.clone()], &mut turned[at]);
            }
            let (b, a) = turned.split_at(width / 2);
            let mut switched = vec![0u64; width];
            self.switch_one(a, key, &mut switched);
            for (row, out) in out.chunks_exact_mut(n).enumerate() {
                let prime = &self.primes[row % digits];
                let b = (row < digits).then(|| &b[row * n..]);
                for (i, out) in out.iter_mut().enumerate() {
                    *out = prime.plus(*out, switched[row * n + i]);
                    if let Some(b) = b {
                        *out = prime.plus(*out, b[i]);
                    }
                }
            }
        });
        Ok(out)
    }

    /// How many digits: primes but the last. Polynomials come in groups of `group`.
    fn require_key(&self, polynomials: &[u64], key: &[u64], group: usize) -> Result<usize> {
        let (n, digits) = (self.n, self.primes.len() - 1);
        require(digits > 0, "a ring keeps a prime")?;
        require(self.count(key)? == 2 * digits, "a switching key has two polynomials a digit")?;
        require(polynomials.len().is_multiple_of(group * digits * n), "not a whole number of polynomials")?;
        let mut rows = polynomials.chunks_exact(n).enumerate();
        require(
            rows.all(|(row, x)| x.iter().all(|&x| x < self.primes[row % digits].p)),
            "a residue is below its prime",
        )?;
        Ok(digits)
    }

    fn switch_one(&self, x: &[u64], key: &[u64], out: &mut [u64]) {
        let (n, digits) = (self.n, self.primes.len() - 1);
        let sums: Vec<Vec<u64>> = (0..=digits).into_par_iter().map(|k| self.switched(x, key, k)).collect();
        let (last, sums) = sums.split_last().expect("one a prime");
        for (k, sums) in sums.iter().enumerate() {
            for (half, sum) in sums.chunks_exact(n).enumerate() {
                let out = &mut out[(half * digits + k) * n..][..n];
                out.copy_from_slice(sum);
                self.round_off(digits, k, out, &last[half * n..][..n]);
            }
        }
    }

    /// Both sums modulo prime k.
    fn switched(&self, x: &[u64], key: &[u64], k: usize) -> Vec<u64> {
        let (n, prime, transform) = (self.n, &self.primes[k], &self.transforms[k]);
        SCRATCH.with_borrow_mut(|(sums, digit)| {
            sums.clear();
            sums.resize(2 * n, 0);
            digit.resize(n, 0);
            for (i, source) in x.chunks_exact(n).enumerate() {
                let from = self.primes[i].p;
                for (digit, &x) in digit.iter_mut().zip(source) {
                    *digit = prime.signed(centred(x, from));
                }
                transform.forward(prime, digit);
                for (half, sums) in sums.chunks_exact_mut(n).enumerate() {
                    let key = &key[(2 * i + half) * self.words() + k * n..][..n];
                    for ((sum, &a), &b) in sums.iter_mut().zip(&*digit).zip(key) {
                        *sum += u128::from(a) * u128::from(b);
                    }
                }
            }
            let mut out: Vec<u64> = sums.iter().map(|&sum| prime.reduce_wide(sum)).collect();
            for half in out.chunks_exact_mut(n) {
                transform.inverse(prime, half);
            }
            out
        })
    }
}

/// first + X^offset·second, and the automorphism's image of first - X^offset·second, of one row.
fn add_and_turn(
    prime: &Prime,
    [first, second]: [&[u64]; 2],
    [offset, exponent]: [usize; 2],
    sum: &mut [u64],
    turned: &mut [u64],
) {
    let n = first.len();
    let signed = |at: usize, x: u64| if at & n == 0 { x } else { prime.minus(0, x) };
    for (i, &x) in first.iter().enumerate() {
        let from = (i + 2 * n - offset) & (2 * n - 1);
        let z = signed(from, second[from & (n - 1)]);
        sum[i] = prime.plus(x, z);
        let to = (i * exponent) & (2 * n - 1);
        turned[to & (n - 1)] = signed(to, prime.minus(x, z));
    }
}
