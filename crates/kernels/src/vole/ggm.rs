//! Binary trees of seeds (Goldreich, Goldwasser, Micali). A node s of tree i has the children
//! AES_left(s) ^ s and AES_right(s) ^ s under two keys of tree i. Node j of a level of h nodes has its children at j and
//! h + j of the next, so bit l of a leaf's position is the side its path takes at level l (0 first), and a level is one
//! straight loop. Keys per tree keep an attacker from testing one guess against all trees.

#[cfg(target_arch = "x86_64")]
use crate::blocks::lanes::{self, Lanes};
use crate::blocks::{BLOCK, Level, dispatch, one_block};
use crate::error::{Result, element_count, require};
use crate::vole::Keys;
use ::aes::Aes128;
use ::aes::cipher::{BlockCipherEncrypt, KeyInit};
use rayon::prelude::*;

pub const DEPTH_MAX: usize = 24;
/// Blocks in flight per side.
#[cfg(target_arch = "x86_64")]
const WIDE: usize = 4;

/// Both keys of one tree.
pub struct Tree {
    portable: Option<[Aes128; 2]>,
    #[cfg(target_arch = "x86_64")]
    rounds: [[[u8; 16]; 11]; 2],
    level: Level,
}

/// Sums (XOR) of the left and of the right nodes of a level.
type Sums = [u128; 2];

impl Tree {
    pub fn new(keys: &Keys, index: usize) -> Self {
        let (level, [left, right]) = (keys.level, keys.of_tree(index));
        Self {
            portable: (level == Level::Portable).then(|| [Aes128::new(&left.into()), Aes128::new(&right.into())]),
            // SAFETY: a level above Portable has AES-NI.
            #[cfg(target_arch = "x86_64")]
            rounds: if level > Level::Portable {
                unsafe { [lanes::round_keys(&left), lanes::round_keys(&right)] }
            } else {
                [[[0; 16]; 11]; 2]
            },
            level,
        }
    }

    /// nodes[..half] to their children in nodes[..2·half].
    fn step(&self, nodes: &mut [u8], half: usize) -> Sums {
        assert!(nodes.len() >= 2 * half * BLOCK);
        dispatch!(self.level, step_lanes(&self.rounds, nodes, half), self.step_portable(nodes, half))
    }

    fn step_portable(&self, nodes: &mut [u8], half: usize) -> Sums {
        let keys = self.portable.as_ref().expect("the portable level has it");
        let mut sums = [0; 2];
        let (low, high) = nodes.split_at_mut(half * BLOCK);
        for (left, right) in low.as_chunks_mut::<BLOCK>().0.iter_mut().zip(high.as_chunks_mut::<BLOCK>().0) {
            let seed = *left;
            for ((key, child), sum) in keys.iter().zip([left, right]).zip(&mut sums) {
                let mut state = seed;
                key.encrypt_block((&mut state).into());
                let value = u128::from_le_bytes(state) ^ u128::from_le_bytes(seed);
                *child = value.to_le_bytes();
                *sum ^= value;
            }
        }
        sums
    }

    /// Fills `leaves` from the root; `sums` gets depth × (left, right).
    pub fn expand(&self, root: &[u8], leaves: &mut [u8], sums: &mut [u8]) {
        leaves[..BLOCK].copy_from_slice(root);
        for (level, out) in sums.chunks_exact_mut(2 * BLOCK).enumerate() {
            let [left, right] = self.step(leaves, 1 << level);
            out[..BLOCK].copy_from_slice(&left.to_le_bytes());
            out[BLOCK..].copy_from_slice(&right.to_le_bytes());
        }
    }

    /// All leaves but the one at `position`, from the sum of the other side at each level; that one becomes the sum of
    /// all others.
    pub fn puncture(&self, others: &[u8], position: usize, leaves: &mut [u8]) {
        leaves[..BLOCK].fill(0);
        let mut total = 0;
        for (level, other) in others.as_chunks::<BLOCK>().0.iter().enumerate() {
            let half = 1 << level;
            let unknown = position & (half - 1);
            let mut sums = self.step(leaves, half);
            let side = position >> level & 1;
            let (path, sibling) = (unknown + side * half, unknown + (1 - side) * half);
            sums[side] ^= block(leaves, path);
            sums[1 - side] ^= block(leaves, sibling);
            let found = u128::from_le_bytes(*other) ^ sums[1 - side];
            leaves[path * BLOCK..][..BLOCK].fill(0);
            leaves[sibling * BLOCK..][..BLOCK].copy_from_slice(&found.to_le_bytes());
            total = sums[0] ^ sums[1] ^ found;
        }
        leaves[position * BLOCK..][..BLOCK].copy_from_slice(&total.to_le_bytes());
    }
}

