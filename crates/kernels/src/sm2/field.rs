//! Integers modulo p = 2^256 - 2^224 - 2^96 + 2^64 - 1 in Montgomery form (x is held as x·2^256 mod p), below p.
//! No branch and no address depends on a value; exponents are public.

use std::hint::black_box;

type Limbs = [u64; 4];

/// Little-endian limbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field(Limbs);

const P: Limbs = [0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];
/// 2^512 mod p
const R2: Field = Field([0x0000_0002_0000_0003, 0x0000_0002_ffff_ffff, 0x0000_0001_0000_0001, 0x0000_0004_0000_0002]);

impl Field {
    pub(super) const ZERO: Self = Self([0; 4]);
    pub(super) const ONE: Self = Self([1, 0x0000_0000_ffff_ffff, 0, 0x0000_0001_0000_0000]);

    pub(super) const fn from_limbs(limbs: Limbs) -> Self {
        Self(limbs).multiply(&R2)
    }

    /// Big-endian; None unless below p.
    pub(super) fn decode(bytes: &[u8; 32]) -> Option<Self> {
        let limbs = limbs(bytes);
        less(&limbs, &P).then(|| Self::from_limbs(limbs))
    }

    /// 48 bytes, big-endian, modulo p: what RFC 9380 5.2 makes a field element from.
    pub(super) fn reduce(bytes: &[u8; 48]) -> Self {
        let (high, low) = bytes.split_at(16);
        let mut wide = [0; 32];
        wide[16..].copy_from_slice(high);
        let high = Self::from_limbs(limbs(&wide)).multiply(&R2); // high·2^256
        high.add(&Self::from_limbs(limbs(low.try_into().expect("32 bytes"))))
    }

    pub(super) fn encode(&self) -> [u8; 32] {
        let plain = reduce(self.0, [0; 4]).0;
        let mut out = [0; 32];
        for (out, limb) in out.as_chunks_mut::<8>().0.iter_mut().rev().zip(plain) {
            *out = limb.to_be_bytes();
        }
        out
    }

    /// 1 for an odd number: sgn0 of RFC 9380 4.1.
    pub(super) fn sign(&self) -> u64 {
        reduce(self.0, [0; 4]).0[0] & 1
    }

    #[inline(always)]
    pub(super) const fn add(&self, other: &Self) -> Self {
        let (sum, carry) = add(&self.0, &other.0);
        subtract_p(sum, carry)
    }

    #[inline(always)]
    pub(super) const fn subtract(&self, other: &Self) -> Self {
        let (difference, borrow) = subtract(&self.0, &other.0);
        let mask = 0u64.wrapping_sub(borrow as u64);
        Self(add(&difference, &[P[0] & mask, P[1] & mask, P[2] & mask, P[3] & mask]).0)
    }

    #[inline(always)]
    pub(super) const fn double(&self) -> Self {
        self.add(self)
    }

    #[inline(always)]
    pub(super) const fn triple(&self) -> Self {
        self.double().add(self)
    }

    pub(super) const fn negate(&self) -> Self {
        Self::ZERO.subtract(self)
    }

    #[inline(always)]
    pub(super) const fn multiply(&self, other: &Self) -> Self {
        let (a, b) = (&self.0, &other.0);
        let mut t = [0u64; 8];
        let mut i = 0;
        while i < 4 {
            let mut carry = 0;
            let mut j = 0;
            while j < 4 {
                (t[i + j], carry) = multiply_add(a[i], b[j], t[i + j], carry);
                j += 1;
            }
            t[i + 4] = carry;
            i += 1;
        }
        reduce([t[0], t[1], t[2], t[3]], [t[4], t[5], t[6], t[7]])
    }

    #[inline(always)]
    pub(super) const fn square(&self) -> Self {
        let a = &self.0;
        let (t1, carry) = multiply_add(a[0], a[1], 0, 0);
        let (t2, carry) = multiply_add(a[0], a[2], 0, carry);
        let (t3, t4) = multiply_add(a[0], a[3], 0, carry);
        let (t3, carry) = multiply_add(a[1], a[2], t3, 0);
        let (t4, t5) = multiply_add(a[1], a[3], t4, carry);
        let (t5, t6) = multiply_add(a[2], a[3], t5, 0);
        // Twice these, plus the squares.
        let twice = [t1 << 1, t2 << 1 | t1 >> 63, t3 << 1 | t2 >> 63, t4 << 1 | t3 >> 63];
        let rest = [t5 << 1 | t4 >> 63, t6 << 1 | t5 >> 63, t6 >> 63];
        let (t0, carry) = multiply_add(a[0], a[0], 0, 0);
        let (t1, carry) = carrying_add(twice[0], carry, false);
        let (low, high) = multiply_add(a[1], a[1], 0, 0);
        let (t2, carry) = carrying_add(twice[1], low, carry);
        let (t3, carry) = carrying_add(twice[2], high, carry);
        let (low, high) = multiply_add(a[2], a[2], 0, 0);
        let (t4, carry) = carrying_add(twice[3], low, carry);
        let (t5, carry) = carrying_add(rest[0], high, carry);
        let (low, high) = multiply_add(a[3], a[3], 0, 0);
        let (t6, carry) = carrying_add(rest[1], low, carry);
        let (t7, _) = carrying_add(rest[2], high, carry);
        reduce([t0, t1, t2, t3], [t4, t5, t6, t7])
    }

