//! Random oblivious transfers from small trees in one pass: streams, corrections, transposition, hash and what of each key
//! is used (`forms`), strip by strip, so that nothing but inputs and results leaves the caches.
//!
//! The same numbers come out of `small_vole`, `transpose_bits` and `block_tags` one after the other; the reference is
//! written that way.

use super::correlated::{BITS_MAX, ROWS, transpose_rows};
use super::forms::{Form, Parts, keep_received, keep_sent, strips_of};
use crate::blocks::aes::Cipher;
#[cfg(target_arch = "x86_64")]
use crate::blocks::lanes::Lanes;
use crate::blocks::{BLOCK, Level, dispatch, one_block};
use crate::error::{Result, element_count, require};
use rayon::prelude::*;

/// Bytes of a row in a strip: as many blocks as AES has in flight on 256-bit registers.
pub(super) const STRIP: usize = 16 * BLOCK;
/// What both sides know of a run.
pub struct Extension<'a> {
    /// Of 128 / bits trees.
    pub leaves: &'a [u8],
    pub bits: usize,
    /// Block of the streams.
    pub first: u64,
    pub count: usize,
    pub salt: &'a [u8],
    pub form: Form,
}

/// Checked, and cut into strips.
struct Run {
    bits: usize,
    trees: usize,
    row_bytes: usize,
    strips: usize,
    count: usize,
    ciphers: Vec<Cipher>,
    hash: Cipher,
}

impl Run {
    fn new(&Extension { leaves, bits, count, salt, .. }: &Extension) -> Result<Self> {
        require((1..=BITS_MAX).contains(&bits), "fields of 2 to 256 elements")?;
        let trees = element_count(leaves, BLOCK << bits)?;
        require(trees * bits == ROWS, "trees for 128 rows")?;
        require(count > 0 && count.is_multiple_of(8), "transfers in multiples of eight")?;
        let row_bytes = count.div_ceil(ROWS) * BLOCK;
        let ciphers = leaves.as_chunks::<BLOCK>().0.iter().map(Cipher::new).collect();
        let hash = Cipher::new(&one_block(salt)?);
        Ok(Self { bits, trees, row_bytes, strips: row_bytes.div_ceil(STRIP), count, ciphers, hash })
    }

    /// Bytes of a row in this strip, and transfers wanted of it.
    fn of_strip(&self, strip: usize) -> (usize, usize) {
        let at = strip * STRIP;
        (STRIP.min(self.row_bytes - at), (8 * STRIP).min(self.count - 8 * at))
    }
}

/// What one thread works in.
struct Scratch {
    streams: Vec<u8>,
    rows: Vec<u8>,
    sums: Vec<u8>,
    columns: Vec<u8>,
    keys: [Vec<u8>; 2],
}

impl Scratch {
    fn new(bits: usize) -> Self {
        let block = || vec![0u8; ROWS * STRIP];
        Self {
            streams: vec![0; STRIP << bits],
            rows: block(),
            sums: vec![0; STRIP],
            columns: block(),
            keys: [block(), block()],
        }
    }
}

/// Streams of the leaves of one tree, in the order of their weight; the first is not made where it is `unknown`.
pub(super) fn streams_of(ciphers: &[Cipher], offset: usize, unknown: bool, first: u64, bytes: usize, out: &mut [u8]) {
    for (leaf, cipher) in ciphers.iter().enumerate() {
        let weight = leaf ^ offset;
        let stream = &mut out[weight * bytes..][..bytes];
        if unknown && weight == 0 { stream.fill(0) } else { cipher.counter(first, stream) }
    }
}

