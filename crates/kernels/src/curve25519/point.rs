//! The group of edwards25519, -x² + y² = 1 + d·x²·y², with one point in each lane: doubling and adding by Hisil, Wong,
//! Carter, Dawson ("Twisted Edwards Curves Revisited", ASIACRYPT 2008), complete for all points. Sums of products that
//! the formulas need are formed before they are reduced.

use super::field::{D, Field, ONE, TWICE_D, TWO, ZERO, multiply, multiply_loose, product, squared};
use super::lanes::{LANES_MAX, Mask, Words, lanes_fn};

/// x = X/Z, y = Y/Z, T = XY/Z
#[derive(Clone, Copy)]
pub struct Point<F> {
    pub x: F,
    pub y: F,
    pub z: F,
    pub t: F,
}

/// A point to be added: Y + X, Y - X, 2Z, 2d·T.
#[derive(Clone, Copy)]
pub struct Cached<F> {
    plus: F,
    minus: F,
    z2: F,
    t2d: F,
}

/// X = E·F, Y = G·H, Z = F·G, T = E·H
#[derive(Clone, Copy)]
pub struct Completed<F> {
    pub e: F,
    pub f: F,
    pub g: F,
    pub h: F,
}

/// Bits of a window. Five would save additions, and lose more by choosing from twice as many entries.
const WINDOW: usize = 4;
/// Signed digits of a scalar below 2^253.
const DIGITS: usize = 64;
/// Entries: the multiples 1 to 8.
const TABLE: usize = 8;

impl<F: Field> Completed<F> {
    /// Without T, which doubling does not ask for.
    #[inline(always)]
    fn projective(&self) -> Point<F> {
        Point { x: multiply(&self.e, &self.f), y: multiply(&self.g, &self.h), z: multiply(&self.f, &self.g), t: self.e }
    }

    #[inline(always)]
    pub fn point(&self) -> Point<F> {
        Point { t: multiply(&self.e, &self.h), ..self.projective() }
    }
}

impl<F: Field> Point<F> {
    /// Does not read T. All four of E, F, G, H may be negated at once: F and H are, which saves negating A + B.
    #[inline(always)]
    fn doubled(&self) -> Completed<F> {
        let (a, b, c) = (squared(&self.x), squared(&self.y), squared(&self.z));
        let e = multiply_loose(self.x.sum(&self.x), &self.y); // 2XY
        let g = F::wide_difference(&b, &a); // Y² - X²
        let f = F::wide_difference(&F::wide_sum(&c, &c), &g); // 2Z² - G
        let h = F::wide_sum(&a, &b); // X² + Y²
        Completed { e, f: F::reduce(&f), g: F::reduce(&g), h: F::reduce(&h) }
    }

    #[inline(always)]
    fn added(&self, other: &Cached<F>) -> Completed<F> {
        let a = product(self.y.difference(&self.x), &other.minus);
        let b = product(self.y.sum(&self.x), &other.plus);
        let c = product(self.t.loose(), &other.t2d);
        let d = product(self.z.loose(), &other.z2);
        Completed {
            e: F::reduce(&F::wide_difference(&b, &a)),
            f: F::reduce(&F::wide_difference(&d, &c)),
            g: F::reduce(&F::wide_sum(&d, &c)),
            h: F::reduce(&F::wide_sum(&b, &a)),
        }
    }

    /// Each point times the scalar of its lane, in constant time. Digits are read in the same order and all entries of
    /// the table for each of them.
    pub fn multiply(&self, scalars: &Digits) -> Self {
        let table = self.table();
        let mut out = identity();
        for (i, digit) in scalars.0.iter().enumerate().rev() {
            if i < DIGITS - 1 {
                out = double(&out, WINDOW);
            }
            let entry = choose(&table, digit);
            out = if i == 0 { add_cached(&out, &entry) } else { add_projective(&out, &entry) };
        }
        out
    }

    fn table(&self) -> [Cached<F>; TABLE] {
        let one = cached(self);
        let mut multiples = [*self; TABLE];
        let mut table = [one; TABLE];
        for k in 2..=TABLE {
            let half = multiples[k / 2 - 1];
            let multiple = if k % 2 == 0 { double(&half, 1) } else { add_cached(&multiples[k - 2], &one) };
            multiples[k - 1] = multiple;
            table[k - 1] = cached(&multiple);
        }
        table
    }
}

