//! Residues below 2^50 as two limbs of 25 bits: four of them are multiplied by 32-bit instructions, and thousands of products add up
//! in 64 bits.

use super::avx2::{LANES, put_words, words};
use std::arch::x86_64::*;

/// Bits of a limb: residues have two.
pub const LIMB_BITS: i32 = 25;
/// Terms whose sums of limbs' products, two of them in the middle, stay below 2^63.
pub const TERMS_MAX: usize = 1 << 12;
/// Of each of four residues three sums: low, middle and high products of limbs.
pub type Sums = [[u64; LANES]; 3];

/// Low and high limb, 32 bits each.
#[target_feature(enable = "avx2")]
pub fn limbs(x: &[u64], out: &mut [u64]) {
    for (x, out) in x.as_chunks::<LANES>().0.iter().zip(out.as_chunks_mut::<LANES>().0) {
        let x = words(x);
        let low = _mm256_and_si256(x, _mm256_set1_epi64x((1 << LIMB_BITS) - 1));
        let high = _mm256_slli_epi64::<32>(_mm256_srli_epi64::<LIMB_BITS>(x));
        put_words(_mm256_or_si256(low, high), out);
    }
}

/// Adds products of rows of `plain` with rows of limbs, of W columns each, to `sums`: W for each four residues. Whether all of
/// `plain` is below p; if not, sums mean nothing. `next` is what will be `plain`: it is on its way from memory meanwhile.
#[target_feature(enable = "avx2")]
pub fn accumulate<const W: usize>(
    sums: &mut [[Sums; W]],
    [plain, next]: [&[&[u64]]; 2],
    others: &[[&[u64]; W]],
    p: u64,
) -> bool {
    let most = _mm256_set1_epi64x(p as i64 - 1);
    let mask = _mm256_set1_epi64x((1 << LIMB_BITS) - 1);
    let mut above = _mm256_setzero_si256();
    for (at, sums) in sums.iter_mut().enumerate() {
        if at % 2 == 0 {
            for next in next {
                fetch(next, at);
            }
        }
        let mut held = [[_mm256_setzero_si256(); 3]; W];
        for (held, sums) in held.iter_mut().flatten().zip(sums.iter().flatten()) {
            *held = words(sums);
        }
        for (plain, others) in plain.iter().zip(others) {
            let a = words_at(plain, at);
            above = _mm256_or_si256(above, _mm256_or_si256(a, _mm256_cmpgt_epi64(a, most)));
            let (low, high) = (_mm256_and_si256(a, mask), _mm256_srli_epi64::<LIMB_BITS>(a));
            for (held, other) in held.iter_mut().zip(others) {
                let b = words_at(other, at);
                let upper = _mm256_srli_epi64::<32>(b);
                let middle = _mm256_add_epi64(_mm256_mul_epu32(low, upper), _mm256_mul_epu32(high, b));
                held[0] = _mm256_add_epi64(held[0], _mm256_mul_epu32(low, b));
                held[1] = _mm256_add_epi64(held[1], middle);
                held[2] = _mm256_add_epi64(held[2], _mm256_mul_epu32(high, upper));
            }
        }
        for (held, sums) in held.iter().flatten().zip(sums.iter_mut().flatten()) {
            put_words(*held, sums);
        }
    }
    _mm256_movemask_pd(_mm256_castsi256_pd(above)) == 0
}

/// The cache line of vector `at`.
#[inline]
fn fetch(from: &[u64], at: usize) {
    // SAFETY: a hint, which never faults.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(from[at * LANES..].as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn words_at(from: &[u64], at: usize) -> __m256i {
    words(from[at * LANES..].first_chunk().expect("a whole register"))
}
