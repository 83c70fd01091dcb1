//! Joins, repeats and order of fixed-width byte strings. Each starts with one radix partition, on all cores, into parts
//! that fit L2; what follows stays within a part, so that no access misses further out.

mod join;
mod order;
mod partition;
mod sorted;

pub use join::{Matches, first_occurrences, match_indices};
pub use order::{gather, sort_order};
pub use sorted::{Marked, Sorted, SortedMatches, match_sorted, sort_strings, take_marked};
