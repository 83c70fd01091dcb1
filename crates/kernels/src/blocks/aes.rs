//! Fixed-key AES-128: the Matyas-Meyer-Oseas hash AES_k(x) ^ x of single blocks, and counter mode.
//!
//! With AES_k as an ideal permutation the hash is correlation robust (Guo, Katz, Wang, Yu, "Efficient and Secure
//! Multiparty Computation from Fixed-Key Block Ciphers", S&P 2020, section 3): q queries and n blocks tell it from
//! random with probability about (q·n + n^2) / 2^128. The key is public and belongs to one session.

#[cfg(target_arch = "x86_64")]
use super::lanes::{self, Lanes};
use super::{BLOCK, Level, TASK, block_count, dispatch, one_block};
use crate::error::{Result, require};
use ::aes::Aes128;
use ::aes::cipher::{BlockCipherEncrypt, KeyInit};
use rayon::prelude::*;

/// Blocks in flight in one loop step: AES has a latency of four rounds' issue.
#[cfg(target_arch = "x86_64")]
const WIDE: usize = 8;

/// A key ready to use.
pub struct Cipher {
    portable: Option<Aes128>,
    #[cfg(target_arch = "x86_64")]
    rounds: [[u8; 16]; 11],
    level: Level,
}

impl Cipher {
    pub fn new(key: &[u8; BLOCK]) -> Self {
        Self::at(key, Level::best())
    }

    pub fn at(key: &[u8; BLOCK], level: Level) -> Self {
        let portable = (level == Level::Portable).then(|| Aes128::new(key.into()));
        Self {
            portable,
            // SAFETY: a level above Portable has AES-NI.
            #[cfg(target_arch = "x86_64")]
            rounds: if level > Level::Portable { unsafe { lanes::round_keys(key) } } else { [[0; 16]; 11] },
            level,
        }
    }

    /// out[i] = AES(blocks[i]) ^ blocks[i].
    pub fn hash(&self, blocks: &[u8], out: &mut [u8]) {
        assert_eq!(blocks.len(), out.len());
        dispatch!(self.level, hash_lanes(&self.rounds, blocks, out), self.hash_portable(blocks, out));
    }

    /// out[i] = AES(little-endian counter, from `first` on).
    pub fn counter(&self, first: u64, out: &mut [u8]) {
        dispatch!(self.level, counter_lanes(&self.rounds, first, out), self.counter_portable(first, out));
    }

    fn encrypt(&self, block: &mut [u8; BLOCK]) {
        self.portable.as_ref().expect("the portable level has it").encrypt_block(block.into());
    }

    fn hash_portable(&self, blocks: &[u8], out: &mut [u8]) {
        for (block, out) in blocks.as_chunks::<BLOCK>().0.iter().zip(out.as_chunks_mut::<BLOCK>().0) {
            let mut state = *block;
            self.encrypt(&mut state);
            *out = xor(&state, block);
        }
    }

    fn counter_portable(&self, first: u64, out: &mut [u8]) {
        for (i, chunk) in out.chunks_mut(BLOCK).enumerate() {
            let mut state = u128::from(first + i as u64).to_le_bytes();
            self.encrypt(&mut state);
            chunk.copy_from_slice(&state[..chunk.len()]);
        }
    }
}

