//! Random oblivious transfers of one in sixteen, from small trees and a binary code, in one pass as in `transfers`.
//!
//! Kolesnikov, Kumaresan, "Improved OT Extension for Transferring Short Secrets", CRYPTO 2013, on VOLE over GF(16) as Roy, "SoftSpokenOT",
//! CRYPTO 2022, has it. The code is the simplex code [15, 4, 8] four times: symbol p of a copy, 1 to 15, of a choice x of four bits is
//! the sum of those bits of x that p has. Two words differ in 32 symbols, that is in 128 bits of delta.
//!
//! Blocks are hashed, not words of 240 bits: the fifteen symbols of a copy are added up to eight by a matrix any eight of whose columns
//! are independent (the identity, and Cauchy's), so that none of delta's bits within a word is lost.

use super::correlated::transpose_rows;
use super::forms::{Parts, gathered, strips_of};
use super::transfers::{STRIP, add, fold, streams_of};
use crate::blocks::aes::Cipher;
use crate::blocks::{BLOCK, one_block};
use crate::error::{Result, element_count, require};
use rayon::prelude::*;

/// Of a symbol, and of a choice.
const BITS: usize = 4;
const ENTRIES: usize = 1 << BITS;
const COPIES: usize = 4;
const POINTS: usize = ENTRIES - 1;
const TREES: usize = COPIES * POINTS;
/// Trees whose sums are taken as they are: the first copy's points of one bit.
const FREE: usize = BITS;
/// Symbols that are left of each copy.
const KEPT: usize = POINTS.div_ceil(2);
const ROWS: usize = COPIES * KEPT * BITS;
const PLANES_MAX: usize = 8;
/// Digits whose entries are hashed at once.
const TOGETHER: usize = 16;

/// What both sides know of a run.
pub struct Sixteen<'a> {
    /// Of 60 trees of sixteen leaves.
    pub leaves: &'a [u8],
    /// Block of the streams.
    pub first: u64,
    /// Digits, in multiples of eight.
    pub count: usize,
    pub salt: &'a [u8],
    /// Bits of each entry.
    pub planes: usize,
}

/// Checked, and cut into strips.
struct Run {
    first: u64,
    row_bytes: usize,
    strips: usize,
    count: usize,
    ciphers: Vec<Cipher>,
    hash: Cipher,
}

impl Run {
    fn new(&Sixteen { leaves, first, count, salt, planes }: &Sixteen) -> Result<Self> {
        require(element_count(leaves, BLOCK << BITS)? == TREES, "sixty trees")?;
        require(count > 0 && count.is_multiple_of(8), "transfers in multiples of eight")?;
        require((1..=PLANES_MAX).contains(&planes), "one to eight planes")?;
        let row_bytes = count.div_ceil(8 * BLOCK) * BLOCK;
        let ciphers = leaves.as_chunks::<BLOCK>().0.iter().map(Cipher::new).collect();
        let hash = Cipher::new(&one_block(salt)?);
        Ok(Self { first, row_bytes, strips: row_bytes.div_ceil(STRIP), count, ciphers, hash })
    }

    /// Block where the streams of a strip begin, bytes of a row in it, and digits wanted of it.
    fn of_strip(&self, strip: usize) -> (u64, usize, usize) {
        let at = strip * STRIP;
        (self.first + (at / BLOCK) as u64, STRIP.min(self.row_bytes - at), (8 * STRIP).min(self.count - 8 * at))
    }

    fn tree(&self, tree: usize) -> &[Cipher] {
        &self.ciphers[tree << BITS..][..ENTRIES]
    }
}

/// What one thread works in.
struct Scratch {
    streams: Vec<u8>,
    symbols: Vec<u8>,
    rows: Vec<u8>,
    columns: Vec<u8>,
    hashed: Vec<u8>,
}

impl Scratch {
    fn new() -> Self {
        Self {
            streams: vec![0; ENTRIES * STRIP],
            symbols: vec![0; POINTS * BITS * STRIP],
            rows: vec![0; ROWS * STRIP],
            columns: vec![0; ROWS * STRIP],
            hashed: vec![0; ROWS * STRIP],
        }
    }
}

