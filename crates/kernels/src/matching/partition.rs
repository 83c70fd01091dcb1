//! Radix partition by the leading bits of a 64-bit key of each string.

use rayon::prelude::*;

/// More parts than this miss the TLB while they are written.
const PART_BITS_MAX: u32 = 12;

/// The key's 32 bits after those that choose the part, then the string's position.
pub type Entry = u64;

pub fn position(entry: Entry) -> usize {
    (entry & 0xffff_ffff) as usize
}

pub fn fingerprint(entry: Entry) -> u32 {
    (entry >> 32) as u32
}

/// Entries by part; within a part by ascending position.
pub struct Parts<E = Entry> {
    entries: Vec<E>,
    starts: Vec<usize>,
}

/// A pointer for writes that are disjoint by construction.
#[derive(Clone, Copy)]
pub struct Shared<T>(*mut T);
unsafe impl<T: Send> Send for Shared<T> {}
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub fn new(to: &mut [T]) -> Self {
        Self(to.as_mut_ptr())
    }

    /// SAFETY: `at` is in bounds, and no one else reads or writes it meanwhile.
    pub unsafe fn write(self, at: usize, value: T) {
        unsafe { self.0.add(at).write(value) }
    }
}

/// How many leading bits leave about `size` strings in a part.
pub fn part_bits(count: usize, size: usize) -> u32 {
    (count / size).max(1).ilog2().min(PART_BITS_MAX)
}

impl Parts {
    /// The strings must be fewer than 2^32 - 1.
    pub fn new(bytes: &[u8], width: usize, bits: u32, key: impl Fn(&[u8]) -> u64 + Sync) -> Self {
        Self::of(bytes, width, bits, key, |key, position, _| {
            u64::from((key << bits >> 32) as u32) << 32 | position as u64
        })
    }
}

impl<E: Copy + Default + Send> Parts<E> {
    /// With an entry of any kind, made of a string's key, its position and itself.
    pub fn of(
        bytes: &[u8],
        width: usize,
        bits: u32,
        key: impl Fn(&[u8]) -> u64 + Sync,
        entry: impl Fn(u64, usize, &[u8]) -> E + Sync,
    ) -> Self {
        let count = bytes.len() / width;
        let part_of = |key: u64| if bits == 0 { 0 } else { (key >> (64 - bits)) as usize };
        let share = count.div_ceil(rayon::current_num_threads()).max(1024) * width;
        let sizes: Vec<Vec<usize>> = bytes
            .par_chunks(share)
            .map(|strings| {
                let mut sizes = vec![0; 1 << bits];
                strings.chunks_exact(width).for_each(|string| sizes[part_of(key(string))] += 1);
                sizes
            })
            .collect();
        let (starts, cursors) = cursors(sizes, 1 << bits);
        let mut entries = vec![E::default(); count];
        let to = Shared::new(&mut entries);
        bytes.par_chunks(share).zip(cursors).enumerate().for_each(|(chunk, (strings, mut cursors))| {
            let first = chunk * (share / width);
            for (i, string) in strings.chunks_exact(width).enumerate() {
                let key = key(string);
                let cursor = &mut cursors[part_of(key)];
                // SAFETY: the cursors count up through disjoint ranges of 0..count.
                unsafe { to.write(*cursor, entry(key, first + i, string)) };
                *cursor += 1;
            }
        });
        Self { entries, starts }
    }

    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub fn part(&self, part: usize) -> &[E] {
        &self.entries[self.starts[part]..self.starts[part + 1]]
    }

    /// The entries, and one slice of them for each part.
    pub fn parts_mut(&mut self) -> Vec<&mut [E]> {
        let (mut rest, mut parts) = (self.entries.as_mut_slice(), Vec::with_capacity(self.starts.len()));
        for range in self.starts.windows(2) {
            let (part, after) = rest.split_at_mut(range[1] - range[0]);
            parts.push(part);
            rest = after;
        }
        parts
    }

    pub fn into_entries(self) -> Vec<E> {
        self.entries
    }
}

/// Where each part starts, and where each share of the input writes within it.
fn cursors(mut sizes: Vec<Vec<usize>>, parts: usize) -> (Vec<usize>, Vec<Vec<usize>>) {
    let (mut starts, mut at) = (Vec::with_capacity(parts + 1), 0);
    for part in 0..parts {
        starts.push(at);
        for share in &mut sizes {
            let size = share[part];
            share[part] = at;
            at += size;
        }
    }
    starts.push(at);
    (starts, sizes)
}
