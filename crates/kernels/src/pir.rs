//! Products of a database of signed bytes with vectors modulo 2^32, and with a public matrix that a seed stands for: what a
//! server of lattice-based retrieval does for each query, and once offline. `DIMENSION` columns of the matrix are the
//! coefficients of a secret; row j of it is AES-128 of the counters from j·DIMENSION/4 on, read as little-endian words.
//!
//! A word is split into two signed halves, w = low + 2^16·high, so that a byte and a half multiply within 16 bits and two such
//! products add up within 32: one instruction on x86 for 16 bytes. Time depends on sizes alone.

use crate::blocks::aes::Cipher;
use crate::error::{Result, require};
use rayon::prelude::*;

/// Rows that share the loads of a vector.
const ROWS: usize = 4;
/// Rows of one parallel task.
const TILE: usize = 16;
/// Columns that stay in the first cache: of one vector, and of as many as the matrix has.
const BLOCK_ONE: usize = 4096;
const BLOCK_MANY: usize = 512;
/// Columns come in these: a whole number of registers.
pub const STEP: usize = 32;

/// Vectors of words as signed halves: for each block of columns one vector after the other.
struct Halves {
    low: Vec<i16>,
    high: Vec<i16>,
    block: usize,
    count: usize,
}

fn split(word: u32) -> (i16, i16) {
    let low = word as i16;
    (low, (word.wrapping_sub(low as u32) >> 16) as i16)
}

/// rows × database columns, times a vector: one word a row. `database` is row after row of `query.len()` bytes.
pub fn answer(database: &[u8], query: &[u32]) -> Result<Vec<u32>> {
    let rows = row_count(database, query.len())?;
    let mut halves = Halves { low: Vec::new(), high: Vec::new(), block: BLOCK_ONE, count: 1 };
    (halves.low, halves.high) = query.iter().map(|&word| split(word)).unzip();
    Ok(product(database, query.len(), rows, &halves))
}

/// The database times the matrix of `seed`: `dimension` words a row.
pub fn hint(database: &[u8], columns: usize, seed: &[u8], dimension: usize) -> Result<Vec<u32>> {
    let rows = row_count(database, columns)?;
    let cipher = cipher_of(seed, dimension)?;
    let size = columns * dimension;
    let mut halves = Halves { low: vec![0; size], high: vec![0; size], block: BLOCK_MANY, count: dimension };
    let part = BLOCK_MANY * dimension;
    let (low, high) = (halves.low.par_chunks_mut(part), halves.high.par_chunks_mut(part));
    low.zip(high).enumerate().for_each(|(block, (low, high))| {
        let width = low.len() / dimension;
        let mut row = vec![0u8; 4 * dimension];
        for at in 0..width {
            fill_row(&cipher, block * BLOCK_MANY + at, &mut row);
            for (k, word) in words(&row).enumerate() {
                (low[k * width + at], high[k * width + at]) = split(word);
            }
        }
    });
    Ok(product(database, columns, rows, &halves))
}

/// The matrix of `seed` times a vector of its dimension: one word for each of `columns` rows.
pub fn mask(seed: &[u8], columns: usize, secret: &[u32]) -> Result<Vec<u32>> {
    let cipher = cipher_of(seed, secret.len())?;
    let mut out = vec![0u32; columns];
    out.par_chunks_mut(64).enumerate().for_each(|(chunk, out)| {
        let mut row = vec![0u8; 4 * secret.len()];
        for (at, out) in out.iter_mut().enumerate() {
            fill_row(&cipher, chunk * 64 + at, &mut row);
            *out = words(&row).zip(secret).fold(0u32, |sum, (a, &s)| sum.wrapping_add(a.wrapping_mul(s)));
        }
    });
    Ok(out)
}

fn row_count(database: &[u8], columns: usize) -> Result<usize> {
    require(columns > 0 && columns.is_multiple_of(STEP), "columns come in steps of 32")?;
    require(database.len().is_multiple_of(columns), "not a whole number of rows")?;
    Ok(database.len() / columns)
}

fn cipher_of(seed: &[u8], dimension: usize) -> Result<Cipher> {
    require(dimension > 0 && dimension.is_multiple_of(4), "a dimension is a multiple of four")?;
    let key = seed.try_into().map_err(|_| crate::KernelError::Range("a seed has 16 bytes"))?;
    Ok(Cipher::new(key))
}

fn fill_row(cipher: &Cipher, row: usize, out: &mut [u8]) {
    cipher.counter((row * out.len() / 16) as u64, out);
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word))
}

fn product(database: &[u8], columns: usize, rows: usize, vectors: &Halves) -> Vec<u32> {
    let count = vectors.count;
    let mut out = vec![0u32; rows * count];
    let tiles = out.par_chunks_mut(TILE * count).zip(database.par_chunks(TILE * columns));
    tiles.for_each(|(out, database)| {
        for start in (0..columns).step_by(vectors.block) {
            let width = vectors.block.min(columns - start);
            for (rows, out) in database.chunks(ROWS * columns).zip(out.chunks_mut(ROWS * count)) {
                for k in 0..count {
                    let at = start * count + k * width;
                    let (low, high) = (&vectors.low[at..at + width], &vectors.high[at..at + width]);
                    if rows.len() == ROWS * columns {
                        let parts = [0, 1, 2, 3].map(|row| &rows[row * columns + start..row * columns + start + width]);
                        for (row, sum) in dot_four(parts, low, high).into_iter().enumerate() {
                            out[row * count + k] = out[row * count + k].wrapping_add(sum);
                        }
                    } else {
                        for (row, rest) in rows.chunks(columns).enumerate() {
                            let sum = dot(&rest[start..start + width], low, high);
                            out[row * count + k] = out[row * count + k].wrapping_add(sum);
                        }
                    }
                }
            }
        }
    });
    out
}

