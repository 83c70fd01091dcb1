//! Products of matrices of polynomials, held as values: sums over terms, reduced once.
//!
//! With AVX2 residues are two limbs of 25 bits, whose products are below 2^50, so that 2^12 terms add up in 64 bits. Memory is what
//! this waits for: the left side is read once, a cache line after another; of the right side a piece of all terms is
//! brought together, which stays in the second cache while all rows meet it.

use super::{Prime, Ring};
use crate::error::{Result, require};
use rayon::prelude::*;

const TERMS_MAX: usize = 1 << 16;
/// Residues of a piece.
const PIECE: usize = 256;

/// Of a product of matrices: rows × terms times terms × width.
#[derive(Clone, Copy)]
struct Shape {
    rows: usize,
    terms: usize,
    width: usize,
    /// The left matrix comes column after column.
    turned: bool,
}

impl Shape {
    fn left(&self, row: usize, term: usize) -> usize {
        if self.turned { term * self.rows + row } else { row * self.terms + term }
    }
}

impl Ring {
    /// rows × terms polynomials, row after row or (`turned`) column after column, times terms × width polynomials, all as values.
    pub fn products(
        &self,
        plain: &[u64],
        others: &[u64],
        terms: usize,
        width: usize,
        turned: bool,
    ) -> Result<Vec<u64>> {
        require(terms > 0 && terms <= TERMS_MAX && width > 0, "a product has 1 to 65536 terms")?;
        require(plain.len().is_multiple_of(self.words()), "not a whole number of polynomials")?;
        let (polynomials, count) = (plain.len() / self.words(), self.count(others)?);
        require(
            polynomials.is_multiple_of(terms) && count == terms.saturating_mul(width),
            "the sides of a product fit",
        )?;
        let shape = Shape { rows: polynomials / terms, terms, width, turned };
        let mut out = self.room(shape.rows * width)?;
        let together = shape.rows.div_ceil(rayon::current_num_threads()).max(1);
        let parts = out.par_chunks_mut(together * width * self.words()).enumerate();
        let below = parts.map(|(part, out)| self.some_products(plain, others, shape, part * together, out));
        require(below.reduce(|| true, |all, one| all && one), "a residue is below its prime")?;
        Ok(out)
    }

    /// Rows from `first` on. Whether all residues of `plain` that it met are below their primes; if not, the result means nothing.
    fn some_products(&self, plain: &[u64], others: &[u64], shape: Shape, first: usize, out: &mut [u64]) -> bool {
        #[cfg(target_arch = "x86_64")]
        if self.transforms[0].has_vectors() {
            return self.by_limbs(plain, others, shape, first, out);
        }
        self.by_words(plain, others, shape, first, out)
    }

    /// Also what the vector code is tested against.
    fn by_words(&self, plain: &[u64], others: &[u64], shape: Shape, first: usize, out: &mut [u64]) -> bool {
        let (words, n, mut good) = (self.words(), self.n, true);
        for (at, out) in out.chunks_exact_mut(words).enumerate() {
            let (row, column) = (first + at / shape.width, at % shape.width);
            for (k, (prime, out)) in self.primes.iter().zip(out.chunks_exact_mut(n)).enumerate() {
                for (piece, out) in out.chunks_mut(PIECE).enumerate() {
                    let from = k * n + piece * PIECE;
                    let mut sums = [0u128; PIECE];
                    for term in 0..shape.terms {
                        let a = &plain[shape.left(row, term) * words + from..][..out.len()];
                        let b = &others[(term * shape.width + column) * words + from..][..out.len()];
                        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
                            *sum = sum.wrapping_add(u128::from(a) * u128::from(b));
                            good &= a < prime.p;
                        }
                    }
                    for (out, &sum) in out.iter_mut().zip(&sums) {
                        *out = prime.reduce_wide(sum);
                    }
                }
            }
        }
        good
    }

    #[cfg(target_arch = "x86_64")]
    fn by_limbs(&self, plain: &[u64], others: &[u64], shape: Shape, first: usize, out: &mut [u64]) -> bool {
        let (words, n, piece) = (self.words(), self.n, PIECE.min(self.n));
        let mut limbs = vec![0u64; shape.terms * shape.width * piece];
        let mut good = true;
        for (k, prime) in self.primes.iter().enumerate() {
            for from in (k * n..(k + 1) * n).step_by(piece) {
                for (other, limbs) in others.chunks_exact(words).zip(limbs.chunks_exact_mut(piece)) {
                    // SAFETY: only with the instructions.
                    unsafe { super::limbs::limbs(&other[from..from + piece], limbs) };
                }
                for (row, out) in out.chunks_exact_mut(shape.width * words).enumerate() {
                    let left = |row: usize| {
                        (0..shape.terms).map(move |term| &plain[shape.left(row, term) * words + from..][..piece])
                    };
                    let pieces: Vec<&[u64]> = left(first + row).collect();
                    let mut next: Vec<&[u64]> = Vec::new();
                    if first + row + 1 < shape.rows {
                        next.extend(left(first + row + 1).take(AT_ONCE));
                    }
                    let right = |term: usize, column: usize| &limbs[(term * shape.width + column) * piece..][..piece];
                    let mut columns = out.chunks_exact_mut(words).map(|x| &mut x[from..from + piece]).enumerate();
                    while let Some((column, one)) = columns.next() {
                        let plain = [&pieces[..], &next];
                        good &= match columns.next() {
                            Some((second, two)) => {
                                let both = |term| [right(term, column), right(term, second)];
                                column_sums(prime, plain, both, [one, two])
                            }
                            None => column_sums(prime, plain, |term| [right(term, column)], [one]),
                        };
                    }
                }
            }
        }
        good
    }
}

