//! The id columns of a row group to records by bucket: normalised, digested and grouped without leaving the cache.

use super::page::{Column, Page, Width, copy_short, offset_of};
use crate::error::{Result, require};
use crate::hashing::{Midstate, SHORT_MAX};
use crate::ids::{AsciiRules, Case, State, encode_row, is_space};
use rayon::prelude::*;

const ROWS_AT_ONCE: usize = 8192;
const BITS_MAX: u32 = 16;
const DIGEST_BYTES: usize = 16;
const RECORD_BYTES: usize = DIGEST_BYTES + 4;

pub struct Spread {
    /// Positions, in records, at which each bucket starts, and the end.
    pub offsets: Vec<u32>,
    /// Rows of the group without a usable id, ascending.
    pub empty: Vec<u32>,
    /// Of each row with text beyond ASCII: the row, then start and end of each field's text.
    pub beyond_ascii: Vec<u32>,
}

/// How digests are made and grouped: hashed after `prefix`, by their leading `bits`, with rows counted from `first_row`.
#[derive(Clone, Copy)]
pub struct Buckets<'a> {
    pub prefix: &'a [u8],
    pub bits: u32,
    pub first_row: u32,
}

/// Records go to `out`, each with `first_row` and the row's place in the group as its row.
pub fn spread_ids(
    bytes: &[u8],
    columns: &[Column],
    rows: usize,
    rules: &[AsciiRules],
    Buckets { prefix, bits, first_row }: Buckets,
    out: &mut [u8],
) -> Result<Spread> {
    require(bits <= BITS_MAX, "too many buckets")?;
    require(columns.iter().all(|column| column.width == Width::Text), "ids are text")?;
    require(u32::try_from(first_row as usize + rows).is_ok(), "too many rows")?;
    require(!columns.is_empty() && rules.len() == columns.len(), "ids have a column, with rules each")?;
    let digested = digest_rows(bytes, columns, rows, rules, prefix)?;
    let offsets = group(&digested, bits, first_row, out)?;
    let all = |list: fn(&Digested) -> &Vec<u32>| digested.iter().flat_map(list).copied().collect();
    Ok(Spread { offsets, empty: all(|part| &part.empty), beyond_ascii: all(|part| &part.beyond_ascii) })
}

#[derive(Default)]
struct Digested {
    entries: Vec<([u8; DIGEST_BYTES], u32)>,
    empty: Vec<u32>,
    beyond_ascii: Vec<u32>,
}

/// Of parts of the rows, in order.
fn digest_rows(
    bytes: &[u8],
    columns: &[Column],
    rows: usize,
    rules: &[AsciiRules],
    prefix: &[u8],
) -> Result<Vec<Digested>> {
    let texts = texts_of(bytes, columns, rows)?;
    let start = Midstate::new(prefix);
    let parts = texts.par_chunks(ROWS_AT_ONCE * columns.len()).enumerate();
    Ok(parts.map(|(part, texts)| digest_part(bytes, part * ROWS_AT_ONCE, texts, rules, &start)).collect())
}

/// Row by row; nothing where a value is missing.
fn texts_of<'a>(bytes: &'a [u8], columns: &[Column], rows: usize) -> Result<Vec<&'a [u8]>> {
    let mut pages = columns.iter().map(|column| Page::open(bytes, column, rows)).collect::<Result<Vec<_>>>()?;
    let mut texts = Vec::with_capacity(rows * columns.len());
    for _ in 0..rows {
        for page in &mut pages {
            texts.push(page.next()?.unwrap_or_default());
        }
    }
    Ok(texts)
}

fn digest_part(bytes: &[u8], first: usize, texts: &[&[u8]], rules: &[AsciiRules], start: &Midstate) -> Digested {
    let mut out = Digested { entries: Vec::with_capacity(texts.len() / rules.len()), ..Digested::default() };
    let (mut message, mut scratch) = (Vec::with_capacity(64), Vec::with_capacity(64));
    for (row, fields) in (first as u32..).zip(texts.chunks_exact(rules.len())) {
        if let Some(digest) = short_digest(fields, rules, start) {
            out.entries.push((digest, row));
            continue;
        }
        message.clear();
        match encode_row(&mut message, &mut scratch, rules, |field| fields[field]) {
            State::Usable => {
                let digest = start.digest([&message, &[]]);
                out.entries.push((*digest.first_chunk().expect("longer"), row));
            }
            State::Empty => out.empty.push(row),
            State::BeyondAscii => {
                out.beyond_ascii.push(row);
                for field in fields {
                    let at = if field.is_empty() { 0 } else { offset_of(bytes, field) };
                    out.beyond_ascii.extend([at as u32, (at + field.len()) as u32]);
                }
            }
        }
    }
    out
}

/// Of the row that most tables have: plain text that is taken as it stands, but for its case, and fits one block of the
/// hash with all its fields. None: for the general way, which gives the same.
#[inline(always)]
fn short_digest(fields: &[&[u8]], rules: &[AsciiRules], start: &Midstate) -> Option<[u8; DIGEST_BYTES]> {
    let mut block = [0; 64];
    let mut at = 0;
    for (text, rules) in fields.iter().zip(rules) {
        let (&first, &last) = (text.first()?, text.last()?);
        let spaces = rules.trim && (is_space(first) || is_space(last));
        // Two digits of length and a colon come before it.
        if spaces || rules.phone.is_some() || at + 3 + text.len() > SHORT_MAX || !text.is_ascii() {
            return None;
        }
        if text.len() >= 10 {
            block[at] = b'0' + (text.len() / 10) as u8;
            at += 1;
        }
        block[at] = b'0' + (text.len() % 10) as u8;
        block[at + 1] = b':';
        let place = &mut block[at + 2..at + 2 + text.len()];
        copy_short(place, text);
        match rules.case {
            Case::Keep => {}
            Case::Lower => place.make_ascii_lowercase(),
            Case::Upper => place.make_ascii_uppercase(),
        }
        at += 2 + text.len();
    }
    start.digest_short(block, at)
}

fn group(digested: &[Digested], bits: u32, first_row: u32, out: &mut [u8]) -> Result<Vec<u32>> {
    let bucket_of = |digest: &[u8; DIGEST_BYTES]| {
        let leading = u32::from_be_bytes(*digest.first_chunk().expect("longer"));
        (u64::from(leading) >> (32 - bits)) as usize
    };
    let mut offsets = vec![0u32; (1 << bits) + 1];
    let entries = || digested.iter().flat_map(|part| &part.entries);
    for (digest, _) in entries() {
        offsets[bucket_of(digest) + 1] += 1;
    }
    for bucket in 0..1 << bits {
        offsets[bucket + 1] += offsets[bucket];
    }
    require(out.len() >= offsets[1 << bits] as usize * RECORD_BYTES, "too little room")?;
    let (records, _) = out.as_chunks_mut::<RECORD_BYTES>();
    let mut next = offsets.clone();
    for (digest, row) in entries() {
        let place = &mut next[bucket_of(digest)];
        let record = &mut records[*place as usize];
        record[..DIGEST_BYTES].copy_from_slice(digest);
        record[DIGEST_BYTES..].copy_from_slice(&(first_row + row).to_le_bytes());
        *place += 1;
    }
    Ok(offsets)
}
