//! The element-wise operations of `Modulus`, on all cores. Elements are `bytes()` wide and below n.

use super::limbs;
use super::montgomery::{Modulus, Scratch};
use crate::error::{KernelError, Result, element_count, first_error, require};
use rayon::prelude::*;

/// Elements per task.
const CHUNK_MAX: usize = 64;

/// What a worker needs to compute one element after the other.
pub(super) struct Workspace {
    pub scratch: Scratch,
    pub value: Vec<u64>,
    pub other: Vec<u64>,
}

impl Modulus {
    /// Plain integers below n to residues.
    pub fn enter(&self, values: &[u8]) -> Result<Vec<u8>> {
        self.multiply_all(values, &self.r2)
    }

    /// Residues to plain integers.
    pub fn leave(&self, values: &[u8]) -> Result<Vec<u8>> {
        self.multiply_all(values, &self.plain_one())
    }

    /// Each value times one factor.
    fn multiply_all(&self, values: &[u8], factor: &[u64]) -> Result<Vec<u8>> {
        let count = self.count(values)?;
        if let Some(products) = self.lanes(count) {
            return self.map_eights(products, count, |w, first| {
                w.load(values, first)?;
                w.spread(factor);
                w.multiply();
                Ok(())
            });
        }
        self.map(count, |w, i| {
            self.load(&mut w.value, values, i)?;
            self.multiply_into(&mut w.value, factor, &mut w.scratch);
            Ok(())
        })
    }

    pub fn multiply_each(&self, a: &[u8], b: &[u8]) -> Result<Vec<u8>> {
        require(a.len() == b.len(), "both factors have the same length")?;
        let count = self.count(a)?;
        if let Some(products) = self.lanes(count) {
            return self.map_eights(products, count, |w, first| {
                w.load(a, first)?;
                std::mem::swap(&mut w.value, &mut w.other);
                w.load(b, first)?;
                w.multiply();
                Ok(())
            });
        }
        self.map(count, |w, i| {
            self.load(&mut w.value, a, i)?;
            self.load(&mut w.other, b, i)?;
            self.multiply_into(&mut w.value, &w.other, &mut w.scratch);
            Ok(())
        })
    }

    /// values[i]·slope + addend[i]: values plain and at most R wide, the rest residues, one addend for all or one each.
    pub fn multiply_add(&self, values: &[u8], value_bytes: usize, slope: &[u8], addends: &[u8]) -> Result<Vec<u8>> {
        let count = element_count(values, value_bytes)?;
        require(value_bytes <= 8 * self.limbs(), "a value is wider than R")?;
        let added = self.count(addends)?;
        require(added == 1 || added == count, "one addend for all or one each")?;
        let mut slope = self.load_one(slope)?;
        self.multiply_into(&mut slope, &self.r2, &mut self.scratch()); // undoes the division by R below
        self.map(count, |w, i| {
            limbs::from_bytes(&mut w.value, &values[i * value_bytes..(i + 1) * value_bytes]);
            self.multiply_into(&mut w.value, &slope, &mut w.scratch);
            self.load(&mut w.other, addends, if added == 1 { 0 } else { i })?;
            self.add_into(&mut w.value, &w.other, &mut w.scratch);
            Ok(())
        })
    }

    /// Each base to one exponent; constant time in the exponent's value: four squarings and one product for each half
    /// byte, the factor picked by reading the whole table.
    pub fn power(&self, bases: &[u8], exponent: &[u8]) -> Result<Vec<u8>> {
        require(!exponent.is_empty(), "an exponent has at least one byte")?;
        let count = self.count(bases)?;
        if let Some(products) = self.lanes(count) {
            return self.map_eights(products, count, |w, first| {
                w.load(bases, first)?;
                w.power(exponent);
                Ok(())
            });
        }
        self.map(count, |w, i| {
            self.load(&mut w.value, bases, i)?;
            self.power_into(w, exponent);
            Ok(())
        })
    }