/// Of each tree the copy, the point, and the place of its correction if it has one.
fn trees() -> impl Iterator<Item = (usize, usize, Option<usize>)> {
    let mut corrected = 0;
    (0..TREES).map(move |tree| {
        let (copy, point) = (tree / POINTS, tree % POINTS + 1);
        let free = copy == 0 && point.is_power_of_two();
        corrected += usize::from(!free);
        (copy, point, (!free).then(|| corrected - 1))
    })
}

/// The receiver's: what makes the trees' sums a word of the code; the choices, half a byte each; a byte of each chosen entry's bits.
pub fn sixteen_received(of: &Sixteen) -> Result<Vec<u8>> {
    let run = Run::new(of)?;
    let corrected = (TREES - FREE) * run.row_bytes;
    let mut out = vec![0u8; corrected + run.count / 2 + run.count];
    let (corrections, rest) = out.split_at_mut(corrected);
    let (choices, kept) = rest.split_at_mut(run.count / 2);
    let mut corrections = strips_of(corrections, TREES - FREE, STRIP, run.strips);
    let parts =
        corrections.par_iter_mut().zip(choices.par_chunks_mut(BITS * STRIP)).zip(kept.par_chunks_mut(8 * STRIP));
    parts.enumerate().for_each_init(Scratch::new, |scratch, (strip, ((corrections, choices), kept))| {
        let (start, bytes, wanted) = run.of_strip(strip);
        let chosen = run.fill_received(start, bytes, scratch, corrections);
        interleave(&chosen, bytes, choices);
        transpose_rows(&scratch.rows[..ROWS * bytes], bytes, &mut scratch.columns[..ROWS * bytes]);
        run.hash.hash(&scratch.columns[..ROWS * bytes], &mut scratch.hashed[..ROWS * bytes]);
        let mask = u8::MAX >> (PLANES_MAX - of.planes);
        for (kept, key) in kept[..wanted].iter_mut().zip(scratch.hashed.as_chunks::<BLOCK>().0) {
            *kept = key[0] & mask;
        }
    });
    Ok(out)
}

/// The sender's, with the receiver's corrections: for each digit and plane the bits of all sixteen entries.
pub fn sixteen_sent(of: &Sixteen, positions: &[u32], corrections: &[u8]) -> Result<Vec<u8>> {
    let run = Run::new(of)?;
    require(positions.len() == TREES, "one position per tree")?;
    require(positions.iter().all(|&position| (position as usize) < ENTRIES), "a position within the tree")?;
    require(corrections.len() == (TREES - FREE) * run.row_bytes, "a correction for each tree but four")?;
    let offsets = offsets_of(positions);
    let width = 2 * of.planes;
    let mut out = vec![0u8; width * run.count];
    out.par_chunks_mut(8 * STRIP * width).enumerate().for_each_init(Scratch::new, |scratch, (strip, pads)| {
        let (start, bytes, _) = run.of_strip(strip);
        let correction = |at: usize| &corrections[at * run.row_bytes + strip * STRIP..][..bytes];
        run.fill_sent(start, bytes, scratch, positions, correction);
        transpose_rows(&scratch.rows[..ROWS * bytes], bytes, &mut scratch.columns[..ROWS * bytes]);
        let digits = scratch.columns.chunks(TOGETHER * BLOCK).zip(pads.chunks_mut(TOGETHER * width));
        digits.for_each(|(columns, pads)| run.keep_entries(&offsets, columns, pads, width));
    });
    Ok(out)
}

impl Run {
    fn fill_received(&self, start: u64, bytes: usize, scratch: &mut Scratch, corrections: &mut Parts) -> Vec<u8> {
        let mut chosen = vec![0u8; BITS * bytes];
        for (tree, (copy, point, corrected)) in trees().enumerate() {
            streams_of(self.tree(tree), 0, false, start, bytes, &mut scratch.streams);
            fold(BITS, bytes, &mut scratch.streams, &mut scratch.symbols[(point - 1) * BITS * bytes..]);
            let sum = &scratch.streams[..bytes];
            match corrected {
                None => chosen[point.ilog2() as usize * bytes..][..bytes].copy_from_slice(sum),
                Some(at) => {
                    corrections[at].copy_from_slice(sum);
                    let symbol = chosen.chunks_exact(bytes).enumerate().filter(|(bit, _)| point >> bit & 1 == 1);
                    symbol.for_each(|(_, bits)| add(corrections[at], bits));
                }
            }
            if point == POINTS {
                compress(copy, bytes, scratch);
            }
        }
        chosen
    }

