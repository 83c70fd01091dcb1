//! Rows in a new order, in two passes over memory that is read in order: rows of a row group go to parts of the new table
//! as records, in the old order; each part, small enough for the cache, is put in order and becomes a row group.
//!
//! A record: place in the new table and length of the record, four little-endian bytes each; a bit per column, set
//! where there is a value; the values, text with four bytes of length.

use super::page::{Column, Cursor, Page, Validity, Width};
use crate::error::{KernelError, Result, require};

/// Of a row that has no place.
const NOWHERE: u32 = u32::MAX;
const HEAD_BYTES: usize = 8;
const DAMAGED: KernelError = KernelError::Range("damaged records");

/// Records of the rows that have a place, by place / 2^shift, to `out`; where each part's begin there, and the end.
pub fn scatter_rows(
    bytes: &[u8],
    columns: &[Column],
    places: &[u32],
    parts: usize,
    shift: u32,
    out: &mut [u8],
) -> Result<Vec<u32>> {
    require(shift < 32, "a part has less than 2^32 rows")?;
    let (sizes, mut offsets) = record_sizes(bytes, columns, places, parts, shift)?;
    for part in 0..parts {
        offsets[part + 1] = offsets[part + 1]
            .checked_add(offsets[part])
            .ok_or(KernelError::Range("a row group has less than 4 GiB"))?;
    }
    require(out.len() >= offsets[parts] as usize, "too little room")?;
    let mut next = offsets.clone();
    let mut pages = open(bytes, columns, places.len())?;
    for (&place, &size) in places.iter().zip(&sizes) {
        if place == NOWHERE {
            skip(&mut pages)?;
            continue;
        }
        let at = &mut next[(place >> shift) as usize];
        let record = &mut out[*at as usize..][..size as usize];
        *at += size;
        write_record(record, place, size, &mut pages)?;
    }
    Ok(offsets)
}

fn open<'a>(bytes: &'a [u8], columns: &[Column], rows: usize) -> Result<Vec<Page<'a>>> {
    columns.iter().map(|column| Page::open(bytes, column, rows)).collect()
}

fn skip(pages: &mut [Page]) -> Result<()> {
    pages.iter_mut().try_for_each(|page| page.next().map(|_| ()))
}

/// Of each row, and their sum for each part one place further on.
fn record_sizes(
    bytes: &[u8],
    columns: &[Column],
    places: &[u32],
    parts: usize,
    shift: u32,
) -> Result<(Vec<u32>, Vec<u32>)> {
    let mut sums = vec![0u32; parts + 1];
    let mut sizes = Vec::with_capacity(places.len());
    let mut pages = open(bytes, columns, places.len())?;
    let fixed = HEAD_BYTES + columns.len().div_ceil(8);
    for &place in places {
        let mut size = fixed;
        for (page, column) in pages.iter_mut().zip(columns) {
            let head = if column.width == Width::Text { 4 } else { 0 };
            size += page.next()?.map_or(0, |value| head + value.len());
        }
        sizes.push(size as u32);
        if place != NOWHERE {
            let sum =
                sums[1..].get_mut((place >> shift) as usize).ok_or(KernelError::Range("a place beyond the table"))?;
            *sum = sum.checked_add(size as u32).ok_or(KernelError::Range("a row group has less than 4 GiB"))?;
        }
    }
    Ok((sizes, sums))
}

#[inline(always)]
fn write_record(record: &mut [u8], place: u32, size: u32, pages: &mut [Page]) -> Result<()> {
    record[..4].copy_from_slice(&place.to_le_bytes());
    record[4..HEAD_BYTES].copy_from_slice(&size.to_le_bytes());
    let flags = pages.len().div_ceil(8);
    record[HEAD_BYTES..HEAD_BYTES + flags].fill(0);
    let (head, values) = record.split_at_mut(HEAD_BYTES + flags);
    let mut values = Cursor::new(values);
    for (column, page) in pages.iter_mut().enumerate() {
        let Some(value) = page.next()? else { continue };
        head[HEAD_BYTES + column / 8] |= 1 << (column % 8);
        if page.width() == Width::Text { values.put_text(value)? } else { values.put(value)? }
    }
    Ok(())
}

/// One part's records, in any order, to the pages of a row group in order of place, from `first_place` on, `rows` of
/// them. Per column: start and end of its values in `out`, start and end of its levels.
pub fn gather_rows(
    records: &[u8],
    columns: &[(Width, bool)],
    first_place: u32,
    rows: usize,
    out: &mut [u8],
) -> Result<Vec<u32>> {
    let (starts, sizes) = index(records, columns, first_place, rows)?;
    let mut regions = Regions::new(out, &sizes)?;
    for (row, &start) in starts.iter().enumerate() {
        let record = &records[start as usize..];
        let mut at = HEAD_BYTES + columns.len().div_ceil(8);
        for (i, &(width, _)) in columns.iter().enumerate() {
            if record[HEAD_BYTES + i / 8] >> (i % 8) & 1 == 0 {
                regions.valid[i].clear(row);
                continue;
            }
            let length = value_bytes(&record[at..], width)?;
            regions.put(i, width, &record[at..at + length])?;
            at += length;
        }
    }
    regions.finish(columns)
}

