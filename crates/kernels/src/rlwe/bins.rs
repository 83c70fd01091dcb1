//! Sums of hidden numbers over the bins of hidden columns: what `protocols/linear-answers` computes with.
//!
//! Sums lie output by output (a bin of a column), of each output vector by vector, of each vector a residue a prime. What is
//! hidden of numbers is constant-time; memory is read by the bins of rows, which are the caller's own, and time tells nothing of them
//! but through caches.

use super::Ring;
use super::sampling::{binomial, key, small_row, ternary};
use crate::error::{Result, require};
use rayon::prelude::*;

/// Words added at a time.
const LANES: usize = 4;
/// Rows that stay in the second cache while columns meet them, and columns that meet them there.
const ROWS_AT_ONCE: usize = 1024;
const COLUMNS_AT_ONCE: usize = 16;

impl Ring {
    /// Of each secret s (values) a·s + e + factor·numbers as coefficients, packed; a is one polynomial, as values; errors come from
    /// streams `first` and on.
    pub fn hide(
        &self,
        a: &[u64],
        secrets: &[u64],
        seed: &[u8],
        first: usize,
        numbers: &[i32],
        factors: &[u64],
    ) -> Result<Vec<u8>> {
        let (key, factors) = (key(seed)?, self.factors(factors)?);
        require(self.count(a)? == 1, "one public polynomial")?;
        let count = self.count(secrets)?;
        require(numbers.len() == count * self.n, "a number a coefficient")?;
        let hidden = self.each(count, |at, out| {
            let mut errors = vec![0i64; self.n];
            small_row(key, first + at, binomial, &mut errors);
            for (k, (prime, row)) in self.primes.iter().zip(out.chunks_exact_mut(self.n)).enumerate() {
                let secret = &secrets[at * self.words() + k * self.n..][..self.n];
                self.transforms[k].add_products(prime, row, &a[k * self.n..][..self.n], secret);
                self.transforms[k].inverse(prime, row);
                let numbers = &numbers[at * self.n..][..self.n];
                for ((x, &error), &number) in row.iter_mut().zip(&errors).zip(numbers) {
                    let number = prime.times(prime.small(i64::from(number)), factors[k]);
                    *x = prime.plus(prime.plus(*x, prime.small(error)), number);
                }
            }
        })?;
        self.pack(&hidden)
    }

    /// Coefficients -1, 0 and 1 as by `ternary`, one higher, a byte each.
    pub fn trits(&self, seed: &[u8], count: usize) -> Result<Vec<u8>> {
        let key = key(seed)?;
        require(count <= super::WORDS_MAX / self.n, "too many polynomials at once")?;
        let mut out = vec![0u8; count * self.n];
        out.par_chunks_mut(self.n).enumerate().for_each(|(at, out)| {
            let mut row = vec![0i64; self.n];
            small_row(key, at, ternary, &mut row);
            for (out, &x) in out.iter_mut().zip(&row) {
                *out = (x + 1) as u8;
            }
        });
        Ok(out)
    }

    /// Of each bin the sum over blocks of a·m + e, rounded to the first prime, as coefficients, where m has X^-i for each row i of the block
    /// in that bin. The last polynomial of `a` meets the bin's row of `masks` (trits) instead. Errors: streams `first` and on.
    pub fn hide_bins(&self, a: &[u64], codes: &[u8], masks: &[u8], seed: &[u8], first: usize) -> Result<Vec<u64>> {
        let (key, blocks) = (key(seed)?, self.count(a)?);
        require(blocks > 0 && codes.len() == (blocks - 1) * self.n, "a row of codes a polynomial, but for the last")?;
        require(masks.len().is_multiple_of(self.n) && masks.len() <= 256 * self.n, "a row of masks a bin")?;
        let (rows, turned) = a.split_at((blocks - 1) * self.words());
        let bins = masks.len() / self.n;
        #[cfg(target_arch = "x86_64")]
        let found = self.indicator_sums(rows, codes, bins);
        #[cfg(not(target_arch = "x86_64"))]
        let found: Option<Vec<u64>> = None;
        let sums = found.unwrap_or_else(|| self.bin_sums(rows, codes, bins));
        let mut out = vec![0u64; masks.len()];
        out.par_chunks_mut(self.n).zip(masks.par_chunks(self.n)).enumerate().for_each(|(bin, (out, mask))| {
            let (mut sum, mut row, mut digits) = (vec![0; self.words()], vec![0u64; self.n], vec![0i64; self.n]);
            digits.iter_mut().zip(mask).for_each(|(digit, &trit)| *digit = i64::from(trit.min(2)) - 1);
            self.add_turned(&digits, turned, &mut row, &mut sum);
            small_row(key, first + bin, binomial, &mut digits);
            for (k, (prime, sum)) in self.primes.iter().zip(sum.chunks_exact_mut(self.n)).enumerate() {
                self.transforms[k].inverse(prime, sum);
                let own = &sums[bin * self.words() + k * self.n..][..self.n];
                for ((x, &own), &error) in sum.iter_mut().zip(own).zip(&digits) {
                    *x = prime.plus(prime.plus(*x, own), prime.small(error));
                }
            }
            self.drop_to(1, self.n, &mut sum);
            out.copy_from_slice(&sum[..self.n]);
        });
        Ok(out)
    }

