//! Arithmetic modulo odd numbers of up to 6144 bits, for additive homomorphic encryption.

pub mod bulk;
mod eight;
mod eights;
pub mod fixed_base;
pub mod histogram;
pub mod inversion;
pub mod limbs;
pub mod montgomery;
pub mod multiply_add;
pub mod square_log;

pub use fixed_base::FixedBase;
pub use histogram::HistogramLayout;
pub use montgomery::Modulus;
pub use square_log::PrimeSquareLog;
