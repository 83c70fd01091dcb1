//! Loops of computing on shares: digits of words compared through tables of sixteen entries, functions made of straight
//! pieces through tables of 32.
//!
//! Vectors lie digit after digit, and in each element after element. Bits that both parties share are packed in planes: bit i
//! of a plane belongs to element i.

use crate::blocks::aes::Cipher;
use crate::blocks::{BLOCK, one_block};
use crate::error::{Result, require};
use crate::vole::forms::gathered;
use rayon::prelude::*;

const DIGIT_BITS: usize = 4;

/// The bits of words that are cut into digits, the highest digit of what is left.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    pub low: usize,
    pub width: usize,
}

impl Cut {
    fn check(self, elements: usize) -> Result<()> {
        require((1..=64).contains(&self.width) && self.low + self.width <= 64, "bits of a word")?;
        require(elements.is_multiple_of(8), "elements in multiples of eight")
    }

    fn digits(self) -> usize {
        self.width.div_ceil(DIGIT_BITS)
    }

    /// The largest digit at a place.
    fn top(self, place: usize) -> usize {
        (1 << DIGIT_BITS.min(self.width - DIGIT_BITS * place)) - 1
    }

    fn digit(self, value: u64, place: usize) -> usize {
        (value >> (self.low + DIGIT_BITS * place)) as usize & self.top(place)
    }
}

/// Half a byte at a place.
fn nibble(packed: &[u8], at: usize) -> usize {
    (packed[at / 2] >> (4 * (at & 1)) & 15) as usize
}

/// The receiver's digits in place of its random choices: half a byte each.
pub fn digit_choices(values: &[u64], cut: Cut, choices: &[u8]) -> Result<Vec<u8>> {
    let count = values.len();
    cut.check(count)?;
    require(choices.len() == cut.digits() * count / 2, "four choices for each digit")?;
    let mut out = choices.to_vec();
    if count > 0 {
        out.par_chunks_mut(count / 2).enumerate().for_each(|(place, masked)| {
            for (pair, masked) in values.as_chunks::<2>().0.iter().zip(masked) {
                *masked ^= (cut.digit(pair[0], place) | cut.digit(pair[1], place) << 4) as u8;
            }
        });
    }
    Ok(out)
}

/// v -> v ^ by, among sixteen bits.
#[inline(always)]
fn permuted(word: u16, by: usize) -> u16 {
    let mut out = word;
    for (bit, low) in [0x5555u16, 0x3333, 0x0f0f, 0x00ff].into_iter().enumerate() {
        let width = 1 << bit;
        let swapped = (out & !low) >> width | (out & low) << width;
        let chosen = ((by >> bit & 1) as u16).wrapping_neg();
        out ^= (out ^ swapped) & chosen;
    }
    out
}

/// What is told of two digits: are they equal; or does their sum pass a carry on, and is there one.
fn results(sums: bool) -> usize {
    if sums { 2 } else { 1 }
}

/// The sender's tables, under pads and shares. Several vectors of own values are told against the same digits of the receiver:
/// each result of each vector is a plane of the tables.
pub fn digit_tables(
    values: &[u64],
    cut: Cut,
    sums: bool,
    pads: &[u16],
    masked: &[u8],
    shares: &[u8],
) -> Result<Vec<u8>> {
    cut.check(0)?;
    let digits = cut.digits();
    let elements = 2 * masked.len() / digits;
    require(masked.len() * 2 == elements * digits && elements.is_multiple_of(8), "elements in multiples of eight")?;
    if elements == 0 {
        return Ok(Vec::new());
    }
    require(values.len().is_multiple_of(elements), "vectors of one length")?;
    let planes = values.len() / elements * results(sums);
    require(pads.len() == planes * digits * elements, "a pad for each table")?;
    require(shares.len() * 8 == planes * digits * elements, "a share for each table")?;
    let mut out = vec![0u8; 2 * pads.len()];
    let per_digit = out.par_chunks_mut(2 * planes * elements).zip(pads.par_chunks(planes * elements));
    per_digit.zip(masked.par_chunks(elements / 2)).enumerate().for_each(|(place, ((tables, pads), masked))| {
        let top = cut.top(place);
        for (plane, (values, result)) in planes_of(values, elements, results(sums)).enumerate() {
            let shares = &shares[(plane * digits + place) * elements / 8..][..elements / 8];
            for (i, &value) in values.iter().enumerate() {
                let own = cut.digit(value, place);
                let told = if result == 1 { 0x1fffe << (top - own) } else { 1 << if sums { top - own } else { own } };
                let share = u16::from(shares[i / 8] >> (i % 8) & 1).wrapping_neg();
                let at = i * planes + plane;
                let entries = permuted(pads[at], nibble(masked, i)) ^ told as u16 ^ share;
                tables[2 * at..][..2].copy_from_slice(&entries.to_le_bytes());
            }
        }
    });
    Ok(out)
}

