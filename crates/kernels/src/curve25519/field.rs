//! The field of 2^255 - 19, one element in each lane: what a representation must offer, and what follows from it.
//!
//! Elements have five limbs of radix 2^51. Three stages of reduction are three types, so that no operation meets limbs
//! that are too large for it: `Self` is what multiplying takes, `Loose` a sum or difference of two of them, `Wide` a
//! sum of products.

use super::canonical;
use super::lanes::{LANES_MAX, Mask, Words, lanes_fn};

/// Limbs below 2^51, least significant first.
pub type Limbs = [u64; 5];

pub trait Field: Copy {
    type Words: Words;
    type Loose: Copy;
    /// A sum of up to four products.
    type Wide: Copy;

    fn constant(limbs: Limbs) -> Self;
    /// Limb by limb, lanes inside.
    fn load(limbs: &[[u64; LANES_MAX]; 5]) -> Self;
    /// Limbs may be negative or above 2^51 by a little.
    fn store(&self) -> [[i64; LANES_MAX]; 5];
    /// The limbs as they are held, to be kept in memory and read by the same representation alone.
    fn words(&self) -> [Self::Words; 5];
    fn of_words(words: [Self::Words; 5]) -> Self;
    fn loose(&self) -> Self::Loose;
    /// As a product by one, whose place in a sum it may take.
    fn widened(loose: &Self::Loose) -> Self::Wide;
    fn sum(&self, other: &Self) -> Self::Loose;
    fn difference(&self, other: &Self) -> Self::Loose;
    fn tighten(loose: Self::Loose) -> Self;
    fn product(a: &Self::Loose, b: &Self) -> Self::Wide;
    fn squared(&self) -> Self::Wide;
    fn wide_sum(a: &Self::Wide, b: &Self::Wide) -> Self::Wide;
    fn wide_difference(a: &Self::Wide, b: &Self::Wide) -> Self::Wide;
    fn reduce(wide: &Self::Wide) -> Self;
    fn negate(&self) -> Self;
    /// `other` in the lanes of the mask.
    fn select(&self, other: &Self, mask: Mask) -> Self;
    /// Zero outside the lanes that are all ones.
    fn masked(&self, lanes: Self::Words) -> Self;
    /// The other one in the lanes where one of them was `masked` away.
    fn merged(&self, other: &Self) -> Self;

    #[inline(always)]
    fn times(&self, other: &Self) -> Self {
        Self::reduce(&Self::product(&self.loose(), other))
    }

    #[inline(always)]
    fn square(&self) -> Self {
        Self::reduce(&self.squared())
    }

    #[inline(always)]
    fn plus(&self, other: &Self) -> Self {
        Self::tighten(self.sum(other))
    }

    #[inline(always)]
    fn minus(&self, other: &Self) -> Self {
        Self::tighten(self.difference(other))
    }

    #[inline(always)]
    fn negate_where(&self, mask: Mask) -> Self {
        self.select(&self.negate(), mask)
    }

    /// Little-endian encodings; the top bit is ignored, and values from p on stand for their rest.
    fn from_bytes(elements: &[[u8; 32]; LANES_MAX]) -> Self {
        let mut limbs = [[0; LANES_MAX]; 5];
        for (lane, bytes) in elements.iter().enumerate() {
            for (limb, value) in canonical::limbs(bytes).into_iter().enumerate() {
                limbs[limb][lane] = value;
            }
        }
        load(&limbs)
    }

    fn to_bytes(&self) -> [[u8; 32]; LANES_MAX] {
        let limbs = store(self);
        std::array::from_fn(|lane| {
            if lane < <Self::Words as Words>::LANES { canonical::bytes(limbs.map(|limb| limb[lane])) } else { [0; 32] }
        })
    }

    /// Where the canonical encoding is odd (RFC 9496 calls these negative).
    fn is_negative(&self) -> Mask {
        mask_of(self.to_bytes().map(|bytes| bytes[0] & 1))
    }

    fn is_zero(&self) -> Mask {
        mask_of(self.to_bytes().map(|bytes| canonical::is_zero(&bytes)))
    }

    #[inline(always)]
    fn is_equal(&self, other: &Self) -> Mask {
        self.minus(other).is_zero()
    }

    /// Where self = -other.
    #[inline(always)]
    fn is_opposite(&self, other: &Self) -> Mask {
        self.plus(other).is_zero()
    }

    #[inline(always)]
    fn absolute(&self) -> Self {
        self.negate_where(self.is_negative())
    }
}

fn mask_of(bits: [u8; LANES_MAX]) -> Mask {
    bits.into_iter().enumerate().fold(0, |mask, (lane, bit)| mask | (bit << lane))
}

pub const ZERO: Limbs = [0; 5];
pub const ONE: Limbs = [1, 0, 0, 0, 0];
pub const TWO: Limbs = [2, 0, 0, 0, 0];
pub const MINUS_ONE: Limbs = [(1 << 51) - 20, (1 << 51) - 1, (1 << 51) - 1, (1 << 51) - 1, (1 << 51) - 1];
/// The curve is -x² + y² = 1 + d·x²·y², with d = -121665/121666.
pub const D: Limbs = [929955233495203, 466365720129213, 1662059464998953, 2033849074728123, 1442794654840575];
pub const TWICE_D: Limbs = [1859910466990425, 932731440258426, 1072319116312658, 1815898335770999, 633789495995903];
pub const ONE_MINUS_D_SQUARED: Limbs =
    [1136626929484150, 1998550399581263, 496427632559748, 118527312129759, 45110755273534];
