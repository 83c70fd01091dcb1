//! Products of residues by node, feature and bin: the sums of encrypted gradients.
//!
//! Two features at a time: one product per row into the joint cells (bin of one, bin of the other), then each
//! feature's cells are products of joint ones. With n rows in F joint cells that is less than n + F products instead of
//! 2n, and F is at most n and at most bins^2, so it never costs more and halves the work for many rows.
//!
//! Parallel over pairs, and over row ranges where there are few; each task holds the cells of one pair only.

use super::limbs;
use super::montgomery::{Modulus, Scratch};
use crate::error::{Result, require};
use rayon::prelude::*;
use std::ops::Range;

const CELLS_MAX: usize = 1 << 24;
/// Joint cells of a pair: as much as stays near the core.
const JOINT_CELLS_MAX: usize = 1 << 15;

#[derive(Clone, Copy)]
pub struct HistogramLayout<'a> {
    /// Bin of each row for each feature: [feature][row].
    pub bins: &'a [u16],
    /// Node of each row; -1 leaves the row out.
    pub nodes: &'a [i32],
    pub node_count: usize,
    pub feature_count: usize,
    pub bin_count: usize,
}

impl HistogramLayout<'_> {
    /// Two features at a time, unless their joint cells would outnumber the rows or the cache.
    fn group_size(&self, rows: usize) -> usize {
        let joint = self.node_count.saturating_mul(self.bin_count).saturating_mul(self.bin_count);
        if joint <= JOINT_CELLS_MAX.min(2 * rows) { 2 } else { 1 }
    }

    fn bin(&self, feature: usize, row: usize) -> usize {
        usize::from(self.bins[feature * self.nodes.len() + row])
    }

    fn check(&self, rows: usize) -> Result<()> {
        let sizes = [self.node_count, self.feature_count, self.bin_count];
        require(sizes.iter().all(|&size| size > 0), "histogram sizes must be positive integers")?;
        let cells = sizes.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
        require(cells.is_some_and(|cells| cells <= CELLS_MAX), "a histogram has at most 16777216 cells")?;
        require(self.nodes.len() == rows, "one node per row")?;
        require(self.bins.len() == rows * self.feature_count, "one bin per feature and row")?;
        let nodes = -1..self.node_count as i32;
        require(self.nodes.iter().all(|node| nodes.contains(node)), "node out of range")?;
        require(self.bins.par_iter().all(|&bin| usize::from(bin) < self.bin_count), "bin out of range")
    }
}

/// Residues by [node][bin], or [node][bin][bin] for a pair. The first value of a cell is copied, saving a product.
struct Cells {
    residues: Vec<u64>,
    filled: Vec<bool>,
}

impl Modulus {
    /// [node][feature][bin] residues; 1 where a cell has no row.
    pub fn histogram(&self, values: &[u8], layout: HistogramLayout) -> Result<Vec<u8>> {
        let rows = self.count(values)?;
        layout.check(rows)?;
        let group = layout.group_size(rows);
        let groups = layout.feature_count.div_ceil(group);
        let range = rows.div_ceil((2 * rayon::current_num_threads()).div_ceil(groups)).max(1);
        let cells = (0..groups)
            .into_par_iter()
            .map(|i| {
                let features = i * group..((i + 1) * group).min(layout.feature_count);
                (0..rows.div_ceil(range))
                    .into_par_iter()
                    .map(|j| self.accumulate(values, &layout, features.clone(), j * range..((j + 1) * range).min(rows)))
                    .reduce(|| Ok(Vec::new()), |a, b| Ok(self.merge(a?, b?)))
            })
            .collect::<Result<Vec<Vec<Cells>>>>()?;
        let empty = self.empty_cells(layout.node_count * layout.bin_count);
        let features: Vec<&Cells> =
            if rows == 0 { vec![&empty; layout.feature_count] } else { cells.iter().flatten().collect() };
        Ok(self.write_cells(&features, &layout))
    }

    fn empty_cells(&self, count: usize) -> Cells {
        Cells { residues: vec![0; count * self.limbs()], filled: vec![false; count] }
    }

    /// The cells of one feature or two over some rows.
    fn accumulate(
        &self,
        values: &[u8],
        layout: &HistogramLayout,
        features: Range<usize>,
        rows: Range<usize>,
    ) -> Result<Vec<Cells>> {
        let pair = features.len() == 2;
        let stride = if pair { layout.bin_count * layout.bin_count } else { layout.bin_count };
        let mut cells = self.empty_cells(layout.node_count * stride);
        let mut w = self.workspace();
        for row in rows {
            let Ok(node) = usize::try_from(layout.nodes[row]) else { continue };
            let bin = features.clone().fold(0, |bin, feature| bin * layout.bin_count + layout.bin(feature, row));
            self.load(&mut w.value, values, row)?;
            self.multiply_cell(&mut cells, node * stride + bin, &w.value, &mut w.scratch);
        }
        Ok(if pair { vec![self.marginal(&cells, layout, 0), self.marginal(&cells, layout, 1)] } else { vec![cells] })
    }

    /// One feature's cells out of a pair's.
    fn marginal(&self, joint: &Cells, layout: &HistogramLayout, axis: usize) -> Cells {
        let bins = layout.bin_count;
        let mut cells = self.empty_cells(layout.node_count * bins);
        let mut scratch = self.scratch();
        for (i, value) in joint.residues.chunks_exact(self.limbs()).enumerate() {
            if joint.filled[i] {
                let bin = if axis == 0 { i / bins % bins } else { i % bins };
                self.multiply_cell(&mut cells, i / (bins * bins) * bins + bin, value, &mut scratch);
            }
        }
        cells
    }

    fn multiply_cell(&self, cells: &mut Cells, cell: usize, value: &[u64], scratch: &mut Scratch) {
        let residue = &mut cells.residues[cell * self.limbs()..(cell + 1) * self.limbs()];
        if cells.filled[cell] {
            self.multiply_into(residue, value, scratch);
        } else {
            residue.copy_from_slice(value);
            cells.filled[cell] = true;
        }
    }

    fn merge(&self, mut a: Vec<Cells>, b: Vec<Cells>) -> Vec<Cells> {
        if a.is_empty() {
            return b;
        }
        let mut scratch = self.scratch();
        for (a, b) in a.iter_mut().zip(&b) {
            for (cell, value) in b.residues.chunks_exact(self.limbs()).enumerate() {
                if b.filled[cell] {
                    self.multiply_cell(a, cell, value, &mut scratch);
                }
            }
        }
        a
    }

    fn write_cells(&self, features: &[&Cells], layout: &HistogramLayout) -> Vec<u8> {
        let block = layout.bin_count * self.bytes;
        let mut out = vec![0u8; layout.node_count * layout.feature_count * block];
        out.par_chunks_mut(block).enumerate().for_each(|(i, part)| {
            let (node, cells) = (i / layout.feature_count, features[i % layout.feature_count]);
            for (bin, element) in part.chunks_exact_mut(self.bytes).enumerate() {
                let cell = node * layout.bin_count + bin;
                let residue = &cells.residues[cell * self.limbs()..(cell + 1) * self.limbs()];
                limbs::to_bytes(element, if cells.filled[cell] { residue } else { &self.one });
            }
        });
        out
    }
}
