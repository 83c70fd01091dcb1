//! Records of a digest and the row it stands in. Digests are uniform, so their leading bits are a fair bucket number and
//! a first radix pass: no comparison sort of the whole, no hash table.

use crate::arena;
use crate::error::{Result, require};
use rayon::prelude::*;
use std::cmp::Ordering;

pub const DIGEST_BYTES: usize = 16;
/// Digest, then row as four little-endian bytes.
pub const RECORD_BYTES: usize = DIGEST_BYTES + 4;
const BITS_MAX: u32 = 16;
/// Records sorted at once stay in the first cache.
const GROUP_ENTRIES: usize = 256;
/// Digests are uniform, so a larger group is one id many times over: insertion would be slow.
const REPEATS_MAX: usize = 64 * GROUP_ENTRIES;

pub struct Grouped {
    pub records: Vec<u8>,
    /// Positions, in records, at which each bucket starts, and the end.
    pub offsets: Vec<u32>,
}

/// Records grouped by the leading `bits` of the digest, in their order within each bucket.
pub fn group_records(digests: &[u8], rows: &[u32], bits: u32) -> Result<Grouped> {
    require(digests.len() == rows.len() * DIGEST_BYTES, "one digest per row")?;
    require(bits <= BITS_MAX, "too many buckets")?;
    let bucket_of = |digest: &[u8]| {
        (u32::from_be_bytes(digest[..4].try_into().expect("four bytes")) as u64 >> (32 - bits)) as usize
    };
    let mut offsets = vec![0u32; (1 << bits) + 1];
    for digest in digests.chunks_exact(DIGEST_BYTES) {
        offsets[bucket_of(digest) + 1] += 1;
    }
    for bucket in 0..1 << bits {
        offsets[bucket + 1] += offsets[bucket];
    }
    let mut next = offsets.clone();
    let mut records = vec![0u8; rows.len() * RECORD_BYTES];
    for (digest, row) in digests.chunks_exact(DIGEST_BYTES).zip(rows) {
        let place = &mut next[bucket_of(digest)];
        let record = &mut records[*place as usize * RECORD_BYTES..][..RECORD_BYTES];
        record[..DIGEST_BYTES].copy_from_slice(digest);
        record[DIGEST_BYTES..].copy_from_slice(&row.to_le_bytes());
        *place += 1;
    }
    Ok(Grouped { records, offsets })
}

/// Rows whose digest has a lower row too, ascending, and which of the digests each has.
#[derive(Default)]
pub struct Repeats {
    pub rows: Vec<u32>,
    pub of: Vec<u32>,
}

type Record = [u8; RECORD_BYTES];

/// Puts one bucket's records in order of their digests, each digest once with its lowest row: first all digests to `out`,
/// then all rows. Gives the other rows. All digests share their leading `bits`.
pub fn sort_records(records: &[u8], bits: u32, out: &mut [u8]) -> Result<Repeats> {
    require(records.len().is_multiple_of(RECORD_BYTES), "not a whole number of records")?;
    require(bits <= BITS_MAX, "too many buckets")?;
    require(out.len() == records.len(), "as much room as there are records")?;
    let (records, _) = records.as_chunks::<RECORD_BYTES>();
    let width = group_bits(records.len());
    let mut arena = arena::borrow(out.len());
    let (grouped, _) = arena.as_chunks_mut::<RECORD_BYTES>();
    let ends = spread(records, grouped, bits, width);
    let (digests, rows) = out.split_at_mut(records.len() * DIGEST_BYTES);
    let groups = split(grouped, digests.as_chunks_mut().0, rows.as_chunks_mut().0, &ends);
    let repeats = groups
        .into_par_iter()
        .with_min_len(16)
        .map_init(Sorter::default, |sorter, group| sorter.sort(group, bits + width))
        .reduce(|| false, |a, b| a | b);
    if repeats { Ok(remove_repeats(out)) } else { Ok(Repeats::default()) }
}

fn group_bits(count: usize) -> u32 {
    (count / GROUP_ENTRIES).checked_ilog2().unwrap_or(0).min(16)
}

/// `width` bits after the leading `bits`; together they are at most 32.
fn group_of(record: &Record, bits: u32, width: u32) -> usize {
    let leading = u64::from(u32::from_be_bytes(*record.first_chunk().expect("longer")));
    ((leading << bits & 0xffff_ffff) >> (32 - width)) as usize
}

/// Records in order of the `width` bits that follow the bucket's; where each group ends.
fn spread(records: &[Record], out: &mut [Record], bits: u32, width: u32) -> Vec<u32> {
    let mut next = vec![0u32; (1 << width) + 1];
    for record in records {
        next[group_of(record, bits, width) + 1] += 1;
    }
    for group in 0..1 << width {
        next[group + 1] += next[group];
    }
    for record in records {
        let place = &mut next[group_of(record, bits, width)];
        out[*place as usize] = *record;
        *place += 1;
    }
    next.truncate(1 << width);
    next
}

