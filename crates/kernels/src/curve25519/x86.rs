//! The lanes of x86-64: four doubles with AVX2 and FMA, eight 52-bit multiply-adds with AVX-512 IFMA. One instruction
//! each; values of these types only exist below `dispatch`, which has asked the CPU.

use super::lanes::{Doubles, LANES_MAX, Line, Mask, MultiplyAdd52, Routine, Words};
use std::arch::asm;
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
pub struct Avx2Words(__m256i);

impl Words for Avx2Words {
    const LANES: usize = 4;

    #[inline(always)]
    fn splat(value: u64) -> Self {
        Self(unsafe { _mm256_set1_epi64x(value as i64) })
    }

    #[inline(always)]
    fn load(values: &[u64; LANES_MAX]) -> Self {
        Self(unsafe { _mm256_loadu_si256(values.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self) -> [u64; LANES_MAX] {
        let mut out = [0; LANES_MAX];
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), self.0) };
        out
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(unsafe { _mm256_add_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(unsafe { _mm256_sub_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(unsafe { _mm256_and_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(unsafe { _mm256_or_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn left<const N: i32>(self) -> Self {
        Self(unsafe { _mm256_slli_epi64::<N>(self.0) })
    }

    #[inline(always)]
    fn right<const N: i32>(self) -> Self {
        Self(unsafe { _mm256_srli_epi64::<N>(self.0) })
    }

    #[inline(always)]
    fn equal(self, other: Self) -> Self {
        Self(unsafe { _mm256_cmpeq_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn select(self, other: Self, mask: Mask) -> Self {
        unsafe {
            // The mask's bit of each lane against itself: no table of masks, whose address would tell it.
            let bit = _mm256_set_epi64x(8, 4, 2, 1);
            let set = _mm256_and_si256(_mm256_set1_epi64x(i64::from(mask)), bit);
            Self(_mm256_blendv_epi8(self.0, other.0, _mm256_cmpeq_epi64(set, bit)))
        }
    }

    #[inline(always)]
    fn prefetch(line: &Line) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.0.as_ptr().cast()) };
    }

    #[inline(always)]
    fn enter<R: Routine<A>, A>(arguments: A) -> R::Output {
        #[inline(never)]
        #[target_feature(enable = "avx2,fma")]
        fn inside<R: Routine<A>, A>(arguments: A) -> R::Output {
            R::run(arguments)
        }
        unsafe { inside::<R, A>(arguments) }
    }
}

#[derive(Clone, Copy)]
pub struct Avx2Doubles(__m256d);

impl Doubles for Avx2Doubles {
    type Words = Avx2Words;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(unsafe { _mm256_set1_pd(value) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(unsafe { _mm256_add_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(unsafe { _mm256_sub_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn multiply_add(self, b: Self, c: Self) -> Self {
        Self(unsafe { _mm256_fmadd_pd(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn bits(self) -> Avx2Words {
        Avx2Words(unsafe { _mm256_castpd_si256(self.0) })
    }

    #[inline(always)]
    fn from_bits(bits: Avx2Words) -> Self {
        Self(unsafe { _mm256_castsi256_pd(bits.0) })
    }

    #[inline(always)]
    fn in_order(self, [a, b]: [Avx2Words; 2]) -> (Self, [Avx2Words; 2]) {
        let (value, a, b) = unsafe { in_order(self.0, a.0, b.0) };
        (Self(value), [Avx2Words(a), Avx2Words(b)])
    }
}

/// No instruction at all, only an order of those before and after.
#[inline]
#[target_feature(enable = "avx2")]
fn in_order(mut a: __m256d, mut b: __m256i, mut c: __m256i) -> (__m256d, __m256i, __m256i) {
    unsafe {
        asm!("/* {0} {1} {2} */", inout(ymm_reg) a, inout(ymm_reg) b, inout(ymm_reg) c,
            options(pure, nomem, nostack, preserves_flags));
    }
    (a, b, c)
}

#[derive(Clone, Copy)]
pub struct IfmaWords(__m512i);

impl Words for IfmaWords {
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(value: u64) -> Self {
        Self(unsafe { _mm512_set1_epi64(value as i64) })
    }

    #[inline(always)]
    fn load(values: &[u64; LANES_MAX]) -> Self {
        Self(unsafe { _mm512_loadu_si512(values.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self) -> [u64; LANES_MAX] {
        let mut out = [0; LANES_MAX];
        unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), self.0) };
        out
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(unsafe { _mm512_add_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(unsafe { _mm512_sub_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(unsafe { _mm512_and_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(unsafe { _mm512_or_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn left<const N: i32>(self) -> Self {
        Self(unsafe { _mm512_sll_epi64(self.0, _mm_cvtsi32_si128(N)) })
    }

    #[inline(always)]
    fn right<const N: i32>(self) -> Self {
        Self(unsafe { _mm512_srl_epi64(self.0, _mm_cvtsi32_si128(N)) })
    }

    #[inline(always)]
    fn equal(self, other: Self) -> Self {
        Self(unsafe { _mm512_maskz_set1_epi64(_mm512_cmpeq_epi64_mask(self.0, other.0), -1) })
    }

    #[inline(always)]
    fn select(self, other: Self, mask: Mask) -> Self {
        Self(unsafe { _mm512_mask_blend_epi64(mask, self.0, other.0) })
    }

    #[inline(always)]
    fn from_lines(lines: [&Line; LANES_MAX]) -> [Self; LANES_MAX] {
        let mut rows = [Self::splat(0); LANES_MAX];
        for (row, line) in rows.iter_mut().zip(lines) {
            *row = Self::load(&line.0);
        }
        transposed(rows)
    }

    #[inline(always)]
    fn prefetch(line: &Line) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.0.as_ptr().cast()) };
    }

    #[inline(always)]
    fn to_lines(vectors: [Self; LANES_MAX]) -> [Line; LANES_MAX] {
        let mut lines = [Line([0; LANES_MAX]); LANES_MAX];
        for (line, row) in lines.iter_mut().zip(transposed(vectors)) {
            line.0 = row.store();
        }
        lines
    }

    #[inline(always)]
    fn enter<R: Routine<A>, A>(arguments: A) -> R::Output {
        #[inline(never)]
        #[target_feature(enable = "avx512f,avx512ifma")]
        fn inside<R: Routine<A>, A>(arguments: A) -> R::Output {
            R::run(arguments)
        }
        unsafe { inside::<R, A>(arguments) }
    }
}

/// Rows for columns: pairs of words, then pairs of pairs, then halves.
#[inline(always)]
fn transposed(rows: [IfmaWords; LANES_MAX]) -> [IfmaWords; LANES_MAX] {
    let mut out = rows;
    for odd in 0..2 {
        let mut pairs = [rows[0].0; 4];
        for (k, pair) in pairs.iter_mut().enumerate() {
            let (a, b) = (rows[2 * k].0, rows[2 * k + 1].0);
            *pair = unsafe { if odd == 0 { _mm512_unpacklo_epi64(a, b) } else { _mm512_unpackhi_epi64(a, b) } };
        }
        let [a, b, c, d] = pairs;
        unsafe {
            let (low, low_other) = (_mm512_shuffle_i64x2::<0x88>(a, b), _mm512_shuffle_i64x2::<0x88>(c, d));
            let (high, high_other) = (_mm512_shuffle_i64x2::<0xdd>(a, b), _mm512_shuffle_i64x2::<0xdd>(c, d));
            out[odd] = IfmaWords(_mm512_shuffle_i64x2::<0x88>(low, low_other));
            out[odd + 2] = IfmaWords(_mm512_shuffle_i64x2::<0x88>(high, high_other));
            out[odd + 4] = IfmaWords(_mm512_shuffle_i64x2::<0xdd>(low, low_other));
            out[odd + 6] = IfmaWords(_mm512_shuffle_i64x2::<0xdd>(high, high_other));
        }
    }
    out
}

impl MultiplyAdd52 for IfmaWords {
    #[inline(always)]
    fn add_low(self, a: Self, b: Self) -> Self {
        Self(unsafe { _mm512_madd52lo_epu64(self.0, a.0, b.0) })
    }

    #[inline(always)]
    fn add_high(self, a: Self, b: Self) -> Self {
        Self(unsafe { _mm512_madd52hi_epu64(self.0, a.0, b.0) })
    }
}
