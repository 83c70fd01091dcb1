//! SHA-256 in bulk and the AES-256-CTR generator. The crates use SHA-NI and AES-NI/VAES where the CPU has them.

use crate::blocks::{BLOCK, block_count};
use crate::error::{Result, element_count, require};
use aes::Aes256;
use aes::cipher::{KeyIvInit, StreamCipher};
use ctr::Ctr128BE;
use rayon::prelude::*;
use sha2::block_api::compress256;

/// Messages per task: enough to outweigh the scheduling.
const CHUNK: usize = 512;
pub(crate) const DIGEST: usize = 32;
const SHA_BLOCK: usize = 64;
/// A block less the bit that ends a message and its length.
pub(crate) const SHORT_MAX: usize = SHA_BLOCK - 9;

/// Checks ascending offsets from 0 to the end; gives the number of messages.
pub fn message_count(messages: &[u8], offsets: &[u32]) -> Result<usize> {
    require(offsets.first() == Some(&0), "offsets must start at 0")?;
    require(
        offsets.last().map(|&end| end as usize) == Some(messages.len()),
        "offsets must end at the messages' length",
    )?;
    require(offsets.is_sorted(), "offsets must ascend")?;
    Ok(offsets.len() - 1)
}

pub fn sha256_batch(messages: &[u8], offsets: &[u32]) -> Result<Vec<u8>> {
    sha256_prefixed(&[], messages, offsets)
}

pub fn sha256_prefixed(prefix: &[u8], messages: &[u8], offsets: &[u32]) -> Result<Vec<u8>> {
    prefixed(prefix, messages, offsets, DIGEST)
}

/// The first 16 bytes of SHA-256(prefix || message) of each message.
pub fn id_digests(prefix: &[u8], messages: &[u8], offsets: &[u32]) -> Result<Vec<u8>> {
    prefixed(prefix, messages, offsets, 16)
}

fn prefixed(prefix: &[u8], messages: &[u8], offsets: &[u32], width: usize) -> Result<Vec<u8>> {
    let count = message_count(messages, offsets)?;
    let start = Midstate::new(prefix);
    let message = |i: usize| &messages[offsets[i] as usize..offsets[i + 1] as usize];
    Ok(each_digest(count, width, |i| start.digest([message(i), &[]])))
}

/// The first `width` bytes of SHA-256(prefix || left || right) of each pair of 16-byte blocks.
pub fn pair_tags(prefix: &[u8], left: &[u8], right: &[u8], width: usize) -> Result<Vec<u8>> {
    let count = block_count(left)?;
    require(left.len() == right.len(), "as many blocks on both sides")?;
    require(width > 0 && width <= DIGEST, "a tag of a pair has 1 to 32 bytes")?;
    let start = Midstate::new(prefix);
    let block = |side: &[u8], i: usize| -> [u8; BLOCK] { side.as_chunks().0[i] };
    Ok(each_digest(count, width, |i| start.digest([&block(left, i), &block(right, i)])))
}

pub(crate) fn each_digest(count: usize, width: usize, digest: impl Fn(usize) -> [u8; DIGEST] + Sync) -> Vec<u8> {
    let mut out = vec![0u8; width * count];
    out.par_chunks_mut(width * CHUNK).enumerate().for_each(|(chunk, tags)| {
        for (i, tag) in tags.chunks_exact_mut(width).enumerate() {
            tag.copy_from_slice(&digest(chunk * CHUNK + i)[..width]);
        }
    });
    out
}

/// SHA-256 after a prefix: its whole blocks are hashed once for all messages.
pub(crate) struct Midstate {
    state: [u32; 8],
    /// What of the prefix does not fill a block.
    block: [u8; SHA_BLOCK],
    filled: usize,
    length: usize,
}

impl Midstate {
    /// FIPS 180-4, 5.3.3.
    const INITIAL: [u32; 8] =
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    pub(crate) fn new(prefix: &[u8]) -> Self {
        let (whole, rest) = prefix.as_chunks::<SHA_BLOCK>();
        let mut start = Self { state: Self::INITIAL, block: [0; SHA_BLOCK], filled: rest.len(), length: prefix.len() };
        compress256(&mut start.state, whole);
        start.block[..rest.len()].copy_from_slice(rest);
        start
    }

    /// For a message that shares its only block with nothing: `block` holds it, and zeros behind. None: it does not.
    #[inline(always)]
    pub(crate) fn digest_short(&self, mut block: [u8; SHA_BLOCK], length: usize) -> Option<[u8; 16]> {
        if self.filled > 0 || length > SHORT_MAX {
            return None;
        }
        let mut state = self.state;
        block[length] = 0x80;
        block[SHA_BLOCK - 8..].copy_from_slice(&(8 * (self.length + length) as u64).to_be_bytes());
        compress256(&mut state, &[block]);
        let mut out = [0; 16];
        for (out, word) in out.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *out = word.to_be_bytes();
        }
        Some(out)
    }

    #[inline(always)]
    pub(crate) fn digest(&self, parts: [&[u8]; 2]) -> [u8; DIGEST] {
        let (mut state, mut block, mut filled) = (self.state, self.block, self.filled);
        let length = self.length + parts[0].len() + parts[1].len();
        for mut part in parts {
            while filled + part.len() >= SHA_BLOCK {
                let (now, later) = part.split_at(SHA_BLOCK - filled);
                block[filled..].copy_from_slice(now);
                compress256(&mut state, &[block]);
                (part, filled) = (later, 0);
            }
            block[filled..filled + part.len()].copy_from_slice(part);
            filled += part.len();
        }
        pad(&mut state, block, filled, length);
        let mut out = [0; DIGEST];
        for (out, word) in out.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *out = word.to_be_bytes();
        }
        out
    }
}

/// FIPS 180-4, 5.1.1: a one bit, zeros, and the length in bits.
#[inline(always)]
fn pad(state: &mut [u32; 8], mut block: [u8; SHA_BLOCK], filled: usize, length: usize) {
    block[filled] = 0x80;
    block[filled + 1..].fill(0);
    if filled >= SHA_BLOCK - 8 {
        compress256(state, &[block]);
        block = [0; SHA_BLOCK];
    }
    block[SHA_BLOCK - 8..].copy_from_slice(&(8 * length as u64).to_be_bytes());
    compress256(state, &[block]);
}

/// The first `width` bytes of SHA-256(prefix || element) of each element of `element_width` bytes.
pub fn sha256_truncated(prefix: &[u8], elements: &[u8], element_width: usize, width: usize) -> Result<Vec<u8>> {
    let count = element_count(elements, element_width)?;
    require((1..=DIGEST).contains(&width), "a truncated digest has 1 to 32 bytes")?;
    let start = Midstate::new(prefix);
    let element = |i: usize| &elements[element_width * i..element_width * (i + 1)];
    Ok(each_digest(count, width, |i| start.digest([element(i), &[]])))
}

pub fn prg_expand(seed: &[u8], length: usize) -> Result<Vec<u8>> {
    let key: &[u8; 32] = seed.try_into().map_err(|_| crate::KernelError::Range("a seed has 32 bytes"))?;
    let mut out = vec![0u8; length];
    Ctr128BE::<Aes256>::new(key.into(), &[0u8; 16].into()).apply_keystream(&mut out);
    Ok(out)
}