/// Terms taken at once: their sums stay in registers between.
#[cfg(target_arch = "x86_64")]
const AT_ONCE: usize = 4;

#[cfg(target_arch = "x86_64")]
fn column_sums<'a, const W: usize>(
    prime: &Prime,
    [all, next]: [&[&[u64]]; 2],
    others: impl Fn(usize) -> [&'a [u64]; W],
    mut out: [&mut [u64]; W],
) -> bool {
    use super::limbs::{LIMB_BITS, Sums, TERMS_MAX, accumulate};
    let mut good = true;
    for (part, plain) in all.chunks(TERMS_MAX).enumerate() {
        let mut sums: [[Sums; W]; PIECE / 4] = [[[[0; 4]; 3]; W]; PIECE / 4];
        let sums = &mut sums[..out[0].len() / 4];
        for (step, plain) in plain.chunks(AT_ONCE).enumerate() {
            let first = part * TERMS_MAX + step * AT_ONCE;
            let following = all
                .get(first + AT_ONCE..)
                .filter(|rest| !rest.is_empty())
                .map_or(next, |rest| &rest[..rest.len().min(AT_ONCE)]);
            let mut right = [[&[] as &[u64]; W]; AT_ONCE];
            for (term, right) in right.iter_mut().take(plain.len()).enumerate() {
                *right = others(first + term);
            }
            // SAFETY: only with the instructions.
            good &= unsafe { accumulate(sums, [plain, following], &right[..plain.len()], prime.p) };
        }
        for (at, sums) in sums.iter().enumerate() {
            for (sums, out) in sums.iter().zip(&mut out) {
                for lane in 0..4 {
                    let [low, middle, high] = [0, 1, 2].map(|limb| u128::from(sums[limb][lane]));
                    let sum = low + (middle << LIMB_BITS) + (high << (2 * LIMB_BITS));
                    out[4 * at + lane] = prime.plus(out[4 * at + lane], prime.reduce_wide(sum));
                }
            }
        }
    }
    good
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Residues at the end of their range, more terms and columns than go at once.
        #[test]
        fn sums_by_limbs_are_those_of_words(rows in 1usize..4, terms in 1usize..11, width in 1usize..6, seed: [u8; 32]) {
            let ring = Ring::new(16, &[1125899904679937, 786433]).unwrap();
            let mut plain = ring.uniform(&seed, rows * terms).unwrap();
            let mut others = ring.uniform(&seed, terms * width + 1).unwrap().split_off(ring.words());
            for x in [&mut plain, &mut others] {
                for (i, x) in x.iter_mut().enumerate().filter(|(i, _)| i % 5 < 2) {
                    *x = ring.primes[i / 16 % 2].p - 1;
                }
            }
            for turned in [false, true] {
                let mut expected = vec![0; rows * width * ring.words()];
                let shape = Shape { rows, terms, width, turned };
                prop_assert!(ring.by_words(&plain, &others, shape, 0, &mut expected));
                prop_assert_eq!(ring.products(&plain, &others, terms, width, turned).unwrap(), expected);
            }
        }
    }

    #[test]
    fn the_most_terms_do_not_overflow() {
        let p = 1125899904679937;
        let ring = Ring::new(16, &[p]).unwrap();
        let terms = 10_000;
        let highest = vec![p - 1; terms * 16];
        let out = ring.products(&highest, &highest, terms, 1, false).unwrap();
        assert_eq!(out, [terms as u64; 16]);
    }

    #[test]
    fn refuses_residues_on_either_side() {
        let ring = Ring::new(16, &[786433]).unwrap();
        let (good, mut bad) = ([786432; 16], [0; 16]);
        for high in [786433, 1 << 63, u64::MAX] {
            bad[15] = high;
            assert!(ring.products(&good, &good, 1, 1, false).is_ok());
            assert!(ring.products(&bad, &good, 1, 1, false).is_err());
            assert!(ring.products(&good, &bad, 1, 1, false).is_err());
        }
    }
}
