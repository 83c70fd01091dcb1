//! ristretto255 in bulk on curve25519-dalek (constant-time; AVX2 where the CPU has it).
//!
//! Encoding a point costs an inverse square root, about a tenth of a scalar multiplication. A batch of doubled points
//! can be encoded with one inversion for all (`double_and_compress_batch`), so each scalar is halved first: 2·(s/2)·P.
//! (s/2 is modulo the order; for odd s the doubled sum differs from s·P by the order times P, which ristretto
//! identifies with the identity.)

use crate::error::{KernelError, Result, element_count, first_error, require};
use crate::hashing::message_count;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use rayon::prelude::*;
use sha2::{Digest, Sha512};

/// Points per task and per shared inversion.
const CHUNK: usize = 128;

pub fn hash_to_group(messages: &[u8], offsets: &[u32], dst: &[u8]) -> Result<Vec<u8>> {
    let hash = TaggedHash::new(messages, offsets, dst)?;
    let mut out = vec![0u8; 32 * hash.count];
    // No scalar to halve here, and an inverse square root costs less than a multiplication by one half.
    out.par_chunks_mut(32 * CHUNK).enumerate().for_each(|(chunk, encoded)| {
        for (i, bytes) in encoded.chunks_exact_mut(32).enumerate() {
            bytes.copy_from_slice(hash.point(chunk * CHUNK + i).compress().as_bytes());
        }
    });
    Ok(out)
}

pub fn hash_and_multiply(messages: &[u8], offsets: &[u32], dst: &[u8], scalar: &[u8]) -> Result<Vec<u8>> {
    let hash = TaggedHash::new(messages, offsets, dst)?;
    let halved = decode_scalar(scalar)? * half();
    encode_batch(hash.count, |i| Ok(hash.point(i) * halved))
}

pub fn multiply(points: &[u8], scalar: &[u8]) -> Result<Vec<u8>> {
    let halved = decode_scalar(scalar)? * half();
    encode_batch(element_count(points, 32)?, |i| Ok(decode(points, i)? * halved))
}

pub fn multiply_each(points: &[u8], scalars: &[u8]) -> Result<Vec<u8>> {
    let count = element_count(points, 32)?;
    let halved = decode_scalars(scalars, count)?;
    encode_batch(count, |i| Ok(decode(points, i)? * halved[i]))
}

pub fn multiply_base(scalars: &[u8]) -> Result<Vec<u8>> {
    let count = element_count(scalars, 32)?;
    let halved = decode_scalars(scalars, count)?;
    encode_batch(count, |i| Ok(&halved[i] * RISTRETTO_BASEPOINT_TABLE))
}

/// Variable time, for public scalars.
pub fn combine(points: &[u8], scalars: &[u8]) -> Result<Vec<u8>> {
    let count = element_count(points, 32)?;
    let halved = decode_scalars(scalars, count)?;
    let decoded = (0..count).map(|i| decode(points, i)).collect::<Result<Vec<_>>>()?;
    let sum = RistrettoPoint::vartime_multiscalar_mul(&halved, &decoded);
    Ok((sum + sum).compress().to_bytes().to_vec())
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
        out.extend_from_slice(operation(decode(a, i)?, decode(b, i)?).compress().as_bytes());
    }
    Ok(out)
}

pub fn validate(points: &[u8]) -> Result<()> {
    element_count(points, 32)?;
    first_error(
        points
            .par_chunks(32 * CHUNK)
            .enumerate()
            .map(|(chunk, part)| (0..part.len() / 32).try_for_each(|i| decode(points, chunk * CHUNK + i).map(|_| ())))
            .collect(),
    )
}

/// Encodes twice each point, with one inversion per chunk.
fn encode_batch(count: usize, halved: impl Fn(usize) -> Result<RistrettoPoint> + Sync) -> Result<Vec<u8>> {
    let mut out = vec![0u8; 32 * count];
    let results = out
        .par_chunks_mut(32 * CHUNK)
        .enumerate()
        .map(|(chunk, encoded)| {
            let first = chunk * CHUNK;
            let points = (first..first + encoded.len() / 32).map(&halved).collect::<Result<Vec<_>>>()?;
            let compressed = RistrettoPoint::double_and_compress_batch(&points);
            for (bytes, point) in encoded.chunks_exact_mut(32).zip(compressed) {
                bytes.copy_from_slice(point.as_bytes());
            }
            Ok(())
        })
        .collect();
    first_error(results)?;
    Ok(out)
}

fn half() -> Scalar {
    Scalar::from(2u8).invert()
}

fn decode(points: &[u8], index: usize) -> Result<RistrettoPoint> {
    CompressedRistretto::from_slice(&points[32 * index..32 * index + 32])
        .ok()
        .and_then(|bytes| bytes.decompress())
        .filter(|point| !point.is_identity())
        .ok_or(KernelError::Point(index))
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
    /// DST || I2OSP(len(DST), 1)
    dst_prime: Vec<u8>,
    count: usize,
}

impl<'a> TaggedHash<'a> {
    fn new(messages: &'a [u8], offsets: &'a [u32], dst: &[u8]) -> Result<Self> {
        require((1..=255).contains(&dst.len()), "a domain separation tag has 1 to 255 bytes")?;
        let count = message_count(messages, offsets)?;
        let dst_prime = [dst, &[dst.len() as u8]].concat();
        Ok(Self { messages, offsets, dst_prime, count })
    }

    fn point(&self, index: usize) -> RistrettoPoint {
        let message = &self.messages[self.offsets[index] as usize..self.offsets[index + 1] as usize];
        let b0 = Sha512::new_with_prefix([0u8; 128]) // Z_pad
            .chain_update(message)
            .chain_update([0, 64, 0]) // I2OSP(64, 2) || I2OSP(0, 1)
            .chain_update(&self.dst_prime)
            .finalize();
        let b1 = Sha512::new_with_prefix(b0).chain_update([1]).chain_update(&self.dst_prime).finalize();
        RistrettoPoint::from_uniform_bytes(&b1.into())
    }
}
