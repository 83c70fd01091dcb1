//! Short strings in ascending order, and their join with such a list: one radix partition of records that carry string
//! and position together, then everything within parts that fit L1. Longer strings go through `sort_order`.

use super::order::{gather, prefix, sort_order};
use super::partition::{Parts, part_bits};
use crate::error::{KernelError, Result, element_count, require};
use rayon::prelude::*;

const PART_STRINGS: usize = 1 << 9;
/// A record holds the string, most significant byte first, above the 32 bits of its position.
const RECORD_STRING: usize = 12;
const POSITION_BITS: u32 = 32;
const CHECK_TASK: usize = 1 << 14;

pub struct Sorted {
    pub sorted: Vec<u8>,
    /// Where each of them was.
    pub order: Vec<u32>,
}

/// The strings in ascending order; equal ones by position.
pub fn sort_strings(elements: &[u8], width: usize) -> Result<Sorted> {
    let count = counted(elements, width)?;
    if width > RECORD_STRING {
        let order = sort_order(elements, width)?;
        return Ok(Sorted { sorted: gather(elements, width, &order)?, order });
    }
    let records = records(elements, width);
    let (mut sorted, mut order) = (vec![0; elements.len()], vec![0; count]);
    let task = PART_STRINGS * 16;
    let tasks = sorted.par_chunks_mut(task * width).zip(order.par_chunks_mut(task));
    tasks.zip(records.par_chunks(task)).for_each(|((strings, order), records)| {
        for (i, &record) in records.iter().enumerate() {
            order[i] = record as u32;
            let bytes = record.to_be_bytes();
            // A whole register where the next string overwrites what is too much.
            match strings.get_mut(i * width..i * width + 16) {
                Some(to) => to.copy_from_slice(&bytes),
                None => strings[i * width..(i + 1) * width].copy_from_slice(&bytes[..width]),
            }
        }
    });
    Ok(Sorted { sorted, order })
}

fn counted(elements: &[u8], width: usize) -> Result<usize> {
    let count = element_count(elements, width)?;
    require(count < u32::MAX as usize, "too many elements")?;
    Ok(count)
}

/// Ascending by string, then position.
fn records(elements: &[u8], width: usize) -> Vec<u128> {
    let bits = part_bits(elements.len() / width, PART_STRINGS);
    let mut parts: Parts<u128> =
        Parts::of(elements, width, bits, prefix, |_, position, string| string_bits(string) | position as u128);
    parts.parts_mut().into_par_iter().for_each(|part| part.sort_unstable());
    parts.into_entries()
}

/// At most twelve bytes as the upper bits of a record.
#[inline(always)]
fn string_bits(string: &[u8]) -> u128 {
    let mut bytes = [0; 16];
    bytes[..string.len()].copy_from_slice(string);
    u128::from_be_bytes(bytes)
}

pub struct SortedMatches {
    /// Positions of those that are in the list, ascending.
    pub left: Vec<u32>,
    /// The same in the order of the list.
    pub order: Vec<u32>,
    /// A bit for each of the list, whether it was found.
    pub marks: Vec<u8>,
}

/// Join with a list in strictly ascending order: `Order` at the first element that is not above the one before. Refuses
/// a string that occurs twice among `elements`.
pub fn match_sorted(elements: &[u8], sorted: &[u8], width: usize) -> Result<SortedMatches> {
    let counts = [counted(elements, width)?, counted(sorted, width)?];
    check_ascending(sorted, width)?;
    if width > RECORD_STRING {
        let order = sort_order(elements, width)?;
        let strings = gather(elements, width, &order)?;
        let own: Vec<(&[u8], u32)> = strings.chunks_exact(width).zip(order).collect();
        refuse_repeats(&own, |own| own.0, |own| own.1)?;
        let list: Vec<&[u8]> = sorted.chunks_exact(width).collect();
        return Ok(matches(&[merge(&own, |own| own.0, |own| own.1, &list, 0)], counts));
    }
    let own = records(elements, width);
    refuse_repeats(&own, |&record| string_of(record), |&record| record as u32)?;
    Ok(matches(&merge_records(&own, sorted, width), counts))
}

fn check_ascending(sorted: &[u8], width: usize) -> Result<()> {
    let count = sorted.len() / width;
    let string = |i: usize| &sorted[i * width..][..width];
    let broken = |from: usize| {
        let to = (from + CHECK_TASK).min(count);
        if width <= RECORD_STRING {
            let mut before = string_bits(string(from - 1));
            return (from..to).find(|&i| {
                let here = string_bits(string(i));
                std::mem::replace(&mut before, here) >= here
            });
        }
        (from..to).find(|&i| string(i - 1) >= string(i))
    };
    let tasks: Vec<usize> = (1..count).step_by(CHECK_TASK).collect();
    tasks.into_par_iter().filter_map(broken).min().map_or(Ok(()), |at| Err(KernelError::Order(at)))
}

