//! Polynomials modulo X^n + 1 whose coefficients are residues modulo each of several primes: what encryption by learning
//! with errors over rings computes with. A polynomial is one row of n words for each prime, below the prime; polynomials
//! lie one after the other. `forward` takes coefficients to values, in which products are place by place.
//!
//! Constant-time in all residues and samples, except that rejection shows how many draws it took (they are independent of what
//! is kept); seeds, sizes, shifts and exponents are public. Reading a partner's bytes is not: they are public.

mod answers;
#[cfg(target_arch = "x86_64")]
mod avx2;
mod bins;
#[cfg(target_arch = "x86_64")]
mod fourier;
#[cfg(target_arch = "x86_64")]
mod indicators;
#[cfg(target_arch = "x86_64")]
mod limbs;
mod prime;
mod products;
mod releasing;
mod sampling;
mod scaling;
mod sealing;
mod slots;
mod switching;
mod transform;
mod wire;

use crate::error::{Result, require};
use prime::{Factor, Prime};
use rayon::prelude::*;
use transform::Transform;

pub use answers::{Columns, Sets};
pub use prime::PRIME_BITS_MAX;
pub use releasing::Release;
pub use slots::{Answer, Slots};

pub const SIZE_MIN: usize = 16;
pub const SIZE_MAX: usize = 32768;
pub const PRIMES_MAX: usize = 16;
/// Words of one array.
const WORDS_MAX: usize = 1 << 31;

pub struct Ring {
    n: usize,
    primes: Vec<Prime>,
    transforms: Vec<Transform>,
    scales: scaling::Scales,
}

impl Ring {
    pub fn new(n: usize, primes: &[u64]) -> Result<Self> {
        require(
            n.is_power_of_two() && (SIZE_MIN..=SIZE_MAX).contains(&n),
            "a ring has 16 to 32768 coefficients, a power of two",
        )?;
        require((1..=PRIMES_MAX).contains(&primes.len()), "a ring has 1 to 16 primes")?;
        let distinct = primes.iter().enumerate().all(|(i, p)| !primes[..i].contains(p));
        require(distinct, "primes are distinct")?;
        let primes = primes.iter().map(|&p| Prime::new(p, n)).collect::<Result<Vec<_>>>()?;
        let transforms = primes.iter().map(Transform::new).collect();
        let scales = scaling::Scales::new(&primes);
        Ok(Self { n, primes, transforms, scales })
    }

    /// Words of a polynomial.
    fn words(&self) -> usize {
        self.n * self.primes.len()
    }

    /// How many polynomials; each word below its prime.
    fn count(&self, polynomials: &[u64]) -> Result<usize> {
        require(polynomials.len().is_multiple_of(self.words()), "not a whole number of polynomials")?;
        let rows = polynomials.par_chunks(self.n).enumerate();
        let below = rows.all(|(row, x)| self.transforms[row % self.primes.len()].below(x, self.prime_of(row).p));
        require(below, "a residue is below its prime")?;
        Ok(polynomials.len() / self.words())
    }

    fn room(&self, count: usize) -> Result<Vec<u64>> {
        require(count <= WORDS_MAX / self.words(), "too many polynomials at once")?;
        Ok(vec![0; count * self.words()])
    }

    fn prime_of(&self, row: usize) -> &Prime {
        &self.primes[row % self.primes.len()]
    }

    /// Fills the rows of `count` polynomials.
    fn each_row(&self, count: usize, fill: impl Fn(usize, &Prime, &mut [u64]) + Sync) -> Result<Vec<u64>> {
        let mut out = self.room(count)?;
        out.par_chunks_mut(self.n).enumerate().for_each(|(row, out)| fill(row, self.prime_of(row), out));
        Ok(out)
    }

    /// Fills whole polynomials.
    fn each(&self, count: usize, fill: impl Fn(usize, &mut [u64]) + Sync) -> Result<Vec<u64>> {
        let mut out = self.room(count)?;
        out.par_chunks_mut(self.words()).enumerate().for_each(|(at, out)| fill(at, out));
        Ok(out)
    }

    /// Coefficients to values.
    pub fn forward(&self, polynomials: &[u64]) -> Result<Vec<u64>> {
        self.each_row(self.count(polynomials)?, |row, prime, out| {
            out.copy_from_slice(&polynomials[row * self.n..][..self.n]);
            self.transforms[row % self.primes.len()].forward(prime, out);
        })
    }

