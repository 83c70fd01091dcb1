//! Records of a digest and the row it stands in. Digests are uniform, so their leading bits are a fair bucket number and
//! a first radix pass: no comparison sort of the whole, no hash table.

use crate::error::{Result, require};
use rayon::prelude::*;

pub const DIGEST_BYTES: usize = 16;
/// Digest, then row as four little-endian bytes.
pub const RECORD_BYTES: usize = DIGEST_BYTES + 4;
const BITS_MAX: u32 = 16;
/// Entries sorted at once stay in the first cache.
const GROUP_ENTRIES: usize = 512;

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

pub struct SortedRecords {
    /// Ascending, each once.
    pub digests: Vec<u8>,
    /// The lowest row of each digest.
    pub rows: Vec<u32>,
    /// The other rows, ascending.
    pub repeated: Vec<u32>,
    /// Which of `digests` each of those has.
    pub repeated_of: Vec<u32>,
}

type Entry = (u128, u32);

/// One bucket's records by ascending digest. All digests share their leading `bits`.
pub fn sort_records(records: &[u8], bits: u32) -> Result<SortedRecords> {
    require(records.len().is_multiple_of(RECORD_BYTES), "not a whole number of records")?;
    require(bits <= BITS_MAX, "too many buckets")?;
    let mut entries = spread(records, bits);
    sort_groups(&mut entries, bits);
    let mut out = SortedRecords {
        digests: Vec::with_capacity(entries.len() * DIGEST_BYTES),
        rows: Vec::with_capacity(entries.len()),
        repeated: Vec::new(),
        repeated_of: Vec::new(),
    };
    let mut copies = Vec::new();
    let mut last = None;
    for (digest, row) in entries {
        if last == Some(digest) {
            copies.push((row, out.rows.len() as u32 - 1));
            continue;
        }
        last = Some(digest);
        out.digests.extend_from_slice(&digest.to_be_bytes());
        out.rows.push(row);
    }
    copies.sort_unstable();
    (out.repeated, out.repeated_of) = copies.into_iter().unzip();
    Ok(out)
}

fn group_bits(count: usize) -> u32 {
    (count / GROUP_ENTRIES).checked_ilog2().unwrap_or(0).min(24)
}

fn group_of(digest: u128, bits: u32, group_bits: u32) -> usize {
    if group_bits == 0 { 0 } else { (digest << bits >> (128 - group_bits)) as usize }
}

/// Entries in order of the `group_bits` that follow the bucket's.
fn spread(records: &[u8], bits: u32) -> Vec<Entry> {
    let count = records.len() / RECORD_BYTES;
    let width = group_bits(count);
    let digest_of = |record: &[u8]| u128::from_be_bytes(record[..DIGEST_BYTES].try_into().expect("sixteen bytes"));
    let mut next = vec![0u32; (1 << width) + 1];
    for record in records.chunks_exact(RECORD_BYTES) {
        next[group_of(digest_of(record), bits, width) + 1] += 1;
    }
    for group in 0..1 << width {
        next[group + 1] += next[group];
    }
    let mut entries = vec![(0u128, 0u32); count];
    for record in records.chunks_exact(RECORD_BYTES) {
        let digest = digest_of(record);
        let row = u32::from_le_bytes(record[DIGEST_BYTES..].try_into().expect("four bytes"));
        let place = &mut next[group_of(digest, bits, width)];
        entries[*place as usize] = (digest, row);
        *place += 1;
    }
    entries
}

fn sort_groups(entries: &mut [Entry], bits: u32) {
    let width = group_bits(entries.len());
    let groups: Vec<&mut [Entry]> =
        entries.chunk_by_mut(|a, b| group_of(a.0, bits, width) == group_of(b.0, bits, width)).collect();
    groups.into_par_iter().with_min_len(16).for_each(|group| group.sort_unstable());
}
