//! Normalisation of ids that are plain ASCII; see `NormaliseRules` in the TypeScript names for what the rules mean.
//! Rows with any other byte are only named: full Unicode stays with the one library that all parties use for it.

use super::strings::{STRING_BYTES, text_of};
use crate::error::{Result, require};
use crate::hashing::message_count;
use rayon::prelude::*;
use std::io::Write;

const ROWS_AT_ONCE: usize = 8192;
const ID_LENGTH_MAX: usize = 1024;
const PHONE_DIGITS_MAX: usize = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Case {
    Keep,
    Lower,
    Upper,
}

#[derive(Clone)]
pub struct Phone {
    pub international: bool,
    pub country_code: Vec<u8>,
    pub national_length: Option<usize>,
}

#[derive(Clone)]
pub struct AsciiRules {
    pub trim: bool,
    pub case: Case,
    pub phone: Option<Phone>,
}

/// Encoded ids of the usable rows, and the rows of each kind, ascending.
#[derive(Default)]
pub struct Normalised {
    pub messages: Vec<u8>,
    pub offsets: Vec<u32>,
    pub rows: Vec<u32>,
    pub empty: Vec<u32>,
    pub beyond_ascii: Vec<u32>,
}

/// Field f of row r is message f·rows + r; an empty message is a missing value.
/// Field f goes by `rules[f]`.
pub fn normalise_ids(messages: &[u8], offsets: &[u32], rules: &[AsciiRules]) -> Result<Normalised> {
    let count = message_count(messages, offsets)?;
    let fields = rules.len();
    require(fields > 0 && count.is_multiple_of(fields), "not a whole number of rows")?;
    let rows = count / fields;
    let text = |field: usize, row: usize| {
        let at = field * rows + row;
        &messages[offsets[at] as usize..offsets[at + 1] as usize]
    };
    normalise(rows, rules, text)
}

/// The same for strings in the engine's memory.
///
/// # Safety
/// The text that the strings point at must stay as it is until this returns.
pub unsafe fn normalise_strings(strings: &[u8], rules: &[AsciiRules]) -> Result<Normalised> {
    let fields = rules.len();
    require(fields > 0 && strings.len().is_multiple_of(STRING_BYTES * fields), "not a whole number of rows")?;
    let rows = strings.len() / STRING_BYTES / fields;
    let text = |field: usize, row: usize| {
        let at = (field * rows + row) * STRING_BYTES;
        // SAFETY: the caller vouches for the pointers.
        unsafe { text_of(&strings[at..at + STRING_BYTES]) }
    };
    normalise(rows, rules, text)
}

fn normalise<'a>(
    rows: usize,
    rules: &[AsciiRules],
    text: impl Fn(usize, usize) -> &'a [u8] + Sync,
) -> Result<Normalised> {
    let starts: Vec<usize> = (0..rows).step_by(ROWS_AT_ONCE).collect();
    let parts: Vec<Normalised> =
        starts.par_iter().map(|&start| normalise_part(start..rows.min(start + ROWS_AT_ONCE), rules, &text)).collect();
    join(parts)
}

fn normalise_part<'a>(
    rows: std::ops::Range<usize>,
    rules: &[AsciiRules],
    text: &impl Fn(usize, usize) -> &'a [u8],
) -> Normalised {
    let mut out = Normalised::default();
    let mut scratch = Vec::with_capacity(64);
    for row in rows {
        let start = out.messages.len();
        let state = encode_row(&mut out.messages, &mut scratch, rules, |field| text(field, row));
        match state {
            State::Usable => {
                out.rows.push(row as u32);
                out.offsets.push((out.messages.len() - start) as u32);
                continue;
            }
            State::Empty => out.empty.push(row as u32),
            State::BeyondAscii => out.beyond_ascii.push(row as u32),
        }
        out.messages.truncate(start);
    }
    out
}

#[derive(PartialEq, Eq)]
pub enum State {
    Usable,
    Empty,
    BeyondAscii,
}

