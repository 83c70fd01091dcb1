//! An allocator for the library: large blocks are kept for their next use, since the first touch of fresh pages costs
//! more than most loops that fill them, most of all on virtual machines, whose host has to find the page as well. For the
//! same reason no huge pages are asked for: once given back they are the first to go to the host, and a match of 10^6 rows
//! lost more by fetching them again than its random reads gained. Each block starts with its size.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Blocks from here on are kept.
const LARGE: usize = 2 << 20;
const ROUND: usize = 2 << 20;
/// Before what the owner gets; also the largest alignment served.
const HEADER: usize = 64;
/// Kept while nobody uses them, at most.
const KEPT_BYTES: usize = 256 << 20;
const KEPT: usize = 64;

pub struct Keeping;

#[derive(Clone, Copy)]
struct Block {
    start: usize,
    size: usize,
}

/// The oldest first.
struct Shelf {
    blocks: [Block; KEPT],
    count: usize,
    bytes: usize,
}

static SHELF: Mutex<Shelf> = Mutex::new(Shelf { blocks: [Block { start: 0, size: 0 }; KEPT], count: 0, bytes: 0 });

fn shelf() -> MutexGuard<'static, Shelf> {
    SHELF.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shelf {
    /// The smallest that is large enough.
    fn take(&mut self, size: usize) -> Option<Block> {
        let fitting = (0..self.count).filter(|&i| self.blocks[i].size >= size);
        let at = fitting.min_by_key(|&i| self.blocks[i].size)?;
        Some(self.remove(at))
    }

    fn remove(&mut self, at: usize) -> Block {
        let block = self.blocks[at];
        self.blocks.copy_within(at + 1..self.count, at);
        self.count -= 1;
        self.bytes -= block.size;
        block
    }

    /// Keeps the block, or gives back what has to make room for it first.
    fn put(&mut self, block: Block) -> Option<Block> {
        if self.count == KEPT || self.bytes + block.size > KEPT_BYTES {
            return Some(if self.count == 0 { block } else { self.remove(0) });
        }
        self.blocks[self.count] = block;
        self.count += 1;
        self.bytes += block.size;
        None
    }
}

#[cfg(target_os = "linux")]
fn map(size: usize) -> *mut u8 {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: new memory.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), size, access, kind, -1, 0) };
    if start == libc::MAP_FAILED { std::ptr::null_mut() } else { start.cast() }
}

#[cfg(target_os = "linux")]
unsafe fn unmap(block: Block) {
    // SAFETY: mapped by `map` with this size, and used no more.
    unsafe { libc::munmap(block.start as *mut _, block.size) };
}

#[cfg(not(target_os = "linux"))]
fn map(size: usize) -> *mut u8 {
    // SAFETY: a size that is not zero, and an alignment that is a power of two.
    unsafe { System.alloc_zeroed(Layout::from_size_align_unchecked(size, HEADER)) }
}

#[cfg(not(target_os = "linux"))]
unsafe fn unmap(block: Block) {
    // SAFETY: allocated by `map` with this layout, and used no more.
    unsafe { System.dealloc(block.start as *mut u8, Layout::from_size_align_unchecked(block.size, HEADER)) };
}

fn is_large(layout: Layout) -> bool {
    layout.size() >= LARGE && layout.align() <= HEADER
}

/// Memory behind a header, and whether it is fresh and so all zero.
fn take(size: usize) -> (*mut u8, bool) {
    let needed = (size + HEADER).next_multiple_of(ROUND);
    let kept = shelf().take(needed);
    let (block, fresh) = match kept {
        Some(block) => (block, false),
        None => (Block { start: map(needed) as usize, size: needed }, true),
    };
    let start = block.start as *mut u8;
    if start.is_null() {
        return (start, fresh);
    }
    // SAFETY: the header is within the block, aligned, and nobody else's.
    unsafe {
        start.cast::<usize>().write(block.size);
        (start.add(HEADER), fresh)
    }
}

/// SAFETY: `memory` came from `take` and is used no more.
unsafe fn give_back(memory: *mut u8) {
    // SAFETY: the header stands there.
    let block = unsafe {
        let start = memory.sub(HEADER);
        Block { start: start as usize, size: start.cast::<usize>().read() }
    };
    loop {
        let excess = shelf().put(block);
        let Some(excess) = excess else { return };
        // SAFETY: off the shelf, so nobody's.
        unsafe { unmap(excess) };
        if excess.start == block.start {
            return;
        }
    }
}

// SAFETY: blocks have one owner at a time and are at least as large and aligned as asked for.
unsafe impl GlobalAlloc for Keeping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(layout) { take(layout.size()).0 } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !is_large(layout) {
            return unsafe { System.alloc_zeroed(layout) };
        }
        let (memory, fresh) = take(layout.size());
        if !fresh && !memory.is_null() {
            unsafe { memory.write_bytes(0, layout.size()) };
        }
        memory
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if is_large(layout) { unsafe { give_back(memory) } } else { unsafe { System.dealloc(memory, layout) } }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's size is valid for the alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        if !is_large(layout) && !is_large(wanted) {
            return unsafe { System.realloc(memory, layout, size) };
        }
        unsafe {
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(memory, layout.size().min(size));
                self.dealloc(memory, layout);
            }
            moved
        }
    }
}
