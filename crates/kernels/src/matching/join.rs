//! Hash join: both sides partitioned by a keyed hash, then a table of a few thousand entries for each part. The hash's
//! key is fresh for each call, so that nobody can send strings that collide.

use super::partition::{Entry, Parts, Shared, fingerprint, part_bits, position};
use crate::error::{KernelError, Result, element_count, require};
use rayon::prelude::*;
use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};

const PART_STRINGS: usize = 1 << 11;
const NONE: u32 = u32::MAX;
const EMPTY: Entry = Entry::MAX;

pub struct Matches {
    pub left: Vec<u32>,
    pub right: Vec<u32>,
}

/// Positions of equal strings, by ascending left position. Refuses a string that occurs twice on one side.
pub fn match_indices(left: &[u8], right: &[u8], width: usize) -> Result<Matches> {
    let counts = [element_count(left, width)?, element_count(right, width)?];
    require(counts.iter().all(|&count| count < NONE as usize), "too many elements")?;
    let (key, bits) = (HashKey::fresh(), part_bits(counts[0].max(counts[1]), PART_STRINGS));
    let partition = |bytes| Parts::new(bytes, width, bits, |string| key.hash(string));
    let (a, b) = (partition(left), partition(right));
    let mut partner = vec![NONE; counts[0]];
    let to = Shared::new(&mut partner);
    let join = |part| {
        SCRATCH.with_borrow_mut(|scratch| {
            let repeats = scratch.join([left, right], width, [a.part(part), b.part(part)]);
            for &(left, right) in &scratch.pairs {
                // SAFETY: a left position below the count, of this part only; repeats matter no more.
                unsafe { to.write(left, right as u32) };
            }
            repeats
        })
    };
    let repeats = (0..a.len()).into_par_iter().map(join).reduce(|| [NONE; 2], |x, y| [x[0].min(y[0]), x[1].min(y[1])]);
    match repeats.into_iter().find(|&repeat| repeat != NONE) {
        Some(repeat) => Err(KernelError::Duplicate(repeat as usize)),
        None => Ok(pairs(&partner)),
    }
}

fn pairs(partner: &[u32]) -> Matches {
    let count = partner.iter().filter(|&&right| right != NONE).count();
    let (mut left, mut right) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for (i, &found) in partner.iter().enumerate().filter(|&(_, &found)| found != NONE) {
        left.push(i as u32);
        right.push(found);
    }
    Matches { left, right }
}

