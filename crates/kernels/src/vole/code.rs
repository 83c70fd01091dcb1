//! Dual-LPN compression with an expand-convolute code over GF(2^128) (Raghuraman, Rindal, Tanguy, CRYPTO 2023), with
//! random field multipliers in the convolution. From leaves e of length N to n values:
//!
//!   x_i = e_i + r_i·x_(i-4) + sum of b_ij·x_j over the 24 elements of the six groups of four before i's group
//!   y_o = sum over seven regions of one random x of the region
//!
//! r_i is uniform in GF(2^128), b_ij are bits. `W` cells per element: one vector, or two under the same code (in the
//! order a, c), so that one random access serves both.

use super::convolution::State;
use super::expansion::expand;
use crate::arena;
use crate::blocks::aes::Cipher;
use crate::blocks::{BLOCK, Level, element, gf128, one_block};
use crate::error::{Result, require};
use crate::vole::Keys;
use crate::vole::ggm::{self, Tree};
use rayon::prelude::*;

/// Elements that are made, then convolved while in cache.
const BATCH: usize = 1 << 14;

/// Makes the elements of `cells`, each of W blocks, batch by batch with `fill` (one tree's part). `convolve` has each
/// batch, with the index of its first element, while the next is made.
pub(super) fn convolve_trees<const W: usize>(
    cells: &mut [u8],
    depth: usize,
    fill: impl Fn(usize, &mut [u8]) + Sync,
    mut convolve: impl FnMut(usize, &mut [u8]) + Send,
) {
    let tree = (W * BLOCK) << depth;
    let trees = (BATCH >> depth).max(1);
    let fill_batch = |batch: usize, part: &mut [u8]| {
        part.par_chunks_mut(tree).enumerate().for_each(|(i, part)| fill(batch * trees + i, part));
    };
    let mut parts = cells.chunks_mut(tree * trees);
    let mut current = parts.next();
    if let Some(part) = &mut current {
        fill_batch(0, part);
    }
    let mut batch = 0;
    while let Some(part) = current {
        let mut next = parts.next();
        rayon::join(
            || convolve((batch * trees) << depth, part),
            || {
                if let Some(next) = &mut next {
                    fill_batch(batch + 1, next);
                }
            },
        );
        current = next;
        batch += 1;
    }
}

/// Sum of weight times element over all leaves; weight j is AES_seed(j).
pub(super) struct Check {
    weights: Option<Cipher>,
    level: Level,
    sum: u128,
}

impl Check {
    pub(super) fn new(seed: &[u8], level: Level) -> Result<Self> {
        let weights = if seed.is_empty() { None } else { Some(Cipher::at(&one_block(seed)?, level)) };
        Ok(Self { weights, level, sum: 0 })
    }

    /// Adds elements from index `first` on, of `width` cells each, of which the last counts.
    pub(super) fn add(&mut self, first: usize, cells: &[u8], width: usize) {
        let Some(cipher) = &self.weights else { return };
        let (mut weights, mut elements) = ([0u8; 256 * BLOCK], [0u8; 256 * BLOCK]);
        for (i, part) in cells.chunks(256 * width * BLOCK).enumerate() {
            let length = part.len() / width;
            for (to, from) in elements.chunks_exact_mut(BLOCK).zip(part.chunks_exact(width * BLOCK)) {
                to.copy_from_slice(&from[(width - 1) * BLOCK..]);
            }
            cipher.counter((first + 256 * i) as u64, &mut weights[..length]);
            self.sum ^= gf128::inner_product_at(self.level, &weights[..length], &elements[..length]);
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.weights.as_ref().map_or(Vec::new(), |_| self.sum.to_le_bytes().to_vec())
    }
}

pub(super) fn check_sizes(trees: usize, depth: usize, count: usize) -> Result<()> {
    require(depth >= 2, "whole groups per tree")?;
    require(count > 0 && 2 * count <= trees << depth, "at most half as many outputs as leaves")
}

/// The sender's vector under the code, then the check if there is a seed for it.
pub fn vole_expand(seeds: &[u8], depth: usize, salt: &[u8], count: usize, check_seed: &[u8]) -> Result<Vec<u8>> {
    let trees = ggm::check(seeds, depth)?;
    check_sizes(trees, depth, count)?;
    vole_expand_at(Level::best(), seeds, depth, &one_block(salt)?, count, check_seed)
}

pub fn vole_expand_at(
    level: Level,
    seeds: &[u8],
    depth: usize,
    salt: &[u8; BLOCK],
    count: usize,
    check_seed: &[u8],
) -> Result<Vec<u8>> {
    let keys = Keys::at(salt, level);
    let mut check = Check::new(check_seed, level)?;
    let mut cells = arena::borrow(seeds.len() << depth);
    let fill = |i: usize, leaves: &mut [u8]| {
        let mut sums = [0u8; 2 * BLOCK * ggm::DEPTH_MAX];
        Tree::new(&keys, i).expand(&seeds[i * BLOCK..][..BLOCK], leaves, &mut sums[..2 * BLOCK * depth]);
    };
    let mut state = State::<1>::new();
    convolve_trees::<1>(&mut cells, depth, fill, |first, part| {
        check.add(first, part, 1);
        state.convolve(&keys, part);
    });
    let mut out = vec![0u8; count * BLOCK];
    expand::<1>(&keys, &cells, [&mut out]);
    out.extend(check.bytes());
    Ok(out)
}

/// What the receiver has of each tree.
pub struct Punctured<'a> {
    /// Per tree and level the sum of the nodes beside the path.
    pub others: &'a [u8],
    pub positions: &'a [u32],
    /// Per tree its noise, and what is added to the sum of the other leaves at its position.
    pub values: &'a [u8],
    pub corrections: &'a [u8],
}

