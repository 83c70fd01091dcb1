//! GF(2^128) modulo x^128 + x^7 + x^2 + x + 1. An element is 16 little-endian bytes; bit i is the coefficient of x^i.
//! Constant-time at every level.

#[cfg(target_arch = "x86_64")]
use super::lanes::Lanes;
use super::{BLOCK, Level, TASK, block_count, dispatch, one_block};
use crate::error::{Result, require};
use rayon::prelude::*;

/// Product of two elements, portable.
pub fn multiply(a: u128, b: u128) -> u128 {
    let (a0, a1, b0, b1) = (a as u64, (a >> 64) as u64, b as u64, (b >> 64) as u64);
    let (low, high) = (clmul(a0, b0), clmul(a1, b1));
    let middle = clmul(a0 ^ a1, b0 ^ b1) ^ low ^ high; // Karatsuba
    reduce(low ^ (middle << 64), high ^ (middle >> 64))
}

/// (high·x^128 + low) mod the polynomial: x^128 = x^7 + x^2 + x + 1.
fn reduce(low: u128, high: u128) -> u128 {
    let fold = |h: u64| -> u128 {
        let h = u128::from(h);
        h ^ (h << 1) ^ (h << 2) ^ (h << 7)
    };
    let upper = fold((high >> 64) as u64);
    let lower = fold(high as u64 ^ (upper >> 64) as u64);
    low ^ (upper << 64) ^ lower
}

/// Carry-less product of 64-bit polynomials: integer products of bits four apart cannot carry into each other (Pornin,
/// BearSSL, "ctmul64").
fn clmul(a: u64, b: u64) -> u128 {
    let low = clmul_low(a, b);
    let high = clmul_low(a.reverse_bits(), b.reverse_bits()).reverse_bits() >> 1;
    (u128::from(high) << 64) | u128::from(low)
}

fn clmul_low(a: u64, b: u64) -> u64 {
    const MASK: [u64; 4] = [0x1111111111111111, 0x2222222222222222, 0x4444444444444444, 0x8888888888888888];
    let (a, b) = (MASK.map(|mask| a & mask), MASK.map(|mask| b & mask));
    let mut out = 0;
    for (residue, mask) in MASK.iter().enumerate() {
        let sum = (0..4).fold(0, |sum, i| sum ^ a[i].wrapping_mul(b[(residue + 4 - i) % 4]));
        out |= sum & mask;
    }
    out
}

