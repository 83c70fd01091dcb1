//! Large scratch memory. The allocator of `keeping` holds it for its next use.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};

/// Of a cache line, so that no element of 32 bytes lies in two.
const ALIGN: usize = 64;

/// Memory of any content.
pub struct Arena {
    start: *mut u8,
    length: usize,
}

// SAFETY: plain memory with one owner.
unsafe impl Send for Arena {}
unsafe impl Sync for Arena {}

fn layout(length: usize) -> Layout {
    Layout::from_size_align(length.max(1), ALIGN).expect("a size below 2^63")
}

pub fn borrow(length: usize) -> Arena {
    // SAFETY: the size is not zero.
    let start = unsafe { alloc_zeroed(layout(length)) };
    if start.is_null() {
        handle_alloc_error(layout(length));
    }
    Arena { start, length }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { dealloc(self.start, layout(self.length)) }
    }
}

impl Deref for Arena {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: initialised memory of this length.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl DerefMut for Arena {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and only ours.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}
