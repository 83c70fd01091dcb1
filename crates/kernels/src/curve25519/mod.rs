//! Curve25519 many points at a time: ristretto255 with one element in each lane of a vector. `field.rs` says what a
//! field representation offers; `doubles.rs` and `words.rs` are the two there are, over the lanes of `lanes.rs`, which
//! `x86.rs` fills with instructions. `point.rs` and `group.rs` are the group, the same for all of them.
//!
//! Constant time in scalars and hashed inputs: no branch and no address depends on them. What is public (whether a
//! peer's point decodes) may show.

mod affine;
pub(crate) mod bins;
mod bulk;
mod canonical;
pub(crate) mod comb;
pub(crate) mod doubles;
pub(crate) mod emulation;
pub(crate) mod encryption;
mod field;
mod group;
mod grouping;
pub(crate) mod lanes;
mod logarithms;
mod point;
pub(crate) mod words;
#[cfg(target_arch = "x86_64")]
pub(crate) mod x86;

#[cfg(test)]
mod encryption_tests;
#[cfg(test)]
mod tests;

pub use bulk::{Lanes, Scalars};

/// What this machine's vector units can do; `None` leaves the work to curve25519-dalek.
pub fn detect() -> Option<&'static dyn Lanes> {
    match machine() {
        #[cfg(target_arch = "x86_64")]
        Machine::Ifma => Some(&bulk::Group::<words::Element<x86::IfmaWords>>::NEW),
        #[cfg(target_arch = "x86_64")]
        Machine::Avx2 => Some(&bulk::Group::<doubles::Element<x86::Avx2Doubles>>::NEW),
        Machine::Plain => None,
    }
}

/// Calls a function that is generic over the field with this machine's one.
macro_rules! on_lanes {
    ($($function:ident)::+($($argument:expr),* $(,)?)) => {{
        use crate::curve25519::{Machine, emulation::Emulated, machine, words};
        match machine() {
            #[cfg(target_arch = "x86_64")]
            Machine::Ifma => $($function)::+::<words::Element<crate::curve25519::x86::IfmaWords>>($($argument),*),
            #[cfg(target_arch = "x86_64")]
            Machine::Avx2 => {
                $($function)::+::<crate::curve25519::doubles::Element<crate::curve25519::x86::Avx2Doubles>>($($argument),*)
            }
            Machine::Plain => $($function)::+::<words::Element<Emulated<4>>>($($argument),*),
        }
    }};
}
pub(crate) use on_lanes;

/// What there is to compute on.
pub(crate) enum Machine {
    #[cfg(target_arch = "x86_64")]
    Ifma,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Plain,
}

pub(crate) fn machine() -> Machine {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma") {
            return Machine::Ifma;
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Machine::Avx2;
        }
    }
    Machine::Plain
}
