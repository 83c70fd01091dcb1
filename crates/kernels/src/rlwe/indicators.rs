//! Sums over blocks of a·m, where m has X^-i for each row i of the block in a bin: of all bins of a column, exactly, by
//! transforms of doubles. A transform modulo two primes of each m would cost ten times as much.
//!
//! Residues of a go as two digits of 25 bits and a sign, and sums are brought back to integers after 64 blocks. The error of each coefficient
//! is then below 1/4 whatever the numbers, counted as by Brent, Percival, Zimmermann, "Error bounds on complex floating-point multiplication"
//! (Math. Comp. 76, 2007), section 5, in Euclidean norms and units of e = 2^-53. A transform's error, relative to its norm: 64 for the three levels
//! met at once (eight products a sum, two roundings each, every sum taken at its worst), √5 for the twist, 2 + √5 for each of four levels by fours, 83
//! together; 7 for each of six factors on the way (an angle up to 2π is off by 6, its cosine and sine by 1). Three transforms: 3·(83 + 6·7) = 375.
//! Products over 64 blocks, added two roundings a component and block while sums grow: 92. Together below 512: with |a| at most
//! 2^24·√4096 = 2^30, |m| at most 64 (every row in one bin) and 64 blocks 2^(9 - 53 + 30 + 6 + 6) = 2^-2.

use super::Ring;
use super::fourier::{Complex, Factor, Fourier, Lanes, STRETCHES};
use rayon::prelude::*;
use std::arch::x86_64::{__m256d, __m512d};

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

type Digits = Vec<Complex<__m256d>>;
/// 1.5·2^52: added and taken off again it leaves the nearest integer.
const WHOLE: f64 = 6755399441055744.0;

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
            let lanes = vectors.lanes();
            sums.par_chunks_mut(lanes * self.words()).enumerate().for_each(|(tile, sums)| {
                for (digits, codes) in &groups {
                    vectors.add_tile(&fourier, self, sums, digits, codes, tile * lanes);
                }
            });
        }
        Some(sums)
    }

    /// Residues of one polynomial, about zero, in digits.
    fn digits_of(&self, a: &[u64]) -> Vec<[[f64; DIGITS]; 2]> {
        let (half, base) = (self.n / 2, 1i64 << DIGIT_BITS);
        let mut z = vec![[[0.0; DIGITS]; 2]; half];
        for (k, (prime, row)) in self.primes.iter().zip(a.chunks_exact(self.n)).enumerate() {
            let mut row = row.to_vec();
            self.transforms[k].inverse(prime, &mut row);
            for (i, &x) in row.iter().enumerate() {
                let x = if x > prime.p / 2 { x as i64 - prime.p as i64 } else { x as i64 };
                let low = ((x + base / 2) & (base - 1)) - base / 2;
                let to = &mut z[i % half][i / half];
                to[2 * k] = low as f64;
                to[2 * k + 1] = ((x - low) >> DIGIT_BITS) as f64;
            }
        }
        z
    }

    /// Adds what digits of a tile's sums stand for.
    #[inline(always)]
    fn add_integers<V: Lanes>(&self, sums: &mut [u64], found: &mut [Complex<V>]) {
        let (half, scale) = (self.n / 2, 2.0 / self.n as f64);
        for (lane, sums) in sums.chunks_exact_mut(self.words()).enumerate() {
            for (k, (prime, sums)) in self.primes.iter().zip(sums.chunks_exact_mut(self.n)).enumerate() {
                let base = prime.factor(1 << DIGIT_BITS);
                let (low, high) = found[2 * k * half..][..2 * half].split_at_mut(half);
                let (first, second) = sums.split_at_mut(half);
                let whole = |x: f64| prime.signed(((x * scale + WHOLE) - WHOLE) as i64);
                let add = |sum: &mut u64, low: f64, high: f64| {
                    *sum = prime.plus(*sum, prime.plus(whole(low), prime.times(whole(high), base)));
                };
                for (i, (low, high)) in low.iter_mut().zip(high).enumerate() {
                    add(&mut first[i], low.re.each()[lane], high.re.each()[lane]);
                    add(&mut second[i], low.im.each()[lane], high.im.each()[lane]);
                }
            }
        }
    }
}

/// Which of the same code's translations this machine runs.
#[derive(Clone, Copy)]
enum Vectors {
    Avx512,
    Avx2,
}

