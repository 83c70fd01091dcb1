//! SM3 (GB/T 32905) in bulk.

use crate::error::{Result, element_count, require};
use crate::hashing::{DIGEST, each_digest};
use sm3::{Digest, Sm3};

/// The first `width` bytes of SM3(prefix || element) of each element.
pub fn sm3_truncated(prefix: &[u8], elements: &[u8], element_width: usize, width: usize) -> Result<Vec<u8>> {
    let count = element_count(elements, element_width)?;
    require((1..=DIGEST).contains(&width), "a truncated digest has 1 to 32 bytes")?;
    let start = Sm3::new_with_prefix(prefix);
    let element = |i: usize| &elements[element_width * i..element_width * (i + 1)];
    Ok(each_digest(count, width, |i| start.clone().chain_update(element(i)).finalize().into()))
}
