//! Polynomials modulo X^n + 1 with real coefficients at the n/2 roots of X^(n/2) = i, several polynomials side by side.
//!
//! z_j = x_j + i·x_(j + n/2), whose values at w·r^k are found (w of order 4n/2, r = w^4): eight stretches of n/16 places first, which
//! leave eight transforms of that size apart, then by fours. Products are place by place; places are in no natural order.

use std::arch::x86_64::*;
use std::f64::consts::PI;

/// Doubles side by side, one of each polynomial. LLVM makes no such vectors of arrays by itself.
///
/// # Safety
/// A plain array of COUNT doubles; to be used only where the instructions are.
pub unsafe trait Lanes: Copy {
    const COUNT: usize;
    fn all(x: f64) -> Self;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    /// self·a + b
    fn times_plus(self, a: Self, b: Self) -> Self;
    /// b - self·a
    fn times_from(self, a: Self, b: Self) -> Self;

    #[inline(always)]
    fn each(&mut self) -> &mut [f64] {
        // SAFETY: as promised.
        unsafe { std::slice::from_raw_parts_mut(std::ptr::from_mut(self).cast(), Self::COUNT) }
    }
}

macro_rules! lanes {
    ($vector:ty, $count:literal, $all:ident, $plus:ident, $minus:ident, $times_plus:ident, $times_from:ident) => {
        // SAFETY: a vector of so many doubles; callers are compiled for the instructions.
        unsafe impl Lanes for $vector {
            const COUNT: usize = $count;
            #[inline(always)]
            fn all(x: f64) -> Self {
                // SAFETY: as promised by who uses the trait, here and below.
                unsafe { $all(x) }
            }
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                unsafe { $plus(self, other) }
            }
            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                unsafe { $minus(self, other) }
            }
            #[inline(always)]
            fn times_plus(self, a: Self, b: Self) -> Self {
                unsafe { $times_plus(self, a, b) }
            }
            #[inline(always)]
            fn times_from(self, a: Self, b: Self) -> Self {
                unsafe { $times_from(self, a, b) }
            }
        }
    };
}
lanes!(__m256d, 4, _mm256_set1_pd, _mm256_add_pd, _mm256_sub_pd, _mm256_fmadd_pd, _mm256_fnmadd_pd);
lanes!(__m512d, 8, _mm512_set1_pd, _mm512_add_pd, _mm512_sub_pd, _mm512_fmadd_pd, _mm512_fnmadd_pd);

/// A complex number of each polynomial.
#[derive(Clone, Copy)]
pub struct Complex<V> {
    pub re: V,
    pub im: V,
}

#[derive(Clone, Copy)]
pub struct Factor {
    pub re: f64,
    pub im: f64,
}

impl Factor {
    /// e^(i·pi·numerator / denominator)
    fn turn(numerator: usize, denominator: usize) -> Self {
        let angle = PI * ((numerator % (2 * denominator)) as f64) / denominator as f64;
        Self { re: angle.cos(), im: angle.sin() }
    }

    /// Times i.
    fn turned(self) -> Self {
        Self { re: -self.im, im: self.re }
    }

    #[inline(always)]
    fn conjugate(self) -> Self {
        Self { re: self.re, im: -self.im }
    }
}

impl<V: Lanes> Complex<V> {
    #[inline(always)]
    pub fn zero() -> Self {
        Self { re: V::all(0.0), im: V::all(0.0) }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self { re: self.re.plus(other.re), im: self.im.plus(other.im) }
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self { re: self.re.minus(other.re), im: self.im.minus(other.im) }
    }

    /// self + i·other
    #[inline(always)]
    fn plus_turned(self, other: Self) -> Self {
        Self { re: self.re.minus(other.im), im: self.im.plus(other.re) }
    }

    /// self - i·other
    #[inline(always)]
    fn minus_turned(self, other: Self) -> Self {
        Self { re: self.re.plus(other.im), im: self.im.minus(other.re) }
    }

    #[inline(always)]
    fn times(self, w: Factor) -> Self {
        Self::zero().plus_product(self, w)
    }

    /// self + x·w
    #[inline(always)]
    pub fn plus_product(self, x: Self, w: Factor) -> Self {
        let (re, im) = (V::all(w.re), V::all(w.im));
        Self {
            re: x.im.times_from(im, x.re.times_plus(re, self.re)),
            im: x.im.times_plus(re, x.re.times_plus(im, self.im)),
        }
    }
}

/// Stretches that are met first.
pub const STRETCHES: usize = 8;

pub struct Fourier {
    /// Places of a transform that is left: n/16, a power of four.
    pub part: usize,
    /// Of each stretch t and part s: w^(part·t)·r^(part·t·s).
    starts: [[Factor; STRETCHES]; STRETCHES],
    /// Of each sixteenth of X's powers, likewise, what X^j of it brings to part s.
    pub powers: [[Factor; STRETCHES]; 2 * STRETCHES],
    /// Of each part s and place j: w^j·r^(j·s).
    twists: Vec<Factor>,
    /// e^(2·pi·i·k / part)
    roots: Vec<Factor>,
}

