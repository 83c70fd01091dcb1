//! A row group of text and whole numbers as comma-separated text, byte for byte as the database engine writes it: a
//! missing value is empty, an empty one is quoted, and so is one with a comma, quote, line end or `#`.

use super::page::{Column, Cursor, Page, Width};
use crate::error::{Result, require};

/// To `out`; how long it is there.
pub fn csv_text(bytes: &[u8], columns: &[Column], rows: usize, out: &mut [u8]) -> Result<usize> {
    require(
        columns.iter().all(|column| matches!(column.width, Width::Text | Width::Fixed(8))),
        "only text and whole numbers",
    )?;
    let mut pages = columns.iter().map(|column| Page::open(bytes, column, rows)).collect::<Result<Vec<_>>>()?;
    let mut out = Cursor::new(out);
    for _ in 0..rows {
        for (i, page) in pages.iter_mut().enumerate() {
            if i > 0 {
                out.put(b",")?;
            }
            match (page.width(), page.next()?) {
                (_, None) => {}
                (Width::Text, Some(text)) => put_text(&mut out, text)?,
                (_, Some(number)) => {
                    let number = i64::from_le_bytes(number.try_into().expect("eight bytes"));
                    out.put(number.to_string().as_bytes())?;
                }
            }
        }
        out.put(b"\n")?;
    }
    Ok(out.at)
}

#[inline(always)]
fn put_text(out: &mut Cursor, text: &[u8]) -> Result<()> {
    if !text.is_empty() && !needs_quotes(text) {
        return out.put(text);
    }
    out.put(b"\"")?;
    for (i, part) in text.split(|&byte| byte == b'"').enumerate() {
        if i > 0 {
            out.put(b"\"\"")?;
        }
        out.put(part)?;
    }
    out.put(b"\"")
}

#[inline(always)]
fn needs_quotes(text: &[u8]) -> bool {
    text.iter().fold(false, |found, byte| found | matches!(byte, b',' | b'"' | b'\r' | b'\n' | b'#'))
}