fn dot_four(rows: [&[u8]; ROWS], low: &[i16], high: &[i16]) -> [u32; ROWS] {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: just detected.
        return unsafe { avx2::dot_four(rows, low, high) };
    }
    rows.map(|row| dot(row, low, high))
}

/// Also what the vector code is tested against.
fn dot(row: &[u8], low: &[i16], high: &[i16]) -> u32 {
    let (mut lows, mut highs) = (0i32, 0i32);
    for ((&byte, &low), &high) in row.iter().zip(low).zip(high) {
        let byte = i32::from(byte as i8);
        lows = lows.wrapping_add(byte * i32::from(low));
        highs = highs.wrapping_add(byte * i32::from(high));
    }
    (lows as u32).wrapping_add((highs as u32) << 16)
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::ROWS;
    use std::arch::x86_64::*;

    /// Columns in a register of halves.
    const WIDE: usize = 16;

    #[target_feature(enable = "avx2")]
    pub unsafe fn dot_four(rows: [&[u8]; ROWS], low: &[i16], high: &[i16]) -> [u32; ROWS] {
        let width = low.len();
        assert!(high.len() == width && width.is_multiple_of(WIDE) && rows.iter().all(|row| row.len() == width));
        let mut lows = [_mm256_setzero_si256(); ROWS];
        let mut highs = [_mm256_setzero_si256(); ROWS];
        for at in (0..width).step_by(WIDE) {
            // SAFETY: `at + WIDE` is within all of them, as asserted; loads need no alignment.
            unsafe {
                let l = _mm256_loadu_si256(low.as_ptr().add(at).cast());
                let h = _mm256_loadu_si256(high.as_ptr().add(at).cast());
                for i in 0..ROWS {
                    let bytes = _mm256_cvtepi8_epi16(_mm_loadu_si128(rows[i].as_ptr().add(at).cast()));
                    lows[i] = _mm256_add_epi32(lows[i], _mm256_madd_epi16(bytes, l));
                    highs[i] = _mm256_add_epi32(highs[i], _mm256_madd_epi16(bytes, h));
                }
            }
        }
        let mut out = [0; ROWS];
        for i in 0..ROWS {
            out[i] = sum(lows[i]).wrapping_add(sum(highs[i]) << 16);
        }
        out
    }

    #[target_feature(enable = "avx2")]
    fn sum(lanes: __m256i) -> u32 {
        let half = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256::<1>(lanes));
        let pair = _mm_add_epi32(half, _mm_shuffle_epi32::<0b1110>(half));
        _mm_cvtsi128_si32(_mm_add_epi32(pair, _mm_shuffle_epi32::<0b01>(pair))) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// All levels, with bytes and halves at their ends: nothing saturates.
        #[test]
        fn vector_code_is_the_plain_sum(
            columns in (1usize..40).prop_map(|steps| steps * STEP),
            fill in prop::collection::vec(prop_oneof![Just(128u8), Just(127), Just(0), Just(255), any::<u8>()], 1..97),
            query in prop::collection::vec(prop_oneof![Just(0x8000_8000u32), Just(0x7fff_8000), Just(u32::MAX), any::<u32>()], 1..53),
            rows in 1usize..23,
        ) {
            let database: Vec<u8> = fill.iter().copied().cycle().take(rows * columns).collect();
            let query: Vec<u32> = query.iter().copied().cycle().take(columns).collect();
            let expected: Vec<u32> = database
                .chunks(columns)
                .map(|row| {
                    row.iter().zip(&query).fold(0u32, |sum, (&byte, &word)| {
                        sum.wrapping_add((byte as i8 as i32 as u32).wrapping_mul(word))
                    })
                })
                .collect();
            prop_assert_eq!(&answer(&database, &query).unwrap(), &expected);
            let halves: (Vec<i16>, Vec<i16>) = query.iter().map(|&word| split(word)).unzip();
            let plain: Vec<u32> = database.chunks(columns).map(|row| dot(row, &halves.0, &halves.1)).collect();
            prop_assert_eq!(&plain, &expected);
        }

        /// (D·A)·s = D·(A·s), over several blocks of columns.
        #[test]
        fn hint_and_mask_belong_together(seed: [u8; 16], columns in (1usize..60).prop_map(|steps| steps * STEP), rows in 1usize..19) {
            let database: Vec<u8> = (0..rows * columns).map(|i| (i * i + 3 * i) as u8).collect();
            let secret: Vec<u32> = (0..8).map(|i| 0x9e37_79b9u32.wrapping_mul(i + 1)).collect();
            let masked = answer(&database, &mask(&seed, columns, &secret).unwrap()).unwrap();
            let hint = hint(&database, columns, &seed, secret.len()).unwrap();
            let expected: Vec<u32> = hint
                .chunks(secret.len())
                .map(|row| row.iter().zip(&secret).fold(0u32, |sum, (&h, &s)| sum.wrapping_add(h.wrapping_mul(s))))
                .collect();
            prop_assert_eq!(masked, expected);
        }
    }

    #[test]
    fn refuses_wrong_sizes() {
        assert!(answer(&[0; 64], &[0; 31]).is_err());
        assert!(answer(&[0; 65], &[0; 32]).is_err());
        assert!(hint(&[0; 64], 32, &[0; 15], 8).is_err());
        assert!(mask(&[0; 16], 32, &[0; 6]).is_err());
    }
}
