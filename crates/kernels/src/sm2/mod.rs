//! The SM2 curve in bulk. Constant time in scalars and hashed messages; whether a peer's point decodes is public.

mod field;
mod hash;
mod point;

use crate::bulk::{CHUNK, in_chunks};
use crate::error::{KernelError, Result, element_count, first_error};
use crate::modular::Modulus;
use hash::TaggedHash;
use point::{ORDER, POINT_BYTES, Point, Scalar};
use rayon::prelude::*;

pub fn hash_to_group(messages: &[u8], offsets: &[u32], dst: &[u8]) -> Result<Vec<u8>> {
    let hash = TaggedHash::new(messages, offsets, dst)?;
    each_point(hash.count, |i| Ok(hash.point(i)))
}

pub fn hash_and_multiply(messages: &[u8], offsets: &[u32], dst: &[u8], scalar: &[u8]) -> Result<Vec<u8>> {
    let hash = TaggedHash::new(messages, offsets, dst)?;
    let scalar = decode_scalar(scalar)?;
    each_point(hash.count, |i| Ok(hash.point(i).multiply(&scalar)))
}

pub fn multiply(points: &[u8], scalar: &[u8]) -> Result<Vec<u8>> {
    let scalar = decode_scalar(scalar)?;
    each_point(element_count(points, POINT_BYTES)?, |i| Ok(decode_at(points, i)?.multiply(&scalar)))
}

/// 1 / s of each scalar modulo the order, in constant time.
pub fn invert_scalars(scalars: &[u8]) -> Result<Vec<u8>> {
    for scalar in scalars.chunks(32) {
        decode_scalar(scalar)?;
    }
    let order = Modulus::new(&ORDER.map(u64::to_le_bytes).concat())?;
    let less_two = [&[ORDER[0] - 2], &ORDER[1..]].concat();
    let exponent: Vec<u8> = less_two.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    order.leave(&order.power(&order.enter(scalars)?, &exponent)?)
}

pub fn validate(points: &[u8]) -> Result<()> {
    let count = element_count(points, POINT_BYTES)?;
    let check = |i| decode_at(points, i).map(|_| ());
    first_error((0..count).into_par_iter().with_min_len(CHUNK).map(check).collect())
}

fn each_point(count: usize, point: impl Fn(usize) -> Result<Point> + Sync) -> Result<Vec<u8>> {
    in_chunks(POINT_BYTES, count, |first, out| {
        let points = (first..first + out.len() / POINT_BYTES).map(&point).collect::<Result<Vec<_>>>()?;
        Point::encode_all(&points, out);
        Ok(())
    })
}

fn decode_at(points: &[u8], index: usize) -> Result<Point> {
    Point::decode(&points[POINT_BYTES * index..POINT_BYTES * (index + 1)]).ok_or(KernelError::Point(index))
}

fn decode_scalar(bytes: &[u8]) -> Result<Scalar> {
    Scalar::decode(bytes).ok_or(KernelError::Range("a scalar must be in 1..order-1"))
}
