//! Ids of a table on their way to buckets: plain ASCII normalised in bulk, digests grouped by their leading bits, a
//! bucket sorted and freed of repeats.

mod normalise;
mod records;
mod strings;

pub use normalise::{AsciiRules, Case, Normalised, Phone, normalise_ids, normalise_strings};
pub(crate) use normalise::{State, encode_row, is_space};
pub use records::{Grouped, RECORD_BYTES, Repeats, group_records, sort_records};
pub use strings::STRING_BYTES;
