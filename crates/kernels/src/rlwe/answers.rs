//! Differences of sums over bins, their release with noise, and how they are opened (`bins.rs`).

use super::prime::Factor;
use super::sampling::{Words, key, small_row, ternary};
use super::{Prime, Ring};
use crate::error::{Result, require};
use rayon::prelude::*;

/// Residues have four limbs.
const LIMB_BITS: u32 = 13;
const LIMBS: usize = 4;

/// Vectors `at..at + count` of the `width` of each output.
#[derive(Clone, Copy)]
pub struct Columns {
    pub width: usize,
    pub at: usize,
    pub count: usize,
}

/// Sets of outputs: those of set i are `members[offsets[i]..offsets[i + 1]]`.
#[derive(Clone, Copy)]
pub struct Sets<'a> {
    pub offsets: &'a [u32],
    pub members: &'a [u32],
}

impl Sets<'_> {
    fn count(&self, outputs: usize) -> Result<usize> {
        let ends = self.offsets.first() == Some(&0) && self.offsets.last() == Some(&(self.members.len() as u32));
        require(ends && self.offsets.is_sorted(), "sets lie one after the other")?;
        require(self.members.iter().all(|&at| (at as usize) < outputs), "sets are of outputs")?;
        Ok(self.offsets.len() - 1)
    }

    fn members(&self, set: usize) -> impl Iterator<Item = usize> {
        let range = self.offsets[set] as usize..self.offsets[set + 1] as usize;
        self.members[range].iter().map(|&at| at as usize)
    }
}

impl Ring {
    /// The first's columns minus the second's.
    pub fn subtract_sums(&self, a: (&[u64], Columns), b: (&[u64], Columns)) -> Result<Vec<u64>> {
        let (rows, others) = (self.columns(a)?, self.columns(b)?);
        require(a.1.count == b.1.count && rows.len() == others.len(), "as many sums on both sides")?;
        let of = |at: usize| self.prime_of(at);
        let pairs = rows.into_iter().zip(others).flat_map(|(a, b)| a.iter().zip(b).enumerate());
        Ok(pairs.map(|(i, (&a, &b))| of(i).minus(of(i).reduce(a), of(i).reduce(b))).collect())
    }

