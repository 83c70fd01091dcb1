//! ristretto255 (RFC 9496) on points in lanes: decoding, encoding and the map from field elements. Several vectors go
//! together (`K`), so that their inverse square roots overlap.

use super::field::{
    D, D_MINUS_ONE_SQUARED, Field, INVSQRT_A_MINUS_D, MINUS_ONE, ONE, ONE_MINUS_D_SQUARED, SQRT_AD_MINUS_ONE,
    SQRT_MINUS_ONE, ZERO, invert, multiply, sqrt_ratio,
};
use super::lanes::{LANES_MAX, Mask, Words, lanes_fn};
use super::point::{Completed, Point, add, doubled_for_encoding};

pub type Encodings = [[u8; 32]; LANES_MAX];

/// RFC 9496 4.3.1; the mask tells the lanes that are canonical encodings of elements other than the identity.
pub fn decode<F: Field, const K: usize>(encodings: &[Encodings; K]) -> ([Mask; K], [Point<F>; K]) {
    let halves = encodings.each_ref().map(HalfDecoded::<F>::new);
    let (mut valid, roots) = sqrt_ratio(&[F::constant(ONE); K], &halves.each_ref().map(|half| half.radicand));
    let points = std::array::from_fn(|k| {
        let (point, fine) = finish_decoding(&halves[k], &roots[k]);
        valid[k] &= fine;
        point
    });
    (valid, points)
}

struct HalfDecoded<F> {
    s: F,
    u1: F,
    u2: F,
    v: F,
    radicand: F,
    /// Canonical and even.
    proper: Mask,
}

impl<F: Field> HalfDecoded<F> {
    fn new(encodings: &Encodings) -> Self {
        let s = F::from_bytes(encodings);
        let again = s.to_bytes();
        let proper = (0..<F::Words as Words>::LANES).fold(0, |mask, lane| {
            let canonical = again[lane] == encodings[lane];
            mask | (Mask::from(canonical && encodings[lane][0] & 1 == 0) << lane)
        });
        start_decoding(&s, proper)
    }
}

lanes_fn! {
    fn start_decoding<F>(s: &F, proper: Mask) -> HalfDecoded<F> {
        let one = F::constant(ONE);
        let ss = s.square();
        let (u1, u2) = (one.minus(&ss), one.plus(&ss));
        let u2_squared = u2.square();
        let v = F::constant(D).times(&u1.square()).plus(&u2_squared).negate(); // -(d·u1²) - u2²
        HalfDecoded { s: *s, u1, u2, v, radicand: v.times(&u2_squared), proper }
    }
}

lanes_fn! {
    fn finish_decoding<F>(half: &HalfDecoded<F>, root: &F) -> (Point<F>, Mask) {
        let den_x = root.times(&half.u2);
        let den_y = root.times(&den_x).times(&half.v);
        let x = half.s.plus(&half.s).times(&den_x).absolute();
        let y = half.u1.times(&den_y);
        let t = x.times(&y);
        // The identity is the one element with x = 0.
        let refused = t.is_negative() | y.is_zero() | x.is_zero();
        (Point { x, y, z: F::constant(ONE), t }, half.proper & !refused)
    }
}

/// RFC 9496 4.3.2
pub fn encode<F: Field, const K: usize>(points: &[Point<F>; K]) -> [Encodings; K] {
    let parts = points.each_ref().map(start_encoding);
    let (_, roots) = sqrt_ratio(&[F::constant(ONE); K], &parts.each_ref().map(|(_, _, radicand)| *radicand));
    std::array::from_fn(|k| finish_encoding(&points[k], &parts[k].0, &parts[k].1, &roots[k]).to_bytes())
}

lanes_fn! {
    fn start_encoding<F>(p: &Point<F>) -> (F, F, F) {
        let u1 = p.z.plus(&p.y).times(&p.z.minus(&p.y));
        let u2 = p.x.times(&p.y);
        (u1, u2, u1.times(&u2.square()))
    }
}

lanes_fn! {
    fn finish_encoding<F>(p: &Point<F>, u1: &F, u2: &F, root: &F) -> F {
        let (den1, den2) = (root.times(u1), root.times(u2));
        let z_inverse = den1.times(&den2).times(&p.t);
        let i = F::constant(SQRT_MINUS_ONE);
        let rotate = p.t.times(&z_inverse).is_negative();
        let x = p.x.select(&p.y.times(&i), rotate);
        let y = p.y.select(&p.x.times(&i), rotate);
        let den = den2.select(&den1.times(&F::constant(INVSQRT_A_MINUS_D)), rotate);
        let y = y.negate_where(x.times(&z_inverse).is_negative());
        den.times(&p.z.minus(&y)).absolute()
    }
}

