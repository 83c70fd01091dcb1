//! The negacyclic transform: place j of the result is the polynomial's value at psi^(2·brv(j) + 1), brv over log2 n bits.
//! Merged twiddles after Longa, Naehrig (CANS 2016): forward decimates in time, backward in frequency, neither reorders.
//!
//! `avx2.rs` has the same with vectors; both agree in every bit. Time depends on n alone.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::prime::Prime;

pub struct Transform {
    #[cfg(target_arch = "x86_64")]
    vector: Option<avx2::Tables>,
}

impl Transform {
    pub fn new(prime: &Prime) -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let there = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            Self { vector: there.then(|| avx2::Tables::new(prime)) }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            let _ = prime;
            Self {}
        }
    }

    pub fn forward(&self, prime: &Prime, x: &mut [u64]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(tables) = &self.vector {
            // SAFETY: the tables are there only with the instructions.
            return unsafe { avx2::forward(tables, x) };
        }
        forward_portable(prime, x);
    }

    /// `x` may be shorter than the ring, see `Ring::every`.
    pub fn inverse(&self, prime: &Prime, x: &mut [u64]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(tables) = &self.vector {
            // SAFETY: likewise.
            return unsafe { avx2::inverse(tables, x) };
        }
        inverse_portable(prime, x);
    }
}

impl Transform {
    /// x + a·b, place by place.
    pub fn add_products(&self, prime: &Prime, x: &mut [u64], a: &[u64], b: &[u64]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(tables) = &self.vector {
            // SAFETY: the tables are there only with the instructions.
            return unsafe { avx2::add_products::<false>(tables, x, a, b) };
        }
        for ((x, &a), &b) in x.iter_mut().zip(a).zip(b) {
            *x = prime.plus(*x, prime.reduce_wide(u128::from(a) * u128::from(b)));
        }
    }

    #[cfg(target_arch = "x86_64")]
    pub fn has_vectors(&self) -> bool {
        self.vector.is_some()
    }

    /// Whether all words are below p.
    pub fn below(&self, x: &[u64], p: u64) -> bool {
        #[cfg(target_arch = "x86_64")]
        if self.vector.is_some() {
            // SAFETY: likewise.
            return unsafe { avx2::below(x, p) };
        }
        x.iter().fold(0, |above, &word| above | u64::from(word >= p)) == 0
    }

    /// x - a·b, place by place.
    pub fn subtract_products(&self, prime: &Prime, x: &mut [u64], a: &[u64], b: &[u64]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(tables) = &self.vector {
            // SAFETY: likewise.
            return unsafe { avx2::add_products::<true>(tables, x, a, b) };
        }
        for ((x, &a), &b) in x.iter_mut().zip(a).zip(b) {
            *x = prime.minus(*x, prime.reduce_wide(u128::from(a) * u128::from(b)));
        }
    }
}

/// Also what the vector code is tested against.
pub fn forward_portable(prime: &Prime, x: &mut [u64]) {
    let n = x.len();
    let mut m = 1;
    while m < n {
        for (block, &w) in x.chunks_exact_mut(n / m).zip(&prime.roots[m..2 * m]) {
            let (low, high) = block.split_at_mut(n / m / 2);
            for (a, b) in low.iter_mut().zip(high) {
                let product = prime.times(*b, w);
                (*a, *b) = (prime.plus(*a, product), prime.minus(*a, product));
            }
        }
        m *= 2;
    }
}

pub fn inverse_portable(prime: &Prime, x: &mut [u64]) {
    let n = x.len();
    let mut m = n / 2;
    while m > 0 {
        for (block, &w) in x.chunks_exact_mut(n / m).zip(&prime.inverse_roots[m..2 * m]) {
            let (low, high) = block.split_at_mut(n / m / 2);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (prime.plus(*a, *b), prime.times(prime.minus(*a, *b), w));
            }
        }
        m /= 2;
    }
    for value in x {
        *value = prime.times(*value, prime.shrink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const P: [u64; 4] = [1125899904679937, 281474976317441, 4398044938241, 786433];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// Every size, with residues at the ends of their range: nothing rounds.
        #[test]
        fn vector_code_is_the_portable_code(
            log in 4u32..12,
            p in prop::sample::select(P.to_vec()),
            fill in prop::collection::vec(prop_oneof![Just(0u64), Just(u64::MAX), Just(u64::MAX / 2), any::<u64>()], 1..97),
        ) {
            let n = 1 << log;
            let prime = Prime::new(p, n).unwrap();
            let end = |x: u64| if x == u64::MAX { p - 1 } else if x == u64::MAX / 2 { p / 2 } else { x % p };
            let x: Vec<u64> = fill.iter().map(|&x| end(x)).cycle().take(n).collect();
            let transform = Transform::new(&prime);
            let (mut a, mut b) = (x.clone(), x.clone());
            transform.forward(&prime, &mut a);
            forward_portable(&prime, &mut b);
            prop_assert_eq!(&a, &b);
            let (mut c, mut d) = (x.clone(), x.clone());
            transform.inverse(&prime, &mut c);
            inverse_portable(&prime, &mut d);
            prop_assert_eq!(&c, &d);
            transform.inverse(&prime, &mut a);
            prop_assert_eq!(&a, &x);
        }
    }

    /// By the definition, at a few places.
    #[test]
    fn values_at_odd_powers_of_the_root() {
        let (n, p) = (64usize, P[0]);
        let prime = Prime::new(p, n).unwrap();
        let x: Vec<u64> = (0..n as u64).map(|i| (i * i * 0x9e37_79b9_7f4a) % p).collect();
        let mut y = x.clone();
        Transform::new(&prime).forward(&prime, &mut y);
        let psi = prime.roots[n / 2].value;
        assert_eq!(prime.power(psi, n as u64), p - 1);
        for (j, &value) in y.iter().enumerate() {
            let point = prime.power(psi, 2 * (j.reverse_bits() >> (usize::BITS - 6)) as u64 + 1);
            let sum = x.iter().rev().fold(0u128, |sum, &c| (sum * u128::from(point) + u128::from(c)) % u128::from(p));
            assert_eq!(u128::from(value), sum);
        }
    }

    #[test]
    fn the_largest_size() {
        let prime = Prime::new(P[0], 32768).unwrap();
        let x: Vec<u64> = (0..32768u64).map(|i| P[0] - 1 - i * (i % 3)).collect();
        let (mut a, mut b) = (x.clone(), x.clone());
        Transform::new(&prime).forward(&prime, &mut a);
        forward_portable(&prime, &mut b);
        assert_eq!(a, b);
        Transform::new(&prime).inverse(&prime, &mut a);
        assert_eq!(a, x);
    }
}
