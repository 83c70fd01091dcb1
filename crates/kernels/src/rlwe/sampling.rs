//! Samples from 32-byte seeds: AES-256 in counter mode (big-endian, 128 bits), whose upper half says which row or polynomial.

use super::Ring;
use super::prime::Prime;
use crate::error::{KernelError, Result, require};
use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};

/// Bits of each of the two sums whose difference is centred binomial: deviation sqrt(21/2) = 3.24.
const BINOMIAL_BITS: u32 = 21;
const FLOOD_BITS_MAX: usize = 255;
const DRAWN_AT_ONCE: usize = 512;

/// What `flood` needs for a number of bits.
pub(super) struct Flooding {
    width: usize,
    top: u64,
    centre: Vec<u64>,
}

/// The stream of one row, word by word.
pub(super) struct Words {
    cipher: Ctr128BE<Aes256>,
    bytes: [u8; 8 * DRAWN_AT_ONCE],
    at: usize,
}

impl Words {
    pub(super) fn new(seed: &[u8; 32], index: usize) -> Self {
        let mut start = [0u8; 16];
        start[..8].copy_from_slice(&(index as u64).to_be_bytes());
        Self {
            cipher: Ctr128BE::<Aes256>::new(seed.into(), &start.into()),
            bytes: [0; 8 * DRAWN_AT_ONCE],
            at: 8 * DRAWN_AT_ONCE,
        }
    }

    fn bytes<const WIDTH: usize>(&mut self) -> [u8; WIDTH] {
        if self.at == self.bytes.len() {
            self.bytes.fill(0);
            self.cipher.apply_keystream(&mut self.bytes);
            self.at = 0;
        }
        self.at += WIDTH;
        self.bytes[self.at - WIDTH..self.at].try_into().expect("within")
    }

    pub(super) fn word(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }
}

/// Row number `row` of a seed.
pub(super) fn uniform_row(key: &[u8; 32], row: usize, prime: &Prime, out: &mut [u64]) {
    let mut words = Words::new(key, row);
    let mask = (1u64 << prime.bits) - 1;
    for out in out {
        *out = loop {
            let word = words.word() & mask;
            if word < prime.p {
                break word;
            }
        };
    }
}

/// Numbers below every prime in size, of polynomial number `at`.
pub(super) fn small_row(key: &[u8; 32], at: usize, draw: impl Fn(&mut Words) -> i64, out: &mut [i64]) {
    let mut words = Words::new(key, at);
    out.fill_with(|| draw(&mut words));
}

pub(super) fn ternary(words: &mut Words) -> i64 {
    loop {
        let [byte] = words.bytes::<1>();
        if byte < 255 {
            let byte = u32::from(byte);
            let residue = byte - 3 * ((byte * 171) >> 9);
            return (residue & 1) as i64 - (residue >> 1) as i64;
        }
    }
}

pub(super) fn binomial(words: &mut Words) -> i64 {
    let mask = (1u64 << BINOMIAL_BITS) - 1;
    let word = words.word();
    i64::from((word & mask).count_ones()) - i64::from(((word >> BINOMIAL_BITS) & mask).count_ones())
}

impl Prime {
    /// A number below p in size.
    #[inline(always)]
    pub(super) fn small(&self, value: i64) -> u64 {
        value.wrapping_add(self.p as i64 & (value >> 63)) as u64
    }
}

pub(super) fn key(seed: &[u8]) -> Result<&[u8; 32]> {
    seed.try_into().map_err(|_| KernelError::Range("a seed has 32 bytes"))
}

impl Ring {
    /// Uniform: of each word as many low bits as the prime has, again where that is not below it. One stream a row.
    pub fn uniform(&self, seed: &[u8], count: usize) -> Result<Vec<u64>> {
        let key = key(seed)?;
        self.each_row(count, |row, prime, out| uniform_row(key, row, prime, out))
    }

    /// Coefficients -1, 0 and 1, each a third: bytes below 255, modulo 3, where 2 stands for -1. One stream a polynomial.
    pub fn ternary(&self, seed: &[u8], count: usize) -> Result<Vec<u64>> {
        self.small(seed, count, ternary)
    }

    /// Centred binomial coefficients of deviation 3.24 and at most 21: ones in the low 21 bits of a word less those in the next 21.
    pub fn binomial(&self, seed: &[u8], count: usize) -> Result<Vec<u64>> {
        self.small(seed, count, binomial)
    }

