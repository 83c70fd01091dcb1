//! Products of residues by node, feature and bin: the sums of encrypted gradients. Parallel over features, and over
//! row ranges where there are few features; each task holds one feature's cells only.

use super::limbs;
use super::montgomery::Modulus;
use crate::error::{Result, first_error, require};
use rayon::prelude::*;

const CELLS_MAX: usize = 1 << 24;

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

/// One feature's cells: [node][bin] residues. The first value of a cell is copied, saving a product.
struct Cells {
    residues: Vec<u64>,
    filled: Vec<bool>,
}

impl Modulus {
    /// [node][feature][bin] residues; 1 where a cell has no row.
    pub fn histogram(&self, values: &[u8], layout: HistogramLayout) -> Result<Vec<u8>> {
        let rows = self.count(values)?;
        layout.check(rows)?;
        let ranges = (2 * rayon::current_num_threads()).div_ceil(layout.feature_count);
        let range = rows.div_ceil(ranges).max(1);
        let features: Vec<Cells> = (0..layout.feature_count)
            .into_par_iter()
            .map(|feature| {
                (0..rows.div_ceil(range))
                    .into_par_iter()
                    .map(|i| self.accumulate(values, &layout, feature, i * range..((i + 1) * range).min(rows)))
                    .reduce(|| Ok(self.empty_cells(&layout)), |a, b| Ok(self.merge(a?, &b?)))
            })
            .collect::<Result<_>>()?;
        self.write_cells(&features, &layout)
    }

    fn empty_cells(&self, layout: &HistogramLayout) -> Cells {
        let count = layout.node_count * layout.bin_count;
        Cells { residues: vec![0; count * self.limbs()], filled: vec![false; count] }
    }

    fn accumulate(
        &self,
        values: &[u8],
        layout: &HistogramLayout,
        feature: usize,
        rows: std::ops::Range<usize>,
    ) -> Result<Cells> {
        let mut cells = self.empty_cells(layout);
        let mut w = self.workspace();
        let bins = &layout.bins[feature * layout.nodes.len()..(feature + 1) * layout.nodes.len()];
        for row in rows {
            let Ok(node) = usize::try_from(layout.nodes[row]) else { continue };
            self.load(&mut w.value, values, row)?;
            let cell = node * layout.bin_count + usize::from(bins[row]);
            self.multiply_cell(&mut cells, cell, &w.value, &mut w.scratch);
        }
        Ok(cells)
    }

    fn multiply_cell(&self, cells: &mut Cells, cell: usize, value: &[u64], scratch: &mut super::montgomery::Scratch) {
        let residue = &mut cells.residues[cell * self.limbs()..(cell + 1) * self.limbs()];
        if cells.filled[cell] {
            self.multiply_into(residue, value, scratch);
        } else {
            residue.copy_from_slice(value);
            cells.filled[cell] = true;
        }
    }

    fn merge(&self, mut a: Cells, b: &Cells) -> Cells {
        let mut scratch = self.scratch();
        for (cell, value) in b.residues.chunks_exact(self.limbs()).enumerate() {
            if b.filled[cell] {
                self.multiply_cell(&mut a, cell, value, &mut scratch);
            }
        }
        a
    }

    fn write_cells(&self, features: &[Cells], layout: &HistogramLayout) -> Result<Vec<u8>> {
        let block = layout.bin_count * self.bytes;
        let mut out = vec![0u8; layout.node_count * layout.feature_count * block];
        let results = out
            .par_chunks_mut(block)
            .enumerate()
            .map(|(i, part)| {
                let (node, feature) = (i / layout.feature_count, i % layout.feature_count);
                for (bin, element) in part.chunks_exact_mut(self.bytes).enumerate() {
                    let cell = node * layout.bin_count + bin;
                    let residue = &features[feature].residues[cell * self.limbs()..(cell + 1) * self.limbs()];
                    let filled = features[feature].filled[cell];
                    limbs::to_bytes(element, if filled { residue } else { &self.one });
                }
                Ok(())
            })
            .collect();
        first_error(results)?;
        Ok(out)
    }
}