    /// Groups of consecutive values to product of value[j]^(2^(bits·j)), by Horner's rule.
    pub fn pack_shift(&self, values: &[u8], group_size: usize, bits: usize) -> Result<Vec<u8>> {
        require(group_size > 0, "a group has at least one value")?;
        require(bits > 0, "a shift has at least one bit")?;
        let count = self.count(values)?;
        let groups = count.div_ceil(group_size);
        if let Some(products) = self.lanes(groups) {
            return self.pack_shift_eights(products, values, group_size, bits);
        }
        self.map(groups, |w, group| {
            let first = group * group_size;
            let last = (first + group_size).min(count) - 1;
            self.load(&mut w.value, values, last)?;
            for i in (first..last).rev() {
                for _ in 0..bits {
                    self.square_into(&mut w.value, &mut w.scratch);
                }
                self.load(&mut w.other, values, i)?;
                self.multiply_into(&mut w.value, &w.other, &mut w.scratch);
            }
            Ok(())
        })
    }

    /// value = value^exponent.
    pub(super) fn power_into(&self, w: &mut Workspace, exponent: &[u8]) {
        let length = self.limbs();
        let mut table = vec![0u64; 16 * length];
        table[..length].copy_from_slice(&self.one);
        for digit in 1..16 {
            let (done, next) = table.split_at_mut(digit * length);
            self.multiply(&mut next[..length], &done[(digit - 1) * length..], &w.value, &mut w.scratch);
        }
        w.value.copy_from_slice(&self.one);
        for nibble in exponent.iter().rev().flat_map(|byte| [byte >> 4, byte & 15]) {
            for _ in 0..4 {
                self.square_into(&mut w.value, &mut w.scratch);
            }
            for (digit, entry) in table.chunks_exact(length).enumerate() {
                limbs::select(&mut w.other, entry, equal_mask(digit as u64, u64::from(nibble)));
            }
            self.multiply_into(&mut w.value, &w.other, &mut w.scratch);
        }
    }

    pub(super) fn workspace(&self) -> Workspace {
        let zero = vec![0; self.limbs()];
        Workspace { scratch: self.scratch(), value: zero.clone(), other: zero }
    }

    /// `count` residues, computed chunk by chunk into the workspace's value.
    pub(super) fn map(
        &self,
        count: usize,
        compute: impl Fn(&mut Workspace, usize) -> Result<()> + Sync,
    ) -> Result<Vec<u8>> {
        self.map_to(count, self.bytes, compute)
    }

    /// The same with elements of another width.
    pub(super) fn map_to(
        &self,
        count: usize,
        width: usize,
        compute: impl Fn(&mut Workspace, usize) -> Result<()> + Sync,
    ) -> Result<Vec<u8>> {
        let mut out = vec![0u8; count * width];
        // Small batches of dear operations (decryption, packing) are to use every core too.
        let size = count.div_ceil(2 * rayon::current_num_threads()).clamp(1, CHUNK_MAX);
        let results = out
            .par_chunks_mut(size * width)
            .enumerate()
            .map(|(chunk, part)| {
                let mut workspace = self.workspace();
                for (i, element) in part.chunks_exact_mut(width).enumerate() {
                    compute(&mut workspace, chunk * size + i)?;
                    limbs::to_bytes(element, &workspace.value);
                }
                Ok(())
            })
            .collect();
        first_error(results)?;
        Ok(out)
    }

    pub(super) fn count(&self, values: &[u8]) -> Result<usize> {
        element_count(values, self.bytes)
    }

    pub(super) fn load(&self, out: &mut [u64], values: &[u8], index: usize) -> Result<()> {
        limbs::from_bytes(out, &values[index * self.bytes..(index + 1) * self.bytes]);
        if limbs::is_less(out, &self.n) {
            Ok(())
        } else {
            Err(KernelError::Range("a residue must be below the modulus"))
        }
    }

    pub(super) fn load_one(&self, value: &[u8]) -> Result<Vec<u64>> {
        require(value.len() == self.bytes, "expected one residue")?;
        let mut out = vec![0; self.limbs()];
        self.load(&mut out, value, 0)?;
        Ok(out)
    }

    pub(super) fn plain_one(&self) -> Vec<u64> {
        let mut one = vec![0; self.limbs()];
        one[0] = 1;
        one
    }
}

/// All ones if a = b, else zero, without a branch; for values below 2^63.
fn equal_mask(a: u64, b: u64) -> u64 {
    0u64.wrapping_sub((a ^ b).wrapping_sub(1) >> 63)
}
