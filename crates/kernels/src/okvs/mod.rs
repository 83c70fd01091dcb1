//! Oblivious key-value store: a table that gives each key its value and any other key a random-looking one.
//!
//! Papers: three-hash garbled cuckoo table of Garimella, Pinkas, Rosulek, Trieu, Yanai, "Oblivious Key-Value Stores and
//! Amplification for Private Set Intersection", CRYPTO 2021, with the parameters, the GF(2^128) dense part and the
//! clusters of Raghuraman, Rindal, "Blazing Fast PSI from Improved OKVS and Subfield VOLE", CCS 2022.
//!
//! The hash h of a key under the session's seed picks a cluster and three of its `sparse` slots. The key's value is the
//! sum of these slots and of d_1·h + .. + d_g·h^g over the cluster's g = `dense` further slots. A cluster fits L2.
//! `place` brings keys into cluster order once; encoding and decoding then go through memory in that order.
//! Not constant-time: whoever encodes or decodes holds the keys.

mod cluster;
mod core;

use crate::blocks::{BLOCK, Level, aes::Cipher, block_count, gf128, one_block};
use crate::error::{KernelError, Result, require};
use cluster::Scratch;
use rayon::prelude::*;
use std::cell::RefCell;

const CLUSTERS_MAX: usize = 1 << 16;
/// A column counts its rows in the upper 8 of 32 bits and adds them up in the lower 24.
pub(crate) const CAPACITY_MAX: usize = 1 << 23;
const SPARSE_MIN: usize = 3;
const DENSE_MAX: usize = 64;
/// Keys hashed, or decoded, in one go.
const BATCH: usize = 64;

/// Public shape of a table: equal at both parties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub clusters: usize,
    /// Most keys in a cluster.
    pub capacity: usize,
    pub sparse: usize,
    pub dense: usize,
}

impl Layout {
    fn check(&self) -> Result<()> {
        require(self.clusters > 0 && self.clusters <= CLUSTERS_MAX, "a table has 1 to 65536 clusters")?;
        require(self.capacity <= CAPACITY_MAX, "a cluster has at most 2^23 keys")?;
        require(self.sparse >= SPARSE_MIN && self.sparse <= 2 * CAPACITY_MAX, "3 to 2^24 sparse slots")?;
        require(self.dense <= DENSE_MAX, "at most 64 dense slots")
    }

    pub fn cluster_slots(&self) -> usize {
        self.sparse + self.dense
    }

    pub fn slots(&self) -> usize {
        self.clusters * self.cluster_slots()
    }

    fn cluster_of(&self, hash: u128) -> usize {
        (((hash >> 96) as u64 * self.clusters as u64) >> 32) as usize
    }
}

/// Three distinct slots below `sparse`, uniform up to 2^-32·sparse: the second skips the first, the third skips both.
#[inline(always)]
pub(crate) fn positions(hash: u128, sparse: u32) -> [u32; 3] {
    let draw = |word: u32, bound: u32| ((u64::from(word) * u64::from(bound)) >> 32) as u32;
    let a = draw(hash as u32, sparse);
    let mut b = draw((hash >> 32) as u32, sparse - 1);
    b += u32::from(b >= a);
    let (low, high) = (a.min(b), a.max(b));
    let mut c = draw((hash >> 64) as u32, sparse - 2);
    c += u32::from(c >= low);
    c += u32::from(c >= high);
    [a, b, c]
}

/// How many of a cluster's keys, given by their hashes, do not peel: to measure how often tables fail.
pub fn core_rows(sparse: usize, hashes: &[u128]) -> usize {
    SCRATCH.with_borrow_mut(|scratch| scratch.core_rows(sparse, hashes))
}

/// Keys, hashed and in cluster order.
pub struct Placed {
    layout: Layout,
    hashes: Vec<u128>,
    /// Which key each of them was.
    index: Vec<u32>,
    /// First key of each cluster, and the end.
    starts: Vec<usize>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// A pointer for writes that are disjoint by construction.
#[derive(Clone, Copy)]
struct Shared<T>(*mut T);
unsafe impl<T: Send> Send for Shared<T> {}
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// SAFETY: `at` is in bounds, and no one else reads or writes it meanwhile.
    unsafe fn write(self, at: usize, value: T) {
        unsafe { self.0.add(at).write(value) }
    }
}

impl Placed {
    /// Fails with `Unsolvable` if a cluster overflows.
    pub fn new(keys: &[u8], seed: &[u8], layout: Layout) -> Result<Self> {
        layout.check()?;
        let (count, cipher) = (block_count(keys)?, Cipher::new(&one_block(seed)?));
        require(u32::try_from(count).is_ok(), "too many keys")?;
        let part = count.div_ceil(rayon::current_num_threads()).max(BATCH) * BLOCK;
        let sizes: Vec<Vec<usize>> = keys
            .par_chunks(part)
            .map(|keys| {
                let mut sizes = vec![0; layout.clusters];
                each_hash(&cipher, keys, |_, hash| sizes[layout.cluster_of(hash)] += 1);
                sizes
            })
            .collect();
        let (starts, cursors) = cursors(sizes, layout)?;
        let mut hashes = Vec::<u128>::with_capacity(count);
        let mut index = Vec::<u32>::with_capacity(count);
        let (to_hashes, to_index) = (Shared(hashes.as_mut_ptr()), Shared(index.as_mut_ptr()));
        keys.par_chunks(part).zip(cursors).enumerate().for_each(|(chunk, (keys, mut cursors))| {
            let first = chunk * (part / BLOCK);
            each_hash(&cipher, keys, |i, hash| {
                let cursor = &mut cursors[layout.cluster_of(hash)];
                // SAFETY: the cursors count up through disjoint ranges of 0..count.
                unsafe {
                    to_hashes.write(*cursor, hash);
                    to_index.write(*cursor, (first + i) as u32);
                }
                *cursor += 1;
            });
        });
        // SAFETY: the ranges of all cursors together are 0..count.
        unsafe {
            hashes.set_len(count);
            index.set_len(count);
        }
        Ok(Self { layout, hashes, index, starts })
    }

