//! Bits of oblivious transfer extension (Roy, "SoftSpokenOT", CRYPTO 2022): VOLE over small fields from all but one leaf
//! of small trees, transposition, and the hash that breaks the correlation.
//!
//! Rows are vectors of bits, bit j of a row is bit j mod 8 of its byte j / 8. A group of k rows belongs to one tree of 2^k
//! leaves; row b of the group has the weight of bit b of GF(2^k), which is here only added, never multiplied.

use super::transfers::{STRIP as FOLDED, add, fold, streams_of};
use crate::blocks::aes::Cipher;
use crate::blocks::{BLOCK, Level, block_count, gf128, one_block};
use crate::error::{Result, element_count, require};
use rayon::prelude::*;

pub(super) const BITS_MAX: usize = 8;
pub(super) const ROWS: usize = 128;
/// Columns of blocks transposed at once: a cache line of each row, which rows at even distances would push out again.
const TOGETHER: usize = 4;
/// Bytes of blocks hashed at once.
const STRIP: usize = 1 << 13;

fn trees_of(leaves: &[u8], bits: usize, row_bytes: usize) -> Result<usize> {
    require((1..=BITS_MAX).contains(&bits), "fields of 2 to 256 elements")?;
    require(row_bytes > 0 && row_bytes.is_multiple_of(BLOCK), "rows of whole blocks")?;
    element_count(leaves, BLOCK << bits)
}

/// For each tree `sums` = the sum of all streams of the leaves, and row b = that of those of leaves with bit b set in index ^ offset.
/// Without `sums` the leaf of weight 0 is the one its owner does not know. Strip by strip, for the caches.
fn fold_tree(leaves: &[u8], bits: usize, offset: usize, first: u64, sums: Option<&mut [u8]>, rows: &mut [u8]) {
    let row_bytes = rows.len() / bits;
    let mut sums = sums;
    let ciphers: Vec<Cipher> = leaves.as_chunks::<BLOCK>().0.iter().map(Cipher::new).collect();
    let mut streams = vec![0u8; FOLDED << bits];
    let mut folded = vec![0u8; FOLDED * bits];
    for at in (0..row_bytes).step_by(FOLDED) {
        let here = FOLDED.min(row_bytes - at);
        streams_of(&ciphers, offset, sums.is_none(), first + (at / BLOCK) as u64, here, &mut streams);
        fold(bits, here, &mut streams, &mut folded[..bits * here]);
        if let Some(sums) = &mut sums {
            sums[at..at + here].copy_from_slice(&streams[..here]);
        }
        for (row, folded) in rows.chunks_exact_mut(row_bytes).zip(folded.chunks_exact(here)) {
            row[at..at + here].copy_from_slice(folded);
        }
    }
}

/// With all leaves: per tree the sum u of its streams, then per tree k rows v. Streams start at block `first`.
pub fn small_vole(leaves: &[u8], bits: usize, first: u64, row_bytes: usize) -> Result<Vec<u8>> {
    let trees = trees_of(leaves, bits, row_bytes)?;
    let mut out = vec![0u8; trees * (bits + 1) * row_bytes];
    let (sums, rows) = out.split_at_mut(trees * row_bytes);
    let parts = sums.par_chunks_mut(row_bytes).zip(rows.par_chunks_mut(bits * row_bytes));
    parts.zip(leaves.par_chunks(BLOCK << bits)).for_each(|((sums, rows), leaves)| {
        fold_tree(leaves, bits, 0, first, Some(sums), rows);
    });
    Ok(out)
}

