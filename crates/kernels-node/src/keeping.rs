//! The library's allocator: large blocks are kept for their next use, since the first touch of fresh pages costs more
//! than most loops that fill them, and are made of huge pages where Linux has them.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Blocks from here on are kept.
const LARGE: usize = 1 << 20;
const ALIGN: usize = 2 << 20;
/// Kept while nobody uses them, at most.
const KEPT_BYTES: usize = 192 << 20;
const KEPT: usize = 48;

pub struct Keeping;

/// Start and size of each block; the oldest first.
struct Shelf {
    blocks: [(usize, usize); KEPT],
    count: usize,
    bytes: usize,
}

static SHELF: Mutex<Shelf> = Mutex::new(Shelf { blocks: [(0, 0); KEPT], count: 0, bytes: 0 });

impl Shelf {
    fn take(&mut self, size: usize) -> Option<*mut u8> {
        let at = (0..self.count).rev().find(|&i| self.blocks[i].1 == size)?;
        Some(self.remove(at).0)
    }

    fn remove(&mut self, at: usize) -> (*mut u8, usize) {
        let (start, size) = self.blocks[at];
        self.blocks.copy_within(at + 1..self.count, at);
        self.count -= 1;
        self.bytes -= size;
        (start as *mut u8, size)
    }

    /// A block that has to make room.
    fn excess(&mut self, size: usize) -> Option<(*mut u8, usize)> {
        (self.count == KEPT || self.bytes + size > KEPT_BYTES).then(|| self.remove(0))
    }

    fn put(&mut self, start: *mut u8, size: usize) {
        self.blocks[self.count] = (start as usize, size);
        self.count += 1;
        self.bytes += size;
    }
}

fn is_large(layout: Layout) -> bool {
    layout.size() >= LARGE && layout.align() <= ALIGN
}

/// Few sizes, so that blocks fit again: at most an eighth more than asked for.
fn block_of(layout: Layout) -> Layout {
    let step = (layout.size().next_power_of_two() / 16).max(LARGE / 8);
    // SAFETY: the alignment is a power of two, and a size within memory stays valid when rounded up this little.
    unsafe { Layout::from_size_align_unchecked(layout.size().next_multiple_of(step), ALIGN) }
}

fn shelf() -> MutexGuard<'static, Shelf> {
    SHELF.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take(layout: Layout) -> *mut u8 {
    let block = block_of(layout);
    let kept = shelf().take(block.size());
    if let Some(start) = kept {
        return start;
    }
    // SAFETY: the size is not zero.
    let start = unsafe { System.alloc(block) };
    #[cfg(target_os = "linux")]
    if !start.is_null() {
        // SAFETY: advice on our own memory; where the kernel refuses it, nothing changes.
        unsafe { libc::madvise(start.cast(), block.size(), libc::MADV_HUGEPAGE) };
    }
    start
}

/// SAFETY: `start` came from `take(layout)` and is used no more.
unsafe fn give_back(start: *mut u8, layout: Layout) {
    let block = block_of(layout);
    if block.size() > KEPT_BYTES {
        return unsafe { System.dealloc(start, block) };
    }
    loop {
        let mut shelf = shelf();
        let Some((old, size)) = shelf.excess(block.size()) else {
            return shelf.put(start, block.size());
        };
        drop(shelf);
        // SAFETY: it was allocated with this layout.
        unsafe { System.dealloc(old, Layout::from_size_align_unchecked(size, ALIGN)) };
    }
}

// SAFETY: blocks are the system's, each with one owner at a time, and at least as large and aligned as asked for.
unsafe impl GlobalAlloc for Keeping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(layout) { take(layout) } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !is_large(layout) {
            return unsafe { System.alloc_zeroed(layout) };
        }
        let start = take(layout);
        if !start.is_null() {
            unsafe { start.write_bytes(0, layout.size()) };
        }
        start
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        if is_large(layout) { unsafe { give_back(start, layout) } } else { unsafe { System.dealloc(start, layout) } }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's size is valid for the alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        if !is_large(layout) && !is_large(wanted) {
            return unsafe { System.realloc(start, layout, size) };
        }
        if is_large(layout) && is_large(wanted) && block_of(layout) == block_of(wanted) {
            return start;
        }
        unsafe {
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(start, layout.size().min(size));
                self.dealloc(start, layout);
            }
            moved
        }
    }
}
