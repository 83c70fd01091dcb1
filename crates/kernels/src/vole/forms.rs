//! What is kept of the keys of random oblivious transfers, whichever way these were made.

use super::correlated::ROWS;
use super::transfers::STRIP;
use crate::blocks::aes::Cipher;
use crate::blocks::{BLOCK, block_count, one_block};
use crate::error::{Result, require};
use rayon::prelude::*;

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
    pub(super) fn sent(self) -> (usize, usize) {
        match self {
            Self::Blocks => (2, 8 * BLOCK),
            Self::Words => (2, 64),
            Self::Digits(planes) => (1, 4 * planes),
            Self::Bits(planes) => (2 * planes, 1),
        }
    }

    pub(super) fn received(self) -> (usize, usize) {
        match self {
            Self::Blocks => (1, 8 * BLOCK),
            Self::Words => (1, 64),
            Self::Digits(_) => (1, 2),
            Self::Bits(planes) => (planes, 1),
        }
    }
}

/// Where a strip's part of several vectors of one length goes.
pub(super) type Parts<'a> = Vec<&'a mut [u8]>;

/// Cuts `count` vectors, one after the other in `all`, into strips of `bytes`.
pub(super) fn strips_of(all: &mut [u8], count: usize, bytes: usize, strips: usize) -> Vec<Parts<'_>> {
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

/// Of the receiver's blocks t, with its packed choices.
pub fn keys_received(blocks: &[u8], choices: &[u8], salt: &[u8], form: Form) -> Result<Vec<u8>> {
    let (count, hash) = (whole_bytes(blocks)?, Cipher::new(&one_block(salt)?));
    require(choices.len() == count / 8, "a choice for each block")?;
    let (vectors, width) = form.received();
    let mut out = vec![0u8; vectors * width * (count / 8)];
    let mut kept = strips_of(&mut out, vectors, width * STRIP, (count / 8).div_ceil(STRIP));
    let parts = kept.par_iter_mut().zip(blocks.par_chunks(ROWS * STRIP)).zip(choices.par_chunks(STRIP));
    parts.for_each_init(
        || vec![0u8; ROWS * STRIP],
        |keys, ((kept, blocks), choices)| {
            let keys = &mut keys[..blocks.len()];
            hash.hash(blocks, keys);
            keep_received(form, keys, choices, kept);
        },
    );
    Ok(out)
}

/// Of the sender's blocks q, with and without delta.
pub fn keys_sent(blocks: &[u8], delta: &[u8], salt: &[u8], form: Form) -> Result<Vec<u8>> {
    let (count, hash) = (whole_bytes(blocks)?, Cipher::new(&one_block(salt)?));
    let delta = u128::from_le_bytes(one_block(delta)?);
    let (vectors, width) = form.sent();
    let mut out = vec![0u8; vectors * width * (count / 8)];
    let mut kept = strips_of(&mut out, vectors, width * STRIP, (count / 8).div_ceil(STRIP));
    kept.par_iter_mut().zip(blocks.par_chunks(ROWS * STRIP)).for_each_init(
        || [(); 3].map(|()| vec![0u8; ROWS * STRIP]),
        |[zero, one, added], (kept, blocks)| {
            let [zero, one, added] = [zero, one, added].map(|vector| &mut vector[..blocks.len()]);
            for (to, from) in added.as_chunks_mut::<BLOCK>().0.iter_mut().zip(blocks.as_chunks::<BLOCK>().0) {
                *to = (u128::from_le_bytes(*from) ^ delta).to_le_bytes();
            }
            hash.hash(blocks, zero);
            hash.hash(added, one);
            keep_sent(form, zero, one, kept);
        },
    );
    Ok(out)
}

fn whole_bytes(blocks: &[u8]) -> Result<usize> {
    let count = block_count(blocks)?;
    require(count > 0 && count.is_multiple_of(8), "transfers in multiples of eight")?;
    Ok(count)
}

pub(super) fn keep_received(form: Form, chosen: &[u8], choices: &[u8], out: &mut Parts) {
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

pub(super) fn keep_sent(form: Form, zero: &[u8], one: &[u8], out: &mut Parts) {
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
