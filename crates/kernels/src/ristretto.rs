//! ristretto255 in bulk: many points at a time where the CPU has the vector unit for it (`curve25519`), else one by one
//! on curve25519-dalek. Constant time in scalars and hashed messages either way.
//!
//! Encoding a point costs an inverse square root, about a tenth of a scalar multiplication. A batch of doubled points
//! can be encoded with one inversion for all, so each scalar is halved first: 2·(s/2)·P. (s/2 is modulo the order; for
//! odd s the doubled sum differs from s·P by the order times P, which ristretto identifies with the identity.)

use crate::bulk::{CHUNK, in_chunks};
use crate::curve25519::{self, Lanes, Scalars};
use crate::error::{KernelError, Result, element_count, first_error, require};
use crate::hashing::message_count;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use rayon::prelude::*;
use sha2::{Digest, Sha512};

pub fn hash_to_group(messages: &[u8], offsets: &[u32], dst: &[u8]) -> Result<Vec<u8>> {
    let hash = TaggedHash::new(messages, offsets, dst)?;
    in_chunks(32, hash.count, |first, out| {
        lanes().map(&hash.uniform(first, out.len() / 32), out);
        Ok(())
    })
}

pub fn hash_and_multiply(messages: &[u8], offsets: &[u32], dst: &[u8], scalar: &[u8]) -> Result<Vec<u8>> {
    let hash = TaggedHash::new(messages, offsets, dst)?;
    let halved = (decode_scalar(scalar)? * half()).to_bytes();
    in_chunks(32, hash.count, |first, out| {
        let uniform = hash.uniform(first, out.len() / 32);
        lanes().map_and_multiply_doubled(&uniform, Scalars::Same(&halved), out);
        Ok(())
    })
}

pub fn multiply(points: &[u8], scalar: &[u8]) -> Result<Vec<u8>> {
    let halved = (decode_scalar(scalar)? * half()).to_bytes();
    in_chunks(32, element_count(points, 32)?, |first, out| {
        let part = &points[32 * first..32 * first + out.len()];
        lanes().multiply_doubled(part, Scalars::Same(&halved), out).map_err(|i| KernelError::Point(first + i))
    })
}

pub fn multiply_each(points: &[u8], scalars: &[u8]) -> Result<Vec<u8>> {
    let count = element_count(points, 32)?;
    let halved: Vec<u8> = decode_scalars(scalars, count)?.iter().flat_map(Scalar::to_bytes).collect();
    in_chunks(32, count, |first, out| {
        let range = 32 * first..32 * first + out.len();
        let scalars = Scalars::Each(&halved[range.clone()]);
        lanes().multiply_doubled(&points[range], scalars, out).map_err(|i| KernelError::Point(first + i))
    })
}

/// From dalek's table of multiples of the base point, which beats lanes without one.
pub fn multiply_base(scalars: &[u8]) -> Result<Vec<u8>> {
    let halved = decode_scalars(scalars, element_count(scalars, 32)?)?;
    in_chunks(32, halved.len(), |first, out| {
        let points: Vec<_> =
            halved[first..first + out.len() / 32].iter().map(|scalar| scalar * RISTRETTO_BASEPOINT_TABLE).collect();
        encode_doubled(&points, out);
        Ok(())
    })
}

/// Variable time, for public scalars.
pub fn combine(points: &[u8], scalars: &[u8]) -> Result<Vec<u8>> {
    let count = element_count(points, 32)?;
    let halved = decode_scalars(scalars, count)?;
    let decoded = (0..count).map(|i| decode_at(points, i)).collect::<Result<Vec<_>>>()?;
    let sum = RistrettoPoint::vartime_multiscalar_mul(&halved, &decoded);
    Ok((sum + sum).compress().to_bytes().to_vec())
}

/// 1 / s of each scalar modulo the order, in constant time.
pub fn invert_scalars(scalars: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(scalars.len());
    for i in 0..element_count(scalars, 32)? {
        out.extend_from_slice(decode_scalar(&scalars[32 * i..32 * i + 32])?.invert().as_bytes());
    }
    Ok(out)
}

/// Sums of two points each; they may be the identity, whose encoding is zero.
pub fn add(a: &[u8], b: &[u8]) -> Result<Vec<u8>> {
    each_pair(a, b, |x, y| x + y)
}

pub fn subtract(a: &[u8], b: &[u8]) -> Result<Vec<u8>> {
    each_pair(a, b, |x, y| x - y)
}

fn each_pair(
    a: &[u8],
    b: &[u8],
    operation: impl Fn(RistrettoPoint, RistrettoPoint) -> RistrettoPoint,
) -> Result<Vec<u8>> {
    let count = element_count(a, 32)?;
    require(a.len() == b.len(), "as many points on both sides")?;
    let mut out = Vec::with_capacity(a.len());
    for i in 0..count {
        out.extend_from_slice(operation(decode_at(a, i)?, decode_at(b, i)?).compress().as_bytes());
    }
    Ok(out)
}

pub fn validate(points: &[u8]) -> Result<()> {
    element_count(points, 32)?;
    let check =
        |(chunk, part): (usize, &[u8])| lanes().validate(part).map_err(|i| KernelError::Point(chunk * CHUNK + i));
    first_error(points.par_chunks(32 * CHUNK).enumerate().map(check).collect())
}

