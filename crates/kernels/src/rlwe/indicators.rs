//! Sums over blocks of a·m, where m has X^-i for each row i of the block in a bin: of all bins of a column, exactly, by
//! transforms of doubles. A transform modulo two primes of each m would cost ten times as much.
//!
//! Residues of a go as two digits of 25 bits and a sign, and sums are brought back to integers after 64 blocks. The error of each coefficient
//! is then below 1/4 whatever the numbers: Brent, Percival, Zimmermann, "Error bounds on complex floating-point multiplication"
//! (Math. Comp. 76, 2007), theorem 5.1: |a|·|m|·((1 + e)^3k (1 + e√5)^(3k + 1) (1 + b)^3k - 1) for k levels, e = 2^-53, b = 2^-52.5 for
//! factors. With k = 12 for the 11 levels and the twist, and e for each term of a sum of 64, that is below 256·e·|a|·|m|; |a| is at most
//! 2^24·√4096 = 2^30, |m| at most 64 (every row in one bin), and 64 blocks give 2^(8 - 53 + 30 + 6 + 6) = 2^-3.

use super::Ring;
use super::fourier::{Complex, Factor, Fourier, STRETCHES};
use rayon::prelude::*;

/// Bins side by side.
const LANES: usize = 8;
const DIGIT_BITS: u32 = 25;
/// Two for each of two primes.
const DIGITS: usize = 4;
/// Until sums are brought back to integers, and how many such groups' digits are in memory: 32 MB.
const BLOCKS: usize = 64;
const GROUPS: usize = 4;
/// Whose values meet sums in one pass.
const BLOCKS_AT_ONCE: usize = 4;
/// For which the error is bounded.
const SIZE_MAX: usize = 4096;

type Digits = Vec<Complex<DIGITS>>;

impl Ring {
    /// Of each bin its sum, as coefficients; `a` (values) has a polynomial and `codes` a row a coefficient for each block. None where the
    /// machine or the ring is not made for it.
    pub(super) fn indicator_sums(&self, a: &[u64], codes: &[u8], bins: usize) -> Option<Vec<u64>> {
        let vectors = Vectors::found()?;
        if self.n > SIZE_MAX || self.primes.len() * 2 != DIGITS {
            return None;
        }
        let fourier = Fourier::new(self.n)?;
        let mut sums = vec![0u64; bins * self.words()];
        let (polynomials, rows) = (a.chunks(GROUPS * BLOCKS * self.words()), codes.chunks(GROUPS * BLOCKS * self.n));
        for (a, codes) in polynomials.zip(rows) {
            let digits: Vec<Digits> =
                a.par_chunks_exact(self.words()).map(|a| vectors.digits(&fourier, self, a)).collect();
            let groups: Vec<_> = digits.chunks(BLOCKS).zip(codes.chunks(BLOCKS * self.n)).collect();
            sums.par_chunks_mut(LANES * self.words()).enumerate().for_each(|(tile, sums)| {
                for (digits, codes) in &groups {
                    let found = vectors.tile(&fourier, digits, codes, tile * LANES);
                    self.add_integers(sums, &found);
                }
            });
        }
        Some(sums)
    }

    /// Residues of one polynomial, about zero, in digits.
    fn digits_of(&self, a: &[u64]) -> Digits {
        let (half, base) = (self.n / 2, 1i64 << DIGIT_BITS);
        let mut z = vec![Complex::ZERO; half];
        for (k, (prime, row)) in self.primes.iter().zip(a.chunks_exact(self.n)).enumerate() {
            let mut row = row.to_vec();
            self.transforms[k].inverse(prime, &mut row);
            for (i, &x) in row.iter().enumerate() {
                let x = if x > prime.p / 2 { x as i64 - prime.p as i64 } else { x as i64 };
                let low = (x + base / 2).rem_euclid(base) - base / 2;
                let to = &mut z[i % half];
                let to = if i < half { &mut to.re } else { &mut to.im };
                to[2 * k] = low as f64;
                to[2 * k + 1] = ((x - low) >> DIGIT_BITS) as f64;
            }
        }
        z
    }

    /// Adds what digits of a tile's sums stand for.
    fn add_integers(&self, sums: &mut [u64], found: &[Complex<LANES>]) {
        let (half, scale) = (self.n / 2, 2.0 / self.n as f64);
        for (lane, sums) in sums.chunks_exact_mut(self.words()).enumerate() {
            for (k, (prime, sums)) in self.primes.iter().zip(sums.chunks_exact_mut(self.n)).enumerate() {
                let base = prime.factor(1 << DIGIT_BITS);
                let (low, high) = (&found[2 * k * half..][..half], &found[(2 * k + 1) * half..][..half]);
                let (first, second) = sums.split_at_mut(half);
                let whole = |x: f64| prime.signed((x * scale).round_ties_even() as i64);
                for (i, (low, high)) in low.iter().zip(high).enumerate() {
                    let parts = [(&mut first[i], low.re, high.re), (&mut second[i], low.im, high.im)];
                    for (sum, low, high) in parts {
                        let value = prime.plus(whole(low[lane]), prime.times(whole(high[lane]), base));
                        *sum = prime.plus(*sum, value);
                    }
                }
            }
        }
    }
}

