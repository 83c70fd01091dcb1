//! Little-endian limbs: conversion, comparison and constant-time selection.

pub fn from_bytes(limbs: &mut [u64], bytes: &[u8]) {
    debug_assert!(bytes.len() <= 8 * limbs.len());
    for (i, limb) in limbs.iter_mut().enumerate() {
        let part = bytes.get(8 * i..).unwrap_or_default();
        *limb = match part.first_chunk::<8>() {
            Some(whole) => u64::from_le_bytes(*whole),
            None => part.iter().rev().fold(0, |limb, &byte| (limb << 8) | u64::from(byte)),
        };
    }
}

/// The low `bytes.len()` bytes.
pub fn to_bytes(bytes: &mut [u8], limbs: &[u64]) {
    for (part, limb) in bytes.chunks_mut(8).zip(limbs) {
        part.copy_from_slice(&limb.to_le_bytes()[..part.len()]);
    }
}

pub fn bit_length(limbs: &[u64]) -> usize {
    let top = limbs.iter().rposition(|&limb| limb != 0);
    top.map_or(0, |i| 64 * i + 64 - limbs[i].leading_zeros() as usize)
}

/// a -= b; gives the borrow (0 or 1).
#[inline(always)]
pub fn subtract(a: &mut [u64], b: &[u64]) -> u64 {
    let mut borrow = false;
    for (a, &b) in a.iter_mut().zip(b) {
        (*a, borrow) = subtract_limb(*a, b, borrow);
    }
    u64::from(borrow)
}

/// a += b; gives the carry (0 or 1).
#[inline(always)]
pub fn add(a: &mut [u64], b: &[u64]) -> u64 {
    let mut carry = false;
    for (a, &b) in a.iter_mut().zip(b) {
        let (sum, first) = a.overflowing_add(b);
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        (*a, carry) = (sum, first | second);
    }
    u64::from(carry)
}

/// a = 2·a; gives the bit shifted out.
pub fn double(a: &mut [u64]) -> u64 {
    a.iter_mut().fold(0, |carry, a| {
        let out = *a >> 63;
        *a = (*a << 1) | carry;
        out
    })
}

/// Whether a < b, without an early exit.
pub fn is_less(a: &[u64], b: &[u64]) -> bool {
    let mut borrow = false;
    for (&a, &b) in a.iter().zip(b) {
        (_, borrow) = subtract_limb(a, b, borrow);
    }
    borrow
}

/// out = x where mask is all ones, unchanged where it is zero.
#[inline(always)]
pub fn select(out: &mut [u64], x: &[u64], mask: u64) {
    for (out, &x) in out.iter_mut().zip(x) {
        *out = (x & mask) | (*out & !mask);
    }
}

/// Without an early exit.
pub fn equal(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[inline(always)]
fn subtract_limb(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(u64::from(borrow));
    (difference, first | second)
}
