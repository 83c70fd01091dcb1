//! Field elements as five doubles with integer values, for vector units whose fastest multiplier is the fused
//! multiply-add of doubles (AVX2 with FMA has two of them a cycle, at 53 bits; its integer multiplier takes 32).
//!
//! An exact product of a and b, both integers, comes in two halves of 51 bits from two fused multiply-adds: adding a·b
//! to 1.5·2^103 rounds it to a multiple of 2^51, so that the significand holds 1.5·2^52 + round(a·b / 2^51); subtracting
//! that from a·b leaves the rest exactly, within ±2^50. The bits of both doubles, read as integers, are a constant plus
//! the half, so halves are added up as integers and the constants removed once at the end. (Emmart, Luitjens, Weems,
//! Woolley: "Optimizing Modular Multiplication for NVIDIA's Maxwell GPUs", ARITH 2016, with truncation and unsigned
//! limbs; here rounding to nearest and signed limbs, so that subtracting needs no bias.)
//!
//! Bounds, with T = 2^50 + 2^15: limbs of an element are within ±T, of a `Loose` within ±2T. A product is then within
//! ±2T² < 2^102, which is what the significand of 1.5·2^103 has room for. A column sums at most five products, their
//! rounded halves within 2^51 and their rests within 2^50; folding multiplies by at most 19: below 2^58, and a sum of
//! four products below 2^60.
//!
//! Constant time: additions and fused multiply-adds of doubles take the same time for all values but subnormal ones.
//! All values here are integers below 2^104 or zero.

use super::field::{Field, Limbs};
use super::lanes::{Doubles, LANES_MAX, Mask, Words, five, signed};

#[derive(Clone, Copy)]
pub struct Element<D>([D; 5]);

/// A sum or difference of two elements.
#[derive(Clone, Copy)]
pub struct Loose<D>([D; 5]);

/// Column sums as integers.
#[derive(Clone, Copy)]
pub struct Wide<W>([W; 5]);

const TWO51: f64 = (1u64 << 51) as f64;
const TWO52: f64 = (1u64 << 52) as f64;
/// 1.5·2^103: the last place of its significand is worth 2^51.
const HIGH: f64 = 1.5 * TWO51 * TWO52;
/// 1.5·2^52: the last place of its significand is worth 1.
const LOW: f64 = 1.5 * TWO52;
/// Exact, as HIGH has 51 zero bits to spare.
const HIGH_AND_LOW: f64 = HIGH + LOW;
const LOW51: u64 = (1 << 51) - 1;
/// Makes every column positive; `CARRY_BIAS` is what of it ends in the next limb.
const POSITIVE: u64 = 1 << 61;
const CARRY_BIAS: f64 = (1u64 << (61 - 51)) as f64;

/// What the constants in the columns add up to, after folding, when column k has `terms[k]` products.
const fn bias(terms: [u64; 9]) -> [u64; 5] {
    let mut columns = [0u64; 10];
    let mut k = 0;
    while k < 9 {
        columns[k] = columns[k].wrapping_add(terms[k].wrapping_mul(LOW.to_bits()));
        columns[k + 1] = columns[k + 1].wrapping_add(terms[k].wrapping_mul(HIGH.to_bits()));
        k += 1;
    }
    let mut out = [0; 5];
    let mut k = 0;
    while k < 5 {
        out[k] = columns[k].wrapping_add(columns[k + 5].wrapping_mul(19));
        k += 1;
    }
    out
}

const PRODUCT_BIAS: [u64; 5] = bias([1, 2, 3, 4, 5, 4, 3, 2, 1]);
const SQUARE_BIAS: [u64; 5] = bias([1, 1, 2, 2, 3, 2, 2, 1, 1]);

/// Adds a·b to column k of `columns`; `constant` is HIGH.
#[inline(always)]
fn accumulate<D: Doubles>(columns: &mut [D::Words; 10], constant: D, k: usize, a: D, b: D) {
    let high = a.multiply_add(b, constant);
    let low = a.multiply_add(b, D::splat(HIGH_AND_LOW).sub(high));
    columns[k] = columns[k].add(low.bits());
    columns[k + 1] = columns[k + 1].add(high.bits());
}

