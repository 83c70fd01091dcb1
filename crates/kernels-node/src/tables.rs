//! Row groups of plain tables.

use crate::ids::{IdRules, all};
use crate::to_js;
use napi::bindgen_prelude::{AsyncTask, Uint8Array, Uint32Array};
use napi::{Env, Result, Task};
use napi_derive::napi;
use tombolo_kernels::ids::AsciiRules;
use tombolo_kernels::tables::{self, Column, Width};
use tombolo_kernels::{KernelError, Result as KernelResult};

/// Per column: width (0 text, 1 to 2^16 bytes, above bits), whether optional, start and end of the page's body.
fn columns_of(columns: &[u32]) -> KernelResult<Vec<Column>> {
    let (columns, rest) = columns.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(KernelError::Range("four words per column"));
    }
    let column = |&[width, optional, start, end]: &[u32; 4]| Column {
        width: width_of(width),
        optional: optional == 1,
        start: start as usize,
        end: end as usize,
    };
    Ok(columns.iter().map(column).collect())
}

fn width_of(width: u32) -> Width {
    match width {
        0 => Width::Text,
        1..=0x1_0000 => Width::Fixed(width as usize),
        _ => Width::Bit,
    }
}

/// A computation into memory of the caller, who leaves it alone until the promise settles; gives a few numbers.
pub struct Filling {
    out: Uint8Array,
    compute: Box<Fill>,
}

type Fill = dyn Fn(&mut [u8]) -> KernelResult<Vec<u32>> + Send;

fn filling(
    out: Uint8Array,
    compute: impl Fn(&mut [u8]) -> KernelResult<Vec<u32>> + Send + 'static,
) -> AsyncTask<Filling> {
    AsyncTask::new(Filling { out, compute: Box::new(compute) })
}

impl Task for Filling {
    type Output = Vec<u32>;
    type JsValue = Uint32Array;

    fn compute(&mut self) -> Result<Vec<u32>> {
        // SAFETY: nobody else touches it meanwhile.
        (self.compute)(unsafe { self.out.as_mut() }).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: Vec<u32>) -> Result<Uint32Array> {
        Ok(output.into())
    }
}

/// Resolves to nothing for text that is not plain, else to bytes consumed, rows, 1 for LF and 2 for CRLF, and regions.
#[napi]
pub fn csv_pages(
    bytes: Uint8Array,
    columns: u32,
    line_end: u32,
    rows_max: u32,
    last: bool,
    out: Uint8Array,
) -> AsyncTask<Filling> {
    let crlf = (line_end > 0).then_some(line_end == 2);
    filling(out, move |out| {
        let pages = tables::csv_pages(&bytes, columns as usize, crlf, rows_max as usize, last, out)?;
        if !pages.plain {
            return Ok(Vec::new());
        }
        let mut answer = vec![pages.consumed, pages.rows, 1 + u32::from(pages.crlf)];
        answer.extend(pages.regions);
        Ok(answer)
    })
}

#[napi]
pub fn scatter_rows(
    bytes: Uint8Array,
    columns: Uint32Array,
    places: Uint32Array,
    parts: u32,
    shift: u32,
    out: Uint8Array,
) -> AsyncTask<Filling> {
    filling(out, move |out| tables::scatter_rows(&bytes, &columns_of(&columns)?, &places, parts as usize, shift, out))
}

#[napi]
pub fn gather_rows(
    records: Uint8Array,
    columns: Uint32Array,
    first_place: u32,
    rows: u32,
    out: Uint8Array,
) -> AsyncTask<Filling> {
    filling(out, move |out| {
        let columns: Vec<_> = columns_of(&columns)?.iter().map(|column| (column.width, column.optional)).collect();
        tables::gather_rows(&records, &columns, first_place, rows as usize, out)
    })
}

/// Resolves to one number, the length of the text.
#[napi]
pub fn csv_text(bytes: Uint8Array, columns: Uint32Array, rows: u32, out: Uint8Array) -> AsyncTask<Filling> {
    filling(out, move |out| {
        let length = tables::csv_text(&bytes, &columns_of(&columns)?, rows as usize, out)?;
        Ok(vec![u32::try_from(length).map_err(|_| KernelError::Range("a row group has less than 4 GiB of text"))?])
    })
}

#[napi(object)]
pub struct SpreadIds {
    pub offsets: Uint32Array,
    pub empty: Uint32Array,
    pub beyond_ascii: Uint32Array,
}

#[napi(object)]
pub struct SpreadBuckets {
    pub prefix: Uint8Array,
    pub bits: u32,
    pub first_row: u32,
}

pub struct SpreadJob {
    bytes: Uint8Array,
    columns: Uint32Array,
    rows: usize,
    rules: Vec<AsciiRules>,
    buckets: SpreadBuckets,
    out: Uint8Array,
}

impl Task for SpreadJob {
    type Output = tables::Spread;
    type JsValue = SpreadIds;

    fn compute(&mut self) -> Result<tables::Spread> {
        let columns = columns_of(&self.columns).map_err(to_js)?;
        // SAFETY: nobody else touches it meanwhile.
        let out = unsafe { self.out.as_mut() };
        let SpreadBuckets { ref prefix, bits, first_row } = self.buckets;
        let buckets = tables::Buckets { prefix, bits, first_row };
        tables::spread_ids(&self.bytes, &columns, self.rows, &self.rules, buckets, out).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: tables::Spread) -> Result<SpreadIds> {
        Ok(SpreadIds {
            offsets: output.offsets.into(),
            empty: output.empty.into(),
            beyond_ascii: output.beyond_ascii.into(),
        })
    }
}

#[napi]
pub fn spread_ids(
    bytes: Uint8Array,
    columns: Uint32Array,
    rows: u32,
    rules: Vec<IdRules>,
    buckets: SpreadBuckets,
    out: Uint8Array,
) -> AsyncTask<SpreadJob> {
    AsyncTask::new(SpreadJob { bytes, columns, rows: rows as usize, rules: all(rules), buckets, out })
}
