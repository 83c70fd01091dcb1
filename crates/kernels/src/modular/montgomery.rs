//! Montgomery arithmetic: product first, then reduction limb by limb (SOS in Koç, Acar, Kaliski, IEEE Micro 16(3),
//! 1996), because whole rows suit the row kernel and squaring saves half of its products.

#[cfg(any(test, target_arch = "x86_64"))]
use super::eight::Eight;
use super::eight::Products;
use super::limbs::{self, bit_length};
#[cfg(target_arch = "x86_64")]
use super::multiply_add::Adx;
use super::multiply_add::{BLOCK, MultiplyAdd, Portable, has_adx};
use crate::error::{Result, require};

pub const MODULUS_BITS_MIN: usize = 64;
pub const MODULUS_BITS_MAX: usize = 6144;

/// An odd modulus n with its constants. R = 2^(64·limbs), limbs a multiple of 4.
pub struct Modulus {
    pub(super) n: Vec<u64>,
    /// -1/n mod 2^64
    n0: u64,
    /// R mod n
    pub(super) one: Vec<u64>,
    /// R^2 mod n
    pub(super) r2: Vec<u64>,
    /// Width of a residue.
    pub(super) bytes: usize,
    adx: bool,
    /// Eight at a time, where the machine has it.
    pub(super) products: Option<Box<dyn Products>>,
}

/// Room for one double-width product; one per thread.
pub struct Scratch(Vec<u64>);

impl Modulus {
    pub fn new(value: &[u8]) -> Result<Self> {
        let mut modulus = Self::with_adx(value, has_adx())?;
        modulus.products = ifma(&modulus.n, modulus.n0);
        Ok(modulus)
    }

    /// `adx` only where `has_adx()`.
    fn with_adx(value: &[u8], adx: bool) -> Result<Self> {
        let mut n = vec![0u64; value.len().div_ceil(8)];
        limbs::from_bytes(&mut n, value);
        let bits = bit_length(&n);
        require((MODULUS_BITS_MIN..=MODULUS_BITS_MAX).contains(&bits), "a modulus has 64 to 6144 bits")?;
        require(n[0] & 1 == 1, "a modulus must be odd")?;
        n.resize(bits.div_ceil(64 * BLOCK) * BLOCK, 0);
        let one = power_of_two(&n, 64 * n.len());
        let r2 = power_of_two(&n, 128 * n.len());
        let n0 = negative_inverse(n[0]);
        Ok(Self { n, n0, one, r2, bytes: bits.div_ceil(8), adx, products: None })
    }

    #[cfg(test)]
    pub(super) fn portable(value: &[u8]) -> Result<Self> {
        Self::with_adx(value, false)
    }

