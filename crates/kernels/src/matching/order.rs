//! Ascending order by bytes: partition by the leading bits, sort each part by the next 32, ties by the whole string.

use super::partition::{Entry, Parts, fingerprint, part_bits, position};
use crate::error::{Result, element_count, require};
use rayon::prelude::*;

const PART_STRINGS: usize = 1 << 9;
/// Strings are seldom spread so badly; then one part may hold all.
const PARALLEL_SORT: usize = 1 << 16;
const GATHER_TASK: usize = 1 << 13;

/// Positions in ascending order of the strings; equal ones by position.
pub fn sort_order(elements: &[u8], width: usize) -> Result<Vec<u32>> {
    let count = element_count(elements, width)?;
    require(count < u32::MAX as usize, "too many elements")?;
    let mut parts = Parts::new(elements, width, part_bits(count, PART_STRINGS), prefix);
    parts.parts_mut().into_par_iter().for_each(|part| {
        if part.len() > PARALLEL_SORT {
            part.par_sort_unstable();
        } else {
            part.sort_unstable();
        }
        sort_ties(part, elements, width);
    });
    Ok(parts.into_entries().into_iter().map(|entry| position(entry) as u32).collect())
}

/// The strings at `order`, one after the other.
pub fn gather(elements: &[u8], width: usize, order: &[u32]) -> Result<Vec<u8>> {
    let count = element_count(elements, width)?;
    require(order.iter().all(|&at| (at as usize) < count), "an index is out of range")?;
    let mut out = vec![0; order.len() * width];
    out.par_chunks_mut(GATHER_TASK * width).zip(order.par_chunks(GATHER_TASK)).for_each(|(out, order)| {
        for (out, &at) in out.chunks_exact_mut(width).zip(order) {
            out.copy_from_slice(&elements[at as usize * width..][..width]);
        }
    });
    Ok(out)
}

pub(super) fn prefix(string: &[u8]) -> u64 {
    let mut first = [0; 8];
    let length = string.len().min(8);
    first[..length].copy_from_slice(&string[..length]);
    u64::from_be_bytes(first)
}

fn sort_ties(part: &mut [Entry], elements: &[u8], width: usize) {
    let string = |entry: Entry| &elements[position(entry) * width..][..width];
    for run in part.chunk_by_mut(|a, b| fingerprint(*a) == fingerprint(*b)) {
        if run.len() > 1 {
            run.sort_unstable_by(|&a, &b| string(a).cmp(string(b)).then(a.cmp(&b)));
        }
    }
}
