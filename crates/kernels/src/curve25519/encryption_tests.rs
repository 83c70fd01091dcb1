//! ElGamal on every kind of lanes, emulated or real: base points against curve25519-dalek, sums against sums of scalars.

use super::affine::POINT_BYTES;
use super::bins::{Columns, add_to_bins};
use super::comb::Comb;
use super::emulation::{Emulated, EmulatedDoubles};
use super::encryption::{BASE, CIPHERTEXT_BYTES, base_multiples, encrypt, open, release};
use super::field::Field;
use super::{doubles, words};
use crate::error::KernelError;
use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;

/// (0, 1)
fn nothing(points: usize) -> Vec<u8> {
    (0..POINT_BYTES * points).map(|i| u8::from(i % POINT_BYTES == 32)).collect()
}

fn small(seed: u64, count: usize) -> Vec<Scalar> {
    (0..count as u64).map(|i| Scalar::from(seed.wrapping_mul(i * i + 1)) * Scalar::from(u64::MAX - i)).collect()
}

macro_rules! each_field {
    ($check:ident($($argument:expr),*)) => {
        $check::<doubles::Element<EmulatedDoubles<4>>>($($argument),*);
        $check::<words::Element<Emulated<8>>>($($argument),*);
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                $check::<doubles::Element<super::x86::Avx2Doubles>>($($argument),*);
            }
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma") {
                $check::<words::Element<super::x86::IfmaWords>>($($argument),*);
            }
        }
    };
}

fn check_base<F: Field>(scalars: &[Scalar]) {
    let points = base_multiples::<F>(&Comb::of::<F>(&BASE).unwrap(), scalars);
    for (point, scalar) in points.chunks_exact(POINT_BYTES).zip(scalars) {
        let mut compressed: [u8; 32] = point[32..].try_into().unwrap();
        compressed[31] |= point[0] << 7;
        assert_eq!(compressed, (ED25519_BASEPOINT_POINT * scalar).compress().to_bytes());
    }
}

#[test]
fn multiples_of_the_base_point() {
    let bytes = [0x80u8, 0x81, 0x7f, 0xff, 0x01].map(|byte| Scalar::from_bytes_mod_order([byte; 32]));
    let edges =
        [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, Scalar::from(128u8), Scalar::from(129u8), Scalar::from(256u16)];
    let scalars = [&edges[..], &bytes, &small(77, 9)].concat();
    each_field!(check_base(&scalars));
}

struct Table {
    rows: Vec<Scalar>,
    bins: Vec<u32>,
    codes: Vec<u16>,
}

impl Table {
    fn new(seed: u64, rows: usize, bins: &[u32]) -> Self {
        let code = |column: usize, row: usize| (seed as usize / (column + 1) + row * (row + 3)) as u32 % bins[column];
        let codes = (0..bins.len()).flat_map(|column| (0..rows).map(move |row| code(column, row) as u16)).collect();
        Self { rows: small(seed, 2 * rows), bins: bins.to_vec(), codes }
    }

    /// Of both points of each bin, as multiples of the base point.
    fn sums(&self) -> Vec<Scalar> {
        let mut sums = vec![Scalar::ZERO; 2 * self.bins.iter().sum::<u32>() as usize];
        let (rows, mut first) = (self.rows.len() / 2, 0);
        for (column, &bins) in self.bins.iter().enumerate() {
            for row in 0..rows {
                let bin = first + self.codes[column * rows + row] as usize;
                for part in 0..2 {
                    sums[2 * bin + part] += self.rows[2 * row + part];
                }
            }
            first += bins as usize;
        }
        sums
    }
}

fn check_sums<F: Field>(table: &Table) {
    let base = Comb::of::<F>(&BASE).unwrap();
    let points = base_multiples::<F>(&base, &table.rows);
    let expected = table.sums();
    let columns = Columns { codes: &table.codes, bins: &table.bins, rows: table.rows.len() / 2 };
    let mut sums = nothing(expected.len());
    add_to_bins::<F>(&mut sums, &points, &columns).unwrap();
    assert_eq!(sums, base_multiples::<F>(&base, &expected));
    add_to_bins::<F>(&mut sums, &points, &columns).unwrap();
    let twice: Vec<Scalar> = expected.iter().map(|sum| sum + sum).collect();
    assert_eq!(sums, base_multiples::<F>(&base, &twice));
}

#[test]
fn sums_over_groups_of_columns_of_any_shape() {
    let shapes: [&[u32]; 6] = [&[3], &[400, 2, 5], &[2; 19], &[20; 17], &[1, 1, 1, 1, 9, 1], &[]];
    for (seed, bins) in shapes.iter().enumerate() {
        for rows in [0, 1, 7, 300] {
            each_field!(check_sums(&Table::new(seed as u64 + 5, rows, bins)));
        }
    }
}

fn check_run<F: Field + Send + Sync>(values: &[u8], secret: &Scalar)
where
    F::Words: Sync,
{
    let base = Comb::of::<F>(&BASE).unwrap();
    let key = Comb::of::<F>(&base_multiples::<F>(&base, &[*secret])).unwrap();
    let ciphertexts = encrypt::<F>(&base, values, secret, &small(3, values.len()));
    let released = release::<F>([&base, &key], &ciphertexts, &small(4, values.len())).unwrap();
    let limits: Vec<u32> = values.iter().map(|&value| u32::from(value)).collect();
    assert_eq!(open::<F>(&released, secret.as_bytes(), &limits), Ok(limits.clone()));
    let far: Vec<u32> = limits.iter().map(|limit| limit + 3000).collect();
    assert_eq!(open::<F>(&released, secret.as_bytes(), &far), Ok(limits.clone()));
    let Some(place) = limits.iter().position(|&limit| limit > 0) else { return };
    let mut low = limits;
    low[place] -= 1;
    assert_eq!(open::<F>(&released, secret.as_bytes(), &low), Err(KernelError::Residue(place)));
    let mut spoilt = released;
    spoilt[CIPHERTEXT_BYTES * place + 70] ^= 4;
    assert_eq!(open::<F>(&spoilt, secret.as_bytes(), &far), Err(KernelError::Point(place)));
    assert_eq!(release::<F>([&base, &key], &spoilt, &small(4, values.len())), Err(KernelError::Point(place)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn what_is_encrypted_opens(values in proptest::collection::vec(any::<u8>(), 1..30), secret in any::<[u8; 32]>()) {
        let secret = Scalar::from_bytes_mod_order(secret);
        each_field!(check_run(&values, &secret));
    }

    #[test]
    fn sums_agree(seed in any::<u32>(), rows in 0usize..50, bins in proptest::collection::vec(1u32..40, 0..20)) {
        each_field!(check_sums(&Table::new(u64::from(seed), rows, &bins)));
    }
}