/// A row that has one field beyond ASCII goes to the full rules as a whole, also where another is empty.
#[inline(always)]
pub fn encode_row<'a>(
    out: &mut Vec<u8>,
    scratch: &mut Vec<u8>,
    rules: &[AsciiRules],
    text: impl Fn(usize) -> &'a [u8],
) -> State {
    if (0..rules.len()).any(|field| !text(field).is_ascii()) {
        return State::BeyondAscii;
    }
    for (field, rules) in rules.iter().enumerate() {
        let value = text(field);
        if value.len() > ID_LENGTH_MAX {
            return State::Empty;
        }
        scratch.clear();
        normalise_field(value, rules, scratch);
        if scratch.is_empty() {
            return State::Empty;
        }
        push_length(out, scratch.len());
        out.extend_from_slice(scratch);
    }
    State::Usable
}

/// In decimal, and a colon.
#[inline(always)]
fn push_length(out: &mut Vec<u8>, length: usize) {
    let digit = |value: usize| b'0' + (value % 10) as u8;
    match length {
        0..10 => out.extend_from_slice(&[digit(length), b':']),
        10..100 => out.extend_from_slice(&[digit(length / 10), digit(length), b':']),
        _ => write!(out, "{length}:").expect("memory takes all"),
    }
}

fn normalise_field(value: &[u8], rules: &AsciiRules, out: &mut Vec<u8>) {
    let value = if rules.trim { trim(value) } else { value };
    if let Some(phone) = &rules.phone {
        return normalise_phone(value, phone, out);
    }
    out.extend_from_slice(value);
    match rules.case {
        Case::Keep => {}
        Case::Lower => out.make_ascii_lowercase(),
        Case::Upper => out.make_ascii_uppercase(),
    }
}

pub fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

fn trim(value: &[u8]) -> &[u8] {
    let Some(start) = value.iter().position(|&byte| !is_space(byte)) else { return &[] };
    let end = value.iter().rposition(|&byte| !is_space(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

/// Leaves `out` empty where the text is not a phone number.
fn normalise_phone(value: &[u8], phone: &Phone, out: &mut Vec<u8>) {
    let mut digits = [0u8; PHONE_DIGITS_MAX];
    let (mut count, mut plus) = (0, false);
    for &byte in value {
        match byte {
            b'(' | b')' | b'.' | b'-' | b'/' => continue,
            _ if is_space(byte) => continue,
            b'+' if count == 0 && !plus => plus = true,
            b'0'..=b'9' if count + usize::from(plus) < PHONE_DIGITS_MAX => {
                digits[count] = byte;
                count += 1;
            }
            _ => return,
        }
    }
    let digits = &digits[..count];
    if count == 0 {
        return;
    }
    let full = phone
        .national_length
        .is_some_and(|length| count == phone.country_code.len() + length && digits.starts_with(&phone.country_code));
    if !phone.international || plus {
        out.extend_from_slice(digits);
    } else if let Some(rest) = digits.strip_prefix(b"00") {
        out.extend_from_slice(rest);
    } else if full {
        out.extend_from_slice(digits);
    } else {
        out.extend_from_slice(&phone.country_code);
        out.extend_from_slice(digits.strip_prefix(b"0").unwrap_or(digits));
    }
}

/// Parts hold lengths where the whole has offsets.
fn join(parts: Vec<Normalised>) -> Result<Normalised> {
    let total: usize = parts.iter().map(|part| part.messages.len()).sum();
    require(u32::try_from(total).is_ok(), "the ids of one batch are too long")?;
    let mut out = Normalised { messages: Vec::with_capacity(total), ..Normalised::default() };
    out.offsets.push(0);
    let mut at = 0;
    for part in parts {
        out.messages.extend_from_slice(&part.messages);
        out.offsets.extend(part.offsets.iter().map(|length| {
            at += length;
            at
        }));
        out.rows.extend_from_slice(&part.rows);
        out.empty.extend_from_slice(&part.empty);
        out.beyond_ascii.extend_from_slice(&part.beyond_ascii);
    }
    Ok(out)
}