    /// 1 or 0.
    pub(super) fn equals(&self, other: &Self) -> u64 {
        let difference = self.0.iter().zip(other.0).fold(0, |all, (a, b)| all | (a ^ b));
        1 ^ ((difference | difference.wrapping_neg()) >> 63)
    }

    /// `other` where `choice` is 1, `self` where it is 0.
    #[inline(always)]
    pub(super) fn select(&self, other: &Self, choice: u64) -> Self {
        let mask = black_box(choice.wrapping_neg());
        Self(std::array::from_fn(|i| self.0[i] ^ (mask & (self.0[i] ^ other.0[i]))))
    }

    fn square_times(&self, times: usize) -> Self {
        (0..times).fold(*self, |power, _| power.square())
    }

    /// To the power of (p - 3) / 4, in binary: 31 ones, a zero, 128 ones, 32 zeros, 62 ones.
    fn root_power(&self) -> Self {
        let ones = |a: &Self, b: &Self, length: usize| a.square_times(length).multiply(b);
        let x2 = ones(self, self, 1);
        let x4 = ones(&x2, &x2, 2);
        let x8 = ones(&x4, &x4, 4);
        let x16 = ones(&x8, &x8, 8);
        let x30 = ones(&ones(&ones(&x16, &x8, 8), &x4, 4), &x2, 2);
        let x31 = ones(&x30, self, 1);
        let x32 = ones(&x31, self, 1);
        let head = (0..4).fold(x31.square(), |power, _| ones(&power, &x32, 32));
        ones(&ones(&head.square_times(32), &x31, 31), &x31, 31)
    }

    /// Of zero: zero.
    pub(super) fn invert(&self) -> Self {
        self.root_power().square_times(2).multiply(self) // a^(p - 2)
    }

    /// The root of a square, as p = 3 mod 4; of anything else none.
    pub(super) fn root(&self) -> Option<Self> {
        let root = self.root_power().multiply(self); // a^((p + 1) / 4)
        (root.square() == *self).then_some(root)
    }

    /// (1, sqrt(u / v)) or (0, sqrt(Z·u / v)), `root` being sqrt(-Z): RFC 9380 F.2.1.2.
    pub(super) fn root_of_ratio(u: &Self, v: &Self, root: &Self) -> (u64, Self) {
        let uv = u.multiply(v);
        let y1 = v.square().multiply(&uv).root_power().multiply(&uv);
        let is_square = y1.square().multiply(v).equals(u);
        (is_square, y1.multiply(root).select(&y1, is_square))
    }

    /// All inverses for one and three products each. None may be zero.
    pub(super) fn invert_all(values: &[Self]) -> Vec<Self> {
        let mut products = Vec::with_capacity(values.len());
        let mut product = Self::ONE;
        for value in values {
            products.push(product);
            product = product.multiply(value);
        }
        let mut inverse = product.invert();
        for (value, before) in values.iter().zip(&mut products).rev() {
            *before = before.multiply(&inverse);
            inverse = inverse.multiply(value);
        }
        products
    }
}

pub(super) fn limbs(bytes: &[u8; 32]) -> Limbs {
    let words = bytes.as_chunks::<8>().0;
    std::array::from_fn(|i| u64::from_be_bytes(words[3 - i]))
}

pub(super) const fn less(a: &Limbs, b: &Limbs) -> bool {
    subtract(a, b).1
}

#[inline(always)]
const fn multiply_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let wide = a as u128 * b as u128 + c as u128 + d as u128;
    (wide as u64, (wide >> 64) as u64)
}

#[inline(always)]
const fn carrying_add(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(carry as u64);
    (sum, first | second)
}

#[inline(always)]
const fn borrowing_subtract(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(borrow as u64);
    (difference, first | second)
}

#[inline(always)]
const fn add(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (r0, carry) = carrying_add(a[0], b[0], false);
    let (r1, carry) = carrying_add(a[1], b[1], carry);
    let (r2, carry) = carrying_add(a[2], b[2], carry);
    let (r3, carry) = carrying_add(a[3], b[3], carry);
    ([r0, r1, r2, r3], carry)
}

#[inline(always)]
pub(super) const fn subtract(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (r0, borrow) = borrowing_subtract(a[0], b[0], false);
    let (r1, borrow) = borrowing_subtract(a[1], b[1], borrow);
    let (r2, borrow) = borrowing_subtract(a[2], b[2], borrow);
    let (r3, borrow) = borrowing_subtract(a[3], b[3], borrow);
    ([r0, r1, r2, r3], borrow)
}

