//! Sort-merge join of fixed-width byte strings: both sides sorted by their first eight bytes on all cores, ties by the
//! rest, then one pass. No hash table, whose random accesses would miss the cache at each probe.

use crate::error::{KernelError, Result, element_count, require};
use rayon::prelude::*;
use std::cmp::Ordering;

pub struct Matches {
    pub left: Vec<u32>,
    pub right: Vec<u32>,
}

/// Positions of equal strings, by ascending left position. Refuses a string that occurs twice on one side.
pub fn match_indices(left: &[u8], right: &[u8], width: usize) -> Result<Matches> {
    let (a, b) = (Side::sorted(left, width)?, Side::sorted(right, width)?);
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a.entries.len() && j < b.entries.len() {
        match compare(&a, a.entries[i], &b, b.entries[j]) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => {
                pairs.push((a.entries[i].1, b.entries[j].1));
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    pairs.par_sort_unstable();
    Ok(Matches { left: pairs.iter().map(|pair| pair.0).collect(), right: pairs.iter().map(|pair| pair.1).collect() })
}

/// First bytes as a number in byte order, and the position.
type Entry = (u64, u32);

struct Side<'a> {
    bytes: &'a [u8],
    width: usize,
    entries: Vec<Entry>,
}

impl<'a> Side<'a> {
    fn sorted(bytes: &'a [u8], width: usize) -> Result<Self> {
        let count = element_count(bytes, width)?;
        require(u32::try_from(count).is_ok(), "too many elements")?;
        let entries: Vec<Entry> =
            bytes.par_chunks_exact(width).enumerate().map(|(i, element)| (prefix(element), i as u32)).collect();
        let mut side = Self { bytes, width, entries };
        let mut entries = std::mem::take(&mut side.entries);
        entries.par_sort_unstable_by(|&x, &y| compare(&side, x, &side, y).then(x.1.cmp(&y.1)));
        side.entries = entries;
        side.refuse_duplicates()?;
        Ok(side)
    }

    /// Equal strings are neighbours in ascending position; the error names the lowest position that repeats another.
    fn refuse_duplicates(&self) -> Result<()> {
        let repeated = self
            .entries
            .par_windows(2)
            .filter(|pair| compare(self, pair[0], self, pair[1]).is_eq())
            .map(|pair| pair[1].1)
            .min();
        repeated.map_or(Ok(()), |index| Err(KernelError::Duplicate(index as usize)))
    }

    fn rest(&self, entry: Entry) -> &[u8] {
        let start = entry.1 as usize * self.width;
        &self.bytes[start + self.width.min(8)..start + self.width]
    }
}

fn prefix(element: &[u8]) -> u64 {
    let mut first = [0u8; 8];
    let length = element.len().min(8);
    first[..length].copy_from_slice(&element[..length]);
    u64::from_be_bytes(first)
}

fn compare(a: &Side, x: Entry, b: &Side, y: Entry) -> Ordering {
    x.0.cmp(&y.0).then_with(|| a.rest(x).cmp(b.rest(y)))
}
