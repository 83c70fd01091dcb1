//! Between numbers modulo a power of two and residues: exactly, without large integers.

use super::Ring;
use super::prime::{Factor, Prime};
use crate::error::{Result, require};
use rayon::prelude::*;

/// What `encode` needs for a number of bits.
pub struct Encoding {
    half: u64,
    mask: u64,
    factors: Vec<Factor>,
}

pub struct Scales {
    /// q mod 2^64.
    product: u64,
    /// For each prime 1 / (q / p) mod p, and floor(2^128 / p).
    parts: Vec<(Factor, u128)>,
    /// For each prime l and each before it 1 / l mod p.
    without: Vec<Vec<Factor>>,
}

impl Scales {
    pub fn new(primes: &[Prime]) -> Self {
        let part = |(i, prime): (usize, &Prime)| {
            let others = primes.iter().enumerate().filter(|&(j, _)| j != i);
            let cofactor = others.fold(1, |product, (_, other)| {
                prime.reduce_wide(u128::from(product) * u128::from(prime.reduce(other.p)))
            });
            (prime.factor(prime.invert(cofactor)), u128::MAX / u128::from(prime.p))
        };
        let inverses = |(l, last): (usize, &Prime)| {
            primes[..l].iter().map(|prime| prime.factor(prime.invert(prime.reduce(last.p)))).collect()
        };
        Self {
            product: primes.iter().fold(1, |product, prime| product.wrapping_mul(prime.p)),
            parts: primes.iter().enumerate().map(part).collect(),
            without: primes.iter().enumerate().map(inverses).collect(),
        }
    }
}

impl Ring {
    /// Signed numbers of 64 bits (two's complement) as residues; a polynomial has n of them.
    pub fn lift(&self, values: &[u64]) -> Result<Vec<u64>> {
        let count = self.polynomials_of(values)?;
        self.each_row(count, |row, prime, out| {
            for (out, &value) in out.iter_mut().zip(&values[row / self.primes.len() * self.n..]) {
                *out = prime.signed(value as i64);
            }
        })
    }

    /// round(q·m / 2^bits) of each number m modulo 2^bits. With r = (q·m + 2^(bits-1)) mod 2^bits that is
    /// (2^(bits-1) - r) / 2^bits modulo each prime.
    pub fn encode(&self, values: &[u64], bits: usize) -> Result<Vec<u64>> {
        let count = self.polynomials_of(values)?;
        let encoding = self.encoding(bits)?;
        self.each_row(count, |row, _, out| {
            let k = row % self.primes.len();
            self.encode_row(&encoding, k, &values[row / self.primes.len() * self.n..][..self.n], out);
        })
    }

    pub(super) fn encoding(&self, bits: usize) -> Result<Encoding> {
        let (half, mask) = modulus(bits)?;
        let factor = |prime: &Prime| prime.factor(prime.minus(0, prime.invert(prime.power(2, bits as u64))));
        Ok(Encoding { half, mask, factors: self.primes.iter().map(factor).collect() })
    }

    /// Modulo prime k.
    pub(super) fn encode_row(&self, encoding: &Encoding, k: usize, values: &[u64], out: &mut [u64]) {
        let (prime, &Encoding { half, mask, .. }) = (&self.primes[k], encoding);
        for (out, &value) in out.iter_mut().zip(values) {
            let rest = self.scales.product.wrapping_mul(value).wrapping_add(half) & mask;
            *out = prime.times(prime.signed(rest.wrapping_sub(half) as i64), encoding.factors[k]);
        }
    }

    /// round(2^bits·x / q) mod 2^bits of each coefficient x: x / q is the sum of fractions of the primes, taken modulo 1 with
    /// 128 bits, of which the last 50 + log2(primes) are off.
    pub fn decode(&self, polynomials: &[u64], bits: usize) -> Result<Vec<u64>> {
        let count = self.count(polynomials)?;
        modulus(bits)?;
        let mut out = vec![0u64; count * self.n];
        let rows = out.par_chunks_mut(self.n).zip(polynomials.par_chunks(self.words()));
        rows.for_each(|(out, x)| self.decode_rows(x, bits, out));
        Ok(out)
    }

    /// As many residues modulo each prime as there is room in `out`.
    pub(super) fn decode_rows(&self, x: &[u64], bits: usize, out: &mut [u64]) {
        self.fractions(x, out, |fraction| (fraction.wrapping_add(1 << (127 - bits)) >> (128 - bits)) as u64);
    }