/// For each string the lowest position of an equal one: its own, unless it repeats an earlier one.
pub fn first_occurrences(elements: &[u8], width: usize) -> Result<Vec<u32>> {
    let count = element_count(elements, width)?;
    require(count < NONE as usize, "too many elements")?;
    let key = HashKey::fresh();
    let parts = Parts::new(elements, width, part_bits(count, PART_STRINGS), |string| key.hash(string));
    let mut first = vec![0; count];
    let to = Shared::new(&mut first);
    (0..parts.len()).into_par_iter().for_each(|part| {
        SCRATCH.with_borrow_mut(|Scratch { tables: [table, _], .. }| {
            table.clear(parts.part(part).len());
            for &entry in parts.part(part) {
                let found = table.insert(elements, width, entry).unwrap_or(position(entry));
                // SAFETY: each position below the count comes by once.
                unsafe { to.write(position(entry), found as u32) };
            }
        });
    });
    Ok(first)
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Arena of one thread, reused from part to part.
#[derive(Default)]
struct Scratch {
    tables: [Table; 2],
    candidates: Vec<(Entry, Entry)>,
    pairs: Vec<(usize, usize)>,
}

impl Scratch {
    /// Leaves the positions of equal strings in `pairs`; gives the first repeat of each side, or NONE.
    fn join(&mut self, bytes: [&[u8]; 2], width: usize, entries: [&[Entry]; 2]) -> [u32; 2] {
        let mut repeats = [NONE; 2];
        for side in 0..2 {
            let table = &mut self.tables[side];
            table.clear(entries[side].len());
            for &entry in entries[side] {
                if table.insert(bytes[side], width, entry).is_some() {
                    repeats[side] = repeats[side].min(position(entry) as u32);
                }
            }
        }
        // Strings are far away in memory: fetched for all candidates at once, compared after.
        self.candidates.clear();
        for &entry in entries[1] {
            if let Some(found) = self.tables[0].candidate(entry) {
                prefetch(bytes[0], position(found) * width);
                prefetch(bytes[1], position(entry) * width);
                self.candidates.push((found, entry));
            }
        }
        self.pairs.clear();
        for &(candidate, entry) in &self.candidates {
            let string = string_at(bytes[1], width, entry);
            if string_at(bytes[0], width, candidate) == string {
                self.pairs.push((position(candidate), position(entry)));
            } else if let Ok(found) = self.tables[0].probe(bytes[0], string, entry) {
                self.pairs.push((found, position(entry)));
            }
        }
        repeats
    }
}

/// A hint that changes nothing.
#[inline(always)]
fn prefetch(bytes: &[u8], at: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: prefetching never faults, and the address is within the slice.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().add(at).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (bytes, at);
}

/// Open addressing with linear probing, at most half full.
#[derive(Default)]
struct Table {
    slots: Vec<Entry>,
    shift: u32,
}

impl Table {
    fn clear(&mut self, count: usize) {
        let size = (2 * count).next_power_of_two().max(2);
        self.shift = 32 - size.ilog2();
        self.slots.clear();
        self.slots.resize(size, EMPTY);
    }

    /// The position of an equal string that is there already; else puts the entry in.
    #[inline(always)]
    fn insert(&mut self, bytes: &[u8], width: usize, entry: Entry) -> Option<usize> {
        let slot = match self.probe(bytes, string_at(bytes, width, entry), entry) {
            Ok(found) => return Some(found),
            Err(slot) => slot,
        };
        self.slots[slot] = entry;
        None
    }

    /// The first entry with the same fingerprint.
    #[inline(always)]
    fn candidate(&self, entry: Entry) -> Option<Entry> {
        let mask = self.slots.len() - 1;
        let mut slot = (u64::from(fingerprint(entry)) >> self.shift) as usize;
        while self.slots[slot] != EMPTY {
            if fingerprint(self.slots[slot]) == fingerprint(entry) {
                return Some(self.slots[slot]);
            }
            slot = (slot + 1) & mask;
        }
        None
    }

    #[inline(always)]
    fn probe(&self, bytes: &[u8], string: &[u8], entry: Entry) -> std::result::Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = (u64::from(fingerprint(entry)) >> self.shift) as usize;
        loop {
            let there = self.slots[slot];
            if there == EMPTY {
                return Err(slot);
            }
            if fingerprint(there) == fingerprint(entry) && string_at(bytes, string.len(), there) == string {
                return Ok(position(there));
            }
            slot = (slot + 1) & mask;
        }
    }
}

fn string_at(bytes: &[u8], width: usize, entry: Entry) -> &[u8] {
    &bytes[position(entry) * width..][..width]
}

/// Key of the folded-multiply hash (as in wyhash): not for security, but nobody outside can know it.
struct HashKey([u64; 2]);

impl HashKey {
    fn fresh() -> Self {
        let state = RandomState::new();
        Self([state.hash_one(0), state.hash_one(1)])
    }

    #[inline(always)]
    fn hash(&self, string: &[u8]) -> u64 {
        let length = string.len();
        if length < 8 {
            let mut word = [0; 8];
            word[..length].copy_from_slice(string);
            return self.fold(u64::from_le_bytes(word), length as u64);
        }
        let word = |at: usize| u64::from_le_bytes(string[at..at + 8].try_into().expect("eight bytes"));
        let mut hash = word(length - 8);
        for at in (0..length - 8).step_by(8) {
            hash = self.fold(word(at), hash);
        }
        self.fold(hash, length as u64)
    }

    #[inline(always)]
    fn fold(&self, a: u64, b: u64) -> u64 {
        let product = u128::from(a ^ self.0[0]) * u128::from(b ^ self.0[1]);
        product as u64 ^ (product >> 64) as u64
    }
}
