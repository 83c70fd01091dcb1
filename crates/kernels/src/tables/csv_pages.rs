//! Comma-separated text to the pages of a row group in which every value is text and an empty one is missing.
//!
//! Only text that every reader takes alike is parsed here: the same number of values in every record, one kind of line
//! end, quotes around whole values, no blank lines, nothing that could pass for a comment, valid UTF-8. Anything else is
//! left to the caller's other reader.

use super::page::{Cursor, Validity};
use super::structure::Structure;
use crate::error::{Result, require};

/// Of one record.
pub const RECORD_BYTES_MAX: usize = 2_000_000;
const COMMENT: u8 = b'#';
/// In the end of a field whose quotes are doubled.
const ESCAPED: u32 = 1 << 31;

#[derive(Default)]
pub struct CsvPages {
    /// False: for another reader. Nothing else is said then.
    pub plain: bool,
    pub consumed: u32,
    pub rows: u32,
    /// CR and LF end a record.
    pub crlf: bool,
    /// Per column: start and end of its values, start and end of its levels.
    pub regions: Vec<u32>,
}

/// Whole records from the start of `bytes`, at most `rows_max`; the last one may lack its line end where `last` is set.
/// `crlf`: how lines before ended, if there were any.
pub fn csv_pages(
    bytes: &[u8],
    columns: usize,
    crlf: Option<bool>,
    rows_max: usize,
    last: bool,
    out: &mut [u8],
) -> Result<CsvPages> {
    require(bytes.len() < ESCAPED as usize && columns > 0, "a part of a file has less than 2 GiB")?;
    let mut fields = Fields { ends: Vec::new(), columns, crlf, consumed: 0, rows: 0 };
    let plain = fields.index(bytes, rows_max, last).is_some();
    if !plain || bytes[..fields.consumed].contains(&COMMENT) || std::str::from_utf8(&bytes[..fields.consumed]).is_err()
    {
        return Ok(CsvPages::default());
    }
    let regions = write_pages(bytes, &fields, out)?;
    Ok(CsvPages {
        plain: true,
        consumed: fields.consumed as u32,
        rows: fields.rows as u32,
        crlf: fields.crlf.unwrap_or(false),
        regions,
    })
}

struct Fields {
    /// Start and end of each value within its quotes, record by record.
    ends: Vec<(u32, u32)>,
    columns: usize,
    crlf: Option<bool>,
    consumed: usize,
    rows: usize,
}

impl Fields {
    /// None: not plain.
    fn index(&mut self, bytes: &[u8], rows_max: usize, last: bool) -> Option<()> {
        let mut structure = Structure::of(bytes);
        let (mut start, mut column) = (0, 0);
        while self.rows < rows_max {
            let Some(mut at) = structure.next() else { break };
            if bytes[at] == b'"' {
                if at != start {
                    return None;
                }
                let Some((end, escaped)) = closing_quote(bytes, at) else {
                    return if last { None } else { self.cut_off(bytes.len()) };
                };
                self.ends.push((start as u32 + 1, end as u32 | if escaped { ESCAPED } else { 0 }));
                structure.skip_to(end + 1);
                match structure.next() {
                    Some(next) if next == end + 1 => at = next,
                    None if end + 1 == bytes.len() => {
                        // At the end of the file it ends the record; else the rest is still to come.
                        column += 1;
                        start = bytes.len();
                        if last {
                            self.end_record(column, start)?;
                            column = 0;
                        }
                        break;
                    }
                    _ => return None,
                }
            } else {
                self.ends.push((start as u32, at as u32));
            }
            column += 1;
            start = at + 1;
            if bytes[at] == b',' {
                continue;
            }
            let crlf = bytes[at] == b'\r';
            if crlf {
                if start == bytes.len() && !last {
                    break;
                }
                if structure.next() != Some(start) || bytes.get(start) != Some(&b'\n') {
                    return None;
                }
                start += 1;
            }
            if *self.crlf.get_or_insert(crlf) != crlf {
                return None;
            }
            self.end_record(column, start)?;
            column = 0;
        }
        if last && self.rows < rows_max && self.consumed < bytes.len() {
            if start == bytes.len() && column == 0 {
                return Some(());
            }
            self.ends.push((start as u32, bytes.len() as u32));
            return self.end_record(column + 1, bytes.len());
        }
        self.cut_off(bytes.len())
    }

    fn end_record(&mut self, column: usize, end: usize) -> Option<()> {
        let blank = column == 1 && self.ends.last().is_some_and(|&(start, end)| start == end);
        if column != self.columns || blank || end - self.consumed > RECORD_BYTES_MAX {
            return None;
        }
        self.consumed = end;
        self.rows += 1;
        Some(())
    }

    /// Forgets what belongs to a record that does not end here.
    fn cut_off(&mut self, end: usize) -> Option<()> {
        self.ends.truncate(self.rows * self.columns);
        (self.rows > 0 || end <= RECORD_BYTES_MAX).then_some(())
    }
}

/// Where the quote that opens at `at` is closed, and whether one inside is doubled. None: not here.
fn closing_quote(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    let (mut from, mut escaped) = (at + 1, false);
    loop {
        let quote = from + bytes[from..].iter().position(|&byte| byte == b'"')?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some((quote, escaped));
        }
        escaped = true;
        from = quote + 2;
    }
}

fn write_pages(bytes: &[u8], fields: &Fields, out: &mut [u8]) -> Result<Vec<u32>> {
    let mut regions = Vec::with_capacity(4 * fields.columns);
    let mut out = Cursor::new(out);
    for column in 0..fields.columns {
        let start = out.at;
        let mut valid = Validity::of(fields.rows);
        for row in 0..fields.rows {
            let (from, end) = fields.ends[row * fields.columns + column];
            let text = &bytes[from as usize..(end & !ESCAPED) as usize];
            if text.is_empty() {
                valid.clear(row);
            } else if end & ESCAPED == 0 {
                out.put_text(text)?;
            } else {
                out.put_text(&unescaped(text))?;
            }
        }
        let end = out.at;
        out.put(&valid.levels())?;
        regions.extend([start, end, end, out.at].map(|at| at as u32));
    }
    Ok(regions)
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut after_quote = false;
    for &byte in text {
        after_quote = byte == b'"' && !after_quote;
        if !after_quote {
            out.push(byte);
        }
    }
    out
}
