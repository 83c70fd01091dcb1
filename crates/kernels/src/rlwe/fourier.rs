//! Polynomials modulo X^n + 1 with real coefficients at the n/2 roots of X^(n/2) = i, several polynomials side by side.
//!
//! z_j = x_j + i·x_(j + n/2), whose values at w·r^k are found (w of order 4n/2, r = w^4): eight stretches of n/16 places first, which
//! leave eight transforms of that size apart, then by fours. Products are place by place; places are in no natural order.

use std::f64::consts::PI;

/// A complex number of each of L polynomials.
#[derive(Clone, Copy)]
pub struct Complex<const L: usize> {
    pub re: [f64; L],
    pub im: [f64; L],
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

    #[inline(always)]
    fn conjugate(self) -> Self {
        Self { re: self.re, im: -self.im }
    }
}

impl<const L: usize> Complex<L> {
    pub const ZERO: Self = Self { re: [0.0; L], im: [0.0; L] };

    #[inline(always)]
    fn plus(mut self, other: &Self) -> Self {
        for l in 0..L {
            self.re[l] += other.re[l];
            self.im[l] += other.im[l];
        }
        self
    }

    #[inline(always)]
    fn minus(mut self, other: &Self) -> Self {
        for l in 0..L {
            self.re[l] -= other.re[l];
            self.im[l] -= other.im[l];
        }
        self
    }

    /// Times i.
    #[inline(always)]
    fn turned(self) -> Self {
        Self { re: self.im.map(|x| -x), im: self.re }
    }

    #[inline(always)]
    pub fn times(&self, w: Factor) -> Self {
        let mut out = Self::ZERO;
        out.add_product(self, w);
        out
    }

    /// self + x·w
    #[inline(always)]
    pub fn add_product(&mut self, x: &Self, w: Factor) {
        for l in 0..L {
            self.re[l] = x.im[l].mul_add(-w.im, x.re[l].mul_add(w.re, self.re[l]));
            self.im[l] = x.im[l].mul_add(w.re, x.re[l].mul_add(w.im, self.im[l]));
        }
    }
}

/// Stretches that are met first.
pub const STRETCHES: usize = 8;

pub struct Fourier {
    /// Places of a transform that is left: n/16, a power of four.
    pub part: usize,
    /// Of each stretch t and part s: w^(part·t)·r^(part·t·s).
    pub starts: [[Factor; STRETCHES]; STRETCHES],
    /// Of each part s and place j: w^j·r^(j·s).
    pub twists: Vec<Factor>,
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
        let starts = std::array::from_fn(|t| std::array::from_fn(|s| Factor::turn(part * t + 4 * part * t * s, n)));
        let twists = (0..STRETCHES).flat_map(|s| (0..part).map(move |j| Factor::turn(j + 4 * j * s, n))).collect();
        let roots = (0..part).map(|k| Factor::turn(2 * k, part)).collect();
        Some(Self { part, starts, twists, roots })
    }

    /// z as above to values.
    #[inline(always)]
    pub fn forward<const L: usize>(&self, z: &mut [Complex<L>]) {
        for j in 0..self.part {
            let rows: [Complex<L>; STRETCHES] = std::array::from_fn(|t| z[j + t * self.part]);
            for s in 0..STRETCHES {
                let mut sum = Complex::ZERO;
                for (t, row) in rows.iter().enumerate() {
                    sum.add_product(row, self.starts[t][s]);
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
    pub fn forward_part<const L: usize>(&self, s: usize, x: &mut [Complex<L>]) {
        for (x, &w) in x.iter_mut().zip(&self.twists[s * self.part..][..self.part]) {
            *x = x.times(w);
        }
        let mut size = self.part;
        while size > 1 {
            let (quarter, step) = (size / 4, self.part / size);
            for block in x.chunks_exact_mut(size) {
                for j in 0..quarter {
                    let [a, b, c, d] = [0, 1, 2, 3].map(|k| block[j + k * quarter]);
                    let (ac, a_c, bd, b_d) = (a.plus(&c), a.minus(&c), b.plus(&d), b.minus(&d).turned());
                    block[j] = ac.plus(&bd);
                    block[j + quarter] = a_c.plus(&b_d).times(self.roots[j * step]);
                    block[j + 2 * quarter] = ac.minus(&bd).times(self.roots[2 * j * step]);
                    block[j + 3 * quarter] = a_c.minus(&b_d).times(self.roots[3 * j * step]);
                }
            }
            size = quarter;
        }
    }

    /// Values to z, times n/2.
    #[inline(always)]
    pub fn backward<const L: usize>(&self, z: &mut [Complex<L>]) {
        for s in 0..STRETCHES {
            self.backward_part(s, &mut z[s * self.part..][..self.part]);
        }
        for j in 0..self.part {
            let rows: [Complex<L>; STRETCHES] = std::array::from_fn(|s| z[j + s * self.part]);
            for t in 0..STRETCHES {
                let mut sum = Complex::ZERO;
                for (s, row) in rows.iter().enumerate() {
                    sum.add_product(row, self.starts[t][s].conjugate());
                }
                z[j + t * self.part] = sum;
            }
        }
    }

    #[inline(always)]
    fn backward_part<const L: usize>(&self, s: usize, x: &mut [Complex<L>]) {
        let mut quarter = 1;
        while quarter < self.part {
            let step = self.part / (4 * quarter);
            for block in x.chunks_exact_mut(4 * quarter) {
                for j in 0..quarter {
                    let w = |k: usize| self.roots[k * j * step].conjugate();
                    let (a, b) = (block[j], block[j + quarter].times(w(1)));
                    let (c, d) = (block[j + 2 * quarter].times(w(2)), block[j + 3 * quarter].times(w(3)));
                    let (ac, a_c, bd, b_d) = (a.plus(&c), a.minus(&c), b.plus(&d), b.minus(&d).turned());
                    block[j] = ac.plus(&bd);
                    block[j + quarter] = a_c.minus(&b_d);
                    block[j + 2 * quarter] = ac.minus(&bd);
                    block[j + 3 * quarter] = a_c.plus(&b_d);
                }
            }
            quarter *= 4;
        }
        for (x, w) in x.iter_mut().zip(&self.twists[s * self.part..][..self.part]) {
            *x = x.times(w.conjugate());
        }
    }
}