    /// Of each output the words of the columns.
    fn columns<'a>(&self, (sums, columns): (&'a [u64], Columns)) -> Result<Vec<&'a [u64]>> {
        let Columns { width, at, count } = columns;
        require(count > 0 && at.checked_add(count).is_some_and(|end| end <= width), "columns of the sums")?;
        let primes = self.primes.len();
        require(sums.len().is_multiple_of(width * primes), "a whole number of outputs")?;
        Ok(sums.chunks_exact(width * primes).map(|row| &row[at * primes..(at + count) * primes]).collect())
    }

    /// Of each set, by vector, the sum of its outputs and of three numbers uniform below `spread`, centred, rounded to the first prime.
    /// Streams `first` and on, one a set.
    pub fn release_sums(
        &self,
        sums: (&[u64], Columns),
        sets: Sets,
        seed: &[u8],
        first: usize,
        spread: u128,
    ) -> Result<Vec<u64>> {
        let (key, rows, count) = (key(seed)?, self.columns(sums)?, sums.1.count);
        require(spread > 0 && spread < 1 << 100, "noise has at most 100 bits")?;
        let mut out = vec![0u64; sets.count(rows.len())? * count];
        let centre = 3 * (spread - 1) / 2;
        out.par_chunks_mut(count).enumerate().for_each(|(set, out)| {
            let mut words = Words::new(key, first + set);
            let total = self.total(&rows, sets.members(set), count);
            let mut by_prime = vec![0u64; total.len()];
            for i in 0..count {
                let noise: u128 = (0..3).map(|_| below(&mut words, spread)).sum();
                for (k, prime) in self.primes.iter().enumerate() {
                    let noise = prime.minus(prime.reduce_wide(noise), prime.reduce_wide(centre));
                    by_prime[k * count + i] = prime.plus(total[i * self.primes.len() + k], noise);
                }
            }
            self.drop_to(1, count, &mut by_prime);
            out.copy_from_slice(&by_prime[..count]);
        });
        Ok(out)
    }

    fn total(&self, rows: &[&[u64]], members: impl Iterator<Item = usize>, count: usize) -> Vec<u64> {
        let mut total = vec![0u64; count * self.primes.len()];
        for at in members {
            for (i, (sum, &x)) in total.iter_mut().zip(rows[at]).enumerate() {
                let prime = self.prime_of(i);
                *sum = prime.plus(*sum, prime.reduce(x));
            }
        }
        total
    }

    /// Of each polynomial (coefficients, of a ring with one prime) the constant coefficient of its product with each of `count` ternary
    /// polynomials of the seed.
    pub fn phases(&self, hint: &[u64], seed: &[u8], count: usize) -> Result<Vec<u64>> {
        require(self.primes.len() == 1 && count > 0 && count <= 4096, "phases are modulo one prime")?;
        let (key, outputs) = (key(seed)?, self.count(hint)?);
        let mut signs = vec![0i16; count * self.n];
        signs.par_chunks_mut(self.n).enumerate().for_each(|(at, signs)| {
            let mut row = vec![0i64; self.n];
            small_row(key, at, ternary, &mut row);
            signs[0] = row[0] as i16;
            signs[1..].iter_mut().rev().zip(&row[1..]).for_each(|(sign, &x)| *sign = -x as i16);
        });
        let mut out = vec![0u64; outputs * count];
        out.par_chunks_mut(count).zip(hint.par_chunks(self.n)).for_each_init(
            || vec![0i16; LIMBS * self.n],
            |limbs, (out, hint)| {
                for (l, limbs) in limbs.chunks_exact_mut(self.n).enumerate() {
                    let shift = LIMB_BITS * l as u32;
                    limbs.iter_mut().zip(hint).for_each(|(limb, &x)| *limb = ((x >> shift) & 0x1fff) as i16);
                }
                for (out, signs) in out.iter_mut().zip(signs.chunks_exact(self.n)) {
                    *out = combined(&self.primes[0], dots(limbs, signs));
                }
            },
        );
        Ok(out)
    }

    /// Of each set, by vector, the number least + k whose k·delta is nearest to answer - phases, k from 0.
    pub fn open_sums(
        &self,
        phases: (&[u64], Columns),
        sets: Sets,
        answers: &[u64],
        delta: u64,
        least: &[i64],
    ) -> Result<Vec<f64>> {
        let (rows, count, prime) = (self.columns(phases)?, phases.1.count, &self.primes[0]);
        require(self.primes.len() == 1 && delta > 0 && delta < prime.p, "answers are modulo one prime")?;
        require(least.len() == count, "a least number a vector")?;
        require(answers.len() == sets.count(rows.len())? * count, "an answer a set and vector")?;
        let step: Factor = prime.factor(delta);
        let mut out = vec![0f64; answers.len()];
        out.par_chunks_mut(count).zip(answers.par_chunks(count)).enumerate().for_each(|(set, (out, answers))| {
            let total = self.total(&rows, sets.members(set), count);
            for (i, (out, &answer)) in out.iter_mut().zip(answers).enumerate() {
                let phase = prime.minus(prime.reduce(answer), total[i]);
                let from = prime.times(prime.signed(least[i]), step);
                let above = prime.plus(prime.minus(phase, from), delta / 2);
                *out = (least[i] + (above / delta) as i64) as f64;
            }
        });
        Ok(out)
    }
}

/// Each limb's sum of products with the signs: at most 2^15 terms below 2^13.
fn dots(limbs: &[i16], signs: &[i16]) -> [i32; LIMBS] {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: only with the instructions.
        return unsafe { dots_avx2(limbs, signs) };
    }
    dots_of(limbs, signs)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dots_avx2(limbs: &[i16], signs: &[i16]) -> [i32; LIMBS] {
    dots_of(limbs, signs)
}

#[inline(always)]
fn dots_of(limbs: &[i16], signs: &[i16]) -> [i32; LIMBS] {
    let mut rows = limbs.chunks_exact(signs.len());
    [(); LIMBS].map(|()| {
        let row = rows.next().expect("four limbs");
        row.iter().zip(signs).map(|(&limb, &sign)| i32::from(limb) * i32::from(sign)).sum()
    })
}

fn combined(prime: &Prime, dots: [i32; LIMBS]) -> u64 {
    dots.iter().rev().fold(0, |high, &dot| {
        let raised = prime.reduce_wide(u128::from(high) << LIMB_BITS);
        prime.plus(raised, prime.signed(i64::from(dot)))
    })
}

/// Uniform below `spread`: as many bits as it has, again where that is not below it.
fn below(words: &mut Words, spread: u128) -> u128 {
    let bits = 128 - (spread - 1).leading_zeros();
    let mask = if bits == 0 { 0 } else { u128::MAX >> (128 - bits) };
    loop {
        let low = u128::from(words.word());
        let drawn = if bits > 64 { low | (u128::from(words.word()) << 64) } else { low } & mask;
        if drawn < spread {
            break drawn;
        }
    }
}