    fn fill_sent<'a>(
        &self,
        start: u64,
        bytes: usize,
        scratch: &mut Scratch,
        positions: &[u32],
        correction: impl Fn(usize) -> &'a [u8],
    ) {
        for (tree, (copy, point, corrected)) in trees().enumerate() {
            let position = positions[tree] as usize;
            streams_of(self.tree(tree), position, true, start, bytes, &mut scratch.streams);
            let rows = &mut scratch.symbols[(point - 1) * BITS * bytes..][..BITS * bytes];
            fold(BITS, bytes, &mut scratch.streams, rows);
            if let Some(at) = corrected {
                for (_, row) in rows.chunks_exact_mut(bytes).enumerate().filter(|(bit, _)| position >> bit & 1 == 1) {
                    add(row, correction(at));
                }
            }
            if point == POINTS {
                compress(copy, bytes, scratch);
            }
        }
    }

    /// Of each column the hashes with all words' parts of delta; of these the first bits.
    fn keep_entries(&self, offsets: &[[u8; BLOCK]; ENTRIES], columns: &[u8], pads: &mut [u8], width: usize) {
        let (mut blocks, mut hashes) = ([0u8; TOGETHER * ENTRIES * BLOCK], [0u8; TOGETHER * ENTRIES * BLOCK]);
        let sixteen = blocks.as_chunks_mut::<{ ENTRIES * BLOCK }>().0.iter_mut();
        for (column, blocks) in columns.as_chunks::<BLOCK>().0.iter().zip(sixteen) {
            for (block, offset) in blocks.as_chunks_mut::<BLOCK>().0.iter_mut().zip(offsets) {
                *block = std::array::from_fn(|i| column[i] ^ offset[i]);
            }
        }
        self.hash.hash(&blocks, &mut hashes);
        let entries = hashes.as_chunks::<{ ENTRIES * BLOCK }>().0.iter();
        for (entries, pads) in entries.zip(pads.chunks_exact_mut(width)) {
            let half = |from: usize| u64::from_le_bytes(std::array::from_fn(|i| entries[(from + i) * BLOCK]));
            let (low, high) = (half(0), half(8));
            for (plane, pad) in pads.as_chunks_mut::<2>().0.iter_mut().enumerate() {
                *pad = [gathered(low >> plane), gathered(high >> plane)];
            }
        }
    }
}

/// x·y in GF(16), modulo x^4 + x + 1.
const fn times(x: usize, y: usize) -> usize {
    let (mut out, mut bit) = (0, BITS);
    while bit > 0 {
        bit -= 1;
        out = (out << 1) ^ ((out >> 3) * 0b10011) ^ (((y >> bit) & 1) * x);
    }
    out
}

/// What a symbol beyond the kept ones is multiplied with when it is added to a kept one: 1 / (kept - other).
const fn factor(kept: usize, other: usize) -> usize {
    let mut inverse = 1;
    while times(inverse, kept ^ other) != 1 {
        inverse += 1;
    }
    inverse
}

/// For each symbol beyond the kept ones and each bit of these, which of its bits add up to what is added to that.
const PARTS: [[usize; KEPT * BITS]; POINTS - KEPT] = {
    let mut out = [[0; KEPT * BITS]; POINTS - KEPT];
    let mut at = 0;
    while at < (POINTS - KEPT) * KEPT * BITS * BITS {
        let (other, to, from) = (at / (KEPT * BITS * BITS), at / BITS % (KEPT * BITS), at % BITS);
        let product = times(factor(to / BITS, KEPT + other), 1 << from);
        out[other][to] |= (product >> (to % BITS) & 1) << from;
        at += 1;
    }
    out
};

