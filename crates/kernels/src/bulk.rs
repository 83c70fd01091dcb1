//! Arrays of points, worked on in chunks on all cores.

use crate::error::{Result, first_error};
use rayon::prelude::*;

/// Points per task and per shared inversion.
pub(crate) const CHUNK: usize = 128;

/// Fills `count` encodings of `width` bytes; `fill` gets the position of its first one.
pub(crate) fn in_chunks(
    width: usize,
    count: usize,
    fill: impl Fn(usize, &mut [u8]) -> Result<()> + Sync,
) -> Result<Vec<u8>> {
    let mut out = vec![0u8; width * count];
    let results = out.par_chunks_mut(width * CHUNK).enumerate().map(|(chunk, out)| fill(chunk * CHUNK, out)).collect();
    first_error(results)?;
    Ok(out)
}
