//! The vector instructions that the loops need, one line each: all else is generic over `Lanes`.

use std::arch::x86_64::*;

pub type One = __m128i;
pub type Two = __m256i;
pub type Four = __m512i;

/// `BLOCKS` 16-byte blocks side by side. Only within a function that enables the lane's instructions.
pub trait Lanes: Copy {
    const BLOCKS: usize;
    unsafe fn load(at: *const u8) -> Self;
    unsafe fn store(self, at: *mut u8);
    /// The same block in each lane.
    unsafe fn splat(block: &[u8; 16]) -> Self;
    unsafe fn xor(self, other: Self) -> Self;
    unsafe fn aes_round(self, key: Self) -> Self;
    unsafe fn aes_last(self, key: Self) -> Self;
    /// Carry-less product of 64-bit halves; `HALVES` as in PCLMULQDQ.
    unsafe fn clmul<const HALVES: i32>(self, other: Self) -> Self;
    /// The low half of each lane moved up, zeros below.
    unsafe fn up(self) -> Self;
    /// The high half of each lane moved down, zeros above.
    unsafe fn down(self) -> Self;
}

macro_rules! lanes {
    ($type:ty, $blocks:expr, $load:expr, $store:expr, $splat:expr, $xor:ident, $round:ident, $last:ident, $clmul:ident,
     $up:ident, $down:ident) => {
        impl Lanes for $type {
            const BLOCKS: usize = $blocks;
            #[inline(always)]
            unsafe fn load(at: *const u8) -> Self {
                unsafe { $load(at.cast()) }
            }
            #[inline(always)]
            unsafe fn store(self, at: *mut u8) {
                unsafe { $store(at.cast(), self) }
            }
            #[inline(always)]
            unsafe fn splat(block: &[u8; 16]) -> Self {
                unsafe { $splat(_mm_loadu_si128(block.as_ptr().cast())) }
            }
            #[inline(always)]
            unsafe fn xor(self, other: Self) -> Self {
                unsafe { $xor(self, other) }
            }
            #[inline(always)]
            unsafe fn aes_round(self, key: Self) -> Self {
                unsafe { $round(self, key) }
            }
            #[inline(always)]
            unsafe fn aes_last(self, key: Self) -> Self {
                unsafe { $last(self, key) }
            }
            #[inline(always)]
            unsafe fn clmul<const HALVES: i32>(self, other: Self) -> Self {
                unsafe { $clmul::<HALVES>(self, other) }
            }
            #[inline(always)]
            unsafe fn up(self) -> Self {
                unsafe { $up::<8>(self) }
            }
            #[inline(always)]
            unsafe fn down(self) -> Self {
                unsafe { $down::<8>(self) }
            }
        }
    };
}

lanes!(
    One,
    1,
    _mm_loadu_si128,
    _mm_storeu_si128,
    std::convert::identity,
    _mm_xor_si128,
    _mm_aesenc_si128,
    _mm_aesenclast_si128,
    _mm_clmulepi64_si128,
    _mm_slli_si128,
    _mm_srli_si128
);
lanes!(
    Two,
    2,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    _mm256_broadcastsi128_si256,
    _mm256_xor_si256,
    _mm256_aesenc_epi128,
    _mm256_aesenclast_epi128,
    _mm256_clmulepi64_epi128,
    _mm256_slli_si256,
    _mm256_srli_si256
);
lanes!(
    Four,
    4,
    _mm512_loadu_si512,
    _mm512_storeu_si512,
    _mm512_broadcast_i32x4,
    _mm512_xor_si512,
    _mm512_aesenc_epi128,
    _mm512_aesenclast_epi128,
    _mm512_clmulepi64_epi128,
    _mm512_bslli_epi128,
    _mm512_bsrli_epi128
);

#[target_feature(enable = "aes,pclmulqdq")]
pub unsafe fn single<R>(run: impl FnOnce() -> R) -> R {
    run()
}

#[target_feature(enable = "aes,pclmulqdq,avx2,vaes,vpclmulqdq")]
pub unsafe fn double<R>(run: impl FnOnce() -> R) -> R {
    run()
}

#[target_feature(enable = "aes,pclmulqdq,avx2,vaes,vpclmulqdq,avx512f,avx512bw")]
pub unsafe fn quad<R>(run: impl FnOnce() -> R) -> R {
    run()
}

/// The eleven round keys of AES-128.
#[target_feature(enable = "aes")]
pub unsafe fn round_keys(key: &[u8; 16]) -> [[u8; 16]; 11] {
    let mut keys = [[0u8; 16]; 11];
    let mut current = unsafe { _mm_loadu_si128(key.as_ptr().cast()) };
    macro_rules! round {
        ($i:expr, $constant:expr) => {
            let assist = _mm_shuffle_epi32::<0xff>(_mm_aeskeygenassist_si128::<$constant>(current));
            current = _mm_xor_si128(current, _mm_slli_si128::<4>(current));
            current = _mm_xor_si128(current, _mm_slli_si128::<8>(current));
            current = _mm_xor_si128(current, assist);
            unsafe { _mm_storeu_si128(keys[$i].as_mut_ptr().cast(), current) };
        };
    }
    keys[0] = *key;
    round!(1, 0x01);
    round!(2, 0x02);
    round!(3, 0x04);
    round!(4, 0x08);
    round!(5, 0x10);
    round!(6, 0x20);
    round!(7, 0x40);
    round!(8, 0x80);
    round!(9, 0x1b);
    round!(10, 0x36);
    keys
}
