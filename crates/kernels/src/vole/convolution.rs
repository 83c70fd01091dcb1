//! The convolution of the code, in place and batch by batch: with the portable arithmetic, and with lanes where there are.

use super::Keys;
#[cfg(target_arch = "x86_64")]
use super::pair::{Joins, Pair};
#[cfg(target_arch = "x86_64")]
use crate::blocks::lanes::{self, Lanes, One, Two};
use crate::blocks::{BLOCK, Level, element, gf128};

pub const GROUP: usize = 4;
/// Groups before the own one whose elements may be added: 24 bits per element.
const TAP_GROUPS: usize = 6;
/// Tables of subset sums held; a power of two above TAP_GROUPS.
const TABLES: usize = 8;
/// Groups whose coefficients are made at once.
const CHUNK: usize = 64;

/// What the convolution remembers between batches: the last group and the subset sums of the last eight groups.
#[repr(align(64))]
pub struct State<const W: usize> {
    tables: [[[u128; W]; 16]; TABLES],
    last: [[u128; W]; GROUP],
    group: usize,
}

impl<const W: usize> State<W> {
    pub fn new() -> Box<Self> {
        Box::new(Self { tables: [[[0; W]; 16]; TABLES], last: [[0; W]; GROUP], group: 0 })
    }

    /// Convolves whole groups in place, going on from the last batch.
    pub fn convolve(&mut self, keys: &Keys, cells: &mut [u8]) {
        let (mut multipliers, mut taps) = ([0u8; CHUNK * GROUP * BLOCK], [0u8; CHUNK * BLOCK]);
        for part in cells.chunks_mut(CHUNK * GROUP * W * BLOCK) {
            let groups = part.len() / (GROUP * W * BLOCK);
            let (r, b) = (&mut multipliers[..groups * GROUP * BLOCK], &mut taps[..groups * BLOCK]);
            keys.multipliers.counter((self.group * GROUP) as u64, r);
            keys.taps.counter(self.group as u64, b);
            self.convolve_part(keys.level, r, b, part);
        }
    }

    fn convolve_part(&mut self, level: Level, multipliers: &[u8], taps: &[u8], cells: &mut [u8]) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the level was detected; the slices hold as many groups each.
        unsafe {
            match (level, W) {
                (Level::Portable, _) => {}
                (Level::Single, 1) => {
                    return lanes::single(
                        #[inline(always)]
                        || convolve_lanes::<One, One, W>(self, multipliers, taps, cells),
                    );
                }
                (Level::Single, _) => {
                    return lanes::single(
                        #[inline(always)]
                        || convolve_lanes::<Pair, Pair, W>(self, multipliers, taps, cells),
                    );
                }
                (_, 1) => {
                    return lanes::double(
                        #[inline(always)]
                        || convolve_lanes::<Two, One, W>(self, multipliers, taps, cells),
                    );
                }
                (_, _) => {
                    return lanes::double(
                        #[inline(always)]
                        || convolve_lanes::<Two, Two, W>(self, multipliers, taps, cells),
                    );
                }
            }
        }
        self.convolve_portable(multipliers, taps, cells);
    }

    fn convolve_portable(&mut self, multipliers: &[u8], taps: &[u8], cells: &mut [u8]) {
        let rows = cells.chunks_exact_mut(GROUP * W * BLOCK);
        for (row, (r, b)) in rows.zip(multipliers.chunks_exact(GROUP * BLOCK).zip(taps.chunks_exact(BLOCK))) {
            for (slot, cell) in row.chunks_exact_mut(W * BLOCK).enumerate() {
                let tap = u32::from_le_bytes(b[4 * slot..][..4].try_into().expect("4 bytes"));
                let multiplier = element(r, slot);
                for w in 0..W {
                    let mut value = element(cell, w) ^ gf128::multiply(self.last[slot][w], multiplier);
                    for back in 0..TAP_GROUPS {
                        let table = &self.tables[(self.group + TABLES - 1 - back) % TABLES];
                        value ^= table[(tap >> (4 * back) & 15) as usize][w];
                    }
                    cell[w * BLOCK..][..BLOCK].copy_from_slice(&value.to_le_bytes());
                }
            }
            for (slot, cell) in row.chunks_exact(W * BLOCK).enumerate() {
                self.last[slot] = std::array::from_fn(|w| element(cell, w));
            }
            let last = self.last;
            let table = &mut self.tables[self.group % TABLES];
            for subset in 1..16usize {
                let (top, rest) = (subset.ilog2() as usize, subset & !(1 << subset.ilog2()));
                table[subset] = std::array::from_fn(|w| table[rest][w] ^ last[top][w]);
            }
            self.group += 1;
        }
    }
}

/// As `convolve_portable`. The last group stays in registers; a cell `C` is W blocks, `L` multiplies at least as many.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn convolve_lanes<L: Joins<C>, C: Lanes, const W: usize>(
    state: &mut State<W>,
    multipliers: &[u8],
    taps: &[u8],
    cells: &mut [u8],
) {
    debug_assert!(C::BLOCKS == W);
    let size = W * BLOCK;
    unsafe {
        let mut last = [C::splat(&[0; 16]); GROUP];
        for (slot, cell) in last.iter_mut().enumerate() {
            *cell = C::load(state.last[slot].as_ptr().cast());
        }
        let tables = state.tables.as_mut_ptr().cast::<u8>();
        for group in 0..taps.len() / BLOCK {
            let row = cells.as_mut_ptr().add(group * GROUP * size);
            let r = multipliers.as_ptr().add(group * GROUP * BLOCK);
            let mut next = last;
            for index in 0..GROUP * W / L::BLOCKS {
                let multiplier = if W == 1 {
                    L::load(r.add(index * L::BLOCKS * BLOCK))
                } else {
                    L::splat(&*r.add(index * L::BLOCKS / W * BLOCK).cast::<[u8; 16]>())
                };
                gf128::multiply_lanes(L::join(&last, index), multiplier).split(&mut next, index);
            }
            let mut history = [tables; TAP_GROUPS];
            for (back, table) in history.iter_mut().enumerate() {
                *table = tables.add((state.group + TABLES - 1 - back) % TABLES * 16 * size);
            }
            let b = taps.as_ptr().add(group * BLOCK).cast::<u32>();
            for (slot, value) in next.iter_mut().enumerate() {
                let tap = b.add(slot).read_unaligned();
                let mut sum = value.xor(C::load(row.add(slot * size)));
                for (back, table) in history.iter().enumerate() {
                    sum = sum.xor(C::load(table.add((tap >> (4 * back) & 15) as usize * size)));
                }
                sum.store(row.add(slot * size));
                *value = sum;
            }
            fill_table(tables.add(state.group % TABLES * 16 * size), &next);
            last = next;
            state.group += 1;
        }
        for (slot, cell) in last.iter().enumerate() {
            cell.store(state.last[slot].as_mut_ptr().cast());
        }
    }
}

/// All sixteen subset sums of a group.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn fill_table<C: Lanes>(table: *mut u8, group: &[C; GROUP]) {
    unsafe {
        let mut sums = [C::splat(&[0; 16]); 16];
        for slot in 0..GROUP {
            for rest in 0..1 << slot {
                sums[(1 << slot) + rest] = sums[rest].xor(group[slot]);
            }
        }
        for (subset, sum) in sums.iter().enumerate().skip(1) {
            sum.store(table.add(subset * C::BLOCKS * BLOCK));
        }
    }
}