/// Where the record of each place starts, and the bytes of all values of each column.
fn index(records: &[u8], columns: &[(Width, bool)], first_place: u32, rows: usize) -> Result<(Vec<u32>, Vec<Sizes>)> {
    let mut starts = vec![NOWHERE; rows];
    let mut sizes = vec![Sizes { bytes: 0, count: 0, rows }; columns.len()];
    let mut at = 0;
    let mut seen = 0;
    while at < records.len() {
        let head = records.get(at..at + HEAD_BYTES).ok_or(DAMAGED)?;
        let place = u32::from_le_bytes(*head.first_chunk().expect("eight bytes"));
        let size = u32::from_le_bytes(*head.last_chunk().expect("eight bytes")) as usize;
        let record = records.get(at..at + size).ok_or(DAMAGED)?;
        let start = starts.get_mut(place.wrapping_sub(first_place) as usize).ok_or(DAMAGED)?;
        require(*start == NOWHERE, "damaged records")?;
        *start = at as u32;
        seen += 1;
        measure(record, columns, &mut sizes)?;
        at += size;
    }
    require(seen == rows && records.len() < NOWHERE as usize, "damaged records")?;
    Ok((starts, sizes))
}

#[derive(Clone, Copy)]
struct Sizes {
    bytes: usize,
    count: usize,
    rows: usize,
}

#[inline(always)]
fn measure(record: &[u8], columns: &[(Width, bool)], sizes: &mut [Sizes]) -> Result<()> {
    let flags = columns.len().div_ceil(8);
    require(record.len() >= HEAD_BYTES + flags, "damaged records")?;
    let mut at = HEAD_BYTES + flags;
    for (i, (&(width, _), size)) in columns.iter().zip(sizes).enumerate() {
        if record[HEAD_BYTES + i / 8] >> (i % 8) & 1 == 1 {
            let length = value_bytes(record.get(at..).ok_or(DAMAGED)?, width)?;
            size.bytes += length;
            size.count += 1;
            at += length;
        }
    }
    require(at == record.len(), "damaged records")
}

/// As a record holds it.
#[inline(always)]
fn value_bytes(rest: &[u8], width: Width) -> Result<usize> {
    match width {
        Width::Text => rest.first_chunk().map(|length| 4 + u32::from_le_bytes(*length) as usize).ok_or(DAMAGED),
        Width::Bit => Ok(1),
        Width::Fixed(width) => Ok(width),
    }
}

/// The values of all columns being written at once, each in its place.
struct Regions<'a> {
    values: Vec<Cursor<'a>>,
    starts: Vec<usize>,
    valid: Vec<Validity>,
    /// Of columns of bits: how many there are.
    bits: Vec<usize>,
    rest: Cursor<'a>,
    rest_start: usize,
}

impl<'a> Regions<'a> {
    fn new(out: &'a mut [u8], sizes: &[Sizes]) -> Result<Self> {
        let mut regions = Self {
            values: Vec::new(),
            starts: Vec::new(),
            valid: Vec::new(),
            bits: vec![0; sizes.len()],
            rest: Cursor::new(&mut []),
            rest_start: 0,
        };
        let mut rest = Cursor::new(out);
        for size in sizes {
            regions.starts.push(regions.rest_start);
            let (front, back) = rest.split(size.bytes)?;
            regions.values.push(front);
            regions.valid.push(Validity::of(size.rows));
            regions.rest_start += size.bytes;
            rest = back;
        }
        regions.rest = rest;
        Ok(regions)
    }

    /// `value` as a record holds it, which but for bits is as a page does.
    #[inline(always)]
    fn put(&mut self, column: usize, width: Width, value: &[u8]) -> Result<()> {
        let out = &mut self.values[column];
        match width {
            Width::Text => {
                out.put(&value[..4])?;
                out.put(&value[4..])
            }
            Width::Fixed(_) => out.put(value),
            Width::Bit => {
                let i = self.bits[column];
                self.bits[column] += 1;
                if i.is_multiple_of(8) {
                    return out.put(&[value[0] & 1]);
                }
                out.last_mut()[0] |= (value[0] & 1) << (i % 8);
                Ok(())
            }
        }
    }

    fn finish(mut self, columns: &[(Width, bool)]) -> Result<Vec<u32>> {
        let mut regions = Vec::new();
        for (i, &(_, optional)) in columns.iter().enumerate() {
            let start = self.starts[i];
            let levels_start = self.rest_start + self.rest.at;
            if optional {
                self.rest.put(&self.valid[i].levels())?;
            } else {
                require(!self.valid[i].missing(), "damaged records")?;
            }
            let ends = [start, start + self.values[i].at, levels_start, self.rest_start + self.rest.at];
            regions.extend(ends.map(|at| at as u32));
        }
        Ok(regions)
    }
}
