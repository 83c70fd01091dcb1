//! Large scratch memory that is kept and used again: the first touch of fresh pages costs more than most loops that
//! fill them. On Linux it asks for huge pages, without which random reads miss the TLB as well as the cache.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

const ALIGN: usize = 2 << 20;
/// Arenas kept when nobody uses them.
const KEPT: usize = 2;

static FREE: Mutex<Vec<Block>> = Mutex::new(Vec::new());

struct Block {
    start: *mut u8,
    layout: Layout,
}

// SAFETY: a block is plain memory with one owner.
unsafe impl Send for Block {}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { dealloc(self.start, self.layout) }
    }
}

/// `length` bytes of any content, aligned to 2 MiB; goes back to the shelf when dropped.
pub struct Arena {
    block: Option<Block>,
    length: usize,
}

pub fn borrow(length: usize) -> Arena {
    let mut free = FREE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let fitting = free.iter().enumerate().filter(|(_, block)| block.layout.size() >= length);
    let best = fitting.min_by_key(|(_, block)| block.layout.size()).map(|(i, _)| i);
    let block = match best {
        Some(i) => free.swap_remove(i),
        None => {
            free.clear(); // too small for what is asked now: not worth keeping beside a larger one
            allocate(length)
        }
    };
    Arena { block: Some(block), length }
}

fn allocate(length: usize) -> Block {
    let layout = Layout::from_size_align(length.max(1).next_multiple_of(ALIGN), ALIGN).expect("a size below 2^63");
    // SAFETY: the size is not zero.
    let start = unsafe { alloc(layout) };
    if start.is_null() {
        handle_alloc_error(layout);
    }
    #[cfg(target_os = "linux")]
    // SAFETY: advice on our own memory; where the kernel refuses it, nothing changes.
    unsafe {
        libc::madvise(start.cast(), layout.size(), libc::MADV_HUGEPAGE);
    }
    // SAFETY: just allocated. After the advice: pages take their size at the first touch.
    unsafe { start.write_bytes(0, layout.size()) };
    Block { start, layout }
}

impl Drop for Arena {
    fn drop(&mut self) {
        let mut free = FREE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if free.len() < KEPT {
            free.extend(self.block.take());
        }
    }
}

impl Deref for Arena {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let block = self.block.as_ref().expect("there until dropped");
        // SAFETY: initialised memory of at least this length.
        unsafe { std::slice::from_raw_parts(block.start, self.length) }
    }
}

impl DerefMut for Arena {
    fn deref_mut(&mut self) -> &mut [u8] {
        let block = self.block.as_ref().expect("there until dropped");
        // SAFETY: as above, and only ours.
        unsafe { std::slice::from_raw_parts_mut(block.start, self.length) }
    }
}
