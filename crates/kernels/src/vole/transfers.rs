//! Random oblivious transfers from small trees in one pass: streams, corrections, transposition, hash and what of each key
//! is used, strip by strip, so that nothing but inputs and results leaves the caches.
//!
//! The same numbers come out of `small_vole`, `transpose_bits` and `block_tags` one after the other; the reference is
//! written that way.

use super::correlated::{BITS_MAX, ROWS, transpose_rows};
use crate::blocks::aes::Cipher;
#[cfg(target_arch = "x86_64")]
use crate::blocks::lanes::Lanes;
use crate::blocks::{BLOCK, Level, dispatch, one_block};
use crate::error::{Result, element_count, require};
use rayon::prelude::*;

/// Bytes of a row in a strip: as many blocks as AES has in flight on 256-bit registers.
const STRIP: usize = 16 * BLOCK;
/// Transfers of a table of sixteen entries.
const DIGIT: usize = 4;
/// Of bits that a key gives for each entry of a table.
const PLANES_MAX: usize = 8;
/// Bit v of the mask says whether bit i of v is set.
const HALVES: [u16; DIGIT] = [0xaaaa, 0xcccc, 0xf0f0, 0xff00];

/// What is kept of a key.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// All 16 bytes.
    Blocks,
    /// The first eight.
    Words,
    /// Four keys together: for each of `0` planes the sixteen bits that mask a table of sixteen entries.
    Digits(usize),
    /// The first `0` bits, each in a plane of its own.
    Bits(usize),
}

impl Form {
    pub fn new(kind: u32, planes: u32) -> Result<Self> {
        let planes = planes as usize;
        require(kind < 2 || (1..=PLANES_MAX).contains(&planes), "one to eight planes")?;
        match kind {
            0 => Ok(Self::Blocks),
            1 => Ok(Self::Words),
            2 => Ok(Self::Digits(planes)),
            3 => Ok(Self::Bits(planes)),
            _ => Err(crate::KernelError::Range("a form of keys")),
        }
    }

    /// Vectors that the sender gets, and bytes of each for eight transfers.
    fn sent(self) -> (usize, usize) {
        match self {
            Self::Blocks => (2, 8 * BLOCK),
            Self::Words => (2, 64),
            Self::Digits(planes) => (1, 4 * planes),
            Self::Bits(planes) => (2 * planes, 1),
        }
    }

    fn received(self) -> (usize, usize) {
        match self {
            Self::Blocks => (1, 8 * BLOCK),
            Self::Words => (1, 64),
            Self::Digits(_) => (1, 2),
            Self::Bits(planes) => (planes, 1),
        }
    }
}

/// Where a strip's part of several vectors of one length goes.
type Parts<'a> = Vec<&'a mut [u8]>;

/// Cuts `count` vectors, one after the other in `all`, into strips of `bytes`.
fn strips_of(all: &mut [u8], count: usize, bytes: usize, strips: usize) -> Vec<Parts<'_>> {
    let mut out: Vec<Parts> = (0..strips).map(|_| Vec::with_capacity(count)).collect();
    if count > 0 && !all.is_empty() {
        for vector in all.chunks_mut(all.len() / count) {
            for (strip, part) in out.iter_mut().zip(vector.chunks_mut(bytes)) {
                strip.push(part);
            }
        }
    }
    out
}

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
fn streams_of(ciphers: &[Cipher], offset: usize, unknown: bool, first: u64, bytes: usize, out: &mut [u8]) {
    for (leaf, cipher) in ciphers.iter().enumerate() {
        let weight = leaf ^ offset;
        let stream = &mut out[weight * bytes..][..bytes];
        if unknown && weight == 0 { stream.fill(0) } else { cipher.counter(first, stream) }
    }
}

/// Row b: the sum of the streams whose index has bit b. The streams become their sum, in the first of them.
fn fold(bits: usize, bytes: usize, streams: &mut [u8], rows: &mut [u8]) {
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

fn add(to: &mut [u8], from: &[u8]) {
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

fn keep_received(form: Form, chosen: &[u8], choices: &[u8], out: &mut Parts) {
    let blocks = chosen.as_chunks::<BLOCK>().0;
    match form {
        Form::Blocks => out[0].copy_from_slice(chosen),
        Form::Words => halves(blocks, out[0]),
        Form::Digits(planes) => {
            for (at, (keys, entry)) in blocks.chunks_exact(DIGIT).zip(out[0].iter_mut()).enumerate() {
                let chance = choices[at / 2] >> (4 * (at & 1)) & 15;
                let sum = keys.iter().fold(0, |sum, key| sum ^ u128::from_le_bytes(*key));
                *entry = (0..planes).fold(0, |bits, plane| {
                    let entries = (sum >> (16 * plane)) as u16;
                    bits | ((entries >> chance & 1) as u8) << plane
                });
            }
        }
        Form::Bits(planes) => planes_of(blocks.iter().map(|key| key[0]), out, planes),
    }
}

fn keep_sent(form: Form, zero: &[u8], one: &[u8], out: &mut Parts) {
    let (zeros, ones) = (zero.as_chunks::<BLOCK>().0, one.as_chunks::<BLOCK>().0);
    match form {
        Form::Blocks => {
            out[0].copy_from_slice(zero);
            out[1].copy_from_slice(one);
        }
        Form::Words => {
            halves(zeros, out[0]);
            halves(ones, out[1]);
        }
        Form::Digits(planes) => {
            let pairs = zeros.chunks_exact(DIGIT).zip(ones.chunks_exact(DIGIT));
            for ((zeros, ones), pads) in pairs.zip(out[0].chunks_exact_mut(2 * planes)) {
                let sum = (0..DIGIT).fold(0, |sum, i| {
                    let half = u128::from(HALVES[i]) * (u128::MAX / 0xffff);
                    sum ^ (u128::from_le_bytes(zeros[i]) & !half) ^ (u128::from_le_bytes(ones[i]) & half)
                });
                pads.copy_from_slice(&sum.to_le_bytes()[..2 * planes]);
            }
        }
        Form::Bits(planes) => {
            let (low, high) = out.split_at_mut(planes);
            planes_of(zeros.iter().map(|key| key[0]), low, planes);
            planes_of(zeros.iter().zip(ones).map(|(zero, one)| zero[0] ^ one[0]), high, planes);
        }
    }
}

fn halves(blocks: &[[u8; BLOCK]], out: &mut [u8]) {
    for (block, out) in blocks.iter().zip(out.as_chunks_mut::<8>().0) {
        out.copy_from_slice(&block[..8]);
    }
}

/// Bit p of each byte to plane p; a multiple of eight bytes.
fn planes_of(mut bytes: impl Iterator<Item = u8>, out: &mut [&mut [u8]], planes: usize) {
    for at in 0..out[0].len() {
        let eight = u64::from_le_bytes(std::array::from_fn(|_| bytes.next().expect("eight for each byte")));
        for (plane, out) in out.iter_mut().enumerate().take(planes) {
            out[at] = gathered(eight >> plane);
        }
    }
}

/// The lowest bits of eight bytes, side by side.
#[inline(always)]
pub(crate) fn gathered(eight: u64) -> u8 {
    ((eight & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}
