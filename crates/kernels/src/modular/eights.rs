//! The operations of `Modulus` that are worth eight lanes, where the machine has them: the same results as one after the
//! other, to the bit.

use super::eight::{LANES, Line, Products, limb_at, put, take};
use super::limbs;
use super::montgomery::Modulus;
use crate::error::{Result, first_error};
use rayon::prelude::*;

/// Groups of eight per task.
const CHUNK_MAX: usize = 8;
/// Fewer are done one by one: eight cost as much as two.
const COUNT_MIN: usize = 3;

/// What a worker needs to compute eight elements after the other.
pub(super) struct Eights<'a> {
    pub modulus: &'a Modulus,
    pub products: &'a dyn Products,
    pub scratch: Vec<Line>,
    pub value: Vec<Line>,
    pub other: Vec<Line>,
    /// One number in limbs of 64 bits.
    pub number: Vec<u64>,
}

impl Eights<'_> {
    /// Elements from `first` on to the lanes of `value`; the last one fills up.
    pub fn load(&mut self, values: &[u8], first: usize) -> Result<()> {
        let count = values.len() / self.modulus.bytes;
        for lane in 0..LANES {
            self.modulus.load(&mut self.number, values, (first + lane).min(count - 1))?;
            put(&mut self.value, lane, &self.number);
        }
        Ok(())
    }

    /// value = value·other/R
    pub fn multiply(&mut self) {
        self.products.multiply(&mut self.value, &self.other, &mut self.scratch);
    }

    /// The same number in all lanes of `other`.
    pub fn spread(&mut self, number: &[u64]) {
        for (i, line) in self.other.iter_mut().enumerate() {
            *line = [limb_at(number, i); LANES];
        }
    }

    /// `number` in all lanes of `other`.
    pub fn spread_number(&mut self) {
        for (i, line) in self.other.iter_mut().enumerate() {
            *line = [limb_at(&self.number, i); LANES];
        }
    }

    pub fn square(&mut self) {
        self.other.copy_from_slice(&self.value);
        self.multiply();
    }

    /// value = value^exponent; see `Modulus::power`.
    pub fn power(&mut self, exponent: &[u8]) {
        let length = self.value.len();
        let mut table = vec![[0; LANES]; 16 * length];
        let base = self.value.clone();
        self.spread(&self.modulus.one);
        self.value.copy_from_slice(&self.other);
        for (digit, entry) in table.chunks_exact_mut(length).enumerate() {
            if digit > 0 {
                self.products.multiply(&mut self.value, &base, &mut self.scratch);
            }
            entry.copy_from_slice(&self.value);
        }
        self.value.copy_from_slice(&table[..length]);
        for nibble in exponent.iter().rev().flat_map(|byte| [byte >> 4, byte & 15]) {
            for _ in 0..4 {
                self.square();
            }
            self.products.pick(&mut self.other, &table, usize::from(nibble));
            self.multiply();
        }
    }
}

impl Modulus {
    /// Groups in lanes; to a group that ends early the number 1 is added at its end.
    pub(super) fn pack_shift_eights(
        &self,
        products: &dyn Products,
        values: &[u8],
        group_size: usize,
        bits: usize,
    ) -> Result<Vec<u8>> {
        let count = self.count(values)?;
        self.map_eights(products, count.div_ceil(group_size), |w, first| {
            w.spread(&self.one);
            w.value.copy_from_slice(&w.other);
            for i in (0..group_size).rev() {
                for _ in 0..bits {
                    w.square();
                }
                for lane in 0..LANES {
                    match (first + lane) * group_size + i {
                        at if at < count => self.load(&mut w.number, values, at)?,
                        _ => w.number.copy_from_slice(&self.one),
                    }
                    put(&mut w.other, lane, &w.number);
                }
                w.multiply();
            }
            Ok(())
        })
    }

    /// The lanes, where they are and so many elements are worth them.
    pub(super) fn lanes(&self, count: usize) -> Option<&dyn Products> {
        self.products.as_deref().filter(|_| count >= COUNT_MIN)
    }