    /// Adds (XOR) to `table` a uniformly random table that gives each key its value. `randomness` is a 16-byte seed.
    pub fn encode_onto(&self, table: &mut [u8], values: &[u8], randomness: &[u8]) -> Result<()> {
        require(table.len() == self.layout.slots() * BLOCK, "a table of another size")?;
        require(values.len() == self.index.len() * BLOCK, "one value a key")?;
        let (values, cipher) = (values.as_chunks::<BLOCK>().0, Cipher::new(&one_block(randomness)?));
        let width = self.layout.cluster_slots();
        table.par_chunks_mut(width * BLOCK).enumerate().try_for_each(|(cluster, table)| {
            SCRATCH.with_borrow_mut(|scratch| {
                scratch.randomise(&cipher, (cluster * width) as u64, width);
                let (hashes, index) = self.cluster(cluster);
                scratch.solve(&self.layout, hashes, |row| u128::from_le_bytes(values[index[row] as usize]))?;
                scratch.add_to(table);
                Ok(())
            })
        })
    }

    /// The value `table` gives each key, in the order of the keys.
    pub fn decode_into(&self, table: &[u8], out: &mut [u8]) -> Result<()> {
        require(table.len() == self.layout.slots() * BLOCK, "a table of another size")?;
        require(out.len() == self.index.len() * BLOCK, "room for one value a key")?;
        let out = Shared(out.as_mut_ptr().cast::<[u8; BLOCK]>());
        table.par_chunks(self.layout.cluster_slots() * BLOCK).enumerate().for_each(|(cluster, table)| {
            let (hashes, index) = self.cluster(cluster);
            let table = table.as_chunks::<BLOCK>().0;
            for (hashes, index) in hashes.chunks(BATCH).zip(index.chunks(BATCH)) {
                let values = decode_batch(table, self.layout.sparse, hashes);
                for (value, &i) in values.iter().zip(index) {
                    // SAFETY: `index` is a permutation of the keys, so below their number and never the same.
                    unsafe { out.write(i as usize, value.to_le_bytes()) };
                }
            }
        });
        Ok(())
    }

    fn cluster(&self, cluster: usize) -> (&[u128], &[u32]) {
        let range = self.starts[cluster]..self.starts[cluster + 1];
        (&self.hashes[range.clone()], &self.index[range])
    }
}

/// Calls back with position and hash of each key.
#[inline(always)]
fn each_hash(cipher: &Cipher, keys: &[u8], mut visit: impl FnMut(usize, u128)) {
    let mut hashed = [0u8; BATCH * BLOCK];
    for (batch, keys) in keys.chunks(BATCH * BLOCK).enumerate() {
        let hashed = &mut hashed[..keys.len()];
        cipher.hash(keys, hashed);
        for (i, hash) in hashed.as_chunks::<BLOCK>().0.iter().enumerate() {
            visit(batch * BATCH + i, u128::from_le_bytes(*hash));
        }
    }
}

/// From the sizes of each part's clusters: where each cluster starts, and where each part writes within it.
fn cursors(mut sizes: Vec<Vec<usize>>, layout: Layout) -> Result<(Vec<usize>, Vec<Vec<usize>>)> {
    let (mut starts, mut at) = (Vec::with_capacity(layout.clusters + 1), 0);
    for cluster in 0..layout.clusters {
        starts.push(at);
        for part in &mut sizes {
            let size = part[cluster];
            part[cluster] = at;
            at += size;
        }
        if at - starts[cluster] > layout.capacity {
            return Err(KernelError::Unsolvable);
        }
    }
    starts.push(at);
    Ok((starts, sizes))
}

/// As bytes; the elements are little-endian.
pub(crate) fn bytes_of(blocks: &[u128]) -> &[u8] {
    // SAFETY: u128 has no padding, and any bytes are valid.
    unsafe { std::slice::from_raw_parts(blocks.as_ptr().cast(), size_of_val(blocks)) }
}

pub(crate) fn bytes_of_mut(blocks: &mut [u128]) -> &mut [u8] {
    // SAFETY: as above.
    unsafe { std::slice::from_raw_parts_mut(blocks.as_mut_ptr().cast(), size_of_val(blocks)) }
}

fn decode_batch(table: &[[u8; BLOCK]], sparse: usize, hashes: &[u128]) -> [u128; BATCH] {
    let mut values = [0u128; BATCH];
    let sums = bytes_of_mut(&mut values[..hashes.len()]);
    gf128::polynomials_at(Level::best(), sums, bytes_of(hashes), &table[sparse..]);
    for (value, &hash) in values.iter_mut().zip(hashes) {
        for position in positions(hash, sparse as u32) {
            *value ^= u128::from_le_bytes(table[position as usize]);
        }
    }
    values
}