/// The encodings of twice each point, with one inversion for all (dalek's `double_and_compress_batch`, after Hamburg).
pub fn encode_doubled<F: Field>(points: &[Point<F>]) -> Vec<Encodings> {
    let states: Vec<DoubledState<F>> = points.iter().map(|point| doubled_state(doubled_for_encoding(point))).collect();
    let mut before = Vec::with_capacity(states.len());
    let mut product = F::constant(ONE);
    for state in &states {
        before.push(product);
        product = multiply(&product, &state.product);
    }
    let mut inverse = invert(&product);
    let mut out = vec![[[0; 32]; LANES_MAX]; states.len()];
    for (k, state) in states.iter().enumerate().rev() {
        out[k] = finish_doubled(state, &multiply(&inverse, &before[k])).to_bytes();
        inverse = multiply(&inverse, &state.product);
    }
    out
}

struct DoubledState<F> {
    completed: Completed<F>,
    eg: F,
    fh: F,
    /// E·F·G·H, and 1 where that is zero, so that one such point does not spoil the others.
    product: F,
    /// Where it is not.
    usable: Mask,
}

lanes_fn! {
    fn doubled_state<F>(completed: Completed<F>) -> DoubledState<F> {
        let Completed { e, f, g, h } = completed;
        let (eg, fh) = (e.times(&g), f.times(&h));
        let product = eg.times(&fh);
        let zero = product.is_zero();
        DoubledState { completed, eg, fh, product: product.select(&F::constant(ONE), zero), usable: !zero }
    }
}

lanes_fn! {
    /// Zero, the identity's encoding, where E·F·G·H is zero: twice a point of order dividing 8.
    fn finish_doubled<F>(state: &DoubledState<F>, inverse: &F) -> F {
        let Completed { e, f, g, h } = state.completed;
        let (z_inverse, t_inverse) = (state.eg.times(inverse), state.fh.times(inverse));
        let i = F::constant(SQRT_MINUS_ONE);
        let rotate = state.eg.times(&z_inverse).is_negative();
        let magic = F::constant(INVSQRT_A_MINUS_D).select(&i, rotate);
        let (e, g) = (e.select(&g, rotate), g.select(&e.negate(), rotate));
        let h = h.select(&f.times(&i), rotate);
        let g = g.negate_where(h.times(&e).times(&z_inverse).is_negative());
        let s = h.minus(&g).times(&magic.times(&g.times(&t_inverse))).absolute();
        F::constant(ZERO).select(&s, state.usable)
    }
}

/// RFC 9496 4.3.4 MAP, of field elements below 2^255.
fn map_to_group<F: Field, const K: usize>(elements: &[F; K]) -> [Point<F>; K] {
    let parts = elements.each_ref().map(start_map);
    let (squares, roots) = sqrt_ratio(&parts.each_ref().map(|(_, u, _)| *u), &parts.each_ref().map(|(_, _, v)| *v));
    std::array::from_fn(|k| finish_map(&elements[k], &parts[k].0, &parts[k].2, squares[k], &roots[k]))
}

lanes_fn! {
    /// r, u, v
    fn start_map<F>(t: &F) -> (F, F, F) {
        let (one, d) = (F::constant(ONE), F::constant(D));
        let r = F::constant(SQRT_MINUS_ONE).times(&t.square());
        let u = r.plus(&one).times(&F::constant(ONE_MINUS_D_SQUARED));
        let v = r.times(&d).plus(&one).negate().times(&r.plus(&d)); // (-1 - r·d)(r + d)
        (r, u, v)
    }
}

lanes_fn! {
    fn finish_map<F>(t: &F, r: &F, v: &F, square: Mask, root: &F) -> Point<F> {
        let one = F::constant(ONE);
        let s = root.times(t).absolute().negate().select(root, square);
        let c = r.select(&F::constant(MINUS_ONE), square);
        let n = c.times(&r.minus(&one)).times(&F::constant(D_MINUS_ONE_SQUARED)).minus(v);
        let w0 = s.plus(&s).times(v);
        let w1 = n.times(&F::constant(SQRT_AD_MINUS_ONE));
        let ss = s.square();
        let (w2, w3) = (one.minus(&ss), one.plus(&ss));
        Point { x: w0.times(&w3), y: w2.times(&w1), z: w1.times(&w3), t: w0.times(&w2) }
    }
}

/// RFC 9496 4.3.4: the sum of the maps of both halves of 64 uniform bytes.
pub fn from_uniform_bytes<F: Field>(halves: &[Encodings; 2]) -> Point<F> {
    let [a, b] = map_to_group(&halves.each_ref().map(F::from_bytes));
    add(&a, &b)
}
