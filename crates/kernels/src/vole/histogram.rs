//! Shares of sums of words by cell (a histogram): of each row a punctured tree of seeds, whose leaves stand for the cells, in an order that
//! `shifts` gives: cell c at leaf c ^ shift. Block p of a leaf s is AES_k(s) ^ s under a key of p and of the group of rows, two words to
//! a block. Whoever has all leaves adds the sum r of all cells' words to a row's values, which corrects the cell at which the other lacks the leaf:
//! its word becomes the correction less all others, that is the value and the word of the first.

use super::Keys;
use super::ggm::{self, Tree};
use crate::blocks::aes::Cipher;
use crate::blocks::{BLOCK, one_block};
use crate::error::{Result, require};
use rayon::prelude::*;

/// Rows whose leaves one key hashes: one guess is tested against these alone.
const GROUP: usize = 64;
const CELLS_MAX: usize = 256;
const PAIRS_MAX: usize = 64;

/// What both sides know of a run.
pub struct Histogram<'a> {
    /// Of the trees.
    pub salt: &'a [u8],
    /// Of the streams: another for each run.
    pub stream: &'a [u8],
    pub depth: usize,
    pub cells: usize,
    /// Of vectors: words of a row are twice as many.
    pub pairs: usize,
    /// One of each row, below 2^depth.
    pub shifts: &'a [u8],
}

impl Histogram<'_> {
    fn check(&self) -> Result<()> {
        let Self { depth, cells, pairs, shifts, .. } = *self;
        require(
            (1..=8).contains(&depth) && cells <= 1 << depth,
            "a tree of at most 8 levels with a leaf for each cell",
        )?;
        require((1..=CELLS_MAX).contains(&cells), "1 to 256 cells")?;
        require((1..=PAIRS_MAX).contains(&pairs), "1 to 64 pairs of vectors")?;
        require(shifts.iter().all(|&shift| (shift as usize) < 1 << depth), "a shift within the tree")
    }

    /// Words of all vectors, of a row and of the sums.
    const fn row_bytes(&self) -> usize {
        self.pairs * BLOCK
    }

    const fn sum_words(&self) -> usize {
        2 * self.pairs * self.cells
    }

    fn ciphers(&self, stream: &Cipher, group: usize) -> Vec<Cipher> {
        let mut keys = vec![0u8; self.pairs * BLOCK];
        stream.counter((group * self.pairs) as u64, &mut keys);
        keys.as_chunks::<BLOCK>().0.iter().map(Cipher::new).collect()
    }

    /// Seeds of a row's cells, in their order.
    fn gather(&self, row: usize, leaves: &[u8], seeds: &mut [u8]) {
        let shift = self.shifts[row] as usize;
        for (cell, seed) in seeds.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
            seed.copy_from_slice(&leaves[(cell ^ shift) * BLOCK..][..BLOCK]);
        }
    }

    /// Sums over all groups of rows; `group` adds those of one, whose rows' parts of `rows` it may change.
    fn summed(
        &self,
        rows: &mut [u8],
        group: impl Fn(usize, &[Cipher], &mut [u8], &mut Scratch) + Sync,
    ) -> Result<Vec<u64>> {
        let stream = Cipher::new(&one_block(self.stream)?);
        let start = || Scratch::new(self);
        let parts = rows.par_chunks_mut(GROUP * self.row_bytes()).enumerate();
        let sums = parts.fold(start, |mut scratch, (i, rows)| {
            group(i * GROUP, &self.ciphers(&stream, i), rows, &mut scratch);
            scratch
        });
        Ok(sums.map(|scratch| scratch.sums).reduce(
            || vec![0; self.sum_words()],
            |mut a, b| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a = a.wrapping_add(b));
                a
            },
        ))
    }
}

/// What one thread works in.
struct Scratch {
    leaves: Vec<u8>,
    seeds: Vec<u8>,
    words: Vec<u8>,
    sums: Vec<u64>,
}

impl Scratch {
    fn new(of: &Histogram) -> Self {
        Self {
            leaves: vec![0; BLOCK << of.depth],
            seeds: vec![0; of.cells * BLOCK],
            words: vec![0; of.cells * BLOCK],
            sums: vec![0; of.sum_words()],
        }
    }
}

type Pair = [u64; 2];

fn pair(block: &[u8; BLOCK]) -> Pair {
    let value = u128::from_le_bytes(*block);
    [value as u64, (value >> 64) as u64]
}