/// The same, one product after the other. Squares are short enough to leave the order to the compiler.
#[inline(always)]
fn accumulate_in_order<D: Doubles>(columns: &mut [D::Words; 10], constant: &mut D, k: usize, a: D, b: D) {
    accumulate(columns, *constant, k, a, b);
    (*constant, [columns[k], columns[k + 1]]) = constant.in_order([columns[k], columns[k + 1]]);
}

macro_rules! columns {
    ($add:ident, $bias:expr, $constant:expr; $($k:literal: $(($a:expr, $b:expr)),+;)+) => {{
        let mut columns = [<D::Words as Words>::splat(0); 10];
        columns[..5].copy_from_slice(&five!(|k| <D::Words as Words>::splat($bias[k].wrapping_neg())));
        $($($add(&mut columns, $constant, $k, $a, $b);)+)+
        columns
    }};
}

/// 2^255 = 19
#[inline(always)]
fn fold<W: Words>(columns: [W; 10]) -> Wide<W> {
    Wide(five!(|k| columns[k].add(columns[k + 5].times19())))
}

/// rest + carry, less what made both positive, as a double.
#[inline(always)]
fn centred<D: Doubles>(rest: D::Words, carry: D::Words, bias: f64) -> D {
    let bits = rest.add(carry).or(D::Words::splat(TWO52.to_bits()));
    D::from_bits(bits).sub(D::splat(TWO52 + TWO51 / 2.0 + bias))
}

impl<D: Doubles> Field for Element<D> {
    type Words = D::Words;
    type Loose = Loose<D>;
    type Wide = Wide<D::Words>;

    #[inline(always)]
    fn constant(limbs: Limbs) -> Self {
        Self::tighten(Loose(five!(|k| D::splat(limbs[k] as f64))))
    }

    #[inline(always)]
    fn load(limbs: &[[u64; LANES_MAX]; 5]) -> Self {
        let exponent = D::Words::splat(TWO52.to_bits());
        Self::tighten(Loose(five!(|k| D::from_bits(D::Words::load(&limbs[k]).or(exponent)).sub(D::splat(TWO52)))))
    }

    #[inline(always)]
    fn store(&self) -> [[i64; LANES_MAX]; 5] {
        let offset = D::Words::splat(LOW.to_bits());
        five!(|k| signed(self.0[k].add(D::splat(LOW)).bits().sub(offset).store()))
    }

    #[inline(always)]
    fn words(&self) -> [D::Words; 5] {
        five!(|k| self.0[k].bits())
    }

    #[inline(always)]
    fn of_words(words: [D::Words; 5]) -> Self {
        Self(five!(|k| D::from_bits(words[k])))
    }

    #[inline(always)]
    fn loose(&self) -> Loose<D> {
        Loose(self.0)
    }

    #[inline(always)]
    fn widened(loose: &Loose<D>) -> Self::Wide {
        let offset = D::Words::splat(LOW.to_bits());
        Wide(five!(|k| loose.0[k].add(D::splat(LOW)).bits().sub(offset)))
    }

    #[inline(always)]
    fn sum(&self, other: &Self) -> Loose<D> {
        Loose(five!(|k| self.0[k].add(other.0[k])))
    }

    #[inline(always)]
    fn difference(&self, other: &Self) -> Loose<D> {
        Loose(five!(|k| self.0[k].sub(other.0[k])))
    }

    /// Rounds each limb to a multiple of 2^51, which goes to the next limb.
    #[inline(always)]
    fn tighten(Loose(limbs): Loose<D>) -> Self {
        let high = D::splat(HIGH);
        let carries = five!(|k| limbs[k].add(high).sub(high));
        let next = D::splat(1.0 / TWO51);
        let wrap = D::splat(19.0 / TWO51);
        let rest = five!(|k| limbs[k].sub(carries[k]));
        Self([
            carries[4].multiply_add(wrap, rest[0]),
            carries[0].multiply_add(next, rest[1]),
            carries[1].multiply_add(next, rest[2]),
            carries[2].multiply_add(next, rest[3]),
            carries[3].multiply_add(next, rest[4]),
        ])
    }