/// Which of the same code's translations this machine runs.
#[derive(Clone, Copy)]
enum Vectors {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Vectors {
    fn found() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("fma") && is_x86_feature_detected!("avx2") {
            return Some(if is_x86_feature_detected!("avx512f") { Self::Avx512 } else { Self::Avx2 });
        }
        None
    }

    /// Digits as values.
    fn digits(self, fourier: &Fourier, ring: &Ring, a: &[u64]) -> Digits {
        let mut z = ring.digits_of(a);
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: only with the instructions; four lanes fill no wider vector.
            Self::Avx512 | Self::Avx2 => unsafe { forward_avx2(fourier, &mut z) },
        }
        z
    }

    /// Of eight bins from `first` on, digit after digit, the sums over the blocks, times n/2.
    fn tile(self, fourier: &Fourier, digits: &[Digits], codes: &[u8], first: usize) -> Vec<Complex<LANES>> {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: only with the instructions.
            Self::Avx512 => unsafe { tile_avx512(fourier, digits, codes, first) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: likewise.
            Self::Avx2 => unsafe { tile_avx2(fourier, digits, codes, first) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn forward_avx2(fourier: &Fourier, z: &mut [Complex<DIGITS>]) {
    fourier.forward(z);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn tile_avx2(fourier: &Fourier, digits: &[Digits], codes: &[u8], first: usize) -> Vec<Complex<LANES>> {
    tile_of(fourier, digits, codes, first)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
fn tile_avx512(fourier: &Fourier, digits: &[Digits], codes: &[u8], first: usize) -> Vec<Complex<LANES>> {
    tile_of(fourier, digits, codes, first)
}

#[inline(always)]
fn tile_of(fourier: &Fourier, digits: &[Digits], codes: &[u8], first: usize) -> Vec<Complex<LANES>> {
    let (part, half) = (fourier.part, STRETCHES * fourier.part);
    let mut sums = vec![Complex::ZERO; half * DIGITS];
    let mut values = vec![Complex::ZERO; half * BLOCKS_AT_ONCE];
    for (digits, codes) in digits.chunks(BLOCKS_AT_ONCE).zip(codes.chunks(2 * half * BLOCKS_AT_ONCE)) {
        values.fill(Complex::ZERO);
        for (codes, values) in codes.chunks_exact(2 * half).zip(values.chunks_exact_mut(half)) {
            meet_stretches(fourier, codes, first, values);
        }
        for s in 0..STRETCHES {
            for values in values.chunks_exact_mut(half).take(digits.len()) {
                fourier.forward_part(s, &mut values[s * part..][..part]);
            }
            for place in s * part..(s + 1) * part {
                add_products(&mut sums, half, &values, digits, place);
            }
        }
    }
    for sums in sums.chunks_exact_mut(half) {
        fourier.backward(sums);
    }
    sums
}

/// Adds each row of these bins to its place of all parts.
#[inline(always)]
fn meet_stretches(fourier: &Fourier, codes: &[u8], first: usize, z: &mut [Complex<LANES>]) {
    let (part, n) = (fourier.part, codes.len());
    for (row, &code) in codes.iter().enumerate() {
        let lane = usize::from(code).wrapping_sub(first);
        if lane >= LANES {
            continue;
        }
        // X^0, or -X^(n - row).
        let at = (n - row) % n;
        let (j, t, imaginary) = (at % part, at / part % STRETCHES, at >= n / 2);
        let sign = if row == 0 { 1.0 } else { -1.0 };
        for s in 0..STRETCHES {
            let Factor { re, im } = fourier.starts[t][s];
            let (re, im) = if imaginary { (-im, re) } else { (re, im) };
            let to = &mut z[j + s * part];
            to.re[lane] += sign * re;
            to.im[lane] += sign * im;
        }
    }
}

/// Of each digit the products of all blocks at one place.
#[inline(always)]
fn add_products(sums: &mut [Complex<LANES>], half: usize, values: &[Complex<LANES>], digits: &[Digits], place: usize) {
    let mut own: [Complex<LANES>; DIGITS] = std::array::from_fn(|d| sums[d * half + place]);
    for (values, digits) in values.chunks_exact(half).zip(digits) {
        let (x, a) = (&values[place], &digits[place]);
        for d in 0..DIGITS {
            own[d].add_product(x, Factor { re: a.re[d], im: a.im[d] });
        }
    }
    for (d, own) in own.into_iter().enumerate() {
        sums[d * half + place] = own;
    }
}