/// Of each plane the values, and which result it tells.
fn planes_of(values: &[u64], elements: usize, results: usize) -> impl Iterator<Item = (&[u64], usize)> {
    values.chunks_exact(elements).flat_map(move |vector| (0..results).map(move |result| (vector, result)))
}

/// What the receiver reads of the tables, under its pads: planes as `shares` of `digit_tables`.
pub fn digit_entries(values: &[u64], cut: Cut, pads: &[u8], tables: &[u8]) -> Result<Vec<u8>> {
    let (elements, digits) = (values.len(), cut.digits());
    cut.check(elements)?;
    if elements == 0 {
        return Ok(Vec::new());
    }
    require(pads.len() == digits * elements, "a pad for each digit")?;
    let planes = tables.len() / (2 * pads.len());
    require(tables.len() == planes * 2 * pads.len() && (1..=8).contains(&planes), "tables of sixteen entries")?;
    let mut out = vec![0u8; planes * digits * elements / 8];
    out.par_chunks_mut(elements / 8).enumerate().for_each(|(vector, bits)| {
        let (plane, place) = (vector / digits, vector % digits);
        let (pads, tables) = (&pads[place * elements..], &tables[2 * place * elements * planes..]);
        for (group, byte) in bits.iter_mut().enumerate() {
            let entries: [u8; 8] = std::array::from_fn(|i| {
                let at = 8 * group + i;
                let table = &tables[2 * (at * planes + plane)..][..2];
                (u16::from_le_bytes([table[0], table[1]]) >> cut.digit(values[at], place)) as u8 ^ pads[at] >> plane
            });
            *byte = gathered(u64::from_le_bytes(entries));
        }
    });
    Ok(out)
}

/// Transfers of a table of 32 entries.
const PIECE_BITS: usize = 5;
const PIECES: usize = 1 << PIECE_BITS;

/// Straight pieces: value·slope + intercept modulo 2^32, of interval value / 2^step modulo 32.
pub struct Pieces<'a> {
    pub slopes: &'a [u32],
    pub intercepts: &'a [u32],
    pub step: u32,
}

fn interval(value: u64, step: u32) -> usize {
    (value >> step) as usize & (PIECES - 1)
}

fn check_pieces(values: &[u64], step: u32) -> Result<()> {
    require(values.len().is_multiple_of(8) && step < 64, "elements in multiples of eight, and a step within a word")
}

/// The receiver's intervals in place of its random choices, a byte each.
pub fn piece_choices(values: &[u64], step: u32, choices: &[u8]) -> Result<Vec<u8>> {
    check_pieces(values, step)?;
    require(choices.len() * 8 == PIECE_BITS * values.len(), "five choices for each element")?;
    let chance = |i: usize| (0..PIECE_BITS).fold(0, |sum, bit| sum | bit_at(choices, PIECE_BITS * i + bit) << bit);
    Ok(values.iter().enumerate().map(|(i, &value)| interval(value, step) as u8 ^ chance(i)).collect())
}

fn bit_at(bits: &[u8], at: usize) -> u8 {
    bits[at / 8] >> (at % 8) & 1
}

fn key(keys: &[u8], at: usize) -> u128 {
    crate::blocks::element(keys, at)
}