fn block(bytes: &[u8], index: usize) -> u128 {
    u128::from_le_bytes(bytes[index * BLOCK..][..BLOCK].try_into().expect("16 bytes"))
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn step_lanes<L: Lanes>(rounds: &[[[u8; 16]; 11]; 2], nodes: &mut [u8], half: usize) -> Sums {
    let step = WIDE * L::BLOCKS;
    let mut sums = [0; 2];
    // SAFETY: nodes holds 2·half blocks, the buffer four steps; the caller enabled the lane's instructions.
    unsafe {
        let mut totals = [L::splat(&[0; 16]); 2];
        let whole = half / step * step;
        for at in (0..whole).step_by(step) {
            let from = nodes.as_mut_ptr().add(at * BLOCK);
            children::<L>(rounds, from, from.add(half * BLOCK), &mut totals);
        }
        let rest = (half - whole) * BLOCK;
        if rest > 0 {
            let mut few = [0u8; 2 * WIDE * 4 * BLOCK];
            let right = step * BLOCK;
            few[..rest].copy_from_slice(&nodes[whole * BLOCK..half * BLOCK]);
            let mut ignored = totals;
            children::<L>(rounds, few.as_mut_ptr(), few.as_mut_ptr().add(right), &mut ignored);
            for (side, from) in [0, right].into_iter().enumerate() {
                let to = (whole + side * half) * BLOCK;
                nodes[to..to + rest].copy_from_slice(&few[from..from + rest]);
                sums[side] = fold(&few[from..from + rest]);
            }
        }
        for (sum, total) in sums.iter_mut().zip(totals) {
            let mut bytes = [0u8; 4 * BLOCK];
            total.store(bytes.as_mut_ptr());
            *sum ^= fold(&bytes);
        }
    }
    sums
}

fn fold(blocks: &[u8]) -> u128 {
    blocks.as_chunks::<BLOCK>().0.iter().fold(0, |sum, block| sum ^ u128::from_le_bytes(*block))
}

/// One step's seeds at `left` to their left children in place and their right children at `right`.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn children<L: Lanes>(rounds: &[[[u8; 16]; 11]; 2], left: *mut u8, right: *mut u8, totals: &mut [L; 2]) {
    unsafe {
        let mut states = [[L::load(left); WIDE]; 2];
        for (states, rounds) in states.iter_mut().zip(rounds) {
            let whitening = L::splat(&rounds[0]);
            for (i, state) in states.iter_mut().enumerate() {
                *state = L::load(left.add(i * L::BLOCKS * BLOCK)).xor(whitening);
            }
        }
        let [lefts, rights] = &mut states;
        for (left_key, right_key) in rounds[0][1..10].iter().zip(&rounds[1][1..10]) {
            let keys = [L::splat(left_key), L::splat(right_key)];
            for (a, b) in lefts.iter_mut().zip(rights.iter_mut()) {
                *a = a.aes_round(keys[0]);
                *b = b.aes_round(keys[1]);
            }
        }
        for i in (0..WIDE).rev() {
            let seed = L::load(left.add(i * L::BLOCKS * BLOCK));
            for (side, to) in [left, right].into_iter().enumerate() {
                let child = states[side][i].aes_last(L::splat(&rounds[side][10])).xor(seed);
                child.store(to.add(i * L::BLOCKS * BLOCK));
                totals[side] = totals[side].xor(child);
            }
        }
    }
}

/// Leaves of all trees, then per tree and level the sums of the left and right nodes. Without leaves if `keep` is not set.
pub fn ggm_expand(seeds: &[u8], depth: usize, salt: &[u8], keep: bool) -> Result<Vec<u8>> {
    let trees = check(seeds, depth)?;
    let keys = Keys::new(&one_block(salt)?);
    let (size, sum_size) = (BLOCK << depth, 2 * BLOCK * depth);
    let mut out = vec![0u8; trees * (if keep { size } else { 0 } + sum_size)];
    let (leaves, sums) = out.split_at_mut(if keep { trees * size } else { 0 });
    if keep {
        let parts = leaves.par_chunks_mut(size).zip(sums.par_chunks_mut(sum_size)).enumerate();
        parts.for_each(|(i, (leaves, sums))| Tree::new(&keys, i).expand(&seeds[i * BLOCK..][..BLOCK], leaves, sums));
    } else {
        sums.par_chunks_mut(sum_size).enumerate().for_each_init(
            || vec![0u8; size],
            |leaves, (i, sums)| Tree::new(&keys, i).expand(&seeds[i * BLOCK..][..BLOCK], leaves, sums),
        );
    }
    Ok(out)
}

/// All leaves of all trees, the one at each tree's position being the sum of its others.
pub fn ggm_puncture(others: &[u8], positions: &[u32], depth: usize, salt: &[u8]) -> Result<Vec<u8>> {
    check_positions(others, positions, depth)?;
    let keys = Keys::new(&one_block(salt)?);
    let mut out = vec![0u8; positions.len() * (BLOCK << depth)];
    out.par_chunks_mut(BLOCK << depth).enumerate().for_each(|(i, leaves)| {
        let others = &others[i * depth * BLOCK..][..depth * BLOCK];
        Tree::new(&keys, i).puncture(others, positions[i] as usize, leaves);
    });
    Ok(out)
}

pub fn check(seeds: &[u8], depth: usize) -> Result<usize> {
    require((1..=DEPTH_MAX).contains(&depth), "a tree has 1 to 24 levels")?;
    let trees = element_count(seeds, BLOCK)?;
    require(trees << depth <= 1 << 25, "at most 2^25 leaves")?;
    Ok(trees)
}

pub fn check_positions(others: &[u8], positions: &[u32], depth: usize) -> Result<()> {
    require((1..=DEPTH_MAX).contains(&depth), "a tree has 1 to 24 levels")?;
    require(positions.len() << depth <= 1 << 25, "at most 2^25 leaves")?;
    require(others.len() == positions.len() * depth * BLOCK, "one sum per tree and level")?;
    require(positions.iter().all(|&position| (position as usize) < 1 << depth), "a position within the tree")
}