/// Row b: the sum of the streams whose index has bit b. The streams become their sum, in the first of them.
pub(super) fn fold(bits: usize, bytes: usize, streams: &mut [u8], rows: &mut [u8]) {
    dispatch!(Level::best(), fold_lanes(bits, bytes, streams, rows), fold_portable(bits, bytes, streams, rows))
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn fold_lanes<L: Lanes>(bits: usize, bytes: usize, streams: &mut [u8], rows: &mut [u8]) {
    let width = L::BLOCKS * BLOCK;
    if !bytes.is_multiple_of(width) {
        return fold_portable(bits, bytes, streams, rows);
    }
    assert!(streams.len() >= bytes << bits && rows.len() >= bits * bytes);
    for bit in 0..bits {
        for at in (0..bytes).step_by(width) {
            // SAFETY: within both slices, as just checked; the caller enabled the lane's instructions.
            unsafe {
                let stream = |index: usize| index * bytes + at;
                let mut sum = L::splat(&[0; BLOCK]);
                for pair in 0..1 << (bits - bit - 1) {
                    let low = L::load(streams.as_ptr().add(stream(2 * pair)));
                    let high = L::load(streams.as_ptr().add(stream(2 * pair + 1)));
                    sum = sum.xor(high);
                    low.xor(high).store(streams.as_mut_ptr().add(stream(pair)));
                }
                sum.store(rows.as_mut_ptr().add(bit * bytes + at));
            }
        }
    }
}

fn fold_portable(bits: usize, bytes: usize, streams: &mut [u8], rows: &mut [u8]) {
    for (bit, row) in rows.chunks_exact_mut(bytes).take(bits).enumerate() {
        row.fill(0);
        for pair in 0..1 << (bits - bit - 1) {
            for at in 0..bytes {
                let high = streams[(2 * pair + 1) * bytes + at];
                row[at] ^= high;
                streams[pair * bytes + at] = streams[2 * pair * bytes + at] ^ high;
            }
        }
    }
}

pub(super) fn add(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.as_chunks_mut::<BLOCK>().0.iter_mut().zip(from.as_chunks::<BLOCK>().0) {
        *to = (u128::from_le_bytes(*to) ^ u128::from_le_bytes(*from)).to_le_bytes();
    }
}

/// The receiver's: per tree but the first what makes its sum the first one's; the first one's bits, which are the choices;
/// what is kept of the chosen keys.
pub fn transfers_received(extension: &Extension) -> Result<Vec<u8>> {
    let run = Run::new(extension)?;
    let (form, count) = (extension.form, run.count);
    let (vectors, width) = form.received();
    let corrected = (run.trees - 1) * run.row_bytes;
    let mut out = vec![0u8; corrected + count / 8 + vectors * width * (count / 8)];
    let (corrections, rest) = out.split_at_mut(corrected);
    let (choices, keys) = rest.split_at_mut(count / 8);
    let mut corrections = strips_of(corrections, run.trees - 1, STRIP, run.strips);
    let mut keys = strips_of(keys, vectors, width * STRIP, run.strips);
    let parts = corrections.par_iter_mut().zip(choices.par_chunks_mut(STRIP)).zip(keys.par_iter_mut());
    parts.enumerate().for_each_init(
        || Scratch::new(run.bits),
        |scratch, (strip, ((corrections, choices), keys))| {
            let (bytes, wanted) = run.of_strip(strip);
            let start = extension.first + (strip * STRIP / BLOCK) as u64;
            run.fill_received(start, bytes, scratch, corrections);
            choices.copy_from_slice(&scratch.sums[..wanted / 8]);
            run.columns(bytes, scratch);
            run.hash.hash(&scratch.columns[..ROWS * bytes], &mut scratch.keys[0][..ROWS * bytes]);
            keep_received(form, &scratch.keys[0][..BLOCK * wanted], choices, keys);
        },
    );
    Ok(out)
}

/// The sender's, with the receiver's corrections: what is kept of both keys.
pub fn transfers_sent(extension: &Extension, positions: &[u32], corrections: &[u8]) -> Result<Vec<u8>> {
    let run = Run::new(extension)?;
    require(positions.len() == run.trees, "one position per tree")?;
    require(positions.iter().all(|&position| (position as usize) < 1 << run.bits), "a position within the tree")?;
    require(corrections.len() == (run.trees - 1) * run.row_bytes, "a correction for each tree but the first")?;
    let delta = delta_of(positions, run.bits);
    let (vectors, width) = extension.form.sent();
    let mut out = vec![0u8; vectors * width * (run.count / 8)];
    let mut keys = strips_of(&mut out, vectors, width * STRIP, run.strips);
    keys.par_iter_mut().enumerate().for_each_init(
        || Scratch::new(run.bits),
        |scratch, (strip, kept)| {
            let (bytes, wanted) = run.of_strip(strip);
            let start = extension.first + (strip * STRIP / BLOCK) as u64;
            let correction = |tree: usize| &corrections[(tree - 1) * run.row_bytes + strip * STRIP..][..bytes];
            run.fill_sent(start, bytes, scratch, positions, correction);
            run.columns(bytes, scratch);
            let Scratch { columns, keys: [zero, one], .. } = scratch;
            let columns = &mut columns[..ROWS * bytes];
            run.hash.hash(columns, &mut zero[..ROWS * bytes]);
            for column in columns.as_chunks_mut::<BLOCK>().0 {
                *column = (u128::from_le_bytes(*column) ^ delta).to_le_bytes();
            }
            run.hash.hash(columns, &mut one[..ROWS * bytes]);
            keep_sent(extension.form, &zero[..BLOCK * wanted], &one[..BLOCK * wanted], kept);
        },
    );
    Ok(out)
}

impl Run {
    /// Rows, corrections, and the first tree's sum.
    fn fill_received(&self, start: u64, bytes: usize, scratch: &mut Scratch, corrections: &mut Parts) {
        for (tree, ciphers) in self.ciphers.chunks_exact(1 << self.bits).enumerate() {
            streams_of(ciphers, 0, false, start, bytes, &mut scratch.streams);
            fold(self.bits, bytes, &mut scratch.streams, &mut scratch.rows[tree * self.bits * bytes..]);
            let sum = &scratch.streams[..bytes];
            match tree.checked_sub(1) {
                None => scratch.sums[..bytes].copy_from_slice(sum),
                Some(at) => {
                    corrections[at].copy_from_slice(sum);
                    add(corrections[at], &scratch.sums[..bytes]);
                }
            }
        }
    }

    fn fill_sent<'a>(
        &self,
        start: u64,
        bytes: usize,
        scratch: &mut Scratch,
        positions: &[u32],
        correction: impl Fn(usize) -> &'a [u8],
    ) {
        for (tree, ciphers) in self.ciphers.chunks_exact(1 << self.bits).enumerate() {
            let position = positions[tree] as usize;
            streams_of(ciphers, position, true, start, bytes, &mut scratch.streams);
            let rows = &mut scratch.rows[tree * self.bits * bytes..][..self.bits * bytes];
            fold(self.bits, bytes, &mut scratch.streams, rows);
            if tree > 0 {
                for (_, row) in rows.chunks_exact_mut(bytes).enumerate().filter(|(bit, _)| position >> bit & 1 == 1) {
                    add(row, correction(tree));
                }
            }
        }
    }

    fn columns(&self, bytes: usize, scratch: &mut Scratch) {
        transpose_rows(&scratch.rows[..ROWS * bytes], bytes, &mut scratch.columns[..ROWS * bytes]);
    }
}

/// k bits of it belong to each tree.
fn delta_of(positions: &[u32], bits: usize) -> u128 {
    positions.iter().enumerate().fold(0, |delta, (tree, &position)| delta | u128::from(position) << (tree * bits))
}
