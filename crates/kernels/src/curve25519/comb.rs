//! Multiples of one point from a table: a scalar's signed digits of eight bits each choose one of 128 multiples of the
//! point times that power of 256, and no point is doubled. Table look-ups depend on digits, not constant time
//! against code on the same core.

use super::affine::{Cell, Coordinates, Entry, NO_CELL, Niels, entries_of, load_cells, normalised, places};
use super::affine::{point_of, store_cells};
use super::field::{Field, ONE, ZERO};
use super::lanes::{LANES_MAX, Mask, Words, lanes_fn};
use super::point::{Point, add_cached, cached, double, identity};

/// Of a scalar below 2^253.
const WINDOWS: usize = 32;
const WINDOW_BITS: usize = 8;
/// The multiples 0 to 128.
const ENTRIES: usize = 129;

pub struct Comb(Vec<Entry>);

/// Digits of as many scalars as there are lanes.
struct Digits {
    /// Places in the table.
    at: [[u32; LANES_MAX]; WINDOWS],
    negative: [Mask; WINDOWS],
}

impl Comb {
    /// x ‖ y; none if that is not on the curve.
    pub fn of<F: Field>(point: &[u8]) -> Option<Self> {
        let all = Coordinates::<F>::read(point, &[0; LANES_MAX]);
        if all.valid & 1 == 0 {
            return None;
        }
        let width = F::Words::LANES;
        let bases = window_bases(point_of(&all.x, &all.y));
        let mut multiples = Vec::with_capacity(WINDOWS * (ENTRIES - 1) / width);
        for first in (0..WINDOWS).step_by(width) {
            let at = places(first, width, WINDOWS).map(|window| window as u32);
            let base = load_cells::<F>(&bases, &at);
            let step = cached(&base);
            multiples.push(base);
            for _ in 2..ENTRIES {
                multiples.push(add_cached(&multiples[multiples.len() - 1], &step));
            }
        }
        let nothing = entries_of(&F::constant(ZERO), &F::constant(ONE))[0];
        let mut table = vec![nothing; WINDOWS * ENTRIES];
        for (k, (x, y)) in normalised(&multiples).iter().enumerate() {
            let (first, multiple) = (width * (k / (ENTRIES - 1)), k % (ENTRIES - 1) + 1);
            for (lane, entry) in entries_of(x, y).iter().enumerate().take(width) {
                table[(first + lane) * ENTRIES + multiple] = *entry;
            }
        }
        Some(Self(table))
    }

    /// The point times each scalar, lane by lane; the last vector may have lanes to spare.
    pub fn multiples<F: Field>(&self, scalars: &[[u8; 32]]) -> Vec<Point<F>> {
        let width = F::Words::LANES;
        (0..scalars.len())
            .step_by(width)
            .map(|first| {
                let digits = Digits::of(&places(first, width, scalars.len()).map(|i| scalars[i]));
                multiple(&self.0, &digits.at, &digits.negative)
            })
            .collect()
    }
}

/// The point of the first lane times 256^w, of each window w.
fn window_bases<F: Field>(point: Point<F>) -> Vec<Cell> {
    let mut out = vec![NO_CELL; WINDOWS];
    let mut base = point;
    for window in 0..WINDOWS {
        store_cells(&base, &mut out, &[window as u32; LANES_MAX]);
        base = double(&base, WINDOW_BITS);
    }
    out
}

lanes_fn! {
    fn multiple<F>(table: &[Entry], at: &[[u32; LANES_MAX]; WINDOWS], negative: &[Mask; WINDOWS]) -> Point<F> {
        let mut sum = identity::<F>();
        for (at, &negative) in at.iter().zip(negative) {
            sum = sum.added_niels(&Niels::gather(table, at).negate_where(negative)).point();
        }
        sum
    }
}

impl Digits {
    fn of(scalars: &[[u8; 32]; LANES_MAX]) -> Self {
        let mut digits = Self { at: [[0; LANES_MAX]; WINDOWS], negative: [0; WINDOWS] };
        for (lane, scalar) in scalars.iter().enumerate() {
            let mut carry = 0u32;
            for (window, byte) in scalar.iter().enumerate() {
                let value = u32::from(*byte) + carry; // 0..=256
                carry = (value + 127) >> WINDOW_BITS; // from 129 on, the digit is value - 256
                let sign = carry.wrapping_neg();
                let magnitude = (value.wrapping_sub(carry << WINDOW_BITS) ^ sign).wrapping_add(carry);
                digits.at[window][lane] = (window * ENTRIES) as u32 + magnitude;
                digits.negative[window] |= (carry as Mask) << lane;
            }
        }
        digits
    }
}