struct Group<'a> {
    records: &'a [Record],
    digests: &'a mut [[u8; DIGEST_BYTES]],
    rows: &'a mut [[u8; 4]],
}

fn split<'a>(
    mut records: &'a [Record],
    mut digests: &'a mut [[u8; DIGEST_BYTES]],
    mut rows: &'a mut [[u8; 4]],
    ends: &[u32],
) -> Vec<Group<'a>> {
    let mut start = 0;
    let mut groups = Vec::with_capacity(ends.len());
    for &end in ends {
        let count = (end - start) as usize;
        let (own, rest) = records.split_at(count);
        let (own_digests, rest_digests) = digests.split_at_mut(count);
        let (own_rows, rest_rows) = rows.split_at_mut(count);
        groups.push(Group { records: own, digests: own_digests, rows: own_rows });
        (records, digests, rows, start) = (rest, rest_digests, rest_rows, end);
    }
    groups
}

/// Sorts a group that fits the first cache: spread once more, by so many bits that hardly two share a place, the few that
/// do by insertion.
#[derive(Default)]
struct Sorter {
    /// The sixty-four bits after those of the group, and the place in the group.
    entries: Vec<(u64, u32)>,
    next: Vec<u32>,
}

impl Sorter {
    /// Says whether a digest stands there twice.
    fn sort(&mut self, Group { records, digests, rows }: Group, bits: u32) -> bool {
        let width = (records.len().max(2) as u32).ilog2();
        let key = |record: &Record| {
            let leading = u128::from_be_bytes(*record.first_chunk().expect("longer"));
            (leading << bits >> 64) as u64
        };
        let place_of = |key: u64| (key >> (64 - width)) as usize;
        self.next.clear();
        self.next.resize((1 << width) + 1, 0);
        for record in records {
            self.next[place_of(key(record)) + 1] += 1;
        }
        for place in 0..1 << width {
            self.next[place + 1] += self.next[place];
        }
        self.entries.clear();
        self.entries.resize(records.len(), (0, 0));
        for (i, record) in records.iter().enumerate() {
            let key = key(record);
            let at = &mut self.next[place_of(key)];
            self.entries[*at as usize] = (key, i as u32);
            *at += 1;
        }
        self.insert(records);
        for ((&(_, i), digest), row) in self.entries.iter().zip(digests.iter_mut()).zip(rows) {
            let record = &records[i as usize];
            *digest = *record.first_chunk().expect("longer");
            *row = *record.last_chunk().expect("longer");
        }
        digests.array_windows().any(|[a, b]| a == b)
    }

    fn insert(&mut self, records: &[Record]) {
        // Equal keys are rare but for repeats: then the whole digest and the row decide.
        let whole = |i: u32| {
            let record = &records[i as usize];
            let row = u32::from_le_bytes(*record.last_chunk().expect("longer"));
            (*record.first_chunk::<DIGEST_BYTES>().expect("longer"), row)
        };
        let after = |a: (u64, u32), b: (u64, u32)| a.0 > b.0 || (a.0 == b.0 && whole(a.1) > whole(b.1));
        if records.len() > REPEATS_MAX {
            self.entries.sort_unstable_by(|&a, &b| if after(a, b) { Ordering::Greater } else { Ordering::Less });
            return;
        }
        for i in 1..self.entries.len() {
            let entry = self.entries[i];
            let mut at = i;
            while at > 0 && after(self.entries[at - 1], entry) {
                self.entries[at] = self.entries[at - 1];
                at -= 1;
            }
            self.entries[at] = entry;
        }
    }
}

/// Moves what stays to the front, digests and then rows.
fn remove_repeats(out: &mut [u8]) -> Repeats {
    let count = out.len() / RECORD_BYTES;
    let (digests, rows) = out.split_at_mut(count * DIGEST_BYTES);
    let (digests, _) = digests.as_chunks_mut::<DIGEST_BYTES>();
    let (rows, _) = rows.as_chunks_mut::<4>();
    let mut repeated = Vec::new();
    let mut kept = 0;
    for i in 0..count {
        if kept > 0 && digests[kept - 1] == digests[i] {
            repeated.push((u32::from_le_bytes(rows[i]), kept as u32 - 1));
            continue;
        }
        (digests[kept], rows[kept]) = (digests[i], rows[i]);
        kept += 1;
    }
    out.copy_within(count * DIGEST_BYTES..count * DIGEST_BYTES + 4 * kept, kept * DIGEST_BYTES);
    repeated.sort_unstable();
    let (rows, of) = repeated.into_iter().unzip();
    Repeats { rows, of }
}
