//! One prime below 2^50 and its roots of unity. Nothing here branches on a residue.

use crate::error::{Result, require};

pub const PRIME_BITS_MAX: u32 = 50;

/// A factor with floor(factor·2^64 / p), which makes a product two multiplications (Shoup).
#[derive(Clone, Copy)]
pub struct Factor {
    pub value: u64,
    pub quotient: u64,
}

pub struct Prime {
    pub p: u64,
    pub bits: u32,
    /// floor(2^64 / p).
    ratio: u64,
    /// 2^64 mod p.
    carry: Factor,
    /// roots[m + i] = psi^brv(m + i), brv over log2 n bits; psi has order 2n.
    pub roots: Vec<Factor>,
    pub inverse_roots: Vec<Factor>,
    /// 1 / n.
    pub shrink: Factor,
}

/// x - p if x >= p, for x below 2^63.
#[inline(always)]
fn below(x: u64, p: u64) -> u64 {
    let less = x.wrapping_sub(p);
    less.wrapping_add(p & ((less as i64) >> 63) as u64)
}

impl Prime {
    pub fn new(p: u64, n: usize) -> Result<Self> {
        let bits = 64 - p.leading_zeros();
        require(bits > 16 && bits <= PRIME_BITS_MAX, "a prime has 17 to 50 bits")?;
        require(p % (2 * n as u64) == 1 && is_prime(p), "a prime is 1 modulo 2n")?;
        let mut prime = Self {
            p,
            bits,
            ratio: (u128::from(u64::MAX) / u128::from(p)) as u64,
            carry: Factor { value: 0, quotient: 0 },
            roots: Vec::new(),
            inverse_roots: Vec::new(),
            shrink: Factor { value: 0, quotient: 0 },
        };
        prime.carry = prime.factor(((1u128 << 64) % u128::from(p)) as u64);
        prime.shrink = prime.factor(prime.invert(n as u64));
        let psi = prime.root(n);
        prime.roots = prime.powers(psi, n);
        prime.inverse_roots = prime.powers(prime.invert(psi), n);
        Ok(prime)
    }

    pub fn factor(&self, value: u64) -> Factor {
        Factor { value, quotient: ((u128::from(value) << 64) / u128::from(self.p)) as u64 }
    }

    #[inline(always)]
    pub fn times(&self, a: u64, w: Factor) -> u64 {
        let q = ((u128::from(a) * u128::from(w.quotient)) >> 64) as u64;
        below(a.wrapping_mul(w.value).wrapping_sub(q.wrapping_mul(self.p)), self.p)
    }

    #[inline(always)]
    pub fn plus(&self, a: u64, b: u64) -> u64 {
        below(a + b, self.p)
    }

    #[inline(always)]
    pub fn minus(&self, a: u64, b: u64) -> u64 {
        below(a + self.p - b, self.p)
    }

    /// Any 64 bits.
    #[inline(always)]
    pub fn reduce(&self, x: u64) -> u64 {
        let q = ((u128::from(x) * u128::from(self.ratio)) >> 64) as u64;
        below(x.wrapping_sub(q.wrapping_mul(self.p)), self.p)
    }

    /// Any 128 bits.
    #[inline(always)]
    pub fn reduce_wide(&self, x: u128) -> u64 {
        let high = self.times(self.reduce((x >> 64) as u64), self.carry);
        self.plus(high, self.reduce(x as u64))
    }

    /// Of a residue x and any 64 bits y, x·2^64 + y.
    #[inline(always)]
    pub fn append(&self, x: u64, y: u64) -> u64 {
        self.plus(self.times(x, self.carry), self.reduce(y))
    }

    /// A signed number as a residue.
    #[inline(always)]
    pub fn signed(&self, x: i64) -> u64 {
        let sign = x >> 63;
        let size = self.reduce((x ^ sign).wrapping_sub(sign) as u64);
        below((size ^ sign as u64).wrapping_sub(sign as u64).wrapping_add(self.p & sign as u64), self.p)
    }

    pub fn power(&self, base: u64, mut exponent: u64) -> u64 {
        let (mut square, mut out) = (base % self.p, 1);
        while exponent > 0 {
            if exponent & 1 == 1 {
                out = self.reduce_wide(u128::from(out) * u128::from(square));
            }
            square = self.reduce_wide(u128::from(square) * u128::from(square));
            exponent >>= 1;
        }
        out
    }

    /// For public values.
    pub fn invert(&self, x: u64) -> u64 {
        self.power(x, self.p - 2)
    }

    /// x^((p - 1) / 2n) of the least x >= 2 for which it has order 2n.
    fn root(&self, n: usize) -> u64 {
        let exponent = (self.p - 1) / (2 * n as u64);
        (2..)
            .map(|x| self.power(x, exponent))
            .find(|&psi| self.power(psi, n as u64) == self.p - 1)
            .expect("half of all x have one")
    }

    fn powers(&self, psi: u64, n: usize) -> Vec<Factor> {
        let shift = usize::BITS - n.trailing_zeros();
        let mut out = vec![self.factor(1); n];
        let (step, mut power) = (self.factor(psi), 1);
        for i in 0..n {
            out[i.reverse_bits() >> shift] = self.factor(power);
            power = self.times(power, step);
        }
        out
    }
}

/// Miller-Rabin with bases that decide all 64-bit numbers.
fn is_prime(p: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    let mul = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(p)) as u64;
    let twos = (p - 1).trailing_zeros();
    BASES.iter().all(|&base| {
        let (mut x, mut square, mut exponent) = (1, base % p, (p - 1) >> twos);
        while exponent > 0 {
            if exponent & 1 == 1 {
                x = mul(x, square);
            }
            square = mul(square, square);
            exponent >>= 1;
        }
        x == 1
            || (0..twos).any(|_| {
                let found = x == p - 1;
                x = mul(x, x);
                found
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arithmetic_is_that_of_integers(a: u64, b: u64, wide: u128, signed: i64, p in prop::sample::select(vec![1125899904679937u64, 4398044938241, 786433])) {
            let prime = Prime::new(p, 16).unwrap();
            prop_assert_eq!(prime.reduce(a), a % p);
            prop_assert_eq!(u128::from(prime.reduce_wide(wide)), wide % u128::from(p));
            prop_assert_eq!(prime.signed(signed) as i128, i128::from(signed).rem_euclid(p.into()));
            let (a, b) = (a % p, b % p);
            prop_assert_eq!(u128::from(prime.times(a, prime.factor(b))), u128::from(a) * u128::from(b) % u128::from(p));
            prop_assert_eq!(prime.plus(a, b), (a + b) % p);
            prop_assert_eq!(prime.minus(a, b), (a + p - b) % p);
        }
    }

    #[test]
    fn ends_of_the_range() {
        let prime = Prime::new(1125899904679937, 32768).unwrap();
        assert_eq!(prime.signed(i64::MIN) as i128, i128::from(i64::MIN).rem_euclid(prime.p.into()));
        assert_eq!(prime.reduce(u64::MAX), u64::MAX % prime.p);
        assert_eq!(prime.signed(0), 0);
        assert_eq!(prime.signed(-(prime.p as i64)), 0);
    }

    #[test]
    fn refuses_what_is_no_prime_for_the_ring() {
        for p in [1125899904679937 - 2, 65537 * 65537, 1 << 40, (1 << 51) + 1, 97] {
            assert!(Prime::new(p, 1024).is_err());
        }
        assert!(Prime::new(786433, 131072 * 2).is_err());
    }
}
