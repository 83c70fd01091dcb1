//! Curve25519 many points at a time: ristretto255 with one element in each lane of a vector. `field.rs` says what a
//! field representation offers; `doubles.rs` and `words.rs` are the two there are, over the lanes of `lanes.rs`, which
//! `x86.rs` fills with instructions. `point.rs` and `group.rs` are the group, the same for all of them.
//!
//! Constant time in scalars and hashed inputs: no branch and no address depends on them. What is public (whether a
//! peer's point decodes) may show.

mod bulk;
mod canonical;
mod doubles;
#[cfg(test)]
pub(crate) mod emulation;
mod field;
mod group;
pub(crate) mod lanes;
mod point;
mod words;
#[cfg(target_arch = "x86_64")]
pub(crate) mod x86;

#[cfg(test)]
mod tests;

pub use bulk::{Lanes, Scalars};

/// What this machine's vector units can do; `None` leaves the work to curve25519-dalek.
pub fn detect() -> Option<&'static dyn Lanes> {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma") {
            return Some(&bulk::Group::<words::Element<x86::IfmaWords>>::NEW);
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Some(&bulk::Group::<doubles::Element<x86::Avx2Doubles>>::NEW);
        }
    }
    None
}
