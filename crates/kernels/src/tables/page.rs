//! One page of a column: Parquet's version 1 data page with PLAIN values and, where values may be missing, definition
//! levels of one bit as runs (the format's "RLE/bit-packing hybrid").

use crate::error::{KernelError, Result, require};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Four bytes of length, then the text.
    Text,
    /// Eight to a byte.
    Bit,
    Fixed(usize),
}

/// Where a column's page body lies.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub width: Width,
    /// Whether values may be missing.
    pub optional: bool,
    pub start: usize,
    pub end: usize,
}

const DAMAGED: KernelError = KernelError::Range("damaged page");

/// The values of one page, one row after another.
pub struct Page<'a> {
    width: Width,
    /// A bit per row; none where all rows have a value.
    valid: Option<Vec<u8>>,
    values: &'a [u8],
    at: usize,
    row: usize,
}

impl<'a> Page<'a> {
    pub fn open(bytes: &'a [u8], column: &Column, rows: usize) -> Result<Self> {
        let body = bytes.get(column.start..column.end).ok_or(DAMAGED)?;
        let (valid, values) = if column.optional { levels(body, rows)? } else { (None, body) };
        Ok(Self { width: column.width, valid, values, at: 0, row: 0 })
    }

    pub fn width(&self) -> Width {
        self.width
    }

    #[inline(always)]
    pub fn next(&mut self) -> Result<Option<&'a [u8]>> {
        let row = self.row;
        self.row += 1;
        if let Some(valid) = &self.valid
            && valid[row / 8] >> (row % 8) & 1 == 0
        {
            return Ok(None);
        }
        let values = self.values;
        let start = self.at;
        match self.width {
            Width::Text => {
                let length = values.get(start..start + 4).ok_or(DAMAGED)?;
                let length = u32::from_le_bytes(length.try_into().expect("four bytes")) as usize;
                self.at = start + 4 + length;
                values.get(start + 4..self.at).ok_or(DAMAGED).map(Some)
            }
            Width::Fixed(width) => {
                self.at = start + width;
                values.get(start..self.at).ok_or(DAMAGED).map(Some)
            }
            Width::Bit => {
                self.at += 1;
                let byte = values.get(start / 8).ok_or(DAMAGED)?;
                Ok(Some(if byte >> (start % 8) & 1 == 1 { &[1] } else { &[0] }))
            }
        }
    }
}

/// Where a value of a page begins in the bytes that the page was opened on.
pub fn offset_of(bytes: &[u8], value: &[u8]) -> usize {
    value.as_ptr().addr() - bytes.as_ptr().addr()
}

type Levels<'a> = (Option<Vec<u8>>, &'a [u8]);

fn levels(body: &[u8], rows: usize) -> Result<Levels<'_>> {
    let length = body.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes) as usize).ok_or(DAMAGED)?;
    let rest = &body[4..];
    require(length <= rest.len(), "damaged page")?;
    let (mut runs, values) = rest.split_at(length);
    let mut valid = vec![0u8; rows.div_ceil(8)];
    let (mut row, mut missing) = (0, false);
    while row < rows {
        let header = varint(&mut runs)?;
        if header & 1 == 0 {
            let (&value, after) = runs.split_first().ok_or(DAMAGED)?;
            runs = after;
            let count = (header >> 1).min(rows - row);
            require(count > 0 && value <= 1, "damaged page")?;
            missing |= value == 0;
            if value == 1 {
                set_bits(&mut valid, row, count);
            }
            row += count;
        } else {
            let groups = header >> 1;
            require(groups > 0 && groups <= runs.len(), "damaged page")?;
            let (packed, after) = runs.split_at(groups);
            runs = after;
            let count = (8 * groups).min(rows - row);
            missing |= copy_bits(&mut valid, row, packed, count);
            row += count;
        }
    }
    Ok((missing.then_some(valid), values))
}

fn set_bits(valid: &mut [u8], from: usize, count: usize) {
    let mut row = from;
    while row < from + count {
        if row.is_multiple_of(8) && row + 8 <= from + count {
            valid[row / 8] = 0xff;
            row += 8;
        } else {
            valid[row / 8] |= 1 << (row % 8);
            row += 1;
        }
    }
}

/// Says whether one of them is not set.
fn copy_bits(valid: &mut [u8], from: usize, packed: &[u8], count: usize) -> bool {
    let mut missing = false;
    for i in 0..count {
        let bit = packed[i / 8] >> (i % 8) & 1;
        missing |= bit == 0;
        valid[(from + i) / 8] |= bit << ((from + i) % 8);
    }
    missing
}

fn varint(bytes: &mut &[u8]) -> Result<usize> {
    let mut value = 0usize;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(DAMAGED)?;
        *bytes = rest;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(DAMAGED)
}

fn put_varint(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Which rows of a page being made have a value.
pub struct Validity {
    bits: Vec<u8>,
    rows: usize,
    missing: bool,
}

impl Validity {
    pub fn of(rows: usize) -> Self {
        Self { bits: vec![0xff; rows.div_ceil(8)], rows, missing: false }
    }

    pub fn clear(&mut self, row: usize) {
        self.bits[row / 8] &= !(1 << (row % 8));
        self.missing = true;
    }

    pub fn missing(&self) -> bool {
        self.missing
    }

    /// The levels as a page has them.
    pub fn levels(&self) -> Vec<u8> {
        let mut runs = Vec::new();
        if self.missing {
            put_varint(&mut runs, self.bits.len() << 1 | 1);
            runs.extend_from_slice(&self.bits);
        } else {
            put_varint(&mut runs, self.rows << 1);
            runs.push(1);
        }
        let mut out = (runs.len() as u32).to_le_bytes().to_vec();
        out.append(&mut runs);
        out
    }
}

/// Takes the place of a call of memcpy, which for lengths that vary costs more than the copy. Both are of one length.
#[inline(always)]
pub fn copy_short(out: &mut [u8], from: &[u8]) {
    let n = from.len();
    match n {
        16..=32 => {
            out[..16].copy_from_slice(&from[..16]);
            out[n - 16..n].copy_from_slice(&from[n - 16..]);
        }
        8..16 => {
            out[..8].copy_from_slice(&from[..8]);
            out[n - 8..n].copy_from_slice(&from[n - 8..]);
        }
        _ => out[..n].copy_from_slice(from),
    }
}

/// Bytes put one after another into memory of the caller.
pub struct Cursor<'a> {
    out: &'a mut [u8],
    pub at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(out: &'a mut [u8]) -> Self {
        Self { out, at: 0 }
    }

    #[inline(always)]
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let end = self.at + bytes.len();
        let room = self.out.get_mut(self.at..end).ok_or(KernelError::Range("too little room"))?;
        copy_short(room, bytes);
        self.at = end;
        Ok(())
    }

    #[inline(always)]
    pub fn put_text(&mut self, text: &[u8]) -> Result<()> {
        self.put(&(text.len() as u32).to_le_bytes())?;
        self.put(text)
    }

    pub fn last_mut(&mut self) -> &mut [u8] {
        &mut self.out[self.at - 1..self.at]
    }

    /// Two, for what comes before `at` and after.
    pub fn split(self, at: usize) -> Result<(Cursor<'a>, Cursor<'a>)> {
        require(at <= self.out.len(), "too little room")?;
        let (front, back) = self.out.split_at_mut(at);
        Ok((Cursor::new(front), Cursor::new(back)))
    }
}