fn xor(a: &[u8; BLOCK], b: &[u8; BLOCK]) -> [u8; BLOCK] {
    (u128::from_le_bytes(*a) ^ u128::from_le_bytes(*b)).to_le_bytes()
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn encrypt_wide<L: Lanes, const N: usize>(rounds: &[[u8; 16]; 11], mut state: [L; N]) -> [L; N] {
    unsafe {
        let whitening = L::splat(&rounds[0]);
        state = state.map(|x| x.xor(whitening));
        for round in &rounds[1..10] {
            let key = L::splat(round);
            state = state.map(|x| x.aes_round(key));
        }
        let last = L::splat(&rounds[10]);
        state.map(|x| x.aes_last(last))
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn hash_lanes<L: Lanes>(rounds: &[[u8; 16]; 11], blocks: &[u8], out: &mut [u8]) {
    let step = WIDE * L::BLOCKS * BLOCK;
    let whole = blocks.len() / step * step;
    // SAFETY: within both slices, which have the same length; the caller enabled the lane's instructions.
    unsafe {
        for at in (0..whole).step_by(step) {
            hash_step::<L>(rounds, blocks.as_ptr().add(at), out.as_mut_ptr().add(at));
        }
        if whole < blocks.len() {
            let (mut input, mut output) = ([0u8; WIDE * 4 * BLOCK], [0u8; WIDE * 4 * BLOCK]);
            let rest = blocks.len() - whole;
            input[..rest].copy_from_slice(&blocks[whole..]);
            hash_step::<L>(rounds, input.as_ptr(), output.as_mut_ptr());
            out[whole..].copy_from_slice(&output[..rest]);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn hash_step<L: Lanes>(rounds: &[[u8; 16]; 11], from: *const u8, to: *mut u8) {
    unsafe {
        let input: [L; WIDE] = std::array::from_fn(
            #[inline(always)]
            |i| L::load(from.add(i * L::BLOCKS * BLOCK)),
        );
        let state = encrypt_wide(rounds, input);
        for i in 0..WIDE {
            state[i].xor(input[i]).store(to.add(i * L::BLOCKS * BLOCK));
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn counter_lanes<L: Lanes>(rounds: &[[u8; 16]; 11], first: u64, out: &mut [u8]) {
    let step = WIDE * L::BLOCKS * BLOCK;
    for (i, chunk) in out.chunks_mut(step).enumerate() {
        let base = first + (i * WIDE * L::BLOCKS) as u64;
        // SAFETY: the caller enabled the lane's instructions.
        unsafe {
            if 2 * chunk.len() <= step {
                counter_step::<L, { WIDE / 2 }>(rounds, base, chunk);
            } else {
                counter_step::<L, WIDE>(rounds, base, chunk);
            }
        }
    }
}

/// At most N·L::BLOCKS blocks.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn counter_step<L: Lanes, const N: usize>(rounds: &[[u8; 16]; 11], first: u64, out: &mut [u8]) {
    let mut counters = [[0u64; 2]; WIDE * 4];
    for (j, counter) in counters[..N * L::BLOCKS].iter_mut().enumerate() {
        counter[0] = first + j as u64;
    }
    // SAFETY: both buffers hold N registers; the caller enabled the lane's instructions.
    unsafe {
        let input: [L; N] = std::array::from_fn(
            #[inline(always)]
            |i| L::load(counters.as_ptr().cast::<u8>().add(i * L::BLOCKS * BLOCK)),
        );
        let state = encrypt_wide(rounds, input);
        let mut last = [0u8; WIDE * 4 * BLOCK];
        let whole = out.len() == N * L::BLOCKS * BLOCK;
        let to = if whole { out.as_mut_ptr() } else { last.as_mut_ptr() };
        for (j, lane) in state.iter().enumerate() {
            lane.store(to.add(j * L::BLOCKS * BLOCK));
        }
        if !whole {
            let length = out.len();
            out.copy_from_slice(&last[..length]);
        }
    }
}

/// The first `width` bytes of AES_k(x) ^ x for each block x.
pub fn block_tags(key: &[u8], blocks: &[u8], width: usize) -> Result<Vec<u8>> {
    let cipher = Cipher::new(&one_block(key)?);
    let count = block_count(blocks)?;
    require(width > 0 && width <= BLOCK, "a tag of a block has 1 to 16 bytes")?;
    let mut out = vec![0u8; count * width];
    if width == BLOCK {
        out.par_chunks_mut(TASK).zip(blocks.par_chunks(TASK)).for_each(|(out, blocks)| cipher.hash(blocks, out));
        return Ok(out);
    }
    out.par_chunks_mut(TASK / BLOCK * width).zip(blocks.par_chunks(TASK)).for_each(|(out, blocks)| {
        let mut hashed = [0u8; 64 * BLOCK];
        for (out, blocks) in out.chunks_mut(64 * width).zip(blocks.chunks(64 * BLOCK)) {
            let hashed = &mut hashed[..blocks.len()];
            cipher.hash(blocks, hashed);
            for (tag, hash) in out.chunks_exact_mut(width).zip(hashed.as_chunks::<BLOCK>().0) {
                tag.copy_from_slice(&hash[..width]);
            }
        }
    });
    Ok(out)
}

/// AES-128 in counter mode from a 16-byte seed: block i is AES_seed(i), i as 16 little-endian bytes.
pub fn block_stream(seed: &[u8], length: usize) -> Result<Vec<u8>> {
    let cipher = Cipher::new(&one_block(seed)?);
    let mut out = vec![0u8; length];
    out.par_chunks_mut(TASK).enumerate().for_each(|(i, chunk)| cipher.counter((i * (TASK / BLOCK)) as u64, chunk));
    Ok(out)
}
