//! Correlated oblivious transfers out of punctured trees: dual LPN over bits with a binary expand-convolute code
//! (Raghuraman, Rindal, Tanguy, CRYPTO 2023), all 128 planes of a block alike.
//!
//!   x_i = e_i + sum of b_ij·x_j over the 64 elements of the sixteen groups of four before i's group
//!   y_o = sum over seven regions of one random x of the region
//!
//! The lowest bit of a leaf is 1 where there is noise and else 0, at the sender 0 everywhere: so the lowest bit of an
//! output is the receiver's choice, and one vector carries both (as in Yang, Weng, Lan, Zhang, Wang, "Ferret", CCS 2020).

use super::code::{Check, check_sizes, convolve_trees};
use super::expansion::expand;
use super::forms::gathered;
use super::ggm::{self, Tree};
use crate::arena;
use crate::blocks::{BLOCK, Level, element, one_block};
use crate::error::{Result, require};
use crate::vole::Keys;
use rayon::prelude::*;

const GROUP: usize = 4;
/// Groups before the own one whose elements may be added, and tables of subset sums held: the oldest is replaced.
const TAP_GROUPS: usize = 16;
/// Groups whose coefficients are made at once.
const CHUNK: usize = 64;
const TAP_BYTES: usize = 8;

/// Subset sums of the last groups, and how many groups there were.
struct State {
    tables: [[u128; 16]; TAP_GROUPS],
    group: usize,
}

impl State {
    fn new() -> Box<Self> {
        Box::new(Self { tables: [[0; 16]; TAP_GROUPS], group: 0 })
    }

    /// Convolves whole groups in place, going on from the last batch.
    fn convolve(&mut self, keys: &Keys, cells: &mut [u8]) {
        let mut taps = [0u8; CHUNK * GROUP * TAP_BYTES];
        for part in cells.chunks_mut(CHUNK * GROUP * BLOCK) {
            let taps = &mut taps[..part.len() / BLOCK * TAP_BYTES];
            keys.taps.counter((self.group * GROUP * TAP_BYTES / BLOCK) as u64, taps);
            for (row, taps) in part.chunks_exact_mut(GROUP * BLOCK).zip(taps.as_chunks::<{ GROUP * TAP_BYTES }>().0) {
                self.step(row, taps);
            }
        }
    }

    #[inline(always)]
    fn step(&mut self, row: &mut [u8], taps: &[u8; GROUP * TAP_BYTES]) {
        let mut last = [0u128; GROUP];
        for (slot, (value, taps)) in last.iter_mut().zip(taps.as_chunks::<TAP_BYTES>().0).enumerate() {
            let taps = u64::from_le_bytes(*taps);
            *value = element(row, slot);
            for back in 0..TAP_GROUPS {
                let table = &self.tables[(self.group + TAP_GROUPS - 1 - back) % TAP_GROUPS];
                *value ^= table[(taps >> (4 * back) & 15) as usize];
            }
        }
        row.copy_from_slice(last.map(u128::to_le_bytes).as_flattened());
        let table = &mut self.tables[self.group % TAP_GROUPS];
        for slot in 0..GROUP {
            for rest in 0..1 << slot {
                table[(1 << slot) + rest] = table[rest] ^ last[slot];
            }
        }
        self.group += 1;
    }
}

/// The sender's blocks q, then the check if there is a seed for it.
pub fn silent_expand(seeds: &[u8], depth: usize, salt: &[u8], count: usize, check_seed: &[u8]) -> Result<Vec<u8>> {
    let trees = ggm::check(seeds, depth)?;
    let keys = Keys::new(&one_block(salt)?);
    let fill = |i: usize, leaves: &mut [u8]| {
        let mut sums = [0u8; 2 * BLOCK * ggm::DEPTH_MAX];
        Tree::new(&keys, i).expand(&seeds[i * BLOCK..][..BLOCK], leaves, &mut sums[..2 * BLOCK * depth]);
        clear_choices(leaves);
    };
    encode(&keys, trees, depth, count, check_seed, fill)
}

/// The receiver's blocks t, its packed choices, then the check if there is a seed for it. Per tree and level `others` has
/// the sum of the nodes beside the path; a correction is the sum of all leaves but for their lowest bits, plus delta.
pub fn silent_expand_punctured(
    others: &[u8],
    positions: &[u32],
    corrections: &[u8],
    depth: usize,
    salt: &[u8],
    count: usize,
    check_seed: &[u8],
) -> Result<Vec<u8>> {
    ggm::check_positions(others, positions, depth)?;
    require(corrections.len() == positions.len() * BLOCK, "one correction per tree")?;
    let keys = Keys::new(&one_block(salt)?);
    let fill = |i: usize, leaves: &mut [u8]| {
        let at = positions[i] as usize * BLOCK;
        Tree::new(&keys, i).puncture(&others[i * depth * BLOCK..][..depth * BLOCK], positions[i] as usize, leaves);
        clear_choices(leaves);
        let leaf = (element(&leaves[at..], 0) ^ element(corrections, i)) | 1;
        leaves[at..at + BLOCK].copy_from_slice(&leaf.to_le_bytes());
    };
    let mut out = encode(&keys, positions.len(), depth, count, check_seed, fill)?;
    let check = out.split_off(count * BLOCK);
    let choices: Vec<u8> = out.par_chunks(8 * BLOCK).map(choices_of).collect();
    out.extend(choices);
    out.extend(check);
    Ok(out)
}

/// `count` values under the code of the leaves that `fill` makes, then their check.
fn encode(
    keys: &Keys,
    trees: usize,
    depth: usize,
    count: usize,
    check_seed: &[u8],
    fill: impl Fn(usize, &mut [u8]) + Sync,
) -> Result<Vec<u8>> {
    check_sizes(trees, depth, count)?;
    require(count.is_multiple_of(8), "transfers in multiples of eight")?;
    let mut check = Check::new(check_seed, Level::best())?;
    let mut cells = arena::borrow(trees * (BLOCK << depth));
    let mut state = State::new();
    convolve_trees::<1>(&mut cells, depth, fill, |first, part| {
        check.add(first, part, 1);
        state.convolve(keys, part);
    });
    let mut out = vec![0u8; count * BLOCK];
    expand::<1>(keys, &cells, [&mut out]);
    out.extend(check.bytes());
    Ok(out)
}

fn clear_choices(leaves: &mut [u8]) {
    leaves.iter_mut().step_by(BLOCK).for_each(|byte| *byte &= !1);
}

/// The lowest bits of eight blocks.
fn choices_of(blocks: &[u8]) -> u8 {
    gathered(u64::from_le_bytes(std::array::from_fn(|i| blocks[i * BLOCK])))
}
