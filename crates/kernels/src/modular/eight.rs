//! Eight Montgomery products at a time: a number in each lane of a vector, in limbs of 52 bits, with the multiply-adds of
//! AVX-512 IFMA (Gueron, Krasnov, "Accelerating Big Integer Arithmetic Using Intel IFMA Extensions", ARITH 2016).
//!
//! Sums of low and high halves stay in 64-bit lanes without carrying: 4·limbs of 52 bits for at most 119 limbs. R is the one
//! of `Modulus`, 2^(64·limbs), so that results are the same to the bit: whole limbs of 52 bits are reduced first, the rest of R's
//! bits in one more row. Constant time.

use crate::curve25519::lanes::{LANES_MAX, MultiplyAdd52, Routine};
use std::marker::PhantomData;

pub const LANES: usize = LANES_MAX;
const LIMB_BITS: usize = 52;
const LIMB: u64 = (1 << LIMB_BITS) - 1;

/// One limb of eight numbers.
pub type Line = [u64; LANES];

/// Products modulo one number, of eight pairs each. Numbers are below it.
pub trait Products: Send + Sync {
    /// Limbs of a number.
    fn limbs(&self) -> usize;
    /// a = a·b/R mod n. Scratch of any content, from `scratch`.
    fn multiply(&self, a: &mut [Line], b: &[Line], scratch: &mut [Line]);
    /// out = table[digit], reading all of the table.
    fn pick(&self, out: &mut [Line], table: &[Line], digit: usize);

    fn scratch(&self) -> Vec<Line> {
        vec![[0; LANES]; 2 * self.limbs() + 2]
    }
}

pub struct Eight<V> {
    n: Vec<u64>,
    /// -1/n mod 2^52
    n0: u64,
    /// Bits of R.
    bits: usize,
    lanes: PhantomData<fn() -> V>,
}

impl<V: MultiplyAdd52> Eight<V> {
    /// n in limbs of 64 bits, as many as R has, and -1/n mod 2^64.
    pub fn new(n: &[u64], n0: u64) -> Self {
        assert_eq!(V::LANES, LANES);
        let bits = 64 * n.len();
        let n = (0..bits.div_ceil(LIMB_BITS)).map(|i| limb_at(n, i)).collect();
        Self { n, n0: n0 & LIMB, bits, lanes: PhantomData }
    }
}

impl<V: MultiplyAdd52> Products for Eight<V> {
    fn limbs(&self) -> usize {
        self.n.len()
    }

    fn multiply(&self, a: &mut [Line], b: &[Line], scratch: &mut [Line]) {
        V::enter::<Multiply<V>, _>((self, a, b, scratch));
    }

    fn pick(&self, out: &mut [Line], table: &[Line], digit: usize) {
        V::enter::<Pick<V>, _>((out, table, digit));
    }
}

struct Multiply<V>(PhantomData<V>);

impl<'a, V: MultiplyAdd52> Routine<(&'a Eight<V>, &'a mut [Line], &'a [Line], &'a mut [Line])> for Multiply<V> {
    type Output = ();

    #[inline(always)]
    fn run((modulus, a, b, t): (&'a Eight<V>, &'a mut [Line], &'a [Line], &'a mut [Line])) {
        let (limbs, whole, rest) = (a.len(), modulus.bits / LIMB_BITS, modulus.bits % LIMB_BITS);
        t.fill([0; LANES]);
        for i in 0..limbs {
            let reduced = if i < whole { LIMB } else { (1 << rest) - 1 };
            row::<V>(modulus, a, V::load(&b[i]), &mut t[i..=i + limbs], V::splat(reduced));
            if i < whole {
                let carried = V::load(&t[i + 1]).add(V::load(&t[i]).right::<52>());
                t[i + 1] = carried.store();
            }
        }
        let result = &mut t[whole..whole + limbs + 1];
        carry::<V>(result);
        if rest > 0 {
            shift::<V>(result, rest);
        }
        subtract_once::<V>(&modulus.n, result, a);
    }
}