/// The sender's tables: for each interval of the receiver's share, of both shares' interval the own share's part of the piece, less
/// the own share of the result; under the hash of the sum of five keys.
pub fn piece_tables(
    values: &[u64],
    pieces: &Pieces,
    keys: (&[u8], &[u8]),
    masked: &[u8],
    shares: &[u8],
    salt: &[u8],
) -> Result<Vec<u8>> {
    check_pieces(values, pieces.step)?;
    require(pieces.slopes.len() == PIECES && pieces.intercepts.len() == PIECES, "32 pieces")?;
    let keys_bytes = BLOCK * PIECE_BITS * values.len();
    require(keys.0.len() == keys_bytes && keys.1.len() == keys_bytes, "five pairs of keys for each element")?;
    require(masked.len() == values.len() && shares.len() == 4 * values.len(), "a choice and a share for each element")?;
    let hash = Cipher::new(&one_block(salt)?);
    let mut out = vec![0u8; 4 * PIECES * values.len()];
    out.par_chunks_mut(4 * PIECES * PIECE_TASK).enumerate().for_each(|(task, tables)| {
        for (at, table) in tables.chunks_exact_mut(4 * PIECES).enumerate() {
            let i = task * PIECE_TASK + at;
            let pads = piece_pads(keys, i, &hash);
            let share = u32::from_le_bytes(*shares[4 * i..].first_chunk().expect("four bytes"));
            let (own, value) = (interval(values[i], pieces.step), values[i] as u32);
            for (theirs, entry) in table.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let piece = (own + theirs) % PIECES;
                let result = pieces.slopes[piece].wrapping_mul(value).wrapping_add(pieces.intercepts[piece]);
                let pad = pads[theirs ^ (masked[i] as usize % PIECES)];
                *entry = (result.wrapping_sub(share) ^ pad).to_le_bytes();
            }
        }
    });
    Ok(out)
}

/// Elements for each task.
const PIECE_TASK: usize = 256;

/// Of each choice of five bits the pad.
fn piece_pads((zero, one): (&[u8], &[u8]), i: usize, hash: &Cipher) -> [u32; PIECES] {
    let (mut sums, mut hashed) = ([0u8; BLOCK * PIECES], [0u8; BLOCK * PIECES]);
    let pair = |bit: usize| (key(zero, PIECE_BITS * i + bit), key(one, PIECE_BITS * i + bit));
    let mut all = [0u128; PIECES];
    for bit in 0..PIECE_BITS {
        let (zero, one) = pair(bit);
        for choice in (0..1 << bit).rev() {
            let sum = all[choice];
            all[choice] = sum ^ zero;
            all[choice | 1 << bit] = sum ^ one;
        }
    }
    for (sum, block) in all.iter().zip(sums.as_chunks_mut::<BLOCK>().0) {
        *block = sum.to_le_bytes();
    }
    hash.hash(&sums, &mut hashed);
    std::array::from_fn(|choice| u32::from_le_bytes(*hashed[BLOCK * choice..].first_chunk().expect("four bytes")))
}

/// What the receiver reads of the tables, four bytes each.
pub fn piece_entries(values: &[u64], step: u32, keys: &[u8], tables: &[u8], salt: &[u8]) -> Result<Vec<u8>> {
    check_pieces(values, step)?;
    require(keys.len() == BLOCK * PIECE_BITS * values.len(), "five keys for each element")?;
    require(tables.len() == 4 * PIECES * values.len(), "a table for each element")?;
    let hash = Cipher::new(&one_block(salt)?);
    let mut sums = vec![0u8; BLOCK * values.len()];
    for (i, sum) in sums.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        *sum = (0..PIECE_BITS).fold(0, |sum, bit| sum ^ key(keys, PIECE_BITS * i + bit)).to_le_bytes();
    }
    let mut pads = vec![0u8; sums.len()];
    hash.hash(&sums, &mut pads);
    let mut out = vec![0u8; 4 * values.len()];
    for (i, entry) in out.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let table = &tables[4 * (PIECES * i + interval(values[i], step))..];
        *entry = std::array::from_fn(|byte| table[byte] ^ pads[BLOCK * i + byte]);
    }
    Ok(out)
}
