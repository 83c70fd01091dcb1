//! SHA-256 in bulk and the AES-256-CTR generator. The crates use SHA-NI and AES-NI/VAES where the CPU has them.

use crate::error::{Result, require};
use aes::Aes256;
use aes::cipher::{KeyIvInit, StreamCipher};
use ctr::Ctr128BE;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// Messages per task: enough to outweigh the scheduling.
const CHUNK: usize = 512;

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
    let count = message_count(messages, offsets)?;
    let start = Sha256::new_with_prefix(prefix);
    let mut out = vec![0u8; 32 * count];
    out.par_chunks_mut(32 * CHUNK).zip(offsets[..count].par_chunks(CHUNK)).enumerate().for_each(
        |(chunk, (digests, _))| {
            for (i, digest) in digests.chunks_exact_mut(32).enumerate() {
                let at = chunk * CHUNK + i;
                let message = &messages[offsets[at] as usize..offsets[at + 1] as usize];
                digest.copy_from_slice(&start.clone().chain_update(message).finalize());
            }
        },
    );
    Ok(out)
}

pub fn prg_expand(seed: &[u8], length: usize) -> Result<Vec<u8>> {
    let key: &[u8; 32] = seed.try_into().map_err(|_| crate::KernelError::Range("a seed has 32 bytes"))?;
    let mut out = vec![0u8; length];
    Ctr128BE::<Aes256>::new(key.into(), &[0u8; 16].into()).apply_keystream(&mut out);
    Ok(out)
}