/// Place in the list and own position of each match.
type Found = (u32, u32);

fn string_of(record: u128) -> u128 {
    record >> POSITION_BITS << POSITION_BITS
}

/// Names the lowest position whose string stands at a lower one too.
fn refuse_repeats<O: Sync, K: Eq>(
    own: &[O],
    key: impl Fn(&O) -> K + Sync,
    position: impl Fn(&O) -> u32 + Sync,
) -> Result<()> {
    let repeats = own.par_windows(2).filter(|pair| key(&pair[0]) == key(&pair[1]));
    match repeats.map(|pair| position(&pair[1])).min() {
        Some(repeat) => Err(KernelError::Duplicate(repeat as usize)),
        None => Ok(()),
    }
}

fn merge_records(own: &[u128], sorted: &[u8], width: usize) -> Vec<Vec<Found>> {
    let list: Vec<u128> = sorted.par_chunks_exact(width).map(string_bits).collect();
    let task = own.len().div_ceil(4 * rayon::current_num_threads()).max(CHECK_TASK);
    let tasks = own.par_chunks(task).map(|part| {
        let first = list.partition_point(|&theirs| theirs < string_of(part[0]));
        let last = list.partition_point(|&theirs| theirs <= part[part.len() - 1]);
        merge(part, |&record| string_of(record), |&record| record as u32, &list[first..last], first)
    });
    tasks.collect()
}

/// Both strictly ascending; the list starts at `first` of the whole one.
fn merge<O, K: Ord + Copy>(
    own: &[O],
    key: impl Fn(&O) -> K,
    position: impl Fn(&O) -> u32,
    list: &[K],
    first: usize,
) -> Vec<Found> {
    let mut found = vec![(0, 0); own.len().min(list.len()) + 1];
    let (mut i, mut j, mut count) = (0, 0, 0);
    while i < own.len() && j < list.len() {
        let (a, b) = (key(&own[i]), list[j]);
        // No branch depends on the comparison, which nobody could predict.
        found[count] = ((first + j) as u32, position(&own[i]));
        count += usize::from(a == b);
        i += usize::from(a <= b);
        j += usize::from(b <= a);
    }
    found.truncate(count);
    found
}

fn matches(found: &[Vec<Found>], [own, list]: [usize; 2]) -> SortedMatches {
    let count = found.iter().map(Vec::len).sum();
    let (mut marks, mut taken) = (vec![0u8; list.div_ceil(8)], vec![0u64; own.div_ceil(64)]);
    let mut order = Vec::with_capacity(count);
    for &(place, position) in found.iter().flatten() {
        marks[place as usize / 8] |= 1 << (place % 8);
        taken[position as usize / 64] |= 1 << (position % 64);
        order.push(position);
    }
    SortedMatches { left: ones(&taken, count), order, marks }
}

/// The places of set bits, ascending.
fn ones(words: &[u64], count: usize) -> Vec<u32> {
    let mut places = Vec::with_capacity(count);
    for (i, &word) in words.iter().enumerate() {
        let mut rest = word;
        while rest != 0 {
            places.push(64 * i as u32 + rest.trailing_zeros());
            rest &= rest - 1;
        }
    }
    places
}

pub struct Marked {
    /// Those of `order` whose bit is set, in its order.
    pub order: Vec<u32>,
    /// The same, ascending.
    pub left: Vec<u32>,
}

/// `order` is a permutation of 0.. and `marks` has a bit for each of it.
pub fn take_marked(order: &[u32], marks: &[u8]) -> Result<Marked> {
    require(marks.len() == order.len().div_ceil(8), "one bit for each position")?;
    require(order.iter().all(|&at| (at as usize) < order.len()), "an index is out of range")?;
    let mut taken = vec![0u64; order.len().div_ceil(64)];
    let mut chosen = Vec::with_capacity(order.len());
    for (positions, marks) in order.chunks(8).zip(marks) {
        for (i, &position) in positions.iter().enumerate() {
            if marks >> i & 1 == 1 {
                taken[position as usize / 64] |= 1 << (position % 64);
                chosen.push(position);
            }
        }
    }
    let left = ones(&taken, chosen.len());
    Ok(Marked { order: chosen, left })
}