/// The receiver's noise and its vector under the code, then the check of the vector if there is a seed for it.
pub fn vole_expand_punctured(
    trees: &Punctured,
    depth: usize,
    salt: &[u8],
    count: usize,
    check_seed: &[u8],
) -> Result<Vec<u8>> {
    ggm::check_positions(trees.others, trees.positions, depth)?;
    let size = trees.positions.len() * BLOCK;
    require(trees.values.len() == size && trees.corrections.len() == size, "one value and correction per tree")?;
    check_sizes(trees.positions.len(), depth, count)?;
    vole_expand_punctured_at(Level::best(), trees, depth, &one_block(salt)?, count, check_seed)
}

pub fn vole_expand_punctured_at(
    level: Level,
    trees: &Punctured,
    depth: usize,
    salt: &[u8; BLOCK],
    count: usize,
    check_seed: &[u8],
) -> Result<Vec<u8>> {
    let keys = Keys::at(salt, level);
    let mut check = Check::new(check_seed, level)?;
    let mut cells = arena::borrow(trees.positions.len() * ((2 * BLOCK) << depth));
    let fill = |i: usize, part: &mut [u8]| {
        let (half, position) = (part.len() / 2, trees.positions[i] as usize);
        let others = &trees.others[i * depth * BLOCK..][..depth * BLOCK];
        Tree::new(&keys, i).puncture(others, position, &mut part[half..]);
        spread(part);
        let cell = &mut part[2 * position * BLOCK..][..2 * BLOCK];
        let leaf = element(cell, 1) ^ element(trees.corrections, i);
        cell[..BLOCK].copy_from_slice(&trees.values[i * BLOCK..][..BLOCK]);
        cell[BLOCK..].copy_from_slice(&leaf.to_le_bytes());
    };
    let mut state = State::<2>::new();
    convolve_trees::<2>(&mut cells, depth, fill, |first, part| {
        check.add(first, part, 2);
        state.convolve(&keys, part);
    });
    let mut out = vec![0u8; 2 * count * BLOCK];
    let (a, c) = out.split_at_mut(count * BLOCK);
    expand::<2>(&keys, &cells, [a, c]);
    out.extend(check.bytes());
    Ok(out)
}

/// Leaves from the upper half of a tree's part to the second cell of each element, the first becoming zero. Each leaf is
/// read before anything is written at or above it.
fn spread(part: &mut [u8]) {
    let half = part.len() / 2;
    for i in 0..half / BLOCK {
        let leaf = element(&part[half..], i);
        part[2 * i * BLOCK..][..BLOCK].fill(0);
        part[(2 * i + 1) * BLOCK..][..BLOCK].copy_from_slice(&leaf.to_le_bytes());
    }
}

/// Sum of weight times value at the given positions (one per tree): the check's part that the receiver must disclose.
pub fn vole_noise_check(positions: &[u32], values: &[u8], depth: usize, check_seed: &[u8]) -> Result<Vec<u8>> {
    require(values.len() == positions.len() * BLOCK, "one value per tree")?;
    require(depth <= ggm::DEPTH_MAX, "a tree has 1 to 24 levels")?;
    let cipher = Cipher::new(&one_block(check_seed)?);
    let sum = positions.iter().enumerate().fold(0, |sum, (i, &position)| {
        let mut weight = [0u8; BLOCK];
        cipher.counter(((i << depth) + position as usize) as u64, &mut weight);
        sum ^ gf128::multiply(u128::from_le_bytes(weight), element(values, i))
    });
    Ok(sum.to_le_bytes().to_vec())
}