fn bytes([low, high]: Pair) -> [u8; BLOCK] {
    (u128::from(high) << 64 | u128::from(low)).to_le_bytes()
}

fn added(a: Pair, b: Pair) -> Pair {
    [a[0].wrapping_add(b[0]), a[1].wrapping_add(b[1])]
}

fn less(a: Pair, b: Pair) -> Pair {
    [a[0].wrapping_sub(b[0]), a[1].wrapping_sub(b[1])]
}

/// Adds each cell's words to its sums, and returns the sum of all cells' words.
fn add_cells(words: &[u8], sums: &mut [u64]) -> Pair {
    let mut total = [0; 2];
    for (word, sum) in words.as_chunks::<BLOCK>().0.iter().zip(sums.as_chunks_mut::<2>().0) {
        let word = pair(word);
        *sum = added(*sum, word);
        total = added(total, word);
    }
    total
}

/// Of whoever has all leaves: its shares, then each row's corrections. `values`: of each row one word of each vector.
pub fn histogram_shares(of: &Histogram, seeds: &[u8], values: &[u8]) -> Result<Vec<u8>> {
    of.check()?;
    let rows = ggm::check(seeds, of.depth)?;
    require(of.shifts.len() == rows && values.len() == rows * of.row_bytes(), "a shift and all values of each row")?;
    let keys = Keys::new(&one_block(of.salt)?);
    let mut corrections = values.to_vec();
    let sums = of.summed(&mut corrections, |first, ciphers, rows, scratch| {
        let mut ignored = [0u8; 2 * BLOCK * 8];
        for (i, row) in rows.chunks_exact_mut(of.row_bytes()).enumerate() {
            let seed = &seeds[(first + i) * BLOCK..][..BLOCK];
            Tree::new(&keys, first + i).expand(seed, &mut scratch.leaves, &mut ignored[..2 * BLOCK * of.depth]);
            of.gather(first + i, &scratch.leaves, &mut scratch.seeds);
            let parts = row.as_chunks_mut::<BLOCK>().0.iter_mut().zip(scratch.sums.chunks_exact_mut(2 * of.cells));
            for (cipher, (value, sums)) in ciphers.iter().zip(parts) {
                cipher.hash(&scratch.seeds, &mut scratch.words);
                let total = add_cells(&scratch.words, sums);
                *value = bytes(added(pair(value), total));
            }
        }
    })?;
    let mut out: Vec<u8> = sums.iter().flat_map(|sum| sum.wrapping_neg().to_le_bytes()).collect();
    out.extend(corrections);
    Ok(out)
}

/// Of whoever lacks the leaf at each row's position: its shares.
pub fn histogram_shares_punctured(
    of: &Histogram,
    others: &[u8],
    positions: &[u32],
    corrections: &[u8],
) -> Result<Vec<u8>> {
    of.check()?;
    ggm::check_positions(others, positions, of.depth)?;
    let rows = positions.len();
    let whole = of.shifts.len() == rows && corrections.len() == rows * of.row_bytes();
    require(whole, "a shift and all corrections of each row")?;
    let cell = |row: usize| positions[row] as usize ^ of.shifts[row] as usize;
    require((0..rows).all(|row| cell(row) < of.cells), "a row's cell among the cells")?;
    let keys = Keys::new(&one_block(of.salt)?);
    let mut rows = corrections.to_vec();
    let sums = of.summed(&mut rows, |first, ciphers, rows, scratch| {
        for (i, row) in rows.chunks_exact(of.row_bytes()).enumerate() {
            let at = first + i;
            let others = &others[at * of.depth * BLOCK..][..of.depth * BLOCK];
            Tree::new(&keys, at).puncture(others, positions[at] as usize, &mut scratch.leaves);
            of.gather(at, &scratch.leaves, &mut scratch.seeds);
            let own = cell(at);
            let parts = row.as_chunks::<BLOCK>().0.iter().zip(scratch.sums.chunks_exact_mut(2 * of.cells));
            for (cipher, (correction, sums)) in ciphers.iter().zip(parts) {
                cipher.hash(&scratch.seeds, &mut scratch.words);
                scratch.words[own * BLOCK..][..BLOCK].fill(0);
                let total = add_cells(&scratch.words, sums);
                let sum = &mut sums.as_chunks_mut::<2>().0[own];
                *sum = added(*sum, less(pair(correction), total));
            }
        }
    })?;
    Ok(sums.iter().flat_map(|sum| sum.to_le_bytes()).collect())
}