/// a + carry·2^256 less p, unless it is below.
#[inline(always)]
const fn subtract_p(a: Limbs, carry: bool) -> Field {
    let (less, borrow) = subtract(&a, &P);
    let mask = 0u64.wrapping_sub((borrow & !carry) as u64);
    Field([
        less[0] ^ (mask & (less[0] ^ a[0])),
        less[1] ^ (mask & (less[1] ^ a[1])),
        less[2] ^ (mask & (less[2] ^ a[2])),
        less[3] ^ (mask & (less[3] ^ a[3])),
    ])
}

/// (low + high·2^256) / 2^256 mod p, for a number below 2^256·p. Since -1/p = 1 mod 2^64, the lowest limb m is itself what
/// times p clears it, and m·p = m·2^256 - m·2^224 - m·2^96 + m·2^64 - m takes shifts only.
#[inline(always)]
const fn reduce(low: Limbs, high: Limbs) -> Field {
    let mut r = low;
    let mut i = 0;
    while i < 4 {
        let m = r[0];
        let (up, down) = (m << 32, m >> 32);
        // Less 2^32·m - m, and more by 2^64·m - 2^32·m two limbs up: shifts, where the compiler would multiply.
        let (below, borrow) = borrowing_subtract(up, m, false);
        let above = down - borrow as u64;
        let (r0, borrow) = borrowing_subtract(r[1], below, false);
        let (r1, borrow) = borrowing_subtract(r[2], above, borrow);
        let (r2, borrow) = borrowing_subtract(r[3], up, borrow);
        let r3 = m - down - borrow as u64;
        r = [r0, r1, r2, r3];
        i += 1;
    }
    let (sum, carry) = add(&r, &high);
    subtract_p(sum, carry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modular::Modulus;
    use proptest::prelude::*;

    const EDGES: [Limbs; 6] = [
        [0; 4],
        [1, 0, 0, 0],
        [u64::MAX, 0, 0, 0],
        [0, u64::MAX, 0, P[3]],
        [P[0] - 1, P[1], P[2], P[3]],
        [P[0], P[1], P[2] - 1, P[3]],
    ];

    fn below_p() -> impl Strategy<Value = Limbs> {
        let any = any::<Limbs>().prop_map(|limbs| if less(&limbs, &P) { limbs } else { subtract(&limbs, &P).0 });
        prop_oneof![any, prop::sample::select(EDGES.to_vec())]
    }

    fn bytes(limbs: &Limbs) -> Vec<u8> {
        limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect()
    }

    proptest! {
        #[test]
        fn agrees_with_general_arithmetic(a in below_p(), b in below_p()) {
            let modulus = Modulus::new(&bytes(&P)).unwrap();
            let product = modulus.multiply_each(&bytes(&a), &bytes(&b)).unwrap();
            let (a, b) = (Field(a), Field(b));
            prop_assert_eq!(bytes(&a.multiply(&b).0), product);
            prop_assert_eq!(a.square(), a.multiply(&a));
            prop_assert_eq!(a.add(&b).subtract(&b), a);
            prop_assert_eq!(a.subtract(&b).add(&b), a);
            prop_assert!(less(&a.add(&b).0, &P) && less(&a.subtract(&b).0, &P));
            prop_assert_eq!(Field::decode(&a.encode()), Some(a));
        }

        #[test]
        fn inverts_and_takes_roots(a in below_p()) {
            let a = Field(a);
            let expected = if a == Field::ZERO { Field::ZERO } else { Field::ONE };
            prop_assert_eq!(a.multiply(&a.invert()), expected);
            let root = a.square().root().unwrap();
            prop_assert!(root == a || root == a.negate());
            prop_assert!(a == Field::ZERO || a.square().negate().root().is_none()); // -1 is no square
        }

        #[test]
        fn reduces_48_bytes(high in any::<[u8; 16]>(), low in any::<[u8; 32]>()) {
            let mut wide = [0; 32];
            wide[16..].copy_from_slice(&high);
            let fold = |bytes: &[u8; 32]| Field::from_limbs(limbs(bytes));
            // 2^256 = 2^255 + 2^255
            let half = Field::from_limbs([0, 0, 0, 1 << 63]);
            let expected = fold(&wide).multiply(&half.double()).add(&fold(&low));
            prop_assert_eq!(Field::reduce(&[&high[..], &low].concat().try_into().unwrap()), expected);
        }
    }

    #[test]
    fn refuses_what_is_not_below_p() {
        let mut p: [u8; 32] = bytes(&P).try_into().unwrap();
        p.reverse();
        assert_eq!(Field::decode(&p), None);
        assert_eq!(Field::decode(&[255; 32]), None);
    }
}