pub const D_MINUS_ONE_SQUARED: Limbs =
    [1507062230895904, 1572317787530805, 683053064812840, 317374165784489, 1572899562415810];
/// sqrt(-d - 1)
pub const SQRT_AD_MINUS_ONE: Limbs =
    [2241493124984347, 425987919032274, 2207028919301688, 1220490630685848, 974799131293748];
/// 1/sqrt(-1 - d)
pub const INVSQRT_A_MINUS_D: Limbs =
    [278908739862762, 821645201101625, 8113234426968, 1777959178193151, 2118520810568447];
/// The even square root of -1.
pub const SQRT_MINUS_ONE: Limbs =
    [1718705420411056, 234908883556509, 2233514472574048, 2117202627021982, 765476049583133];

lanes_fn! {
    fn load<F>(limbs: &[[u64; LANES_MAX]; 5]) -> F {
        F::load(limbs)
    }
}

lanes_fn! {
    fn store<F>(element: &F) -> [[i64; LANES_MAX]; 5] {
        element.store()
    }
}

// Multiplications are functions of their own: inlined into formulas they would outgrow the cache of decoded instructions.

lanes_fn! {
    pub fn multiply<F>(a: &F, b: &F) -> F {
        a.times(b)
    }
}

lanes_fn! {
    pub fn multiply_loose<F>(a: F::Loose, b: &F) -> F {
        F::reduce(&F::product(&a, b))
    }
}

lanes_fn! {
    pub fn product<F>(a: F::Loose, b: &F) -> F::Wide {
        F::product(&a, b)
    }
}

lanes_fn! {
    pub fn squared<F>(a: &F) -> F::Wide {
        a.squared()
    }
}

lanes_fn! {
    /// x^(2^count) of several vectors at once: squarings of one wait for each other, those of another fill the gaps.
    fn squarings<F, const K>(x: &[F; K], count: usize) -> [F; K] {
        let mut out = *x;
        for _ in 0..count {
            for element in &mut out {
                *element = element.square();
            }
        }
        out
    }
}

lanes_fn! {
    fn products<F, const K>(a: &[F; K], b: &[F; K]) -> [F; K] {
        let mut out = *a;
        for (element, factor) in out.iter_mut().zip(b) {
            *element = element.times(factor);
        }
        out
    }
}

/// x^(2^250 - 1) and x^11
fn power_250<F: Field, const K: usize>(x: &[F; K]) -> ([F; K], [F; K]) {
    let x2 = squarings(x, 1);
    let x9 = products(&squarings(&x2, 2), x);
    let x11 = products(&x9, &x2);
    let ones5 = products(&squarings(&x11, 1), &x9); // 2^5 - 1
    let ones10 = products(&squarings(&ones5, 5), &ones5);
    let ones20 = products(&squarings(&ones10, 10), &ones10);
    let ones40 = products(&squarings(&ones20, 20), &ones20);
    let ones50 = products(&squarings(&ones40, 10), &ones10);
    let ones100 = products(&squarings(&ones50, 50), &ones50);
    let ones200 = products(&squarings(&ones100, 100), &ones100);
    (products(&squarings(&ones200, 50), &ones50), x11)
}

/// 1/x, and zero for zero.
pub fn invert<F: Field>(x: &F) -> F {
    let (ones250, x11) = power_250(&[*x]);
    products(&squarings(&ones250, 5), &x11)[0] // x^(2^255 - 21)
}

/// RFC 9496 4.2 SQRT_RATIO_M1: where u/v is a square, and sqrt(u/v) there, sqrt(i·u/v) elsewhere; not negative.
pub fn sqrt_ratio<F: Field, const K: usize>(u: &[F; K], v: &[F; K]) -> ([Mask; K], [F; K]) {
    let v2 = squarings(v, 1);
    let u_v3 = products(u, &products(&v2, v));
    let u_v7 = products(&u_v3, &squarings(&v2, 1));
    let (ones250, _) = power_250(&u_v7);
    let power = products(&squarings(&ones250, 2), &u_v7); // (u·v^7)^((p - 5) / 8)
    let roots = products(&power, &u_v3);
    let checks = products(&squarings(&roots, 1), v);
    let mut squares = [0; K];
    let mut out = roots;
    for i in 0..K {
        (squares[i], out[i]) = choose_root(&roots[i], &checks[i], &u[i]);
    }
    (squares, out)
}

lanes_fn! {
    fn choose_root<F>(root: &F, check: &F, u: &F) -> (Mask, F) {
        let i = F::constant(SQRT_MINUS_ONE);
        let correct = check.is_equal(u);
        let flipped = check.is_opposite(u);
        let flipped_i = check.is_opposite(&u.times(&i));
        let root = root.select(&root.times(&i), flipped | flipped_i);
        (correct | flipped, root.absolute())
    }
}