    fn small(&self, seed: &[u8], count: usize, draw: impl Fn(&mut Words) -> i64 + Sync) -> Result<Vec<u64>> {
        let key = key(seed)?;
        self.each(count, |at, out| {
            let mut words = Words::new(key, at);
            for i in 0..self.n {
                let value = draw(&mut words);
                for (k, prime) in self.primes.iter().enumerate() {
                    out[k * self.n + i] = prime.small(value);
                }
            }
        })
    }

    /// Coefficients uniform in -2^bits..2^bits: bits + 1 low bits of as many words as hold them, less 2^bits.
    pub fn flood(&self, seed: &[u8], count: usize, bits: usize) -> Result<Vec<u64>> {
        let key = key(seed)?;
        let flooding = self.flooding(bits)?;
        self.each(count, |at, out| self.flood_rows(key, at, &flooding, out))
    }

    pub(super) fn flooding(&self, bits: usize) -> Result<Flooding> {
        require(bits > 0 && bits <= FLOOD_BITS_MAX, "noise has 1 to 255 bits")?;
        let centre = self.primes.iter().map(|prime| prime.power(2, bits as u64)).collect();
        Ok(Flooding { width: bits / 64 + 1, top: u64::MAX >> (63 - bits % 64), centre })
    }

    /// As many numbers as `out` has room for residues modulo each prime.
    pub(super) fn flood_rows(&self, key: &[u8; 32], at: usize, flooding: &Flooding, out: &mut [u64]) {
        let (mut words, n) = (Words::new(key, at), out.len() / self.primes.len());
        let mut drawn = [0u64; FLOOD_BITS_MAX / 64 + 1];
        let drawn = &mut drawn[..flooding.width];
        for i in 0..n {
            drawn.fill_with(|| words.word());
            drawn[flooding.width - 1] &= flooding.top;
            for (k, prime) in self.primes.iter().enumerate() {
                let join = |high: u64, &low: &u64| prime.append(high, low);
                let (&top, below) = drawn.split_last().expect("a word at least");
                let residue = below.iter().rev().fold(prime.reduce(top), join);
                out[k * n + i] = prime.minus(residue, flooding.centre[k]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(ring: &Ring, x: &[u64]) -> Vec<i64> {
        let p = ring.primes[0].p;
        x[..ring.n].iter().map(|&x| if x > p / 2 { x as i64 - p as i64 } else { x as i64 }).collect()
    }

    /// All residues of a polynomial are of the same numbers, which have the distribution's moments.
    #[test]
    fn samples_have_their_distributions() {
        let ring = Ring::new(32768, &[1125899904679937, 4398044938241]).unwrap();
        let moments = |x: &[u64]| {
            let values = signed(&ring, x);
            for (i, &value) in values.iter().enumerate() {
                assert_eq!(ring.primes[1].signed(value), x[ring.n + i]);
            }
            let mean = values.iter().sum::<i64>() as f64 / ring.n as f64;
            let variance = values.iter().map(|&v| (v * v) as f64).sum::<f64>() / ring.n as f64;
            (mean, variance, values.iter().map(|v| v.abs()).max().unwrap())
        };
        let (mean, variance, largest) = moments(&ring.ternary(&[1; 32], 1).unwrap());
        assert!(mean.abs() < 0.02 && (variance - 2.0 / 3.0).abs() < 0.02 && largest == 1);
        let (mean, variance, largest) = moments(&ring.binomial(&[2; 32], 1).unwrap());
        assert!(mean.abs() < 0.1 && (variance - 10.5).abs() < 0.5 && largest <= 21);
        let (mean, variance, largest) = moments(&ring.flood(&[3; 32], 1, 10).unwrap());
        assert!(mean.abs() < 20.0 && (variance - 1024.0 * 1024.0 / 3.0).abs() < 10000.0 && largest <= 1024);
    }

    #[test]
    fn refuses_wrong_seeds_and_widths() {
        let ring = Ring::new(16, &[4398044938241]).unwrap();
        assert!(ring.uniform(&[0; 31], 1).is_err());
        assert!(ring.ternary(&[0; 33], 1).is_err());
        assert!(ring.flood(&[0; 32], 1, 0).is_err());
        assert!(ring.flood(&[0; 32], 1, 256).is_err());
        assert!(ring.uniform(&[0; 32], usize::MAX).is_err());
    }
}