fn lanes() -> &'static dyn Lanes {
    curve25519::detect().unwrap_or(&OneByOne)
}

/// What a machine without these vector units runs.
pub struct OneByOne;

impl Lanes for OneByOne {
    fn multiply_doubled(&self, points: &[u8], scalars: Scalars, out: &mut [u8]) -> std::result::Result<(), usize> {
        let multiply = |(i, point)| decode(point, i).map(|point| point * scalars.at(i));
        let products = points.chunks_exact(32).enumerate().map(multiply).collect::<std::result::Result<Vec<_>, _>>()?;
        encode_doubled(&products, out);
        Ok(())
    }

    fn map_and_multiply_doubled(&self, uniform: &[u8], scalars: Scalars, out: &mut [u8]) {
        let points: Vec<_> =
            uniform.chunks_exact(64).enumerate().map(|(i, bytes)| map(bytes) * scalars.at(i)).collect();
        encode_doubled(&points, out);
    }

    fn map(&self, uniform: &[u8], out: &mut [u8]) {
        for (bytes, encoded) in uniform.chunks_exact(64).zip(out.chunks_exact_mut(32)) {
            encoded.copy_from_slice(map(bytes).compress().as_bytes());
        }
    }

    fn validate(&self, points: &[u8]) -> std::result::Result<(), usize> {
        points.chunks_exact(32).enumerate().try_for_each(|(i, point)| decode(point, i).map(|_| ()))
    }
}

impl Scalars<'_> {
    fn at(&self, index: usize) -> Scalar {
        match self {
            Self::Same(scalar) => Scalar::from_bytes_mod_order(**scalar),
            Self::Each(scalars) => {
                let bytes = &scalars[32 * index..32 * index + 32];
                Scalar::from_bytes_mod_order(bytes.try_into().expect("32 bytes"))
            }
        }
    }
}

fn map(uniform: &[u8]) -> RistrettoPoint {
    RistrettoPoint::from_uniform_bytes(uniform.try_into().expect("64 bytes"))
}

fn encode_doubled(points: &[RistrettoPoint], out: &mut [u8]) {
    for (bytes, point) in out.chunks_exact_mut(32).zip(RistrettoPoint::double_and_compress_batch(points)) {
        bytes.copy_from_slice(point.as_bytes());
    }
}

fn decode_at(points: &[u8], index: usize) -> Result<RistrettoPoint> {
    decode(&points[32 * index..32 * index + 32], KernelError::Point(index))
}

fn decode<E>(point: &[u8], refusal: E) -> std::result::Result<RistrettoPoint, E> {
    CompressedRistretto::from_slice(point)
        .ok()
        .and_then(|bytes| bytes.decompress())
        .filter(|point| !point.is_identity())
        .ok_or(refusal)
}

fn half() -> Scalar {
    Scalar::from(2u8).invert()
}

fn decode_scalar(bytes: &[u8]) -> Result<Scalar> {
    bytes
        .try_into()
        .ok()
        .and_then(|bytes: [u8; 32]| Option::<Scalar>::from(Scalar::from_canonical_bytes(bytes)))
        .filter(|scalar| scalar != &Scalar::ZERO)
        .ok_or(KernelError::Range("a scalar must be in 1..order-1"))
}

/// Already halved.
fn decode_scalars(bytes: &[u8], count: usize) -> Result<Vec<Scalar>> {
    require(bytes.len() == 32 * count, "one 32-byte scalar each")?;
    let half = half();
    bytes.chunks_exact(32).map(|scalar| Ok(decode_scalar(scalar)? * half)).collect()
}

/// RFC 9497 4.1: RFC 9380 expand_message_xmd with SHA-512 to 64 bytes, then the RFC 9496 4.3.4 map.
struct TaggedHash<'a> {
    messages: &'a [u8],
    offsets: &'a [u32],
    /// SHA-512 after Z_pad
    start: Sha512,
    /// DST || I2OSP(len(DST), 1)
    dst_prime: Vec<u8>,
    count: usize,
}

impl<'a> TaggedHash<'a> {
    fn new(messages: &'a [u8], offsets: &'a [u32], dst: &[u8]) -> Result<Self> {
        require((1..=255).contains(&dst.len()), "a domain separation tag has 1 to 255 bytes")?;
        let count = message_count(messages, offsets)?;
        let dst_prime = [dst, &[dst.len() as u8]].concat();
        Ok(Self { messages, offsets, start: Sha512::new_with_prefix([0u8; 128]), dst_prime, count })
    }

    /// 64 bytes for each message.
    fn uniform(&self, first: usize, count: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 * count);
        for index in first..first + count {
            let message = &self.messages[self.offsets[index] as usize..self.offsets[index + 1] as usize];
            let b0 = self
                .start
                .clone()
                .chain_update(message)
                .chain_update([0, 64, 0]) // I2OSP(64, 2) || I2OSP(0, 1)
                .chain_update(&self.dst_prime)
                .finalize();
            out.extend_from_slice(
                &Sha512::new_with_prefix(b0).chain_update([1]).chain_update(&self.dst_prime).finalize(),
            );
        }
        out
    }
}
