//! Products of residues by node, feature and bin: the sums of encrypted gradients.
//!
//! Two features at a time: one product per row into the joint cells (bin of one, bin of the other), then each
//! feature's cells are products of joint ones. With n rows in F joint cells that is less than n + F products instead of
//! 2n, and F is at most n and at most bins^2, so it never costs more and halves the work for many rows.
//!
//! Parallel over pairs, and over row ranges where there are few; each task holds the cells of one pair only.

use super::eight::{LANES, Products, limb_at, take};
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
    /// Two features at a time, unless their joint cells would outnumber the rows or, in so many lanes, the cache.
    fn group_size(&self, rows: usize, lanes: usize) -> usize {
        let joint = self.node_count.saturating_mul(self.bin_count).saturating_mul(self.bin_count);
        if joint <= (JOINT_CELLS_MAX / lanes).min(2 * rows) { 2 } else { 1 }
    }

    /// Cells of one node for a group of features.
    fn stride(&self, group: usize) -> usize {
        if group == 2 { self.bin_count * self.bin_count } else { self.bin_count }
    }

    /// The cell of a row for a group of features; none if the row is left out.
    fn cell(&self, features: Range<usize>, row: usize) -> Option<usize> {
        let node = usize::try_from(self.nodes[row]).ok()?;
        let stride = self.stride(features.len());
        Some(node * stride + features.fold(0, |bin, feature| bin * self.bin_count + self.bin(feature, row)))
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

/// Cut into groups of one feature or two; the last of an odd number is alone.
fn groups_of(features: Range<usize>, size: usize) -> Vec<Range<usize>> {
    features.clone().step_by(size).map(|first| first..(first + size).min(features.end)).collect()
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
        let products = self.lanes(layout.feature_count);
        let lanes = products.map_or(1, |_| LANES);
        let single = layout.group_size(rows, lanes);
        let group = lanes * single;
        let groups = layout.feature_count.div_ceil(group);
        let range = rows.div_ceil((2 * rayon::current_num_threads()).div_ceil(groups)).max(1);
        let cells = (0..groups)
            .into_par_iter()
            .map(|i| {
                let features = i * group..((i + 1) * group).min(layout.feature_count);
                (0..rows.div_ceil(range))
                    .into_par_iter()
                    .map(|j| {
                        let rows = j * range..((j + 1) * range).min(rows);
                        match products {
                            Some(products) => {
                                let features = groups_of(features.clone(), single);
                                self.accumulate_eights(products, values, &layout, &features, rows)
                            }
                            None => self.accumulate(values, &layout, features.clone(), rows),
                        }
                    })
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
        let mut cells = self.empty_cells(layout.node_count * layout.stride(features.len()));
        let mut w = self.workspace();
        for row in rows {
            let Some(cell) = layout.cell(features.clone(), row) else { continue };
            self.load(&mut w.value, values, row)?;
            self.multiply_cell(&mut cells, cell, &w.value, &mut w.scratch);
        }
        Ok(self.by_feature(cells, layout, features.len()))
    }

    /// The same for up to eight groups of features, each in a lane; cells start with the number 1.
    fn accumulate_eights(
        &self,
        products: &dyn Products,
        values: &[u8],
        layout: &HistogramLayout,
        groups: &[Range<usize>],
        rows: Range<usize>,
    ) -> Result<Vec<Cells>> {
        let length = products.limbs();
        let one: Vec<u64> = (0..length).map(|i| limb_at(&self.one, i)).collect();
        let sizes = groups.iter().map(|features| layout.node_count * layout.stride(features.len()));
        let mut lanes: Vec<Vec<u64>> = sizes.map(|size| one.repeat(size)).collect();
        let mut w = self.eights(products);
        for row in rows {
            if layout.nodes[row] < 0 {
                continue;
            }
            self.load(&mut w.number, values, row)?;
            w.spread_number();
            let places: Vec<usize> = groups
                .iter()
                .map(|features| length * layout.cell(features.clone(), row).expect("a row of a node"))
                .collect();
            for (lane, (cells, &at)) in lanes.iter().zip(&places).enumerate() {
                w.value.iter_mut().zip(&cells[at..at + length]).for_each(|(line, &limb)| line[lane] = limb);
            }
            w.multiply();
            for (lane, (cells, &at)) in lanes.iter_mut().zip(&places).enumerate() {
                w.value.iter().zip(&mut cells[at..at + length]).for_each(|(line, limb)| *limb = line[lane]);
            }
        }
        let all = lanes.iter().zip(groups).flat_map(|(lane, features)| {
            let mut cells = self.empty_cells(lane.len() / length);
            for (i, residue) in cells.residues.chunks_exact_mut(self.limbs()).enumerate() {
                let limbs = &lane[i * length..(i + 1) * length];
                cells.filled[i] = limbs != one;
                take(residue, limbs.iter().copied());
            }
            self.by_feature(cells, layout, features.len())
        });
        Ok(all.collect())
    }

    fn by_feature(&self, cells: Cells, layout: &HistogramLayout, features: usize) -> Vec<Cells> {
        if features == 2 { (0..2).map(|axis| self.marginal(&cells, layout, axis)).collect() } else { vec![cells] }
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
