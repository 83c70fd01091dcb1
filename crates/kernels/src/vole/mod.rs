//! Kernels of the pseudorandom correlation generator for VOLE over GF(2^128), and of its oblivious transfers.

pub mod code;
mod convolution;
pub mod correlated;
mod expansion;
pub mod forms;
pub mod ggm;
pub mod histogram;
#[cfg(target_arch = "x86_64")]
mod pair;
pub mod silent;
pub mod sixteen;
pub mod transfers;

use crate::blocks::aes::Cipher;
use crate::blocks::{BLOCK, Level};

/// What a session's salt makes public: the coefficients of the code and the keys of the trees. Purpose d has the key
/// AES_salt(d), its block i is AES_key(i).
pub struct Keys {
    pub level: Level,
    pub multipliers: Cipher,
    pub taps: Cipher,
    pub expander: Cipher,
    trees: Cipher,
}

impl Keys {
    pub fn new(salt: &[u8; BLOCK]) -> Self {
        Self::at(salt, Level::best())
    }

    pub fn at(salt: &[u8; BLOCK], level: Level) -> Self {
        let mut keys = [0u8; 4 * BLOCK];
        Cipher::at(salt, level).counter(1, &mut keys);
        let cipher = |i: usize| Cipher::at(keys[i * BLOCK..][..BLOCK].try_into().expect("16 bytes"), level);
        Self { level, multipliers: cipher(0), taps: cipher(1), expander: cipher(2), trees: cipher(3) }
    }

    pub fn of_tree(&self, index: usize) -> [[u8; BLOCK]; 2] {
        let mut keys = [[0u8; BLOCK]; 2];
        self.trees.counter(2 * index as u64, keys.as_flattened_mut());
        keys
    }
}
