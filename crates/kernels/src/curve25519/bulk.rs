//! Operations on many points: vectors of lanes filled from byte strings, tails filled up with what is there already.

use super::field::Field;
use super::group::{self, Encodings};
use super::lanes::{LANES_MAX, Words};
use super::point::{Digits, Point};
use std::marker::PhantomData;

/// One task's worth of points, at most `CHUNK_MAX`, on one kind of lanes. Scalars are canonical.
pub trait Lanes: Sync {
    /// Encodings of 2·scalar·point; the position of the first point that is refused as error.
    fn multiply_doubled(&self, points: &[u8], scalars: Scalars, out: &mut [u8]) -> Result<(), usize>;
    /// Encodings of 2·scalar·P for the P of each 64 uniform bytes.
    fn map_and_multiply_doubled(&self, uniform: &[u8], scalars: Scalars, out: &mut [u8]);
    /// Encodings of the P of each 64 uniform bytes.
    fn map(&self, uniform: &[u8], out: &mut [u8]);
    fn validate(&self, points: &[u8]) -> Result<(), usize>;
}

#[derive(Clone, Copy)]
pub enum Scalars<'a> {
    Same(&'a [u8; 32]),
    /// 32 bytes for each point.
    Each(&'a [u8]),
}

pub struct Group<F>(PhantomData<fn() -> F>);

impl<F: Field> Group<F> {
    pub const NEW: Self = Self(PhantomData);
    const WIDTH: usize = <F::Words as Words>::LANES;

    fn decode(points: &[u8]) -> Result<Vec<Point<F>>, usize> {
        let count = points.len() / 32;
        let mut out = Vec::with_capacity(count.div_ceil(Self::WIDTH) + 1);
        for first in (0..count).step_by(2 * Self::WIDTH) {
            let encodings = [fill(points, first, Self::WIDTH), fill(points, first + Self::WIDTH, Self::WIDTH)];
            let (valid, decoded) = group::decode::<F, 2>(&encodings);
            let bad = (0..2 * Self::WIDTH)
                .find(|&i| first + i < count && (valid[i / Self::WIDTH] >> (i % Self::WIDTH)) & 1 == 0);
            if let Some(i) = bad {
                return Err(first + i);
            }
            out.extend(decoded);
        }
        out.truncate(count.div_ceil(Self::WIDTH));
        Ok(out)
    }

    fn map_all(uniform: &[u8]) -> Vec<Point<F>> {
        (0..uniform.len() / 64)
            .step_by(Self::WIDTH)
            .map(|first| {
                let half = |from: usize| {
                    std::array::from_fn(|lane| {
                        let at = 64 * ((first + lane).min(uniform.len() / 64 - 1)) + from;
                        uniform[at..at + 32].try_into().expect("32 bytes")
                    })
                };
                group::from_uniform_bytes::<F>(&[half(0), half(32)])
            })
            .collect()
    }

    fn multiply_all(points: &mut [Point<F>], scalars: Scalars) {
        match scalars {
            Scalars::Same(scalar) => {
                let digits = Digits::of(&[*scalar; LANES_MAX]);
                points.iter_mut().for_each(|point| *point = point.multiply(&digits));
            }
            Scalars::Each(scalars) => points.iter_mut().enumerate().for_each(|(i, point)| {
                *point = point.multiply(&Digits::of(&fill(scalars, i * Self::WIDTH, Self::WIDTH)));
            }),
        }
    }

    fn encode_doubled(points: &[Point<F>], out: &mut [u8]) {
        for (encodings, bytes) in group::encode_doubled(points).iter().zip(out.chunks_mut(32 * Self::WIDTH)) {
            bytes.copy_from_slice(&encodings.as_flattened()[..bytes.len()]);
        }
    }
}

impl<F: Field> Lanes for Group<F> {
    fn multiply_doubled(&self, points: &[u8], scalars: Scalars, out: &mut [u8]) -> Result<(), usize> {
        let mut points = Self::decode(points)?;
        Self::multiply_all(&mut points, scalars);
        Self::encode_doubled(&points, out);
        Ok(())
    }

    fn map_and_multiply_doubled(&self, uniform: &[u8], scalars: Scalars, out: &mut [u8]) {
        let mut points = Self::map_all(uniform);
        Self::multiply_all(&mut points, scalars);
        Self::encode_doubled(&points, out);
    }

    fn map(&self, uniform: &[u8], out: &mut [u8]) {
        for (points, bytes) in Self::map_all(uniform).chunks(2).zip(out.chunks_mut(2 * 32 * Self::WIDTH)) {
            let pair = [points[0], points[points.len() - 1]];
            let encodings = group::encode(&pair);
            for (encodings, bytes) in encodings.iter().zip(bytes.chunks_mut(32 * Self::WIDTH)) {
                bytes.copy_from_slice(&encodings.as_flattened()[..bytes.len()]);
            }
        }
    }

    fn validate(&self, points: &[u8]) -> Result<(), usize> {
        Self::decode(points).map(|_| ())
    }
}

/// Elements first..first+width of 32 bytes; past the end, the last one again.
fn fill(bytes: &[u8], first: usize, width: usize) -> Encodings {
    let last = bytes.len() / 32 - 1;
    std::array::from_fn(|lane| {
        let at = 32 * (first + lane.min(width - 1)).min(last);
        bytes[at..at + 32].try_into().expect("32 bytes")
    })
}