/// The rows of one copy's fifteen symbols to those of eight.
fn compress(copy: usize, bytes: usize, scratch: &mut Scratch) {
    let (symbols, sums) = (&scratch.symbols[..POINTS * BITS * bytes], &mut scratch.streams[..ENTRIES * bytes]);
    let (first, others) = symbols.split_at(KEPT * BITS * bytes);
    let out = &mut scratch.rows[copy * KEPT * BITS * bytes..][..KEPT * BITS * bytes];
    out.copy_from_slice(first);
    for (rows, parts) in others.chunks_exact(BITS * bytes).zip(&PARTS) {
        all_sums(rows, bytes, sums);
        for (out, part) in out.chunks_exact_mut(bytes).zip(parts) {
            add(out, &sums[part * bytes..][..bytes]);
        }
    }
}

/// Of each set of four rows their sum, but of none.
fn all_sums(rows: &[u8], bytes: usize, sums: &mut [u8]) {
    for (bit, row) in rows.chunks_exact(bytes).enumerate() {
        let (lower, upper) = sums.split_at_mut(bytes << bit);
        upper[..bytes].copy_from_slice(row);
        for (low, sum) in lower.chunks_exact(bytes).zip(upper.chunks_exact_mut(bytes)).skip(1) {
            sum.copy_from_slice(low);
            add(sum, row);
        }
    }
}

/// Of each choice the part of delta in its word, as columns have it.
fn offsets_of(positions: &[u32]) -> [[u8; BLOCK]; ENTRIES] {
    std::array::from_fn(|choice| {
        let symbol = |copy: usize, at: usize| {
            let within = (choice & (at + 1)).count_ones() as usize & 1;
            within * positions[copy * POINTS + at] as usize
        };
        let all = (0..COPIES * KEPT).fold(0, |out, place| {
            let (copy, kept) = (place / KEPT, place % KEPT);
            let sum = (KEPT..POINTS)
                .fold(symbol(copy, kept), |sum, other| sum ^ times(factor(kept, other), symbol(copy, other)));
            out | (sum as u128) << (BITS * place)
        });
        all.to_le_bytes()
    })
}

/// Four rows of bits to half a byte for each column, as many as there is room for.
fn interleave(rows: &[u8], bytes: usize, out: &mut [u8]) {
    for (at, eight) in out.as_chunks_mut::<BITS>().0.iter_mut().enumerate() {
        *eight = (0..BITS).fold(0, |all, bit| all | spread(rows[bit * bytes + at]) << bit).to_le_bytes();
    }
}

/// Eight bits, three places free above each.
fn spread(byte: u8) -> u32 {
    let x = u32::from(byte);
    let x = (x | x << 12) & 0x000f_000f;
    let x = (x | x << 6) & 0x0303_0303;
    (x | x << 3) & 0x1111_1111
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever delta is not zero within a word leaves something of it in the word's block.
    #[test]
    fn no_bit_of_delta_is_lost() {
        for choice in 1..ENTRIES {
            let within = (0..TREES).filter(|tree| (choice & (tree % POINTS + 1)).count_ones() % 2 == 1);
            let mut basis: Vec<u128> = Vec::new();
            for (tree, bit) in within.flat_map(|tree| (0..BITS).map(move |bit| (tree, bit))) {
                let mut positions = [0u32; TREES];
                positions[tree] = 1 << bit;
                let reduced =
                    basis.iter().fold(u128::from_le_bytes(offsets_of(&positions)[choice]), |x, &b| x.min(x ^ b));
                assert_ne!(reduced, 0);
                basis.push(reduced);
                basis.sort_by(|a, b| b.cmp(a));
            }
            assert_eq!(basis.len(), 128);
        }
    }

    #[test]
    fn multiplies_and_spreads() {
        assert_eq!((times(2, 8), times(9, 2), times(15, 15)), (3, 1, 10));
        assert_eq!((spread(0b1000_0101), spread(0xff)), (0x1000_0101, 0x1111_1111));
    }
}