/// Without leaf x of each tree: k rows w = v + x·(u + correction), bit by bit of x.
pub fn small_vole_punctured(
    leaves: &[u8],
    bits: usize,
    positions: &[u32],
    corrections: &[u8],
    first: u64,
) -> Result<Vec<u8>> {
    require(!positions.is_empty() && corrections.len().is_multiple_of(positions.len()), "a correction per tree")?;
    let row_bytes = corrections.len() / positions.len();
    require(trees_of(leaves, bits, row_bytes)? == positions.len(), "one position per tree")?;
    require(positions.iter().all(|&position| (position as usize) < 1 << bits), "a position within the tree")?;
    let mut rows = vec![0u8; positions.len() * bits * row_bytes];
    let parts = rows.par_chunks_mut(bits * row_bytes).zip(leaves.par_chunks(BLOCK << bits));
    parts.zip(corrections.par_chunks(row_bytes)).zip(positions).for_each(
        |(((rows, leaves), correction), &position)| {
            fold_tree(leaves, bits, position as usize, first, None, rows);
            for (bit, row) in rows.chunks_exact_mut(row_bytes).enumerate() {
                if position >> bit & 1 == 1 {
                    add(row, correction);
                }
            }
        },
    );
    Ok(rows)
}

/// 128 rows to one 16-byte block per column: bit p of block j is bit j of row p.
pub fn transpose_bits(rows: &[u8]) -> Result<Vec<u8>> {
    let row_bytes = element_count(rows, ROWS)?;
    // The slice holds 128 rows of row_bytes each, not row_bytes elements of 128.
    require(row_bytes.is_multiple_of(BLOCK), "rows of whole blocks")?;
    let mut out = vec![0u8; rows.len()];
    out.par_chunks_mut(ROWS * BLOCK * TOGETHER)
        .enumerate()
        .for_each(|(group, squares)| transpose_group(rows, row_bytes, group * TOGETHER, squares));
    Ok(out)
}

/// The same on this thread.
pub(super) fn transpose_rows(rows: &[u8], row_bytes: usize, out: &mut [u8]) {
    for (group, squares) in out.chunks_mut(ROWS * BLOCK * TOGETHER).enumerate() {
        transpose_group(rows, row_bytes, group * TOGETHER, squares);
    }
}

/// Columns of blocks from `first` on, as many as `squares` has room for.
fn transpose_group(rows: &[u8], row_bytes: usize, first: usize, squares: &mut [u8]) {
    let count = squares.len() / (ROWS * BLOCK);
    let mut halves = [[0u64; 2 * ROWS]; TOGETHER];
    for p in 0..ROWS {
        let line = &rows[p * row_bytes + first * BLOCK..][..count * BLOCK];
        for (half, bytes) in line.as_chunks::<8>().0.iter().enumerate() {
            halves[half / 2][2 * p + half % 2] = u64::from_le_bytes(*bytes);
        }
    }
    for (halves, square) in halves.iter_mut().zip(squares.chunks_exact_mut(ROWS * BLOCK)) {
        transpose_square(halves);
        for (to, half) in square.as_chunks_mut::<8>().0.iter_mut().zip(halves) {
            *to = half.to_le_bytes();
        }
    }
}

/// Row p is halves 2p and 2p + 1, low bits first.
fn transpose_square(halves: &mut [u64; 2 * ROWS]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: just detected.
        return unsafe { transpose_avx2(halves) };
    }
    transpose_steps(halves)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn transpose_avx2(halves: &mut [u64; 2 * ROWS]) {
    transpose_steps(halves)
}

/// Swaps ever smaller off-diagonal squares (Warren, "Hacker's Delight", 7-3). The widths are constants, for vector code.
#[inline(always)]
fn transpose_steps(halves: &mut [u64; 2 * ROWS]) {
    let (low, high) = halves.split_at_mut(ROWS);
    for (a, b) in low.as_chunks_mut::<2>().0.iter_mut().zip(high.as_chunks_mut::<2>().0) {
        std::mem::swap(&mut a[1], &mut b[0]);
    }
    swap_squares::<32>(halves);
    swap_squares::<16>(halves);
    swap_squares::<8>(halves);
    swap_squares::<4>(halves);
    swap_squares::<2>(halves);
    swap_squares::<1>(halves);
}