lanes_fn! {
    /// 2^count times the point, count not 0.
    pub fn double<F>(point: &Point<F>, count: usize) -> Point<F> {
        let mut out = *point;
        for _ in 1..count {
            out = out.doubled().projective();
        }
        out.doubled().point()
    }
}

lanes_fn! {
    pub fn add_cached<F>(a: &Point<F>, b: &Cached<F>) -> Point<F> {
        a.added(b).point()
    }
}

lanes_fn! {
    /// The sum without T.
    fn add_projective<F>(a: &Point<F>, b: &Cached<F>) -> Point<F> {
        a.added(b).projective()
    }
}

lanes_fn! {
    pub fn cached<F>(point: &Point<F>) -> Cached<F> {
        Cached {
            plus: point.y.plus(&point.x),
            minus: point.y.minus(&point.x),
            z2: point.z.plus(&point.z),
            t2d: point.t.times(&F::constant(TWICE_D)),
        }
    }
}

lanes_fn! {
    pub fn identity<F>() -> Point<F> {
        let (zero, one) = (F::constant(ZERO), F::constant(ONE));
        Point { x: zero, y: one, z: one, t: zero }
    }
}

pub fn add<F: Field>(a: &Point<F>, b: &Point<F>) -> Point<F> {
    add_cached(a, &cached(b))
}

lanes_fn! {
    /// E, F, G, H of the doubled point, by its T: Z² ± d·T² in place of 2Z² - G, for ristretto's encoding.
    pub fn doubled_for_encoding<F>(p: &Point<F>) -> Completed<F> {
        let (xx, yy, zz) = (squared(&p.x), squared(&p.y), squared(&p.z));
        let dtt = product(multiply(&p.t, &p.t).loose(), &F::constant(D));
        Completed {
            e: multiply_loose(p.x.sum(&p.x), &p.y),
            f: F::reduce(&F::wide_sum(&zz, &dtt)),
            g: F::reduce(&F::wide_sum(&yy, &xx)),
            h: F::reduce(&F::wide_difference(&zz, &dtt)),
        }
    }
}

/// One signed digit for each lane: magnitude and sign.
#[derive(Clone, Copy)]
struct Digit {
    magnitudes: [u64; LANES_MAX],
    negative: Mask,
}

/// Scalars in signed digits, least significant first, one scalar a lane.
pub struct Digits([Digit; DIGITS]);

impl Digits {
    /// Scalars are below 2^253, little-endian.
    pub fn of(scalars: &[[u8; 32]; LANES_MAX]) -> Self {
        let mut digits = [Digit { magnitudes: [0; LANES_MAX], negative: 0 }; DIGITS];
        for (lane, scalar) in scalars.iter().enumerate() {
            let mut carry = 0u64;
            for (i, digit) in digits.iter_mut().enumerate() {
                let window = ((u64::from(scalar[i / 2]) >> (4 * (i % 2))) & 15) + carry; // 0..=16
                carry = (window + TABLE as u64 - 1) >> WINDOW; // from 9 on, the digit is window - 16
                let sign = carry.wrapping_neg();
                digit.magnitudes[lane] = (window.wrapping_sub(carry << WINDOW) ^ sign).wrapping_add(carry);
                digit.negative |= (carry as Mask) << lane;
            }
        }
        Self(digits)
    }
}

lanes_fn! {
    /// Reads all entries, one coordinate after the other so that sums stay in registers.
    fn choose<F>(table: &[Cached<F>; TABLE], digit: &Digit) -> Cached<F> {
        let magnitudes = F::Words::load(&digit.magnitudes);
        let mut here = [magnitudes.equal(F::Words::splat(0)); TABLE + 1];
        for (k, lanes) in here.iter_mut().enumerate() {
            *lanes = magnitudes.equal(F::Words::splat(k as u64));
        }
        macro_rules! coordinate {
            ($name:ident, $identity:expr) => {{
                let mut sum = F::constant($identity).masked(here[0]);
                for (entry, lanes) in table.iter().zip(&here[1..]) {
                    sum = sum.merged(&entry.$name.masked(*lanes));
                }
                sum
            }};
        }
        let (plus, minus) = (coordinate!(plus, ONE), coordinate!(minus, ONE));
        let (z2, t2d) = (coordinate!(z2, TWO), coordinate!(t2d, ZERO));
        Cached {
            plus: plus.select(&minus, digit.negative),
            minus: minus.select(&plus, digit.negative),
            z2,
            t2d: t2d.negate_where(digit.negative),
        }
    }
}
