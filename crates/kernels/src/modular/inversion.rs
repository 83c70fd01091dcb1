//! Inverses of many residues with one inversion (Montgomery's trick): chunks in parallel, then over the chunks'
//! products. A product is invertible exactly if all its factors are, which is also how ciphertexts are validated.
//! Variable time: for public ciphertexts.

use super::limbs;
use super::montgomery::Modulus;
use crate::error::{KernelError, Result, first_error};
use crypto_bigint::{BoxedUint, Odd};
use rayon::prelude::*;

const CHUNK: usize = 256;

impl Modulus {
    pub fn invert(&self, values: &[u8]) -> Result<Vec<u8>> {
        self.count(values)?;
        let products = self.chunk_products(values)?;
        let inverses = self.invert_list(&products).ok_or_else(|| self.locate(values, &products))?;
        let mut out = vec![0u8; values.len()];
        let results = out
            .par_chunks_mut(CHUNK * self.bytes)
            .zip(values.par_chunks(CHUNK * self.bytes))
            .zip(inverses)
            .map(|((out, chunk), inverse)| self.invert_chunk(out, chunk, inverse))
            .collect();
        first_error(results)?;
        Ok(out)
    }

    /// Each value in 1..n-1 and coprime to n.
    pub fn validate(&self, values: &[u8]) -> Result<()> {
        let count = self.count(values)?;
        let mut limbs = vec![0; self.limbs()];
        let in_range = (0..count).position(|i| self.load(&mut limbs, values, i).is_err());
        // Those before the first one out of range may still be the first without an inverse.
        let valid = &values[..in_range.unwrap_or(count) * self.bytes];
        let products = self.chunk_products(valid)?;
        if self.invert_list(&products).is_none() {
            return Err(self.locate(valid, &products));
        }
        in_range.map_or(Ok(()), |index| Err(KernelError::Residue(index)))
    }

    fn chunk_products(&self, values: &[u8]) -> Result<Vec<Vec<u64>>> {
        values
            .par_chunks(CHUNK * self.bytes)
            .map(|chunk| {
                let mut w = self.workspace();
                w.value.copy_from_slice(&self.one);
                for i in 0..chunk.len() / self.bytes {
                    self.load(&mut w.other, chunk, i)?;
                    self.multiply_into(&mut w.value, &w.other, &mut w.scratch);
                }
                Ok(w.value)
            })
            .collect()
    }

    /// Inverts all, or none if one has no inverse.
    fn invert_list(&self, values: &[Vec<u64>]) -> Option<Vec<Vec<u64>>> {
        let mut scratch = self.scratch();
        let mut prefix = self.one.clone();
        let mut prefixes = Vec::with_capacity(values.len());
        for value in values {
            prefixes.push(prefix.clone());
            self.multiply_into(&mut prefix, value, &mut scratch);
        }
        let mut suffix = self.invert_one(&prefix)?;
        for (prefix, value) in prefixes.iter_mut().zip(values).rev() {
            self.multiply_into(prefix, &suffix, &mut scratch);
            self.multiply_into(&mut suffix, value, &mut scratch);
        }
        Some(prefixes)
    }

    fn invert_chunk(&self, out: &mut [u8], chunk: &[u8], mut suffix: Vec<u64>) -> Result<()> {
        let count = chunk.len() / self.bytes;
        let mut w = self.workspace();
        let mut prefixes = vec![self.one.clone()];
        for i in 0..count - 1 {
            self.load(&mut w.other, chunk, i)?;
            self.multiply(&mut w.value, &prefixes[i], &w.other, &mut w.scratch);
            prefixes.push(w.value.clone());
        }
        for i in (0..count).rev() {
            self.multiply_into(&mut prefixes[i], &suffix, &mut w.scratch);
            limbs::to_bytes(&mut out[i * self.bytes..(i + 1) * self.bytes], &prefixes[i]);
            self.load(&mut w.other, chunk, i)?;
            self.multiply_into(&mut suffix, &w.other, &mut w.scratch);
        }
        Ok(())
    }

    /// The inverse of a residue as a residue.
    fn invert_one(&self, value: &[u64]) -> Option<Vec<u64>> {
        let modulus = Odd::new(BoxedUint::from_words(self.n.iter().copied())).into_option()?;
        let inverse = BoxedUint::from_words(value.iter().copied()).invert_odd_mod_vartime(&modulus).into_option()?; // 1/(x·R)
        let mut scratch = self.scratch();
        let mut out = inverse.as_words().to_vec();
        self.multiply_into(&mut out, &self.r2, &mut scratch); // 1/x
        self.multiply_into(&mut out, &self.r2, &mut scratch); // R/x
        Some(out)
    }

    /// The first value without an inverse, given that there is one: the first bad chunk, then bisection on prefixes.
    fn locate(&self, values: &[u8], products: &[Vec<u64>]) -> KernelError {
        let bad = |value: &[u64]| self.invert_one(value).is_none();
        let chunk = first_true(products.len(), |end| bad(&self.product_of(&products[..end]))) * CHUNK;
        let count = CHUNK.min(values.len() / self.bytes - chunk);
        let elements: Vec<Vec<u64>> = (chunk..chunk + count)
            .map(|i| {
                let mut limbs = vec![0; self.limbs()];
                limbs::from_bytes(&mut limbs, &values[i * self.bytes..(i + 1) * self.bytes]);
                limbs
            })
            .collect();
        KernelError::Residue(chunk + first_true(count, |end| bad(&self.product_of(&elements[..end]))))
    }

    fn product_of(&self, values: &[Vec<u64>]) -> Vec<u64> {
        let mut scratch = self.scratch();
        values.iter().fold(self.one.clone(), |mut product, value| {
            self.multiply_into(&mut product, value, &mut scratch);
            product
        })
    }
}

/// The index of the element that turns `holds` (of a prefix length) true, by bisection; it is true for all `count`.
fn first_true(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count - 1);
    while low < high {
        let middle = low.midpoint(high);
        if holds(middle + 1) { high = middle } else { low = middle + 1 }
    }
    low
}