    /// Of each bin the sum over blocks of a·m, as coefficients: what `indicator_sums` computes sooner.
    fn bin_sums(&self, a: &[u64], codes: &[u8], bins: usize) -> Vec<u64> {
        let mut out = vec![0u64; bins * self.words()];
        out.par_chunks_mut(self.words()).enumerate().for_each(|(bin, sum)| {
            let (mut row, mut digits) = (vec![0u64; self.n], vec![0i64; self.n]);
            for (a, codes) in a.chunks_exact(self.words()).zip(codes.chunks_exact(self.n)) {
                digits.iter_mut().zip(codes).for_each(|(digit, &code)| *digit = i64::from(usize::from(code) == bin));
                self.add_turned(&digits, a, &mut row, sum);
            }
            for (k, (prime, sum)) in self.primes.iter().zip(sum.chunks_exact_mut(self.n)).enumerate() {
                self.transforms[k].inverse(prime, sum);
            }
        });
        out
    }

    /// sum + a·d, as values, where d has digits[i]·X^-i.
    fn add_turned(&self, digits: &[i64], a: &[u64], row: &mut [u64], sum: &mut [u64]) {
        for (k, prime) in self.primes.iter().enumerate() {
            row[0] = prime.small(digits[0]);
            for (x, &digit) in row[1..].iter_mut().rev().zip(&digits[1..]) {
                *x = prime.small(-digit);
            }
            self.transforms[k].forward(prime, row);
            self.transforms[k].add_products(prime, &mut sum[k * self.n..][..self.n], row, &a[k * self.n..][..self.n]);
        }
    }

    /// Adds coefficients of packed polynomials, one a vector, to the sums of the bins of their rows. Column f's codes are
    /// `codes[f·rows + at..]`; codes not below `bins[f]` are in no bin.
    pub fn sum_bins(
        &self,
        sums: &mut [u64],
        packed: &[u8],
        codes: &[u8],
        [rows, at]: [usize; 2],
        bins: &[u32],
    ) -> Result<()> {
        let fits =
            rows.checked_mul(bins.len()) == Some(codes.len()) && at.checked_add(self.n).is_some_and(|end| end <= rows);
        require(fits, "a code a row and column")?;
        let block = self.side_by_side(packed)?;
        let outputs: usize = bins.iter().map(|&bins| bins as usize).sum();
        require(sums.len() == outputs * block.width, "sums of all outputs")?;
        let mut groups = Vec::new();
        let mut rest = sums;
        for (group, bins) in bins.chunks(COLUMNS_AT_ONCE).enumerate() {
            let outputs: usize = bins.iter().map(|&bins| bins as usize).sum();
            let (own, others) = rest.split_at_mut(outputs * block.width);
            groups.push((group * COLUMNS_AT_ONCE, bins, own));
            rest = others;
        }
        groups.into_par_iter().for_each(|(first, bins, sums)| {
            let columns: Vec<&[u8]> = (first..first + bins.len()).map(|f| &codes[f * rows + at..][..self.n]).collect();
            self.add_columns(&block, &columns, bins, sums);
        });
        Ok(())
    }

    /// Adds what `masks` (a row of trits an output) pick of packed polynomials, with their signs.
    pub fn sum_masks(&self, sums: &mut [u64], packed: &[u8], masks: &[u8]) -> Result<()> {
        let block = self.side_by_side(packed)?;
        require(masks.len().is_multiple_of(self.n), "a row of masks an output")?;
        require(sums.len() == masks.len() / self.n * block.width, "sums of all outputs")?;
        sums.par_chunks_mut(block.width.max(1)).zip(masks.par_chunks(self.n)).for_each(|(sums, mask)| {
            let mut local = vec![0u64; 4 * block.lanes];
            for (from, codes) in mask.chunks(ROWS_AT_ONCE).enumerate() {
                add_rows(&mut local, codes, &block.words[from * ROWS_AT_ONCE * block.lanes..], block.lanes, 3);
            }
            for (i, sum) in sums.iter_mut().enumerate() {
                let prime = self.prime_of(i);
                let difference = prime.minus(prime.reduce(local[2 * block.lanes + i]), prime.reduce(local[i]));
                *sum = prime.plus(prime.reduce(*sum), difference);
            }
        });
        Ok(())
    }

    fn add_columns(&self, block: &Block, columns: &[&[u8]], bins: &[u32], sums: &mut [u64]) {
        let mut locals: Vec<Vec<u64>> = bins.iter().map(|&bins| vec![0; (bins as usize + 1) * block.lanes]).collect();
        for from in (0..self.n).step_by(ROWS_AT_ONCE) {
            for ((codes, local), &bins) in columns.iter().zip(&mut locals).zip(bins) {
                let codes = &codes[from..(from + ROWS_AT_ONCE).min(self.n)];
                add_rows(local, codes, &block.words[from * block.lanes..], block.lanes, bins as usize);
            }
        }
        let found =
            locals.iter().zip(bins).flat_map(|(local, &bins)| local.chunks_exact(block.lanes).take(bins as usize));
        for (sums, found) in sums.chunks_exact_mut(block.width.max(1)).zip(found) {
            for (i, (sum, &found)) in sums.iter_mut().zip(found).enumerate() {
                let prime = self.prime_of(i);
                *sum = prime.plus(prime.reduce(*sum), prime.reduce(found));
            }
        }
    }

