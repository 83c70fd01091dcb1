//! Lanes for the convolution where a cell and a register differ in size.

use super::convolution::GROUP;
use crate::blocks::BLOCK;
use crate::blocks::lanes::{Lanes, One, Two};
use std::arch::x86_64::*;

/// Two blocks in two registers, where there are no wider ones.
#[derive(Clone, Copy)]
pub struct Pair(One, One);

/// Lanes made of the cells of a group.
pub trait Joins<C>: Lanes {
    unsafe fn join(cells: &[C; GROUP], index: usize) -> Self;
    unsafe fn split(self, cells: &mut [C; GROUP], index: usize);
}

impl<C: Lanes> Joins<C> for C {
    #[inline(always)]
    unsafe fn join(cells: &[C; GROUP], index: usize) -> Self {
        cells[index]
    }
    #[inline(always)]
    unsafe fn split(self, cells: &mut [C; GROUP], index: usize) {
        cells[index] = self;
    }
}

impl Joins<One> for Two {
    #[inline(always)]
    unsafe fn join(cells: &[One; GROUP], index: usize) -> Self {
        unsafe { _mm256_set_m128i(cells[2 * index + 1], cells[2 * index]) }
    }
    #[inline(always)]
    unsafe fn split(self, cells: &mut [One; GROUP], index: usize) {
        unsafe {
            cells[2 * index] = _mm256_castsi256_si128(self);
            cells[2 * index + 1] = _mm256_extracti128_si256::<1>(self);
        }
    }
}

impl Lanes for Pair {
    const BLOCKS: usize = 2;
    #[inline(always)]
    unsafe fn load(at: *const u8) -> Self {
        unsafe { Self(One::load(at), One::load(at.add(BLOCK))) }
    }
    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        unsafe {
            self.0.store(at);
            self.1.store(at.add(BLOCK));
        }
    }
    #[inline(always)]
    unsafe fn splat(block: &[u8; 16]) -> Self {
        unsafe { Self(One::splat(block), One::splat(block)) }
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        unsafe { Self(self.0.xor(other.0), self.1.xor(other.1)) }
    }
    #[inline(always)]
    unsafe fn aes_round(self, key: Self) -> Self {
        unsafe { Self(self.0.aes_round(key.0), self.1.aes_round(key.1)) }
    }
    #[inline(always)]
    unsafe fn aes_last(self, key: Self) -> Self {
        unsafe { Self(self.0.aes_last(key.0), self.1.aes_last(key.1)) }
    }
    #[inline(always)]
    unsafe fn clmul<const HALVES: i32>(self, other: Self) -> Self {
        unsafe { Self(self.0.clmul::<HALVES>(other.0), self.1.clmul::<HALVES>(other.1)) }
    }
    #[inline(always)]
    unsafe fn up(self) -> Self {
        unsafe { Self(self.0.up(), self.1.up()) }
    }
    #[inline(always)]
    unsafe fn down(self) -> Self {
        unsafe { Self(self.0.down(), self.1.down()) }
    }
}