    #[inline(always)]
    fn product(Loose(a): &Loose<D>, Self(b): &Self) -> Self::Wide {
        let mut constant = D::splat(HIGH);
        let columns = columns! {
            accumulate_in_order, PRODUCT_BIAS, &mut constant;
            0: (a[0], b[0]);
            1: (a[0], b[1]), (a[1], b[0]);
            2: (a[0], b[2]), (a[1], b[1]), (a[2], b[0]);
            3: (a[0], b[3]), (a[1], b[2]), (a[2], b[1]), (a[3], b[0]);
            4: (a[0], b[4]), (a[1], b[3]), (a[2], b[2]), (a[3], b[1]), (a[4], b[0]);
            5: (a[1], b[4]), (a[2], b[3]), (a[3], b[2]), (a[4], b[1]);
            6: (a[2], b[4]), (a[3], b[3]), (a[4], b[2]);
            7: (a[3], b[4]), (a[4], b[3]);
            8: (a[4], b[4]);
        };
        fold(columns)
    }

    #[inline(always)]
    fn squared(&self) -> Self::Wide {
        let a = &self.0;
        let twice = self.sum(self).0;
        let columns = columns! {
            accumulate, SQUARE_BIAS, D::splat(HIGH);
            0: (a[0], a[0]);
            1: (twice[0], a[1]);
            2: (twice[0], a[2]), (a[1], a[1]);
            3: (twice[0], a[3]), (twice[1], a[2]);
            4: (twice[0], a[4]), (twice[1], a[3]), (a[2], a[2]);
            5: (twice[1], a[4]), (twice[2], a[3]);
            6: (twice[2], a[4]), (a[3], a[3]);
            7: (twice[3], a[4]);
            8: (a[4], a[4]);
        };
        fold(columns)
    }

    #[inline(always)]
    fn wide_sum(a: &Self::Wide, b: &Self::Wide) -> Self::Wide {
        Wide(five!(|k| a.0[k].add(b.0[k])))
    }

    #[inline(always)]
    fn wide_difference(a: &Self::Wide, b: &Self::Wide) -> Self::Wide {
        Wide(five!(|k| a.0[k].sub(b.0[k])))
    }

    /// One pass of carries: limbs end within 2^50 + 19·2^10.
    #[inline(always)]
    fn reduce(wide: &Self::Wide) -> Self {
        let positive = five!(|k| wide.0[k].add(D::Words::splat(POSITIVE + (1 << 50))));
        let carries = five!(|k| positive[k].right::<51>());
        let rest = five!(|k| positive[k].and(D::Words::splat(LOW51)));
        Self([
            centred(rest[0], carries[4].times19(), 19.0 * CARRY_BIAS),
            centred(rest[1], carries[0], CARRY_BIAS),
            centred(rest[2], carries[1], CARRY_BIAS),
            centred(rest[3], carries[2], CARRY_BIAS),
            centred(rest[4], carries[3], CARRY_BIAS),
        ])
    }

    #[inline(always)]
    fn negate(&self) -> Self {
        Self(five!(|k| D::splat(0.0).sub(self.0[k])))
    }

    #[inline(always)]
    fn select(&self, other: &Self, mask: Mask) -> Self {
        Self(five!(|k| D::from_bits(self.0[k].bits().select(other.0[k].bits(), mask))))
    }

    #[inline(always)]
    fn masked(&self, lanes: Self::Words) -> Self {
        Self(five!(|k| D::from_bits(self.0[k].bits().and(lanes))))
    }

    #[inline(always)]
    fn merged(&self, other: &Self) -> Self {
        Self(five!(|k| D::from_bits(self.0[k].bits().or(other.0[k].bits()))))
    }
}
