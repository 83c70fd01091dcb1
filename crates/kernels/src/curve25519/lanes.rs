//! What the field arithmetic, and products modulo long numbers, ask of a vector unit. A new instruction set is one
//! implementation of `Words` and one of `Doubles` or `MultiplyAdd52`, each method one instruction: everything else is
//! the same code for all of them, which `emulation.rs` tests on every machine.

/// The most lanes any vector has.
pub const LANES_MAX: usize = 8;

/// One bit for each lane.
pub type Mask = u8;

/// What memory is moved by.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub struct Line(pub [u64; LANES_MAX]);

/// Lanes of 64-bit integers that wrap.
pub trait Words: Copy {
    const LANES: usize;
    fn splat(value: u64) -> Self;
    /// The first `LANES` of the array.
    fn load(values: &[u64; LANES_MAX]) -> Self;
    fn store(self) -> [u64; LANES_MAX];
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn left<const N: i32>(self) -> Self;
    /// Logical.
    fn right<const N: i32>(self) -> Self;
    /// `other` in the lanes of the mask. Without a branch or an address that depends on the mask.
    fn select(self, other: Self, mask: Mask) -> Self;
    /// All ones in the lanes where both are equal, else zero.
    fn equal(self, other: Self) -> Self;
    /// Runs the routine as one function compiled for the instruction set; see `lanes_fn`.
    fn enter<R: Routine<A>, A>(arguments: A) -> R::Output;

    /// Word k of each lane's line in vector k.
    #[inline(always)]
    fn from_lines(lines: [&Line; LANES_MAX]) -> [Self; LANES_MAX] {
        let mut words = [[0; LANES_MAX]; LANES_MAX];
        for (lane, line) in lines.iter().enumerate() {
            for (k, word) in line.0.iter().enumerate() {
                words[k][lane] = *word;
            }
        }
        let mut vectors = [Self::splat(0); LANES_MAX];
        for (vector, words) in vectors.iter_mut().zip(&words) {
            *vector = Self::load(words);
        }
        vectors
    }

    /// Soon to be read.
    #[inline(always)]
    fn prefetch(_line: &Line) {}

    /// The line of each lane.
    #[inline(always)]
    fn to_lines(vectors: [Self; LANES_MAX]) -> [Line; LANES_MAX] {
        let mut lines = [Line([0; LANES_MAX]); LANES_MAX];
        for (k, vector) in vectors.iter().enumerate() {
            for (lane, word) in vector.store().into_iter().enumerate() {
                lines[lane].0[k] = word;
            }
        }
        lines
    }

    #[inline(always)]
    fn times19(self) -> Self {
        self.add(self.left::<1>()).add(self.left::<4>())
    }
}

/// AVX-512 IFMA: the low and the high 52 bits of a product of 52-bit numbers, added to 64-bit lanes.
pub trait MultiplyAdd52: Words {
    /// self + (a·b mod 2^52); operands are taken modulo 2^52.
    fn add_low(self, a: Self, b: Self) -> Self;
    /// self + floor(a·b / 2^52)
    fn add_high(self, a: Self, b: Self) -> Self;
}

/// Lanes of IEEE doubles in the default rounding mode (nearest, ties to even).
pub trait Doubles: Copy {
    type Words: Words;
    fn splat(value: f64) -> Self;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    /// self·b + c, rounded once.
    fn multiply_add(self, b: Self, c: Self) -> Self;
    fn bits(self) -> Self::Words;
    fn from_bits(bits: Self::Words) -> Self;

    /// All three unchanged; whatever uses the results is computed after what went into the arguments. A compiler that
    /// is free to order a long sum of products starts with all products, which do not fit the registers.
    #[inline(always)]
    fn in_order(self, sums: [Self::Words; 2]) -> (Self, [Self::Words; 2]) {
        (self, sums)
    }
}

pub fn signed(values: [u64; LANES_MAX]) -> [i64; LANES_MAX] {
    values.map(|value| value as i64)
}

/// What `lanes_fn` makes of a function's body. Not a closure, since `run` must be inlined whatever its size.
pub trait Routine<A> {
    type Output;
    fn run(arguments: A) -> Self::Output;
}

/// A function compiled once for each kind of lanes, with its instruction set. Everything it calls on lanes must be
/// `#[inline(always)]` (closures cannot be, hence `five!`) or another `lanes_fn`: code compiled without the instruction
/// set calls a function for each instruction.
macro_rules! lanes_fn {
    ($(#[$meta:meta])* $vis:vis fn $name:ident<F $(, const $K:ident)?>($($arg:ident: $type:ty),* $(,)?) -> $ret:ty $body:block) => {
        $(#[$meta])*
        $vis fn $name<F: Field $(, const $K: usize)?>($($arg: $type),*) -> $ret {
            struct Body<F $(, const $K: usize)?>(std::marker::PhantomData<F>);
            impl<F: Field $(, const $K: usize)?> crate::curve25519::lanes::Routine<($($type,)*)> for Body<F $(, $K)?> {
                type Output = $ret;
                #[inline(always)]
                fn run(($($arg,)*): ($($type,)*)) -> $ret $body
            }
            <F::Words as crate::curve25519::lanes::Words>::enter::<Body<F $(, $K)?>, _>(($($arg,)*))
        }
    };
}

/// An array of five by index.
macro_rules! five {
    (|$k:ident| $value:expr) => {
        [
            {
                let $k = 0;
                $value
            },
            {
                let $k = 1;
                $value
            },
            {
                let $k = 2;
                $value
            },
            {
                let $k = 3;
                $value
            },
            {
                let $k = 4;
                $value
            },
        ]
    };
}

pub(super) use {five, lanes_fn};