    /// Values to coefficients.
    pub fn inverse(&self, polynomials: &[u64]) -> Result<Vec<u64>> {
        self.each_row(self.count(polynomials)?, |row, prime, out| {
            out.copy_from_slice(&polynomials[row * self.n..][..self.n]);
            self.transforms[row % self.primes.len()].inverse(prime, out);
        })
    }

    pub fn add(&self, a: &[u64], b: &[u64]) -> Result<Vec<u64>> {
        self.pairwise(a, b, Prime::plus)
    }

    pub fn subtract(&self, a: &[u64], b: &[u64]) -> Result<Vec<u64>> {
        self.pairwise(a, b, Prime::minus)
    }

    fn pairwise(&self, a: &[u64], b: &[u64], compute: impl Fn(&Prime, u64, u64) -> u64 + Sync) -> Result<Vec<u64>> {
        require(a.len() == b.len(), "as many polynomials on both sides")?;
        self.count(b)?;
        self.each_row(self.count(a)?, |row, prime, out| {
            let (a, b) = (&a[row * self.n..][..self.n], &b[row * self.n..][..self.n]);
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                *out = compute(prime, a, b);
            }
        })
    }

    /// Each polynomial times a number, given as one residue a prime.
    pub fn scale(&self, polynomials: &[u64], factors: &[u64]) -> Result<Vec<u64>> {
        let factors = self.factors(factors)?;
        self.each_row(self.count(polynomials)?, |row, prime, out| {
            let factor = factors[row % factors.len()];
            for (out, &x) in out.iter_mut().zip(&polynomials[row * self.n..]) {
                *out = prime.times(x, factor);
            }
        })
    }

    fn factors(&self, residues: &[u64]) -> Result<Vec<Factor>> {
        require(residues.len() == self.primes.len(), "a factor has a residue for each prime")?;
        let pairs = || residues.iter().zip(&self.primes);
        require(pairs().all(|(&x, prime)| x < prime.p), "a residue is below its prime")?;
        Ok(pairs().map(|(&x, prime)| prime.factor(x)).collect())
    }

    /// Times X^by, of coefficients; `by` below 2n.
    pub fn shift(&self, polynomials: &[u64], by: usize) -> Result<Vec<u64>> {
        require(by < 2 * self.n, "a shift is below 2n")?;
        self.permuted(polynomials, |i| i + by)
    }

    /// X to X^exponent, of coefficients; the exponent is odd and below 2n.
    pub fn automorphism(&self, polynomials: &[u64], exponent: usize) -> Result<Vec<u64>> {
        require(exponent % 2 == 1 && exponent < 2 * self.n, "an exponent is odd and below 2n")?;
        self.permuted(polynomials, |i| i * exponent)
    }

    fn permuted(&self, polynomials: &[u64], to: impl Fn(usize) -> usize + Sync) -> Result<Vec<u64>> {
        self.each_row(self.count(polynomials)?, |row, prime, out| {
            for (i, &x) in polynomials[row * self.n..][..self.n].iter().enumerate() {
                let at = to(i);
                out[at & (self.n - 1)] = if at & self.n == 0 { x } else { prime.minus(0, x) };
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIMES: [u64; 3] = [4398044938241, 4398043496449, 1125899904679937];

    fn noise(ring: &Ring, count: usize, seed: u8) -> Vec<u64> {
        ring.uniform(&[seed; 32], count).unwrap()
    }

    /// X^n = -1, by the definition.
    fn schoolbook(ring: &Ring, a: &[u64], b: &[u64]) -> Vec<u64> {
        let n = ring.n;
        let mut out = vec![0; ring.words()];
        for (k, prime) in ring.primes.iter().enumerate() {
            for i in 0..n {
                for j in 0..n {
                    let product = prime.reduce_wide(u128::from(a[k * n + i]) * u128::from(b[k * n + j]));
                    let at = &mut out[k * n + (i + j) % n];
                    *at = if i + j < n { prime.plus(*at, product) } else { prime.minus(*at, product) };
                }
            }
        }
        out
    }

    #[test]
    fn products_are_those_of_polynomials() {
        let ring = Ring::new(32, &PRIMES).unwrap();
        let (a, b) = (noise(&ring, 6, 1), noise(&ring, 6, 2));
        let (va, vb) = (ring.forward(&a).unwrap(), ring.forward(&b).unwrap());
        let out = ring.inverse(&ring.products(&va, &vb, 3, 2, false).unwrap()).unwrap();
        let words = ring.words();
        for row in 0..2 {
            for column in 0..2 {
                let sum = (0..3).fold(vec![0; words], |sum, j| {
                    let product = schoolbook(&ring, &a[(row * 3 + j) * words..], &b[(j * 2 + column) * words..]);
                    ring.add(&sum, &product).unwrap()
                });
                assert_eq!(out[(row * 2 + column) * words..][..words], sum);
            }
        }
    }

    #[test]
    fn shifts_and_automorphisms_are_what_they_say() {
        let ring = Ring::new(16, &PRIMES).unwrap();
        let (a, b) = (noise(&ring, 1, 3), noise(&ring, 1, 4));
        let mut x = vec![0; ring.words()];
        for k in 0..3 {
            x[k * 16 + 5] = 1;
        }
        assert_eq!(ring.shift(&a, 5).unwrap(), schoolbook(&ring, &a, &x));
        assert_eq!(ring.shift(&ring.shift(&a, 27).unwrap(), 5).unwrap(), a);
        let auto = |x: &[u64]| ring.automorphism(x, 7).unwrap();
        assert_eq!(auto(&schoolbook(&ring, &a, &b)), schoolbook(&ring, &auto(&a), &auto(&b)));
        assert_eq!(ring.automorphism(&auto(&a), 23).unwrap(), a); // 7·23 = 161 = 1 mod 32
    }

    /// A ciphertext of zero noise under a key with neither noise: its image, up to what rounding leaves.
    #[test]
    fn switching_keys_keeps_phases() {
        let ring = Ring::new(16, &PRIMES).unwrap();
        let small = Ring::new(16, &PRIMES[..2]).unwrap();
        let (secret, other) = (ring.ternary(&[7; 32], 1).unwrap(), ring.ternary(&[8; 32], 1).unwrap());
        let (values, masks) = (ring.forward(&secret).unwrap(), ring.uniform(&[9; 32], 2).unwrap());
        let hidden = ring.products(&masks, &values, 1, 1, false).unwrap();
        let mut key = Vec::new();
        for digit in 0..2 {
            let mut message = vec![0; ring.words()];
            let prime = &ring.primes[digit];
            for i in 0..16 {
                let x = u128::from(other[digit * 16 + i]) * u128::from(prime.reduce(PRIMES[2]));
                message[digit * 16 + i] = prime.reduce_wide(x);
            }
            let at = digit * 48..(digit + 1) * 48;
            key.extend(ring.subtract(&ring.forward(&message).unwrap(), &hidden[at.clone()]).unwrap());
            key.extend(&masks[at]);
        }
        let x = noise(&small, 1, 5);
        let switched = ring.switch_key(&x, &key).unwrap();
        let phase = small.add(&switched[..32], &schoolbook(&small, &switched[32..], &secret)).unwrap();
        let error = small.subtract(&phase, &schoolbook(&small, &x, &other)).unwrap();
        let p = PRIMES[0];
        assert!(error[..16].iter().all(|&e| e.min(p - e) <= 9), "{error:?}");
    }

    #[test]
    fn refuses_wrong_sizes_and_residues() {
        assert!(Ring::new(8, &PRIMES).is_err());
        assert!(Ring::new(48, &PRIMES).is_err());
        assert!(Ring::new(32, &[]).is_err());
        assert!(Ring::new(32, &[PRIMES[0], PRIMES[0]]).is_err());
        let ring = Ring::new(32, &PRIMES).unwrap();
        assert!(ring.forward(&[0; 95]).is_err());
        let mut high = vec![0; 96];
        high[95] = PRIMES[2];
        assert!(ring.inverse(&high).is_err());
        assert!(ring.products(&[0; 96], &[0; 192], 1, 1, false).is_err());
        assert!(ring.products(&[0; 96], &[0; 96], 0, 1, false).is_err());
        assert!(ring.shift(&[0; 96], 64).is_err());
        assert!(ring.automorphism(&[0; 96], 2).is_err());
        assert!(ring.switch_key(&[0; 63], &[0; 384]).is_err());
        assert!(ring.switch_key(&[0; 64], &[0; 288]).is_err());
        assert!(ring.merge(&[0; 256], 64, 3, &[0; 384]).is_err());
        assert!(ring.merge(&[0; 256], 1, 4, &[0; 384]).is_err());
        assert!(ring.merge(&[0; 192], 1, 3, &[0; 384]).is_err());
        assert!(ring.scale(&[0; 96], &[1, 1, PRIMES[2]]).is_err());
    }
}