    /// Of each coefficient x what `scaled` makes of 2^128·x / q.
    pub(super) fn fractions(&self, x: &[u64], out: &mut [u64], scaled: impl Fn(u128) -> u64) {
        let width = out.len();
        for (i, out) in out.iter_mut().enumerate() {
            let fraction = self.primes.iter().zip(&self.scales.parts).enumerate().fold(
                0u128,
                |sum, (k, (prime, &(cofactor, unit)))| {
                    let part = prime.times(x[k * width + i], cofactor);
                    sum.wrapping_add(u128::from(part).wrapping_mul(unit))
                },
            );
            *out = scaled(fraction);
        }
    }

    /// round(x / last prime), modulo the other primes: rows of one prime fewer.
    pub fn drop_last(&self, polynomials: &[u64]) -> Result<Vec<u64>> {
        let count = self.count(polynomials)?;
        let rest = self.primes.len() - 1;
        require(rest > 0, "a ring keeps a prime")?;
        let mut out = vec![0u64; count * rest * self.n];
        out.par_chunks_mut(self.n).enumerate().for_each(|(row, out)| {
            let (at, k) = (row / rest, row % rest);
            let rows = &polynomials[at * self.words()..];
            out.copy_from_slice(&rows[k * self.n..][..self.n]);
            self.round_off(rest, k, out, &rows[rest * self.n..][..self.n]);
        });
        Ok(out)
    }

    /// Modulo prime k: (x - centred last) / prime l, where `last` is modulo prime l.
    pub(super) fn round_off(&self, l: usize, k: usize, x: &mut [u64], last: &[u64]) {
        let (prime, top, factor) = (&self.primes[k], self.primes[l].p, self.scales.without[l][k]);
        for (x, &last) in x.iter_mut().zip(last) {
            *x = prime.times(prime.minus(*x, prime.signed(centred(last, top))), factor);
        }
    }

    pub(super) fn polynomials_of(&self, values: &[u64]) -> Result<usize> {
        require(values.len().is_multiple_of(self.n), "not a whole number of polynomials")?;
        Ok(values.len() / self.n)
    }
}

/// In -p/2..p/2, without a branch.
#[inline(always)]
pub(super) fn centred(x: u64, p: u64) -> i64 {
    let above = ((p / 2) as i64 - x as i64) >> 63;
    x as i64 - (p as i64 & above)
}

fn modulus(bits: usize) -> Result<(u64, u64)> {
    require((1..=64).contains(&bits), "plaintexts have 1 to 64 bits")?;
    Ok((1 << (bits - 1), u64::MAX >> (64 - bits)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const P: u64 = 1125899904679937;

    proptest! {
        /// One prime, where the fractions are plain integers.
        #[test]
        fn scaling_rounds_to_nearest(value: u64, x in 0..P, bits in 1usize..=49) {
            let ring = Ring::new(16, &[P]).unwrap();
            let encoded = ring.encode(&[value; 16], bits).unwrap()[3];
            let m = u128::from(value & (u64::MAX >> (64 - bits)));
            let expected = ((u128::from(P) * m + (1 << (bits - 1))) >> bits) % u128::from(P);
            prop_assert_eq!(u128::from(encoded), expected);
            let decoded = ring.decode(&[x; 16], bits).unwrap()[7];
            let expected = (((u128::from(x) << bits) + u128::from(P / 2)) / u128::from(P)) as u64 & (u64::MAX >> (64 - bits));
            prop_assert_eq!(decoded, expected);
        }

        /// Several primes: back and forth, and the last one off.
        #[test]
        fn numbers_come_back(values in prop::collection::vec(any::<u64>(), 16)) {
            let ring = Ring::new(16, &[P, 4398044938241, 4398043496449]).unwrap();
            let encoded = ring.encode(&values, 64).unwrap();
            prop_assert_eq!(&ring.decode(&encoded, 64).unwrap(), &values);
            let smaller = Ring::new(16, &[P, 4398044938241]).unwrap();
            let dropped = ring.drop_last(&encoded).unwrap();
            prop_assert_eq!(&smaller.decode(&dropped, 64).unwrap(), &values);
        }
    }

    #[test]
    fn rounding_off_is_to_nearest() {
        let ring = Ring::new(16, &[P, 786433]).unwrap();
        for x in [0u64, 1, 393216, 393217, 786432, 786433, 5 * 786433 + 393216, 5 * 786433 + 393217] {
            let mut polynomial = vec![x % P; 32];
            polynomial[16..].fill(x % 786433);
            assert_eq!(ring.drop_last(&polynomial).unwrap(), [(x + 393216) / 786433; 16]);
        }
    }

    #[test]
    fn refuses_wrong_sizes() {
        let ring = Ring::new(16, &[P]).unwrap();
        assert!(ring.encode(&[0; 15], 8).is_err());
        assert!(ring.encode(&[0; 16], 0).is_err());
        assert!(ring.decode(&[0; 16], 65).is_err());
        assert!(ring.drop_last(&[0; 16]).is_err());
        assert!(ring.lift(&[0; 17]).is_err());
    }
}