impl Vectors {
    fn found() -> Option<Self> {
        let there = is_x86_feature_detected!("fma") && is_x86_feature_detected!("avx2");
        there.then(|| if is_x86_feature_detected!("avx512f") { Self::Avx512 } else { Self::Avx2 })
    }

    /// Bins side by side.
    fn lanes(self) -> usize {
        match self {
            Self::Avx512 => __m512d::COUNT,
            Self::Avx2 => __m256d::COUNT,
        }
    }

    /// Digits as values.
    fn digits(self, fourier: &Fourier, ring: &Ring, a: &[u64]) -> Digits {
        // SAFETY: found only with the instructions; four lanes fill no wider vector.
        unsafe { forward_avx2(fourier, &ring.digits_of(a)) }
    }

    /// Adds to the sums of as many bins from `first` on those over these blocks.
    fn add_tile(self, fourier: &Fourier, ring: &Ring, sums: &mut [u64], digits: &[Digits], codes: &[u8], first: usize) {
        // SAFETY: found only with the instructions.
        unsafe {
            match self {
                Self::Avx512 => add_tile_avx512(fourier, ring, sums, digits, codes, first),
                Self::Avx2 => add_tile_avx2(fourier, ring, sums, digits, codes, first),
            }
        }
    }
}

#[target_feature(enable = "avx2,fma")]
fn forward_avx2(fourier: &Fourier, z: &[[[f64; DIGITS]; 2]]) -> Digits {
    let mut out = vec![Complex::<__m256d>::zero(); z.len()];
    for (out, z) in out.iter_mut().zip(z) {
        out.re.each().copy_from_slice(&z[0]);
        out.im.each().copy_from_slice(&z[1]);
    }
    fourier.forward(&mut out);
    out
}

#[target_feature(enable = "avx2,fma")]
fn add_tile_avx2(fourier: &Fourier, ring: &Ring, sums: &mut [u64], digits: &[Digits], codes: &[u8], first: usize) {
    ring.add_integers(sums, &mut tile::<__m256d>(fourier, digits, codes, first));
}

#[target_feature(enable = "avx512f,avx2,fma")]
fn add_tile_avx512(fourier: &Fourier, ring: &Ring, sums: &mut [u64], digits: &[Digits], codes: &[u8], first: usize) {
    ring.add_integers(sums, &mut tile::<__m512d>(fourier, digits, codes, first));
}

/// Of the bins from `first` on, digit after digit, the sums over the blocks, times n/2.
#[inline(always)]
fn tile<V: Lanes>(fourier: &Fourier, digits: &[Digits], codes: &[u8], first: usize) -> Vec<Complex<V>> {
    let (part, half) = (fourier.part, STRETCHES * fourier.part);
    let mut sums = vec![Complex::<V>::zero(); half * DIGITS];
    let mut values = vec![Complex::<V>::zero(); half * BLOCKS_AT_ONCE];
    for (digits, codes) in digits.chunks(BLOCKS_AT_ONCE).zip(codes.chunks(2 * half * BLOCKS_AT_ONCE)) {
        values.fill(Complex::zero());
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
fn meet_stretches<V: Lanes>(fourier: &Fourier, codes: &[u8], first: usize, z: &mut [Complex<V>]) {
    let (part, n) = (fourier.part, codes.len());
    for (row, &code) in codes.iter().enumerate() {
        let lane = usize::from(code).wrapping_sub(first);
        if lane >= V::COUNT {
            continue;
        }
        // X^0, or -X^(n - row).
        let at = (n - row) % n;
        let sign = if row == 0 { 1.0 } else { -1.0 };
        for (s, power) in fourier.powers[at / part].iter().enumerate() {
            let to = &mut z[at % part + s * part];
            to.re.each()[lane] += sign * power.re;
            to.im.each()[lane] += sign * power.im;
        }
    }
}

/// Of each digit the products of all blocks at one place.
#[inline(always)]
fn add_products<V: Lanes>(
    sums: &mut [Complex<V>],
    half: usize,
    values: &[Complex<V>],
    digits: &[Digits],
    place: usize,
) {
    let mut own = [sums[place], sums[half + place], sums[2 * half + place], sums[3 * half + place]];
    for (values, digits) in values.chunks_exact(half).zip(digits) {
        let (x, mut a) = (values[place], digits[place]);
        let (re, im) = (a.re.each(), a.im.each());
        for d in 0..DIGITS {
            own[d] = own[d].plus_product(x, Factor { re: re[d], im: im[d] });
        }
    }
    for (d, own) in own.into_iter().enumerate() {
        sums[d * half + place] = own;
    }
}