impl Fourier {
    /// None where n/16 is no power of four.
    pub fn new(n: usize) -> Option<Self> {
        let part = n / 16;
        if n < 16 || !part.is_power_of_two() || part.trailing_zeros() % 2 == 1 {
            return None;
        }
        // w = e^(i·pi/n), r = e^(4·i·pi/n)
        let starts: [[Factor; STRETCHES]; STRETCHES] =
            std::array::from_fn(|t| std::array::from_fn(|s| Factor::turn(part * t + 4 * part * t * s, n)));
        let powers =
            std::array::from_fn(|t| if t < STRETCHES { starts[t] } else { starts[t - STRETCHES].map(Factor::turned) });
        let twists = (0..STRETCHES).flat_map(|s| (0..part).map(move |j| Factor::turn(j + 4 * j * s, n))).collect();
        let roots = (0..part).map(|k| Factor::turn(2 * k, part)).collect();
        Some(Self { part, starts, powers, twists, roots })
    }

    /// z as above to values.
    #[inline(always)]
    pub fn forward<V: Lanes>(&self, z: &mut [Complex<V>]) {
        for j in 0..self.part {
            let rows: [Complex<V>; STRETCHES] = std::array::from_fn(|t| z[j + t * self.part]);
            for s in 0..STRETCHES {
                let mut sum = Complex::zero();
                for (t, &row) in rows.iter().enumerate() {
                    sum = sum.plus_product(row, self.starts[t][s]);
                }
                z[j + s * self.part] = sum;
            }
        }
        for s in 0..STRETCHES {
            self.forward_part(s, &mut z[s * self.part..][..self.part]);
        }
    }

    /// The rest of it for one part, whose stretches have been met.
    #[inline(always)]
    pub fn forward_part<V: Lanes>(&self, s: usize, x: &mut [Complex<V>]) {
        for (x, &w) in x.iter_mut().zip(&self.twists[s * self.part..][..self.part]) {
            *x = x.times(w);
        }
        let mut size = self.part;
        while size > 1 {
            let (quarter, step) = (size / 4, self.part / size);
            for block in x.chunks_exact_mut(size) {
                for j in 0..quarter {
                    let (a, b, c, d) = (block[j], block[j + quarter], block[j + 2 * quarter], block[j + 3 * quarter]);
                    let (ac, a_c, bd, b_d) = (a.plus(c), a.minus(c), b.plus(d), b.minus(d));
                    block[j] = ac.plus(bd);
                    block[j + quarter] = a_c.plus_turned(b_d).times(self.roots[j * step]);
                    block[j + 2 * quarter] = ac.minus(bd).times(self.roots[2 * j * step]);
                    block[j + 3 * quarter] = a_c.minus_turned(b_d).times(self.roots[3 * j * step]);
                }
            }
            size = quarter;
        }
    }

    /// Values to z, times n/2.
    #[inline(always)]
    pub fn backward<V: Lanes>(&self, z: &mut [Complex<V>]) {
        for s in 0..STRETCHES {
            self.backward_part(s, &mut z[s * self.part..][..self.part]);
        }
        for j in 0..self.part {
            let rows: [Complex<V>; STRETCHES] = std::array::from_fn(|s| z[j + s * self.part]);
            for t in 0..STRETCHES {
                let mut sum = Complex::zero();
                for (s, &row) in rows.iter().enumerate() {
                    sum = sum.plus_product(row, self.starts[t][s].conjugate());
                }
                z[j + t * self.part] = sum;
            }
        }
    }

    #[inline(always)]
    fn backward_part<V: Lanes>(&self, s: usize, x: &mut [Complex<V>]) {
        let mut quarter = 1;
        while quarter < self.part {
            let step = self.part / (4 * quarter);
            for block in x.chunks_exact_mut(4 * quarter) {
                for j in 0..quarter {
                    let w = |k: usize| self.roots[k * j * step].conjugate();
                    let (a, b) = (block[j], block[j + quarter].times(w(1)));
                    let (c, d) = (block[j + 2 * quarter].times(w(2)), block[j + 3 * quarter].times(w(3)));
                    let (ac, a_c, bd, b_d) = (a.plus(c), a.minus(c), b.plus(d), b.minus(d));
                    block[j] = ac.plus(bd);
                    block[j + quarter] = a_c.minus_turned(b_d);
                    block[j + 2 * quarter] = ac.minus(bd);
                    block[j + 3 * quarter] = a_c.plus_turned(b_d);
                }
            }
            quarter *= 4;
        }
        for (x, w) in x.iter_mut().zip(&self.twists[s * self.part..][..self.part]) {
            *x = x.times(w.conjugate());
        }
    }
}
