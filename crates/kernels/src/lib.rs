//! Hot loops of Tombolo. `packages/kernels/src/kernels.ts` says what each of them computes, `src/reference` there is
//! the definition; names and order are the same here.
//!
//! Constant time: scalar multiplications and hashing to points in ristretto and SM2, `Modulus::power` in the exponent, and
//! `PrimeSquareLog` in all its parameters. Not constant time: `FixedBase` and `elgamal` (table lookups by digit of the exponent
//! or random scalar), `combine`, inversion and validation (public ciphertexts).

pub mod arena;
pub mod blocks;
mod bulk;
mod curve25519;
pub mod elgamal;
pub mod error;
pub mod hashing;
pub mod ids;
pub mod keeping;
pub mod matching;
pub mod modular;
pub mod okvs;
pub mod pir;
pub mod ristretto;
pub mod rlwe;
pub mod sharing;
pub mod sm2;
pub mod sm3;
pub mod tables;
pub mod vole;

pub use error::{KernelError, Result};
