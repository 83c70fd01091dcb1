//! Powers of one base: base^(digit·256^i) for each byte position i and digit, so that a power is one product per byte
//! of the exponent and no squaring. Lookups depend on the exponent: not constant-time.

use super::eight::{LANES, Products, limb_at};
use super::montgomery::Modulus;
use crate::error::{Result, element_count, require};
use rayon::prelude::*;
use std::sync::Arc;

const DIGITS: usize = 256;
/// Longer exponents would make tables of many megabytes.
const EXPONENT_BYTES_MAX: usize = 512;

pub struct FixedBase {
    modulus: Arc<Modulus>,
    exponent_bytes: usize,
    /// [position][digit] residues; where there are eight lanes in their limbs of 52 bits.
    table: Vec<u64>,
}

impl FixedBase {
    pub fn new(modulus: Arc<Modulus>, base: &[u8], exponent_bytes: usize) -> Result<Self> {
        require((1..=EXPONENT_BYTES_MAX).contains(&exponent_bytes), "an exponent has 1 to 512 bytes")?;
        let mut step = modulus.load_one(base)?;
        let length = modulus.limbs();
        let mut table = vec![0u64; exponent_bytes * DIGITS * length];
        let mut scratch = modulus.scratch();
        for position in table.chunks_exact_mut(DIGITS * length) {
            position[..length].copy_from_slice(&modulus.one);
            position[length..2 * length].copy_from_slice(&step);
            for _ in 0..8 {
                modulus.square_into(&mut step, &mut scratch);
            }
        }
        table.par_chunks_exact_mut(DIGITS * length).for_each(|position| {
            let mut scratch = modulus.scratch();
            for digit in 2..DIGITS {
                let (done, next) = position.split_at_mut(digit * length);
                let (first, last) = (&done[length..2 * length], &done[(digit - 1) * length..]);
                modulus.multiply(&mut next[..length], last, first, &mut scratch);
            }
        });
        if let Some(products) = &modulus.products {
            let entries = table.par_chunks_exact(length);
            table = entries.flat_map_iter(|entry| (0..products.limbs()).map(|i| limb_at(entry, i))).collect();
        }
        Ok(Self { modulus, exponent_bytes, table })
    }

    pub fn exponent_bytes(&self) -> usize {
        self.exponent_bytes
    }

    /// base to each exponent.
    pub fn power(&self, exponents: &[u8]) -> Result<Vec<u8>> {
        let count = element_count(exponents, self.exponent_bytes)?;
        if let Some(products) = &self.modulus.products {
            return self.power_eights(&**products, exponents, count);
        }
        let length = self.modulus.limbs();
        self.modulus.map(count, |w, i| {
            let exponent = &exponents[i * self.exponent_bytes..(i + 1) * self.exponent_bytes];
            w.value.copy_from_slice(&self.modulus.one);
            for (position, &digit) in self.table.chunks_exact(DIGITS * length).zip(exponent) {
                let digit = usize::from(digit);
                if digit != 0 {
                    let entry = &position[digit * length..(digit + 1) * length];
                    self.modulus.multiply_into(&mut w.value, entry, &mut w.scratch);
                }
            }
            Ok(())
        })
    }

    fn power_eights(&self, products: &dyn Products, exponents: &[u8], count: usize) -> Result<Vec<u8>> {
        let length = products.limbs();
        self.modulus.map_eights(products, count, |w, first| {
            w.spread(&self.modulus.one);
            w.value.copy_from_slice(&w.other);
            for (position, entries) in self.table.chunks_exact(DIGITS * length).enumerate() {
                for lane in 0..LANES {
                    let exponent = (first + lane).min(count - 1) * self.exponent_bytes;
                    let digit = usize::from(exponents[exponent + position]);
                    for (line, &limb) in w.other.iter_mut().zip(&entries[digit * length..(digit + 1) * length]) {
                        line[lane] = limb;
                    }
                }
                w.multiply();
            }
            Ok(())
        })
    }
}
