//! Points as x and y: in bytes, x ‖ y, and as tables are made of them. Public points, not constant time.

use super::canonical;
use super::field::{D, Field, ONE, TWICE_D, invert, multiply, product};
use super::lanes::{LANES_MAX, Line, Mask, Words, lanes_fn};
use super::point::{Completed, Point};

pub const POINT_BYTES: usize = 64;

/// A point with Z = 1 to be added: Y + X, Y - X, 2d·X·Y.
#[derive(Clone, Copy)]
pub struct Niels<F> {
    plus: F,
    minus: F,
    t2d: F,
}

/// One of them, limb by limb.
pub type Entry = [Line; 2];
/// X, Y, Z, T of a point, limb by limb.
pub type Cell = [Line; 3];

pub const NO_ENTRY: Entry = [Line([0; LANES_MAX]); 2];
pub const NO_CELL: Cell = [Line([0; LANES_MAX]); 3];

impl<F: Field> Niels<F> {
    /// The same in all lanes.
    #[inline(always)]
    pub fn splat([a, b]: &Entry) -> Self {
        let splat = F::Words::splat;
        Self {
            plus: F::of_words([splat(a.0[0]), splat(a.0[1]), splat(a.0[2]), splat(a.0[3]), splat(a.0[4])]),
            minus: F::of_words([splat(a.0[5]), splat(a.0[6]), splat(a.0[7]), splat(b.0[0]), splat(b.0[1])]),
            t2d: F::of_words([splat(b.0[2]), splat(b.0[3]), splat(b.0[4]), splat(b.0[5]), splat(b.0[6])]),
        }
    }

    #[inline(always)]
    pub fn gather(table: &[Entry], at: &[u32; LANES_MAX]) -> Self {
        let [p0, p1, p2, p3, p4, m0, m1, m2] = F::Words::from_lines(lines(table, at, 0));
        let [m3, m4, t0, t1, t2, t3, t4, _] = F::Words::from_lines(lines(table, at, 1));
        Self {
            plus: F::of_words([p0, p1, p2, p3, p4]),
            minus: F::of_words([m0, m1, m2, m3, m4]),
            t2d: F::of_words([t0, t1, t2, t3, t4]),
        }
    }

    /// The entry of each lane.
    #[inline(always)]
    fn scatter(&self) -> [Entry; LANES_MAX] {
        let [p0, p1, p2, p3, p4] = self.plus.words();
        let [m0, m1, m2, m3, m4] = self.minus.words();
        let [t0, t1, t2, t3, t4] = self.t2d.words();
        let first = F::Words::to_lines([p0, p1, p2, p3, p4, m0, m1, m2]);
        let second = F::Words::to_lines([m3, m4, t0, t1, t2, t3, t4, F::Words::splat(0)]);
        let mut entries = [NO_ENTRY; LANES_MAX];
        for (lane, entry) in entries.iter_mut().enumerate() {
            *entry = [first[lane], second[lane]];
        }
        entries
    }

    #[inline(always)]
    pub fn negate_where(&self, mask: Mask) -> Self {
        Self {
            plus: self.plus.select(&self.minus, mask),
            minus: self.minus.select(&self.plus, mask),
            t2d: self.t2d.negate_where(mask),
        }
    }
}

impl<F: Field> Point<F> {
    #[inline(always)]
    pub fn added_niels(&self, other: &Niels<F>) -> Completed<F> {
        let a = product(self.y.difference(&self.x), &other.minus);
        let b = product(self.y.sum(&self.x), &other.plus);
        let c = product(self.t.loose(), &other.t2d);
        let d = F::widened(&self.z.sum(&self.z));
        Completed {
            e: F::reduce(&F::wide_difference(&b, &a)),
            f: F::reduce(&F::wide_difference(&d, &c)),
            g: F::reduce(&F::wide_sum(&d, &c)),
            h: F::reduce(&F::wide_sum(&b, &a)),
        }
    }

    #[inline(always)]
    pub fn gather(cells: &[Cell], at: &[u32; LANES_MAX]) -> Self {
        let [x0, x1, x2, x3, x4, y0, y1, y2] = F::Words::from_lines(lines(cells, at, 0));
        let [y3, y4, z0, z1, z2, z3, z4, t0] = F::Words::from_lines(lines(cells, at, 1));
        let [t1, t2, t3, t4, ..] = F::Words::from_lines(lines(cells, at, 2));
        Self {
            x: F::of_words([x0, x1, x2, x3, x4]),
            y: F::of_words([y0, y1, y2, y3, y4]),
            z: F::of_words([z0, z1, z2, z3, z4]),
            t: F::of_words([t0, t1, t2, t3, t4]),
        }
    }