    pub(super) fn eights<'a>(&'a self, products: &'a dyn Products) -> Eights<'a> {
        let zero = vec![[0; LANES]; products.limbs()];
        let number = vec![0; self.limbs()];
        Eights { modulus: self, products, scratch: products.scratch(), value: zero.clone(), other: zero, number }
    }

    /// `count` residues, eight at a time into the lanes of the workspace's value; `compute` is told of the first of them.
    pub(super) fn map_eights(
        &self,
        products: &dyn Products,
        count: usize,
        compute: impl Fn(&mut Eights, usize) -> Result<()> + Sync,
    ) -> Result<Vec<u8>> {
        self.map_eights_to(products, count, self.bytes, compute, |_, _| Ok(()))
    }

    /// The same with elements of another width, that `finish` makes of each number; it is told which one.
    pub(super) fn map_eights_to(
        &self,
        products: &dyn Products,
        count: usize,
        width: usize,
        compute: impl Fn(&mut Eights, usize) -> Result<()> + Sync,
        finish: impl Fn(&mut [u64], usize) -> Result<()> + Sync,
    ) -> Result<Vec<u8>> {
        let mut out = vec![0u8; count * width];
        let groups = count.div_ceil(LANES);
        let size = LANES * groups.div_ceil(2 * rayon::current_num_threads()).clamp(1, CHUNK_MAX);
        let results = out
            .par_chunks_mut(size * width)
            .enumerate()
            .map(|(chunk, part)| {
                let mut workspace = self.eights(products);
                for (group, elements) in part.chunks_mut(LANES * width).enumerate() {
                    let first = chunk * size + group * LANES;
                    compute(&mut workspace, first)?;
                    for (lane, element) in elements.chunks_exact_mut(width).enumerate() {
                        take(&mut workspace.number, workspace.value.iter().map(|line| line[lane]));
                        finish(&mut workspace.number, first + lane)?;
                        limbs::to_bytes(element, &workspace.number);
                    }
                }
                Ok(())
            })
            .collect();
        first_error(results)?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modular::{FixedBase, HistogramLayout, PrimeSquareLog};
    use std::sync::Arc;

    /// Bytes without a pattern that arithmetic would see.
    fn noise(length: usize, seed: u64) -> Vec<u8> {
        let mut state = seed | 1;
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    /// Both arithmetics on a modulus of so many bits; 3328 are whole limbs of 64 and of 52, 6144 the most there are.
    fn pair(bits: usize, ones: bool) -> (Modulus, Modulus) {
        let mut n = if ones { vec![255; bits.div_ceil(8)] } else { noise(bits.div_ceil(8), bits as u64) };
        n[0] |= 1;
        *n.last_mut().unwrap() = if bits.is_multiple_of(8) { n.last().unwrap() | 128 } else { 1 << (bits % 8 - 1) };
        (Modulus::emulated(&n).unwrap(), Modulus::portable(&n).unwrap())
    }

    /// Residues, among them 0, 1 and n - 1.
    fn residues(modulus: &Modulus, count: usize, seed: u64) -> Vec<u8> {
        let mut out = noise(count * modulus.bytes, seed);
        for element in out.chunks_exact_mut(modulus.bytes) {
            *element.last_mut().unwrap() = 0;
        }
        let mut last = vec![0; modulus.bytes];
        limbs::to_bytes(&mut last, &modulus.n);
        last[0] -= 1;
        out[..modulus.bytes].copy_from_slice(&last);
        out[modulus.bytes..2 * modulus.bytes].fill(0);
        out[modulus.bytes] = 1;
        out[2 * modulus.bytes..3 * modulus.bytes].fill(0);
        out
    }

    #[test]
    fn products_are_the_same_to_the_bit() {
        for (bits, ones) in
            [(64, true), (257, false), (1024, true), (2048, false), (2048, true), (3328, true), (6144, true)]
        {
            let (eight, one) = pair(bits, ones);
            for count in [3, 8, 21] {
                let (a, b) = (residues(&one, count, 5), residues(&one, count, 9));
                assert!(eight.multiply_each(&a, &a).unwrap() == one.multiply_each(&a, &a).unwrap(), "{bits} squared");
                assert!(eight.multiply_each(&a, &b).unwrap() == one.multiply_each(&a, &b).unwrap(), "{bits}");
                assert!(eight.enter(&a).unwrap() == one.enter(&a).unwrap(), "{bits} entered");
                assert!(eight.leave(&a).unwrap() == one.leave(&a).unwrap(), "{bits} left");
            }
        }
    }

    #[test]
    fn powers_packs_and_tables_are_the_same() {
        for bits in [1024, 1090, 2048] {
            let (eight, one) = pair(bits, false);
            let values = residues(&one, 11, 3);
            let exponent = noise(5, 77);
            assert!(eight.power(&values, &exponent).unwrap() == one.power(&values, &exponent).unwrap());
            for group in [1, 3, 4] {
                let packed = eight.pack_shift(&values, group, 7).unwrap();
                assert!(packed == one.pack_shift(&values, group, 7).unwrap(), "groups of {group}");
            }
            let base = residues(&one, 4, 8)[3 * one.bytes..].to_vec();
            let mut exponents = noise(33, 4);
            exponents[..3].fill(0);
            let tables = [eight, one].map(|modulus| FixedBase::new(Arc::new(modulus), &base, 3).unwrap());
            assert!(tables[0].power(&exponents).unwrap() == tables[1].power(&exponents).unwrap());
        }
    }

    #[test]
    fn histograms_are_the_same_for_pairs_and_single_features() {
        let (eight, one) = pair(1024, false);
        let (rows, feature_count) = (61, 19);
        let values = residues(&one, rows, 6);
        for (bin_count, node_count) in [(3, 2), (90, 1)] {
            let bins: Vec<u16> =
                noise(rows * feature_count, 12).iter().map(|&byte| u16::from(byte) % bin_count).collect();
            let nodes: Vec<i32> = noise(rows, 13).iter().map(|&byte| i32::from(byte) % (node_count + 1) - 1).collect();
            let layout = HistogramLayout {
                bins: &bins,
                nodes: &nodes,
                node_count: node_count as usize,
                feature_count,
                bin_count: usize::from(bin_count),
            };
            let sums = one.histogram(&values, layout).unwrap();
            assert!(eight.histogram(&values, layout).unwrap() == sums, "{bin_count} bins");
        }
    }

    #[test]
    fn values_above_the_modulus_are_refused() {
        let (eight, _) = pair(1024, false);
        assert!(eight.multiply_each(&vec![255; 4 * 128], &vec![0; 4 * 128]).is_err());
    }

    #[test]
    fn logarithms_are_the_same_and_missing_ones_are_named() {
        // p = 2^89 - 1; 1 + p·k has the logarithm k·scale.
        let prime = (1u128 << 89) - 1;
        let bytes = |value: u128| value.to_le_bytes().to_vec();
        let on = |modulus: fn(&[u8]) -> Result<Modulus>| {
            PrimeSquareLog::on(modulus, &bytes(prime)[..12], &[1], &[1], &[3], 16).unwrap()
        };
        let (eight, one) = (on(Modulus::emulated), on(Modulus::portable));
        let values: Vec<u8> = (0..10u128).flat_map(|k| bytes(1 + prime * k * 1_000_003)).collect();
        let logs = eight.logarithms(&values).unwrap();
        assert!(logs == one.logarithms(&values).unwrap());
        for (k, log) in logs.chunks_exact(12).enumerate() {
            assert_eq!(u64::from_le_bytes(log[..8].try_into().unwrap()), 3 * k as u64 * 1_000_003);
            assert_eq!(log[8..], [0; 4]);
        }
        let mut wrong = values;
        wrong[9 * 16] ^= 1;
        assert_eq!(format!("{:?}", eight.logarithms(&wrong)), format!("{:?}", one.logarithms(&wrong)));
        assert!(eight.logarithms(&wrong).is_err());
    }
}