/// x^-1 = x^(2^128 - 2); 0 for 0.
pub fn invert(x: u128) -> u128 {
    let (mut power, mut out) = (x, 1);
    for _ in 0..127 {
        power = multiply(power, power);
        out = multiply(out, power);
    }
    out
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) unsafe fn multiply_lanes<L: Lanes>(a: L, b: L) -> L {
    unsafe {
        let (low, high) = (a.clmul::<0x00>(b), a.clmul::<0x11>(b));
        let middle = a.clmul::<0x01>(b).xor(a.clmul::<0x10>(b));
        reduce_lanes(low.xor(middle.up()), high.xor(middle.down()))
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn reduce_lanes<L: Lanes>(low: L, high: L) -> L {
    const POLYNOMIAL: [u8; 16] = [0x87, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    unsafe {
        let polynomial = L::splat(&POLYNOMIAL);
        let upper = high.clmul::<0x01>(polynomial);
        let lower = high.xor(upper.down()).clmul::<0x00>(polynomial);
        low.xor(upper.up()).xor(lower)
    }
}

/// Runs `step` on each lane of the slices, `out` read as well, and on a padded rest. All have the same length.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn each_lane<L: Lanes>(out: &mut [u8], a: &[u8], b: &[u8], step: impl Fn(L, L, L) -> L) {
    let width = L::BLOCKS * BLOCK;
    let whole = out.len() / width * width;
    // SAFETY: within the slices; the caller enabled the lane's instructions.
    unsafe {
        for at in (0..whole).step_by(width) {
            let to = out.as_mut_ptr().add(at);
            step(L::load(to), L::load(a.as_ptr().add(at)), L::load(b.as_ptr().add(at))).store(to);
        }
        let rest = out.len() - whole;
        if rest > 0 {
            let padded = |from: &[u8]| {
                let mut block = [0u8; 4 * BLOCK];
                block[..rest].copy_from_slice(&from[whole..]);
                block
            };
            let mut last = padded(out);
            step(L::load(last.as_ptr()), L::load(padded(a).as_ptr()), L::load(padded(b).as_ptr()))
                .store(last.as_mut_ptr());
            out[whole..].copy_from_slice(&last[..rest]);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn products_lanes<L: Lanes>(out: &mut [u8], a: &[u8], b: &[u8]) {
    // SAFETY: as for each_lane, here and below.
    each_lane::<L>(
        out,
        a,
        b,
        #[inline(always)]
        |_, a, b| unsafe { multiply_lanes(a, b) },
    );
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn multiply_add_lanes<L: Lanes>(y: &mut [u8], x: &[u8], scalar: &[u8; 16]) {
    let s = unsafe { L::splat(scalar) };
    each_lane::<L>(
        y,
        x,
        x,
        #[inline(always)]
        |y, x, _| unsafe { y.xor(multiply_lanes(x, s)) },
    );
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn inner_product_lanes<L: Lanes>(a: &[u8], b: &[u8]) -> u128 {
    let (mut low, mut high) = ([0u8; 4 * BLOCK], [0u8; 4 * BLOCK]);
    let width = L::BLOCKS * BLOCK;
    let whole = a.len() / width * width;
    unsafe {
        let (mut l, mut h) = (L::load(low.as_ptr()), L::load(low.as_ptr()));
        for at in (0..whole).step_by(width) {
            let (x, y) = (L::load(a.as_ptr().add(at)), L::load(b.as_ptr().add(at)));
            let middle = x.clmul::<0x01>(y).xor(x.clmul::<0x10>(y));
            l = l.xor(x.clmul::<0x00>(y)).xor(middle.up());
            h = h.xor(x.clmul::<0x11>(y)).xor(middle.down());
        }
        l.store(low.as_mut_ptr());
        h.store(high.as_mut_ptr());
    }
    reduce(fold_blocks(&low), fold_blocks(&high)) ^ inner_product_portable(&a[whole..], &b[whole..])
}

#[cfg(target_arch = "x86_64")]
fn fold_blocks(bytes: &[u8]) -> u128 {
    elements(bytes).fold(0, |sum, x| sum ^ x)
}

/// Horner, without the constant term.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn polynomials_lanes<L: Lanes>(sums: &mut [u8], x: &[u8], coefficients: &[[u8; BLOCK]]) {
    let zero = unsafe { L::splat(&[0; BLOCK]) };
    each_lane::<L>(
        sums,
        x,
        x,
        #[inline(always)]
        |sum, x, _| unsafe {
            let mut value = zero;
            for coefficient in coefficients.iter().rev() {
                value = multiply_lanes(value.xor(L::splat(coefficient)), x);
            }
            sum.xor(value)
        },
    );
}

fn elements(bytes: &[u8]) -> impl Iterator<Item = u128> {
    bytes.as_chunks::<BLOCK>().0.iter().map(|block| u128::from_le_bytes(*block))
}

fn inner_product_portable(a: &[u8], b: &[u8]) -> u128 {
    elements(a).zip(elements(b)).fold(0, |sum, (x, y)| sum ^ multiply(x, y))
}

fn products_portable(out: &mut [u8], a: &[u8], b: &[u8]) {
    for (out, (x, y)) in out.as_chunks_mut::<BLOCK>().0.iter_mut().zip(elements(a).zip(elements(b))) {
        *out = multiply(x, y).to_le_bytes();
    }
}

fn multiply_add_portable(y: &mut [u8], x: &[u8], scalar: &[u8; 16]) {
    let s = u128::from_le_bytes(*scalar);
    for (y, x) in y.as_chunks_mut::<BLOCK>().0.iter_mut().zip(elements(x)) {
        *y = (u128::from_le_bytes(*y) ^ multiply(x, s)).to_le_bytes();
    }
}

fn polynomials_portable(sums: &mut [u8], x: &[u8], coefficients: &[[u8; BLOCK]]) {
    for (sum, x) in sums.as_chunks_mut::<BLOCK>().0.iter_mut().zip(elements(x)) {
        let terms = coefficients.iter().rev().map(|coefficient| u128::from_le_bytes(*coefficient));
        let value = terms.fold(0, |value, coefficient| multiply(value ^ coefficient, x));
        *sum = (u128::from_le_bytes(*sum) ^ value).to_le_bytes();
    }
}

/// sums[i] ^= c_1·x[i] + .. + c_g·x[i]^g, likewise.
pub fn polynomials_at(level: Level, sums: &mut [u8], x: &[u8], coefficients: &[[u8; BLOCK]]) {
    dispatch!(level, polynomials_lanes(sums, x, coefficients), polynomials_portable(sums, x, coefficients));
}

/// out[i] = a[i]·b[i], on this thread, with the instructions of `level`.
pub fn products_at(level: Level, out: &mut [u8], a: &[u8], b: &[u8]) {
    dispatch!(level, products_lanes(out, a, b), products_portable(out, a, b));
}

/// y[i] ^= x[i]·scalar, likewise.
pub fn multiply_add_at(level: Level, y: &mut [u8], x: &[u8], scalar: &[u8; 16]) {
    dispatch!(level, multiply_add_lanes(y, x, scalar), multiply_add_portable(y, x, scalar));
}

/// Sum of a[i]·b[i], likewise.
pub fn inner_product_at(level: Level, a: &[u8], b: &[u8]) -> u128 {
    dispatch!(level, inner_product_lanes(a, b), inner_product_portable(a, b))
}

/// Element-wise products.
pub fn gf128_multiply(a: &[u8], b: &[u8]) -> Result<Vec<u8>> {
    block_count(a)?;
    require(a.len() == b.len(), "as many factors on both sides")?;
    let mut out = vec![0u8; a.len()];
    let level = Level::best();
    out.par_chunks_mut(TASK)
        .zip(a.par_chunks(TASK).zip(b.par_chunks(TASK)))
        .for_each(|(out, (a, b))| products_at(level, out, a, b));
    Ok(out)
}

/// y ^= scalar·x, element by element, in place.
pub fn gf128_multiply_add(y: &mut [u8], x: &[u8], scalar: &[u8]) -> Result<()> {
    block_count(y)?;
    require(x.len() == y.len(), "as many factors as sums")?;
    let (scalar, level) = (one_block(scalar)?, Level::best());
    y.par_chunks_mut(TASK).zip(x.par_chunks(TASK)).for_each(|(y, x)| multiply_add_at(level, y, x, &scalar));
    Ok(())
}

/// Sum of all a[i]·b[i].
pub fn gf128_inner_product(a: &[u8], b: &[u8]) -> Result<Vec<u8>> {
    block_count(a)?;
    require(a.len() == b.len(), "as many factors on both sides")?;
    let level = Level::best();
    let sum = a
        .par_chunks(TASK)
        .zip(b.par_chunks(TASK))
        .map(|(a, b)| inner_product_at(level, a, b))
        .reduce(|| 0, |x, y| x ^ y);
    Ok(sum.to_le_bytes().to_vec())
}
