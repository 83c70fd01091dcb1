//! Plain Rust in place of a vector unit: what each method of the lanes means, what machines without one compute on where
//! nothing faster is at hand, and what tests run everywhere.

#[cfg(test)]
use super::lanes::Doubles;
use super::lanes::{LANES_MAX, Mask, MultiplyAdd52, Routine, Words};

#[derive(Clone, Copy, Debug)]
pub struct Emulated<const LANES: usize>([u64; LANES]);

impl<const LANES: usize> Emulated<LANES> {
    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

impl<const LANES: usize> Words for Emulated<LANES> {
    const LANES: usize = LANES;

    fn splat(value: u64) -> Self {
        Self([value; LANES])
    }

    fn load(values: &[u64; LANES_MAX]) -> Self {
        Self(std::array::from_fn(|i| values[i]))
    }

    fn store(self) -> [u64; LANES_MAX] {
        std::array::from_fn(|i| self.0.get(i).copied().unwrap_or(0))
    }

    fn add(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_add)
    }

    fn sub(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_sub)
    }

    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    fn left<const N: i32>(self) -> Self {
        Self(self.0.map(|a| a << N))
    }

    fn right<const N: i32>(self) -> Self {
        Self(self.0.map(|a| a >> N))
    }

    fn equal(self, other: Self) -> Self {
        self.zip(other, |a, b| u64::from(a == b).wrapping_neg())
    }

    fn select(self, other: Self, mask: Mask) -> Self {
        Self(std::array::from_fn(|i| {
            let take = u64::from((mask >> i) & 1).wrapping_neg();
            (self.0[i] & !take) | (other.0[i] & take)
        }))
    }

    fn enter<R: Routine<A>, A>(arguments: A) -> R::Output {
        R::run(arguments)
    }
}

impl<const LANES: usize> MultiplyAdd52 for Emulated<LANES> {
    fn add_low(self, a: Self, b: Self) -> Self {
        self.add(a.zip(b, |x, y| (product52(x, y) as u64) & ((1 << 52) - 1)))
    }

    fn add_high(self, a: Self, b: Self) -> Self {
        self.add(a.zip(b, |x, y| (product52(x, y) >> 52) as u64))
    }
}

fn product52(a: u64, b: u64) -> u128 {
    let low = (1u64 << 52) - 1;
    u128::from(a & low) * u128::from(b & low)
}

#[cfg(test)]
#[derive(Clone, Copy, Debug)]
pub struct EmulatedDoubles<const LANES: usize>([f64; LANES]);

#[cfg(test)]
impl<const LANES: usize> Doubles for EmulatedDoubles<LANES> {
    type Words = Emulated<LANES>;

    fn splat(value: f64) -> Self {
        Self([value; LANES])
    }

    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    fn sub(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] - other.0[i]))
    }

    fn multiply_add(self, b: Self, c: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].mul_add(b.0[i], c.0[i])))
    }

    fn bits(self) -> Emulated<LANES> {
        Emulated(self.0.map(f64::to_bits))
    }

    fn from_bits(bits: Emulated<LANES>) -> Self {
        Self(bits.0.map(f64::from_bits))
    }
}