    /// With the lanes that no machine lacks.
    #[cfg(test)]
    pub(super) fn emulated(value: &[u8]) -> Result<Self> {
        let mut modulus = Self::portable(value)?;
        let eight = Eight::<crate::curve25519::emulation::Emulated<8>>::new(&modulus.n, modulus.n0);
        modulus.products = Some(Box::new(eight));
        Ok(modulus)
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn limbs(&self) -> usize {
        self.n.len()
    }

    pub(super) fn scratch(&self) -> Scratch {
        Scratch(vec![0; 2 * self.limbs()])
    }

    /// out = a·b/R mod n, for a·b < n·R.
    #[inline]
    pub(super) fn multiply(&self, out: &mut [u64], a: &[u64], b: &[u64], scratch: &mut Scratch) {
        #[cfg(target_arch = "x86_64")]
        if self.adx {
            return self.multiply_with::<Adx>(out, a, b, scratch);
        }
        self.multiply_with::<Portable>(out, a, b, scratch);
    }

    /// a = a·b/R mod n.
    #[inline]
    pub(super) fn multiply_into(&self, a: &mut [u64], b: &[u64], scratch: &mut Scratch) {
        let length = self.limbs();
        #[cfg(target_arch = "x86_64")]
        if self.adx {
            product::<Adx>(&mut scratch.0, a, b);
            return self.reduce::<Adx>(a, &mut scratch.0[..2 * length]);
        }
        product::<Portable>(&mut scratch.0, a, b);
        self.reduce::<Portable>(a, &mut scratch.0[..2 * length]);
    }

    /// a = a·a/R mod n.
    #[inline]
    pub(super) fn square_into(&self, a: &mut [u64], scratch: &mut Scratch) {
        #[cfg(target_arch = "x86_64")]
        if self.adx {
            square::<Adx>(&mut scratch.0, a);
            return self.reduce::<Adx>(a, &mut scratch.0);
        }
        square::<Portable>(&mut scratch.0, a);
        self.reduce::<Portable>(a, &mut scratch.0);
    }

    /// a = a + b mod n.
    #[inline]
    pub(super) fn add_into(&self, a: &mut [u64], b: &[u64], scratch: &mut Scratch) {
        let carry = limbs::add(a, b);
        let reduced = &mut scratch.0[..self.n.len()];
        reduced.copy_from_slice(a);
        let borrow = limbs::subtract(reduced, &self.n);
        limbs::select(a, reduced, 0u64.wrapping_sub(carry | (borrow ^ 1)));
    }

    fn multiply_with<M: MultiplyAdd>(&self, out: &mut [u64], a: &[u64], b: &[u64], scratch: &mut Scratch) {
        product::<M>(&mut scratch.0, a, b);
        self.reduce::<M>(out, &mut scratch.0);
    }

    /// out = t/R mod n, for t < n·R. Constant time.
    #[inline(always)]
    fn reduce<M: MultiplyAdd>(&self, out: &mut [u64], t: &mut [u64]) {
        let length = self.limbs();
        let mut carry = 0u64;
        for i in 0..length {
            let m = t[i].wrapping_mul(self.n0);
            let high = M::run(&mut t[i..i + length], &self.n, m);
            let sum = u128::from(t[i + length]) + u128::from(high) + u128::from(carry);
            t[i + length] = sum as u64;
            carry = (sum >> 64) as u64;
        }
        let (low, high) = t.split_at_mut(length);
        low.copy_from_slice(high);
        let borrow = limbs::subtract(low, &self.n);
        out.copy_from_slice(high);
        limbs::select(out, low, 0u64.wrapping_sub(carry | (borrow ^ 1)));
    }
}

#[cfg(target_arch = "x86_64")]
fn ifma(n: &[u64], n0: u64) -> Option<Box<dyn Products>> {
    let there = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma");
    there.then(|| Box::new(Eight::<crate::curve25519::x86::IfmaWords>::new(n, n0)) as Box<dyn Products>)
}

#[cfg(not(target_arch = "x86_64"))]
fn ifma(_: &[u64], _: u64) -> Option<Box<dyn Products>> {
    None
}

/// t = a·b
#[inline(always)]
fn product<M: MultiplyAdd>(t: &mut [u64], a: &[u64], b: &[u64]) {
    let length = a.len();
    t[..length].fill(0);
    for (i, &b) in b.iter().enumerate() {
        t[i + length] = M::run(&mut t[i..i + length], a, b);
    }
}

/// t = a·a: products off the diagonal once, doubled, plus the diagonal.
#[inline(always)]
fn square<M: MultiplyAdd>(t: &mut [u64], a: &[u64]) {
    let length = a.len();
    t.fill(0);
    for i in 0..length - 1 {
        t[i + length] = M::run(&mut t[2 * i + 1..i + length], &a[i + 1..], a[i]);
    }
    let (mut shifted, mut carry) = (0u64, 0u64);
    for (pair, &a) in t.chunks_exact_mut(2).zip(a) {
        let diagonal = u128::from(a) * u128::from(a);
        let low = (pair[0] << 1) | shifted;
        let high = (pair[1] << 1) | (pair[0] >> 63);
        shifted = pair[1] >> 63;
        let sum = u128::from(low) + u128::from(diagonal as u64) + u128::from(carry);
        pair[0] = sum as u64;
        let sum = u128::from(high) + (diagonal >> 64) + (sum >> 64);
        pair[1] = sum as u64;
        carry = (sum >> 64) as u64;
    }
}

/// 2^exponent mod n by doubling.
fn power_of_two(n: &[u64], exponent: usize) -> Vec<u64> {
    let mut value = vec![0u64; n.len()];
    value[0] = 1;
    for _ in 0..exponent {
        if limbs::double(&mut value) == 1 || !limbs::is_less(&value, n) {
            limbs::subtract(&mut value, n);
        }
    }
    value
}

/// -1/n mod 2^64 by Newton's iteration; n·n = 1 mod 8 starts it.
fn negative_inverse(n: u64) -> u64 {
    let mut inverse = n;
    for _ in 0..5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(n.wrapping_mul(inverse)));
    }
    inverse.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Both row kernels, on any operands below R: what reduction promises to handle.
    fn agree(modulus: &[u8], a: &[u8], b: &[u8]) {
        let (fast, portable) = (Modulus::new(modulus).unwrap(), Modulus::portable(modulus).unwrap());
        let length = fast.limbs();
        let [mut x, mut y] = [a, b].map(|bytes| {
            let mut limbs = vec![0u64; length];
            limbs::from_bytes(&mut limbs, &bytes[..8 * length]);
            limbs
        });
        y[length - 1] = 0; // a·b < n·R, since the top block of n is in use
        let (mut first, mut second) = (vec![0; length], vec![0; length]);
        fast.multiply(&mut first, &x, &y, &mut fast.scratch());
        portable.multiply(&mut second, &x, &y, &mut portable.scratch());
        assert_eq!(first, second);
        x[length - 1] = 0;
        let (mut squared, mut multiplied) = (x.clone(), vec![0; length]);
        fast.square_into(&mut squared, &mut fast.scratch());
        portable.multiply(&mut multiplied, &x, &x, &mut portable.scratch());
        assert_eq!(squared, multiplied);
    }

    proptest! {
        #[test]
        fn row_kernels_agree_and_squares_are_products(
            modulus in prop::collection::vec(any::<u8>(), 33..200),
            a in prop::collection::vec(any::<u8>(), 256),
            b in prop::collection::vec(prop_oneof![Just(0u8), Just(255u8), any::<u8>()], 256),
        ) {
            let mut modulus = modulus;
            // A whole number of blocks, odd, with the top bit set.
            modulus.resize(modulus.len().next_multiple_of(8 * BLOCK), 0x5a);
            modulus[0] |= 1;
            *modulus.last_mut().unwrap() |= 0x80;
            agree(&modulus, &a, &b);
        }
    }

    #[test]
    fn carries_run_through_all_ones() {
        agree(&[255; 256], &[255; 256], &[255; 256]);
        let mut modulus = [0u8; 256];
        (modulus[0], modulus[255]) = (1, 128);
        agree(&modulus, &[255; 256], &[255; 256]);
    }
}