    /// Where lanes name the same cell the last one is kept.
    #[inline(always)]
    pub fn scatter(&self, cells: &mut [Cell], at: &[u32; LANES_MAX]) {
        let [x0, x1, x2, x3, x4] = self.x.words();
        let [y0, y1, y2, y3, y4] = self.y.words();
        let [z0, z1, z2, z3, z4] = self.z.words();
        let [t0, t1, t2, t3, t4] = self.t.words();
        let none = F::Words::splat(0);
        let first = F::Words::to_lines([x0, x1, x2, x3, x4, y0, y1, y2]);
        let second = F::Words::to_lines([y3, y4, z0, z1, z2, z3, z4, t0]);
        let third = F::Words::to_lines([t1, t2, t3, t4, none, none, none, none]);
        for lane in 0..F::Words::LANES {
            cells[at[lane] as usize] = [first[lane], second[lane], third[lane]];
        }
    }
}

#[inline(always)]
fn lines<'a, const N: usize>(table: &'a [[Line; N]], at: &[u32; LANES_MAX], k: usize) -> [&'a Line; LANES_MAX] {
    std::array::from_fn(|lane| &table[at[lane] as usize][k])
}

lanes_fn! {
    pub fn load_cells<F>(cells: &[Cell], at: &[u32; LANES_MAX]) -> Point<F> {
        Point::gather(cells, at)
    }
}

lanes_fn! {
    pub fn store_cells<F>(point: &Point<F>, cells: &mut [Cell], at: &[u32; LANES_MAX]) -> () {
        point.scatter(cells, at);
    }
}

lanes_fn! {
    pub fn entries_of<F>(x: &F, y: &F) -> [Entry; LANES_MAX] {
        let t2d = multiply(&multiply(x, y), &F::constant(TWICE_D));
        Niels { plus: y.plus(x), minus: y.minus(x), t2d }.scatter()
    }
}

lanes_fn! {
    pub fn point_of<F>(x: &F, y: &F) -> Point<F> {
        Point { x: *x, y: *y, z: F::constant(ONE), t: multiply(x, y) }
    }
}

lanes_fn! {
    /// Where -x² + y² = 1 + d·x²·y².
    fn on_curve<F>(x: &F, y: &F) -> Mask {
        let (xx, yy) = (multiply(x, x), multiply(y, y));
        let right = multiply(&multiply(&xx, &yy), &F::constant(D)).plus(&F::constant(ONE));
        yy.minus(&xx).is_equal(&right)
    }
}

/// x and y of as many points as there are lanes, x ‖ y each.
pub struct Coordinates<F> {
    pub x: F,
    pub y: F,
    /// Where they are reduced and on the curve.
    pub valid: Mask,
}

impl<F: Field> Coordinates<F> {
    /// Of point `places[lane]`.
    pub fn read(points: &[u8], places: &[usize; LANES_MAX]) -> Self {
        let mut halves = [[[0; 32]; LANES_MAX]; 2];
        let mut reduced = 0;
        for (lane, &place) in places.iter().enumerate() {
            let bytes = &points[POINT_BYTES * place..POINT_BYTES * (place + 1)];
            halves[0][lane].copy_from_slice(&bytes[..32]);
            halves[1][lane].copy_from_slice(&bytes[32..]);
            let both = halves.iter().all(|half| canonical::is_reduced(&half[lane]));
            reduced |= Mask::from(both) << lane;
        }
        let (x, y) = (F::from_bytes(&halves[0]), F::from_bytes(&halves[1]));
        let valid = reduced & on_curve(&x, &y);
        Self { x, y, valid }
    }
}

/// x and y of each, with one inversion for all. Z of a point on the curve is not zero.
pub fn normalised<F: Field>(points: &[Point<F>]) -> Vec<(F, F)> {
    let mut before = Vec::with_capacity(points.len());
    let mut all = F::constant(ONE);
    for point in points {
        before.push(all);
        all = multiply(&all, &point.z);
    }
    let mut inverse = invert(&all);
    let mut out = vec![(all, all); points.len()];
    for (k, point) in points.iter().enumerate().rev() {
        let own = multiply(&inverse, &before[k]);
        out[k] = (multiply(&point.x, &own), multiply(&point.y, &own));
        inverse = multiply(&inverse, &point.z);
    }
    out
}

/// Fills `out` with x ‖ y of the points, lane by lane; the last vector may have lanes to spare.
pub fn write<F: Field>(points: &[Point<F>], out: &mut [u8]) {
    let width = POINT_BYTES * F::Words::LANES;
    for ((x, y), bytes) in normalised(points).iter().zip(out.chunks_mut(width)) {
        let (x, y) = (x.to_bytes(), y.to_bytes());
        for (lane, point) in bytes.chunks_exact_mut(POINT_BYTES).enumerate() {
            point[..32].copy_from_slice(&x[lane]);
            point[32..].copy_from_slice(&y[lane]);
        }
    }
}

/// Positions first and on for the lanes; past the last one, that again.
pub fn places(first: usize, width: usize, count: usize) -> [usize; LANES_MAX] {
    std::array::from_fn(|lane| (first + lane.min(width - 1)).min(count - 1))
}
