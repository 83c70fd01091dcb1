//! Tables in their plain form: Parquet without compression or dictionaries, one page per column and row group. Such a
//! page holds its values as they are, so that whole row groups are parsed, digested, reordered and printed in one call.

mod csv_pages;
mod csv_text;
mod page;
mod rows;
mod spread;
mod structure;

pub use csv_pages::{CsvPages, RECORD_BYTES_MAX, csv_pages};
pub use csv_text::csv_text;
pub use page::{Column, Width};
pub use rows::{gather_rows, scatter_rows};
pub use spread::{Buckets, Spread, spread_ids};
