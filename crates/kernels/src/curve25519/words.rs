//! Field elements as five unsigned limbs in 64-bit lanes, for AVX-512 IFMA (dalek's IFMA backend and Intel's crypto_mb
//! use the same radix). Its products are cut at 2^52 and the radix is 2^51, so upper halves count twice.
//!
//! Bounds: limbs of an element are below 2^51 + 2^18, so that the multiplier, which takes 52 bits, sees all of them.
//! A column has at most five lower halves below 2^52 and five doubled upper ones below 2^51.1; folding multiplies by at
//! most 19: below 2^59.3, and a sum of four products is within ±2^61.3. Sums and differences carry at once, so that
//! `Loose` is the same type.

use super::field::{Field, Limbs};
use super::lanes::{LANES_MAX, Mask, MultiplyAdd52, Words, five, signed};

#[derive(Clone, Copy)]
pub struct Element<W>([W; 5]);

#[derive(Clone, Copy)]
pub struct Wide<W>([W; 5]);

const LOW51: u64 = (1 << 51) - 1;

/// p times 2^shift, limb by limb.
const fn multiple_of_p(shift: u32) -> Limbs {
    [(LOW51 - 18) << shift, LOW51 << shift, LOW51 << shift, LOW51 << shift, LOW51 << shift]
}

/// One pass: limbs below 2^64 become limbs below 2^51 + 19·2^13.
#[inline(always)]
fn carry<W: Words>(limbs: [W; 5]) -> Element<W> {
    let low = W::splat(LOW51);
    let carries = five!(|k| limbs[k].right::<51>());
    let rest = five!(|k| limbs[k].and(low));
    Element([
        rest[0].add(carries[4].times19()),
        rest[1].add(carries[0]),
        rest[2].add(carries[1]),
        rest[3].add(carries[2]),
        rest[4].add(carries[3]),
    ])
}

struct Columns<W> {
    low: [W; 10],
    high: [W; 10],
}

impl<W: MultiplyAdd52> Columns<W> {
    #[inline(always)]
    fn new() -> Self {
        Self { low: [W::splat(0); 10], high: [W::splat(0); 10] }
    }

    #[inline(always)]
    fn accumulate(&mut self, k: usize, a: W, b: W) {
        self.low[k] = self.low[k].add_low(a, b);
        self.high[k + 1] = self.high[k + 1].add_high(a, b);
    }

    /// 2^255 = 19
    #[inline(always)]
    fn fold(self) -> Wide<W> {
        Wide(five!(|k| self.column(k).add(self.column(k + 5).times19())))
    }

    #[inline(always)]
    fn column(&self, k: usize) -> W {
        self.low[k].add(self.high[k].left::<1>())
    }
}

impl<W: MultiplyAdd52> Field for Element<W> {
    type Words = W;
    type Loose = Self;
    type Wide = Wide<W>;

    #[inline(always)]
    fn constant(limbs: Limbs) -> Self {
        Self(five!(|k| W::splat(limbs[k])))
    }

    #[inline(always)]
    fn load(limbs: &[[u64; LANES_MAX]; 5]) -> Self {
        Self(five!(|k| W::load(&limbs[k])))
    }

    #[inline(always)]
    fn store(&self) -> [[i64; LANES_MAX]; 5] {
        five!(|k| signed(self.0[k].store()))
    }

    #[inline(always)]
    fn words(&self) -> [W; 5] {
        self.0
    }

    #[inline(always)]
    fn of_words(words: [W; 5]) -> Self {
        Self(words)
    }

    #[inline(always)]
    fn loose(&self) -> Self {
        *self
    }

    #[inline(always)]
    fn widened(loose: &Self) -> Wide<W> {
        Wide(loose.0)
    }

    #[inline(always)]
    fn sum(&self, other: &Self) -> Self {
        carry(five!(|k| self.0[k].add(other.0[k])))
    }

    #[inline(always)]
    fn difference(&self, other: &Self) -> Self {
        let bias = multiple_of_p(2);
        carry(five!(|k| self.0[k].add(W::splat(bias[k])).sub(other.0[k])))
    }

    #[inline(always)]
    fn tighten(loose: Self) -> Self {
        loose
    }

    #[inline(always)]
    fn product(Self(a): &Self, Self(b): &Self) -> Wide<W> {
        let mut columns = Columns::new();
        for (i, &x) in a.iter().enumerate() {
            for (j, &y) in b.iter().enumerate() {
                columns.accumulate(i + j, x, y);
            }
        }
        columns.fold()
    }

    /// A doubled limb may not fit 52 bits, so products of two different limbs are added up apart and doubled.
    #[inline(always)]
    fn squared(&self) -> Wide<W> {
        let a = &self.0;
        let (mut columns, mut mixed) = (Columns::new(), Columns::new());
        for i in 0..5 {
            columns.accumulate(2 * i, a[i], a[i]);
            for j in i + 1..5 {
                mixed.accumulate(i + j, a[i], a[j]);
            }
        }
        for k in 0..10 {
            columns.low[k] = columns.low[k].add(mixed.low[k].left::<1>());
            columns.high[k] = columns.high[k].add(mixed.high[k].left::<1>());
        }
        columns.fold()
    }

    #[inline(always)]
    fn wide_sum(a: &Wide<W>, b: &Wide<W>) -> Wide<W> {
        Wide(five!(|k| a.0[k].add(b.0[k])))
    }

    #[inline(always)]
    fn wide_difference(a: &Wide<W>, b: &Wide<W>) -> Wide<W> {
        Wide(five!(|k| a.0[k].sub(b.0[k])))
    }

    /// 2^11·p makes sums with negative terms positive.
    #[inline(always)]
    fn reduce(wide: &Wide<W>) -> Self {
        let bias = multiple_of_p(11);
        carry(five!(|k| wide.0[k].add(W::splat(bias[k]))))
    }

    #[inline(always)]
    fn negate(&self) -> Self {
        Self::constant([0; 5]).difference(self)
    }

    #[inline(always)]
    fn select(&self, other: &Self, mask: Mask) -> Self {
        Self(five!(|k| self.0[k].select(other.0[k], mask)))
    }

    #[inline(always)]
    fn masked(&self, lanes: W) -> Self {
        Self(five!(|k| self.0[k].and(lanes)))
    }

    #[inline(always)]
    fn merged(&self, other: &Self) -> Self {
        Self(five!(|k| self.0[k].or(other.0[k])))
    }
}
