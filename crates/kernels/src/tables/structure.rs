//! Where the structure of comma-separated text is: commas, line ends and quotes, found sixteen bytes at a time.

const BLOCK: usize = 16;

/// Positions of `,`, `"`, CR and LF, ascending.
pub struct Structure<'a> {
    bytes: &'a [u8],
    base: usize,
    /// A bit per byte from `base` on that is still to be told.
    mask: u32,
}

impl<'a> Structure<'a> {
    pub fn of(bytes: &'a [u8]) -> Self {
        let mut structure = Self { bytes, base: 0, mask: 0 };
        structure.mask = structure.mask_at(0);
        structure
    }

    /// Goes on at `at`, which is ahead.
    pub fn skip_to(&mut self, at: usize) {
        self.base = at;
        self.mask = self.mask_at(at);
    }

    #[inline(always)]
    pub fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.base += BLOCK;
            if self.base >= self.bytes.len() {
                return None;
            }
            self.mask = self.mask_at(self.base);
        }
        let at = self.base + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(at)
    }

    #[inline(always)]
    fn mask_at(&self, at: usize) -> u32 {
        match self.bytes.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
            Some(block) => block_mask(block),
            None => byte_mask(self.bytes.get(at..).unwrap_or_default()),
        }
    }
}

fn byte_mask(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .enumerate()
        .fold(0, |mask, (i, byte)| mask | u32::from(matches!(byte, b',' | b'"' | b'\r' | b'\n')) << i)
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn block_mask(block: &[u8; BLOCK]) -> u32 {
    use std::arch::x86_64::*;
    // SAFETY: SSE2 is part of the architecture; an unaligned load of the block's sixteen bytes.
    unsafe {
        let bytes = _mm_loadu_si128(block.as_ptr().cast());
        let is = |byte: u8| _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte as i8));
        let ends = _mm_or_si128(is(b'\r'), is(b'\n'));
        _mm_movemask_epi8(_mm_or_si128(ends, _mm_or_si128(is(b','), is(b'"')))) as u32
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn block_mask(block: &[u8; BLOCK]) -> u32 {
    byte_mask(block)
}