/// t += a·b + n·m, m such that its lowest bits in the mask become zero.
#[inline(always)]
fn row<V: MultiplyAdd52>(modulus: &Eight<V>, a: &[Line], b: V, t: &mut [Line], mask: V) {
    let limbs = a.len();
    let (mut a_before, mut n_before) = (V::load(&a[0]), V::splat(modulus.n[0]));
    let first = V::load(&t[0]).add_low(a_before, b);
    let m = V::splat(0).add_low(first, V::splat(modulus.n0)).and(mask);
    t[0] = first.add_low(n_before, m).store();
    for j in 1..limbs {
        let (a_here, n_here) = (V::load(&a[j]), V::splat(modulus.n[j]));
        // Two sums, since each addition waits for the one before.
        let high = V::splat(0).add_high(a_before, b).add_high(n_before, m);
        t[j] = V::load(&t[j]).add_low(a_here, b).add_low(n_here, m).add(high).store();
        (a_before, n_before) = (a_here, n_here);
    }
    t[limbs] = V::load(&t[limbs]).add_high(a_before, b).add_high(n_before, m).store();
}

/// Sums to limbs of 52 bits.
#[inline(always)]
fn carry<V: MultiplyAdd52>(t: &mut [Line]) {
    let mut carried = V::splat(0);
    for line in t {
        let sum = V::load(line).add(carried);
        carried = sum.right::<52>();
        *line = sum.and(V::splat(LIMB)).store();
    }
}

/// t / 2^bits, as the high halves of products with 2^(52 - bits) and the low ones of the limbs above.
#[inline(always)]
fn shift<V: MultiplyAdd52>(t: &mut [Line], bits: usize) {
    let factor = V::splat(1 << (LIMB_BITS - bits));
    for i in 0..t.len() {
        let above = t.get(i + 1).map_or(V::splat(0), V::load);
        t[i] = V::splat(0).add_high(V::load(&t[i]), factor).add_low(above, factor).store();
    }
}

/// out = t, or t - n where that is not negative. t has a limb more than n, and is overwritten.
#[inline(always)]
fn subtract_once<V: MultiplyAdd52>(n: &[u64], t: &mut [Line], out: &mut [Line]) {
    let mut borrow = V::splat(0);
    for ((line, out), &n) in t.iter_mut().zip(out.iter_mut()).zip(n) {
        let value = V::load(line);
        let difference = value.sub(V::splat(n)).sub(borrow);
        borrow = difference.right::<63>();
        *out = value.store();
        *line = difference.and(V::splat(LIMB)).store();
    }
    let kept = V::load(&t[n.len()]).sub(borrow).right::<63>();
    let mask = V::splat(0).sub(kept); // all ones where t < n
    for (line, out) in t.iter().zip(out) {
        let difference = V::load(line);
        *out = V::load(out).sub(difference).and(mask).add(difference).store();
    }
}

struct Pick<V>(PhantomData<V>);

impl<'a, V: MultiplyAdd52> Routine<(&'a mut [Line], &'a [Line], usize)> for Pick<V> {
    type Output = ();

    #[inline(always)]
    fn run((out, table, digit): (&'a mut [Line], &'a [Line], usize)) {
        let limbs = out.len();
        out.fill([0; LANES]);
        for (entry, lines) in table.chunks_exact(limbs).enumerate() {
            let mask = V::splat(0u64.wrapping_sub(((entry ^ digit) as u64).wrapping_sub(1) >> 63));
            for (out, line) in out.iter_mut().zip(lines) {
                *out = V::load(out).or(V::load(line).and(mask)).store();
            }
        }
    }
}

/// 52-bit limb i of a number in 64-bit limbs.
pub fn limb_at(n: &[u64], i: usize) -> u64 {
    let (word, bit) = (i * LIMB_BITS / 64, i * LIMB_BITS % 64);
    let low = n.get(word).map_or(0, |&limb| limb >> bit);
    let high = if bit > 64 - LIMB_BITS { n.get(word + 1).map_or(0, |&limb| limb << (64 - bit)) } else { 0 };
    (low | high) & LIMB
}

/// A number in 64-bit limbs to one lane.
pub fn put(lines: &mut [Line], lane: usize, number: &[u64]) {
    for (i, line) in lines.iter_mut().enumerate() {
        line[lane] = limb_at(number, i);
    }
}

/// A number in 52-bit limbs to 64-bit ones.
pub fn take(number: &mut [u64], limbs: impl Iterator<Item = u64>) {
    number.fill(0);
    for (i, limb) in limbs.enumerate() {
        let (word, bit) = (i * LIMB_BITS / 64, i * LIMB_BITS % 64);
        number[word] |= limb << bit;
        if bit > 64 - LIMB_BITS && word + 1 < number.len() {
            number[word + 1] |= limb >> (64 - bit);
        }
    }
}
