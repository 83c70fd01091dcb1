//! Work on 16-byte blocks in bulk: fixed-key AES, GF(2^128). One generic loop per operation over `lanes::Lanes`, which
//! is 1, 2 or 4 blocks wide; `Level` says which the CPU has. Elsewhere the portable code runs, constant-time as well.

pub mod aes;
pub mod gf128;
#[cfg(target_arch = "x86_64")]
pub(crate) mod lanes;

use crate::error::{Result, require};
use std::sync::OnceLock;

pub const BLOCK: usize = 16;
/// Bytes per parallel task: small enough for L2, large enough to outweigh the scheduling.
pub const TASK: usize = 1 << 16;

/// Instruction sets, each including those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Portable,
    /// AES-NI and PCLMULQDQ, one block at a time.
    Single,
    /// VAES and VPCLMULQDQ on 256-bit registers.
    Double,
    /// And on 512-bit registers.
    Quad,
}

impl Level {
    /// All this CPU has, best last.
    pub fn available() -> Vec<Level> {
        let mut levels = vec![Level::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("aes") && is_x86_feature_detected!("pclmulqdq") {
                levels.push(Level::Single);
                if is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("vaes")
                    && is_x86_feature_detected!("vpclmulqdq")
                {
                    levels.push(Level::Double);
                    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
                        levels.push(Level::Quad);
                    }
                }
            }
        }
        levels
    }

    pub fn best() -> Level {
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(|| *Self::available().last().expect("portable is always there"))
    }
}

/// Runs a generic function over lanes with the instructions of `$level`, or the portable expression.
macro_rules! dispatch {
    ($level:expr, $generic:ident($($arg:expr),*), $portable:expr) => {{
        #[cfg(target_arch = "x86_64")]
        {
            use crate::blocks::lanes;
            // SAFETY: a level above Portable was detected before it was named.
            match $level {
                crate::blocks::Level::Portable => $portable,
                crate::blocks::Level::Single => unsafe { lanes::single(#[inline(always)] || $generic::<lanes::One>($($arg),*)) },
                crate::blocks::Level::Double => unsafe { lanes::double(#[inline(always)] || $generic::<lanes::Two>($($arg),*)) },
                crate::blocks::Level::Quad => unsafe { lanes::quad(#[inline(always)] || $generic::<lanes::Four>($($arg),*)) },
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            let _ = $level;
            $portable
        }
    }};
}
pub(crate) use dispatch;

/// Block `index` of many, as a field element.
#[inline]
pub(crate) fn element(bytes: &[u8], index: usize) -> u128 {
    u128::from_le_bytes(bytes[index * BLOCK..][..BLOCK].try_into().expect("16 bytes"))
}

/// How many blocks; they must fill the slice.
pub fn block_count(bytes: &[u8]) -> Result<usize> {
    require(bytes.len().is_multiple_of(BLOCK), "not a whole number of 16-byte blocks")?;
    Ok(bytes.len() / BLOCK)
}

pub fn one_block(bytes: &[u8]) -> Result<[u8; BLOCK]> {
    bytes.try_into().map_err(|_| crate::KernelError::Range("a key or scalar has 16 bytes"))
}
