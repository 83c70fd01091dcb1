//! The curve y^2 = x^3 - 3x + b of GB/T 32918.5 (curveSM2 of RFC 8998), of prime order.
//!
//! Sums: the complete formulas of Renes, Costello, Batina (EUROCRYPT 2016), algorithm 4, in homogeneous coordinates, which
//! have no exceptions. Doubling: Jacobian coordinates (dbl-2001-b), 8 field multiplications in place of 13; its only
//! exception would be the identity, which the odd digits of `multiply` never meet.

use super::field::{Field, less, limbs, subtract};

pub(super) const POINT_BYTES: usize = 33;

pub(super) const A: Field = Field::from_limbs([3, 0, 0, 0]).negate();
pub(super) const B: Field =
    Field::from_limbs([0xddbc_bd41_4d94_0e93, 0xf397_89f5_15ab_8f92, 0x4d5a_9e4b_cf65_09a7, 0x28e9_fa9e_9d9f_5e34]);
pub(super) const ORDER: [u64; 4] =
    [0x53bb_f409_39d5_4123, 0x7203_df6b_21c6_052b, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];

/// (X : Y : Z), x = X/Z, y = Y/Z.
#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) x: Field,
    pub(super) y: Field,
    pub(super) z: Field,
}

/// x = X/Z^2, y = Y/Z^3.
struct Jacobian {
    x: Field,
    y: Field,
    z: Field,
}

impl Point {
    /// SEC 1 compressed, as in GB/T 32918.1: 2 or 3 by the parity of y, then x, big-endian.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (&tag, x) = bytes.split_first()?;
        if tag & !1 != 2 {
            return None;
        }
        let x = Field::decode(x.try_into().ok()?)?;
        let root = x.square().add(&A).multiply(&x).add(&B).root()?; // x^3 + ax + b
        let y = root.select(&root.negate(), root.sign() ^ u64::from(tag & 1));
        Some(Self { x, y, z: Field::ONE })
    }

    /// One inversion for all. None is the identity: a hash is with probability 2^-256, its multiples only then.
    pub(super) fn encode_all(points: &[Self], out: &mut [u8]) {
        let inverses = Field::invert_all(&points.iter().map(|point| point.z).collect::<Vec<_>>());
        for ((point, inverse), out) in points.iter().zip(&inverses).zip(out.chunks_exact_mut(POINT_BYTES)) {
            out[0] = 2 | point.y.multiply(inverse).sign() as u8;
            out[1..].copy_from_slice(&point.x.multiply(inverse).encode());
        }
    }

    #[inline(never)]
    pub(super) fn add(&self, other: &Self) -> Self {
        let cross = |a: &Field, b: &Field, c: &Field, d: &Field, less: &Field| {
            a.add(b).multiply(&c.add(d)).subtract(less) // ad + bc
        };
        let xx = self.x.multiply(&other.x);
        let yy = self.y.multiply(&other.y);
        let zz = self.z.multiply(&other.z);
        let xy = cross(&self.x, &self.y, &other.x, &other.y, &xx.add(&yy));
        let yz = cross(&self.y, &self.z, &other.y, &other.z, &yy.add(&zz));
        let xz = cross(&self.x, &self.z, &other.x, &other.z, &xx.add(&zz));

        let s = xz.subtract(&B.multiply(&zz)).triple();
        let (yy_minus, yy_plus) = (yy.subtract(&s), yy.add(&s));
        let zz3 = zz.triple();
        let t = B.multiply(&xz).subtract(&zz3.add(&xx)).triple();
        let u = xx.triple().subtract(&zz3);
        Self {
            x: yy_plus.multiply(&xy).subtract(&yz.multiply(&t)),
            y: yy_plus.multiply(&yy_minus).add(&u.multiply(&t)),
            z: yy_minus.multiply(&yz).add(&xy.multiply(&u)),
        }
    }

    pub(super) fn negate(&self) -> Self {
        Self { y: self.y.negate(), ..*self }
    }

    pub(super) fn select(&self, other: &Self, choice: u64) -> Self {
        Self {
            x: self.x.select(&other.x, choice),
            y: self.y.select(&other.y, choice),
            z: self.z.select(&other.z, choice),
        }
    }

    /// 2^times · self; not of the identity.
    fn double_times(&self, times: usize) -> Self {
        let zz = self.z.square();
        let start = Jacobian { x: self.x.multiply(&self.z), y: self.y.multiply(&zz), z: self.z };
        let end = (0..times).fold(start, |point, _| point.double());
        Self { x: end.x.multiply(&end.z), y: end.y, z: end.z.square().multiply(&end.z) }
    }

    /// Not of the identity.
    pub(super) fn multiply(&self, scalar: &Scalar) -> Self {
        let start = self.select(&self.negate(), scalar.negative);
        let twice = start.double_times(1);
        let mut odd = [start; 8]; // 1, 3, ... 15 times
        for i in 1..8 {
            odd[i] = odd[i - 1].add(&twice);
        }
        // The highest digit is positive.
        let top = pick(&odd, scalar.digit(63));
        (0..63).rev().fold(top, |sum, i| sum.double_times(4).add(&pick(&odd, scalar.digit(i))))
    }
}

/// (2·digit - 15) times the point; reads the whole table.
#[inline(always)]
fn pick(odd: &[Point; 8], digit: u64) -> Point {
    let negative = 1 ^ (digit >> 3);
    let place = (digit ^ negative.wrapping_neg()) & 7; // digit - 8 or 7 - digit
    let mut out = odd[0];
    for (i, point) in odd.iter().enumerate().skip(1) {
        let other = place ^ i as u64;
        out = out.select(point, 1 ^ ((other | other.wrapping_neg()) >> 63));
    }
    Point { y: out.y.select(&out.y.negate(), negative), ..out }
}

impl Jacobian {
    #[inline(never)]
    fn double(&self) -> Self {
        let delta = self.z.square();
        let gamma = self.y.square();
        let beta4 = self.x.multiply(&gamma).double().double();
        let alpha = self.x.subtract(&delta).multiply(&self.x.add(&delta)).triple();
        let x = alpha.square().subtract(&beta4.double());
        let z = self.y.add(&self.z).square().subtract(&gamma).subtract(&delta);
        let gamma8 = gamma.double().square().double();
        Self { x, y: alpha.multiply(&beta4.subtract(&x)).subtract(&gamma8), z }
    }
}

/// A secret k in 1..order-1, as ±(2e + 1 - 2^256) with the sign that makes it odd: then nibble x of e is the digit
/// 2x - 15, odd always, so no digit and no partial sum is zero.
pub(super) struct Scalar {
    e: [u64; 4],
    negative: u64,
}

impl Scalar {
    /// Little-endian; None unless in 1..order-1.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut big: [u8; 32] = bytes.try_into().ok()?;
        big.reverse();
        let k = limbs(&big);
        if k == [0; 4] || !less(&k, &ORDER) {
            return None;
        }
        let (negated, _) = subtract(&ORDER, &k);
        let negative = 1 ^ (k[0] & 1);
        let mask = std::hint::black_box(negative.wrapping_neg());
        let odd: [u64; 4] = std::array::from_fn(|i| k[i] ^ (mask & (k[i] ^ negated[i])));
        let e = std::array::from_fn(|i| odd[i] >> 1 | odd.get(i + 1).map_or(1, |next| next & 1) << 63);
        Some(Self { e, negative })
    }

    fn digit(&self, place: usize) -> u64 {
        self.e[place / 16] >> (4 * (place % 16)) & 15
    }
}