#[inline(always)]
fn swap_squares<const WIDTH: usize>(halves: &mut [u64; 2 * ROWS]) {
    let mask = u64::MAX / ((1 << WIDTH) + 1); // the lower WIDTH bits of each 2·WIDTH
    for rows in halves.chunks_exact_mut(4 * WIDTH) {
        let (low, high) = rows.split_at_mut(2 * WIDTH);
        for (a, b) in low.iter_mut().zip(high) {
            let swapped = ((*a >> WIDTH) ^ *b) & mask;
            *a ^= swapped << WIDTH;
            *b ^= swapped;
        }
    }
}

/// Per row of whole 16-byte blocks, the sum of weight times block, the last block with weight one: weight j is
/// AES_seed(j).
pub fn hash_rows(rows: &[u8], row_bytes: usize, seed: &[u8]) -> Result<Vec<u8>> {
    require(row_bytes > 0 && row_bytes.is_multiple_of(BLOCK), "rows of whole blocks")?;
    let count = element_count(rows, row_bytes)?;
    let mut weights = vec![0u8; row_bytes];
    Cipher::new(&one_block(seed)?).counter(0, &mut weights);
    weights[row_bytes - BLOCK..].copy_from_slice(&1u128.to_le_bytes());
    let mut out = vec![0u8; count * BLOCK];
    out.par_chunks_mut(BLOCK).zip(rows.par_chunks(row_bytes)).for_each(|(out, row)| {
        out.copy_from_slice(&gf128::inner_product_at(Level::best(), &weights, row).to_le_bytes());
    });
    Ok(out)
}

/// Tweakable circular correlation robust hash of block j plus offset: P(P(x) ^ j) ^ P(x), P = AES_salt, j counted from
/// `first` (Guo, Katz, Wang, Yu, S&P 2020, section 7.4).
pub fn correlation_hash(blocks: &[u8], offset: &[u8], salt: &[u8], first: u64) -> Result<Vec<u8>> {
    let (offset, cipher) = (u128::from_le_bytes(one_block(offset)?), Cipher::new(&one_block(salt)?));
    block_count(blocks)?;
    let mut out = vec![0u8; blocks.len()];
    out.par_chunks_mut(STRIP).zip(blocks.par_chunks(STRIP)).enumerate().for_each(|(i, (out, blocks))| {
        let mut input = [0u8; STRIP];
        let input = &mut input[..blocks.len()];
        for (to, from) in input.as_chunks_mut::<BLOCK>().0.iter_mut().zip(blocks.as_chunks::<BLOCK>().0) {
            *to = (u128::from_le_bytes(*from) ^ offset).to_le_bytes();
        }
        cipher.hash(input, out); // P(x) ^ x
        add(input, out);
        let tweak = first + (i * (STRIP / BLOCK)) as u64;
        tweak_all(input, tweak);
        cipher.hash(input, out);
        tweak_all(out, tweak); // P(P(x) ^ j) ^ P(x) ^ j ^ j
    });
    Ok(out)
}

fn tweak_all(blocks: &mut [u8], first: u64) {
    for (j, block) in blocks.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        *block = (u128::from_le_bytes(*block) ^ u128::from(first + j as u64)).to_le_bytes();
    }
}

/// Groups of 128 blocks to one each: the sum of block b times x^b in GF(2^128).
pub fn gf128_compose(blocks: &[u8]) -> Result<Vec<u8>> {
    let count = element_count(blocks, ROWS * BLOCK)?;
    let mut out = vec![0u8; count * BLOCK];
    out.par_chunks_mut(BLOCK).zip(blocks.par_chunks(ROWS * BLOCK)).for_each(|(out, group)| {
        let sum =
            group.as_chunks::<BLOCK>().0.iter().rev().fold(0u128, |sum, block| {
                (sum << 1) ^ (0x87 & (sum >> 127).wrapping_neg()) ^ u128::from_le_bytes(*block)
            });
        out.copy_from_slice(&sum.to_le_bytes());
    });
    Ok(out)
}
