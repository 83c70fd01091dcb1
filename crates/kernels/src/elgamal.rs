//! ElGamal encryption of small numbers in the exponent, on edwards25519: `packages/kernels/src/elgamal-kernels.ts` says
//! what each function computes. On vectors where the CPU has them, else on plain integers in the same way.
//!
//! Constant time in the secret and in the encrypted numbers, but for look-ups: of random scalars in the tables of
//! multiples, and of decrypted points in the table of logarithms.

use crate::curve25519::bins::{Columns, add_to_bins};
use crate::curve25519::comb::Comb;
use crate::curve25519::encryption::{self, BASE, CIPHERTEXT_BYTES};
use crate::curve25519::on_lanes;
use crate::error::{KernelError, Result, element_count, require};
use crate::hashing::prg_expand;
use curve25519_dalek::scalar::Scalar;
use std::sync::OnceLock;

const POINT_BYTES: usize = 64;
/// Of the key stream for each random scalar, so that the remainder modulo the order is uniform.
const WIDE_BYTES: usize = 64;

pub fn key(secret: &[u8]) -> Result<Vec<u8>> {
    let secret = decode_scalar(secret)?;
    Ok(on_lanes!(encryption::base_multiples(base(), &[secret])))
}

pub fn encrypt(values: &[u8], secret: &[u8], seed: &[u8]) -> Result<Vec<u8>> {
    let secret = decode_scalar(secret)?;
    let randoms = random_scalars(seed, values.len())?;
    Ok(on_lanes!(encryption::encrypt(base(), values, &secret, &randoms)))
}

pub fn sum(sums: &mut [u8], ciphertexts: &[u8], codes: &[u16], bins: &[u32]) -> Result<()> {
    let rows = element_count(ciphertexts, CIPHERTEXT_BYTES)?;
    let cells: u64 = bins.iter().map(|&count| u64::from(count)).sum();
    require(sums.len() as u64 == cells * CIPHERTEXT_BYTES as u64, "one sum for each bin")?;
    require(codes.len() as u64 == bins.len() as u64 * rows as u64, "one code for each row and column")?;
    let inside =
        |(column, &count): (usize, &u32)| codes[column * rows..][..rows].iter().all(|&code| u32::from(code) < count);
    require(bins.iter().enumerate().all(inside), "codes below the number of bins")?;
    let columns = Columns { codes, bins, rows };
    on_lanes!(add_to_bins(sums, ciphertexts, &columns))
}

pub fn release(ciphertexts: &[u8], key: &[u8], seed: &[u8]) -> Result<Vec<u8>> {
    require(key.len() == POINT_BYTES, "a key is one point")?;
    let key = on_lanes!(Comb::of(key)).ok_or(KernelError::Point(0))?;
    let randoms = random_scalars(seed, element_count(ciphertexts, CIPHERTEXT_BYTES)?)?;
    on_lanes!(encryption::release([base(), &key], ciphertexts, &randoms))
}

pub fn open(ciphertexts: &[u8], secret: &[u8], limits: &[u32]) -> Result<Vec<u32>> {
    let secret = decode_scalar(secret)?.to_bytes();
    require(element_count(ciphertexts, CIPHERTEXT_BYTES)? == limits.len(), "one limit for each ciphertext")?;
    on_lanes!(encryption::open(ciphertexts, &secret, limits))
}

/// Multiples of the base point, in the form that this machine's vectors take.
fn base() -> &'static Comb {
    static TABLE: OnceLock<Comb> = OnceLock::new();
    TABLE.get_or_init(|| on_lanes!(Comb::of(&BASE)).expect("the base point is on the curve"))
}

fn random_scalars(seed: &[u8], count: usize) -> Result<Vec<Scalar>> {
    let stream = prg_expand(seed, WIDE_BYTES * count)?;
    let wide = stream.chunks_exact(WIDE_BYTES).map(|bytes| bytes.try_into().expect("64 bytes"));
    Ok(wide.map(|bytes: [u8; WIDE_BYTES]| Scalar::from_bytes_mod_order_wide(&bytes)).collect())
}

fn decode_scalar(bytes: &[u8]) -> Result<Scalar> {
    bytes
        .try_into()
        .ok()
        .and_then(|bytes: [u8; 32]| Option::<Scalar>::from(Scalar::from_canonical_bytes(bytes)))
        .filter(|scalar| scalar != &Scalar::ZERO)
        .ok_or(KernelError::Range("a scalar must be in 1..order-1"))
}
