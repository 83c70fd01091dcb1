//! Residues as bits: of each row n times as many as the prime has, little-endian, without a gap.

use super::Ring;
use super::prime::Prime;
use crate::error::{KernelError, Result, first_error, require};
use rayon::prelude::*;

impl Ring {
    /// Bytes of a polynomial.
    fn packed_bytes(&self) -> usize {
        self.primes.iter().map(|prime| self.packed_row(prime)).sum()
    }

    /// n is a multiple of eight.
    fn packed_row(&self, prime: &Prime) -> usize {
        self.n / 8 * prime.bits as usize
    }

    pub fn pack(&self, polynomials: &[u64]) -> Result<Vec<u8>> {
        let count = self.count(polynomials)?;
        let mut out = vec![0u8; count * self.packed_bytes()];
        out.par_chunks_mut(self.packed_bytes()).zip(polynomials.par_chunks(self.words())).for_each(|(mut out, x)| {
            for (prime, x) in self.primes.iter().zip(x.chunks_exact(self.n)) {
                let (row, rest) = out.split_at_mut(self.packed_row(prime));
                put(x, prime.bits, row);
                out = rest;
            }
        });
        Ok(out)
    }

    /// `Residue` with the number of the first polynomial that has a residue not below its prime.
    pub fn unpack(&self, bytes: &[u8]) -> Result<Vec<u64>> {
        require(bytes.len().is_multiple_of(self.packed_bytes()), "not a whole number of polynomials")?;
        let mut out = self.room(bytes.len() / self.packed_bytes())?;
        let parts = out.par_chunks_mut(self.words()).zip(bytes.par_chunks(self.packed_bytes())).enumerate();
        let results = parts.map(|(at, (out, mut bytes))| {
            let mut good = true;
            for (prime, out) in self.primes.iter().zip(out.chunks_exact_mut(self.n)) {
                let (row, rest) = bytes.split_at(self.packed_row(prime));
                take(row, prime.bits, out);
                good &= out.iter().all(|&x| x < prime.p);
                bytes = rest;
            }
            if good { Ok(()) } else { Err(KernelError::Residue(at)) }
        });
        first_error(results.collect())?;
        Ok(out)
    }
}

/// Rows end with a whole byte, not with a whole word.
fn put(x: &[u64], bits: u32, mut out: &mut [u8]) {
    let (mut held, mut count) = (0u128, 0);
    for &x in x {
        held |= u128::from(x) << count;
        count += bits;
        if count >= 64 {
            let (word, rest) = out.split_at_mut(8);
            word.copy_from_slice(&(held as u64).to_le_bytes());
            (held, count, out) = (held >> 64, count - 64, rest);
        }
    }
    out.copy_from_slice(&held.to_le_bytes()[..out.len()]);
}

fn take(bytes: &[u8], bits: u32, out: &mut [u64]) {
    let (mut held, mut count) = (0u128, 0);
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mut words = words.iter().chain([&last]);
    for out in out {
        if count < bits {
            held |= u128::from(u64::from_le_bytes(*words.next().expect("as many bits as residues need"))) << count;
            count += 64;
        }
        *out = held as u64 & ((1 << bits) - 1);
        (held, count) = (held >> bits, count - bits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residues_come_back_and_others_are_refused() {
        let ring = Ring::new(16, &[4398044938241, 786433]).unwrap();
        let x = ring.uniform(&[9; 32], 3).unwrap();
        let bytes = ring.pack(&x).unwrap();
        assert_eq!(bytes.len(), 3 * 2 * (42 + 20));
        assert_eq!(ring.unpack(&bytes).unwrap(), x);
        let mut bad = bytes.clone();
        bad[124..130].fill(255);
        bad[370] = 255;
        bad[371] = 255;
        assert_eq!(ring.unpack(&bad), Err(KernelError::Residue(1)));
        assert!(ring.unpack(&bytes[1..]).is_err());
    }
}
