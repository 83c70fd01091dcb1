//! Between bytes and limbs, one element at a time, in constant time.

use super::field::Limbs;

const LOW51: u64 = (1 << 51) - 1;

pub fn limbs(bytes: &[u8; 32]) -> Limbs {
    let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
    [
        word(0) & LOW51,
        (word(6) >> 3) & LOW51,
        (word(12) >> 6) & LOW51,
        (word(19) >> 1) & LOW51,
        (word(24) >> 12) & LOW51,
    ]
}

/// The canonical encoding of limbs within ±2^53.
pub fn bytes(limbs: [i64; 5]) -> [u8; 32] {
    // 8p makes all limbs positive.
    let mut l: Limbs = std::array::from_fn(|i| {
        let eight_p = if i == 0 { 8 * (LOW51 - 18) } else { 8 * LOW51 };
        eight_p.wrapping_add_signed(limbs[i])
    });
    carry(&mut l);
    carry(&mut l);
    // Now below 2^255 + 2^51; q = 1 exactly where the value is at least p, which shows in value + 19.
    let mut q = (l[0] + 19) >> 51;
    for limb in &l[1..] {
        q = (limb + q) >> 51;
    }
    l[0] += 19 * q;
    for i in 0..4 {
        l[i + 1] += l[i] >> 51;
        l[i] &= LOW51;
    }
    l[4] &= LOW51;
    pack(&l)
}

fn carry(l: &mut Limbs) {
    for i in 0..4 {
        l[i + 1] += l[i] >> 51;
        l[i] &= LOW51;
    }
    l[0] += 19 * (l[4] >> 51);
    l[4] &= LOW51;
}

fn pack(l: &Limbs) -> [u8; 32] {
    let words =
        [l[0] | (l[1] << 51), (l[1] >> 13) | (l[2] << 38), (l[2] >> 26) | (l[3] << 25), (l[3] >> 39) | (l[4] << 12)];
    let mut out = [0; 32];
    for (bytes, word) in out.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    out
}

/// 1 for all zeros, else 0.
pub fn is_zero(bytes: &[u8; 32]) -> u8 {
    let any = bytes.iter().fold(0u32, |any, &byte| any | u32::from(byte));
    (any.wrapping_sub(1) >> 31) as u8
}

/// Whether the number is below 2^255 - 19. Not constant time.
pub fn is_reduced(bytes: &[u8; 32]) -> bool {
    let high = bytes[31] < 0x7f || (bytes[31] == 0x7f && bytes[1..31].iter().any(|&byte| byte != 0xff));
    high || (bytes[31] == 0x7f && bytes[0] < 0xed)
}