    /// Packed polynomials coefficient by coefficient, of each all vectors and primes.
    fn side_by_side(&self, packed: &[u8]) -> Result<Block> {
        let polynomials = self.unpack(packed)?;
        let width = polynomials.len() / self.n;
        let lanes = width.next_multiple_of(LANES);
        let mut words = vec![0u64; self.n * lanes];
        words.par_chunks_mut(64 * lanes).enumerate().for_each(|(part, words)| {
            for (i, words) in words.chunks_exact_mut(lanes.max(1)).enumerate() {
                let row = part * 64 + i;
                for (word, column) in words.iter_mut().zip(polynomials.chunks_exact(self.n)) {
                    *word = column[row];
                }
            }
        });
        Ok(Block { words, lanes, width })
    }
}

/// Rows of `lanes` words, of which `width` count.
struct Block {
    words: Vec<u64>,
    lanes: usize,
    width: usize,
}

/// Adds each row to that of its code; what is in no bin to one behind them. At most 2^13 rows below 2^50.
fn add_rows(local: &mut [u64], codes: &[u8], rows: &[u64], lanes: usize, bins: usize) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: only with the instructions.
        return unsafe { add_rows_avx2(local, codes, rows, lanes, bins) };
    }
    add_rows_of(local, codes, rows, lanes, bins);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn add_rows_avx2(local: &mut [u64], codes: &[u8], rows: &[u64], lanes: usize, bins: usize) {
    add_rows_of(local, codes, rows, lanes, bins);
}

#[inline(always)]
fn add_rows_of(local: &mut [u64], codes: &[u8], rows: &[u64], lanes: usize, bins: usize) {
    match lanes {
        4 => add_fixed::<4>(local, codes, rows, bins),
        8 => add_fixed::<8>(local, codes, rows, bins),
        16 => add_fixed::<16>(local, codes, rows, bins),
        32 => add_fixed::<32>(local, codes, rows, bins),
        _ => {
            for (&code, row) in codes.iter().zip(rows.chunks_exact(lanes.max(1))) {
                let sums = &mut local[usize::from(code).min(bins) * lanes..][..lanes];
                for (sums, row) in sums.as_chunks_mut::<LANES>().0.iter_mut().zip(row.as_chunks::<LANES>().0) {
                    add(sums, row);
                }
            }
        }
    }
}

#[inline(always)]
fn add_fixed<const W: usize>(local: &mut [u64], codes: &[u8], rows: &[u64], bins: usize) {
    let local = &mut local.as_chunks_mut::<W>().0[..=bins];
    for (&code, row) in codes.iter().zip(rows.as_chunks::<W>().0) {
        add(&mut local[usize::from(code).min(bins)], row);
    }
}

#[inline(always)]
fn add<const W: usize>(sums: &mut [u64; W], row: &[u64; W]) {
    for (sum, &x) in sums.iter_mut().zip(row) {
        *sum = sum.wrapping_add(x);
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    const PRIMES: [u64; 2] = [1125899904679937, 1125899903827969];

    fn agree(n: usize, blocks: usize, bins: usize, code_of: impl Fn(usize) -> u8) {
        let ring = Ring::new(n, &PRIMES).unwrap();
        let a = ring.uniform(&[7; 32], blocks).unwrap();
        let codes: Vec<u8> = (0..blocks * n).map(code_of).collect();
        if let Some(sums) = ring.indicator_sums(&a, &codes, bins) {
            assert!(sums == ring.bin_sums(&a, &codes, bins), "{n} {blocks} {bins}");
        }
    }

    #[test]
    fn transforms_of_doubles_give_the_sums_modulo_primes() {
        let mixed = |row: usize| (row.wrapping_mul(2654435761) >> 7) as u8 % 37;
        for (n, blocks, bins) in [(16, 5, 3), (64, 1, 9), (1024, 67, 33), (4096, 3, 32), (4096, 0, 4)] {
            agree(n, blocks, bins, mixed);
        }
    }

    /// What their bound is made for: as many rows as there are, all in one bin, and public polynomials of the largest digits.
    #[test]
    fn the_largest_sums_are_exact() {
        agree(4096, 130, 1, |_| 0);
        let ring = Ring::new(4096, &PRIMES).unwrap();
        let largest: Vec<u64> = PRIMES.iter().flat_map(|p| vec![p / 2; 4096]).collect();
        let a = ring.forward(&largest.repeat(65)).unwrap();
        let codes = vec![0u8; 65 * 4096];
        if let Some(sums) = ring.indicator_sums(&a, &codes, 1) {
            assert!(sums == ring.bin_sums(&a, &codes, 1));
        }
    }
}
