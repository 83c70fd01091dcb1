//! ElGamal in the exponent on edwards25519, many ciphertexts at a time: two points each, x ‖ y. `elgamal.rs` says what
//! each function computes.

use super::affine::{Coordinates, POINT_BYTES, places, point_of, write};
use super::comb::Comb;
use super::field::Field;
use super::lanes::{LANES_MAX, Words};
use super::logarithms::logarithms;
use super::point::{Digits, Point, add, double};
use crate::error::{KernelError, Result, first_error};
use curve25519_dalek::scalar::Scalar;
use rayon::prelude::*;

/// The base point of RFC 8032 5.1.
pub const BASE: [u8; POINT_BYTES] = [
    0x1a, 0xd5, 0x25, 0x8f, 0x60, 0x2d, 0x56, 0xc9, 0xb2, 0xa7, 0x25, 0x95, 0x60, 0xc7, 0x2c, 0x69, 0x5c, 0xdc, 0xd6,
    0xfd, 0x31, 0xe2, 0xa4, 0xc0, 0xfe, 0x53, 0x6e, 0xcd, 0xd3, 0x36, 0x69, 0x21, 0x58, 0x66, 0x66, 0x66, 0x66, 0x66,
    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
];
pub const CIPHERTEXT_BYTES: usize = 2 * POINT_BYTES;
/// Ciphertexts of a task.
const CHUNK: usize = 512;
/// The cofactor is 2^3.
const COFACTOR_BITS: usize = 3;

/// The base point's table times each scalar.
pub fn base_multiples<F: Field>(base: &Comb, scalars: &[Scalar]) -> Vec<u8> {
    let mut out = vec![0; POINT_BYTES * scalars.len()];
    write(&base.multiples::<F>(&bytes_of(scalars)), &mut out);
    out
}

/// (r·G, (r·secret + v)·G) of each value v and random scalar r.
pub fn encrypt<F: Field>(base: &Comb, values: &[u8], secret: &Scalar, randoms: &[Scalar]) -> Vec<u8> {
    let mut out = vec![0; CIPHERTEXT_BYTES * values.len()];
    let chunks =
        out.par_chunks_mut(CIPHERTEXT_BYTES * CHUNK).zip(values.par_chunks(CHUNK).zip(randoms.par_chunks(CHUNK)));
    chunks.for_each(|(out, (values, randoms))| {
        let both = values.iter().zip(randoms).flat_map(|(&value, r)| [*r, r * secret + Scalar::from(value)]);
        write(&base.multiples::<F>(&bytes_of(&both.collect::<Vec<_>>())), out);
    });
    out
}

/// 8·(ciphertext + (r·G, r·K)), of the tables of G and K.
pub fn release<F: Field>(combs: [&Comb; 2], ciphertexts: &[u8], randoms: &[Scalar]) -> Result<Vec<u8>> {
    let mut out = vec![0; ciphertexts.len()];
    let chunks = out.par_chunks_mut(CIPHERTEXT_BYTES * CHUNK).zip(randoms.par_chunks(CHUNK)).enumerate();
    let released = chunks.map(|(chunk, (out, randoms))| {
        let part = &ciphertexts[CIPHERTEXT_BYTES * CHUNK * chunk..][..out.len()];
        release_chunk::<F>(combs, part, randoms, out).map_err(|i| KernelError::Point(CHUNK * chunk + i))
    });
    first_error(released.collect())?;
    Ok(out)
}

fn release_chunk<F: Field>(
    combs: [&Comb; 2],
    ciphertexts: &[u8],
    randoms: &[Scalar],
    out: &mut [u8],
) -> std::result::Result<(), usize> {
    let sums = read::<F>(ciphertexts)?;
    let randoms = bytes_of(randoms);
    for (part, comb) in combs.iter().enumerate() {
        let zeros = comb.multiples::<F>(&randoms);
        let fresh: Vec<_> =
            sums.iter().zip(&zeros).map(|(sum, zero)| double(&add(&sum[part], zero), COFACTOR_BITS)).collect();
        let mut points = vec![0; out.len() / 2];
        write(&fresh, &mut points);
        for (pair, point) in out.chunks_exact_mut(CIPHERTEXT_BYTES).zip(points.chunks_exact(POINT_BYTES)) {
            pair[POINT_BYTES * part..][..POINT_BYTES].copy_from_slice(point);
        }
    }
    Ok(())
}

/// The number of each, as 8·(second - secret·first) in multiples of 64·G.
pub fn open<F>(ciphertexts: &[u8], secret: &[u8; 32], limits: &[u32]) -> Result<Vec<u32>>
where
    F: Field + Send + Sync,
    F::Words: Sync,
{
    let digits = Digits::of(&[*secret; LANES_MAX]);
    let chunks = ciphertexts.par_chunks(CIPHERTEXT_BYTES * CHUNK).enumerate().map(|(chunk, part)| {
        let pairs = read::<F>(part).map_err(|i| KernelError::Point(CHUNK * chunk + i))?;
        Ok(pairs.iter().map(|[first, second]| phase(first, second, &digits)).collect())
    });
    let phases: Vec<Vec<Point<F>>> = chunks.collect::<Vec<Result<_>>>().into_iter().collect::<Result<_>>()?;
    let base = Coordinates::<F>::read(&BASE, &[0; LANES_MAX]);
    let unit = double(&point_of(&base.x, &base.y), 2 * COFACTOR_BITS);
    let numbers = logarithms(&phases.concat(), &unit, limits).into_iter().enumerate();
    numbers.map(|(i, number)| number.ok_or(KernelError::Residue(i))).collect()
}

fn phase<F: Field>(first: &Point<F>, second: &Point<F>, secret: &Digits) -> Point<F> {
    let mask = first.multiply(secret);
    let negated = Point { x: mask.x.negate(), t: mask.t.negate(), ..mask };
    double(&add(second, &negated), COFACTOR_BITS)
}

/// Both points of the ciphertexts, lane by lane; the position of the first that has a point off the curve as error.
fn read<F: Field>(ciphertexts: &[u8]) -> std::result::Result<Vec<[Point<F>; 2]>, usize> {
    let (width, count) = (F::Words::LANES, ciphertexts.len() / CIPHERTEXT_BYTES);
    let vectors = (0..count).step_by(width).map(|first| {
        let at = places(first, width, count);
        let parts = [0, 1].map(|part| Coordinates::<F>::read(ciphertexts, &at.map(|place| 2 * place + part)));
        let valid = parts[0].valid & parts[1].valid;
        match (0..width).find(|lane| (valid >> lane) & 1 == 0) {
            Some(lane) => Err(at[lane]),
            None => Ok(parts.map(|Coordinates { x, y, .. }| point_of(&x, &y))),
        }
    });
    vectors.collect()
}

fn bytes_of(scalars: &[Scalar]) -> Vec<[u8; 32]> {
    scalars.iter().map(Scalar::to_bytes).collect()
}
