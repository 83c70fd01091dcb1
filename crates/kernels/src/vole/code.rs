//! Dual-LPN compression with an expand-convolute code over GF(2^128) (Raghuraman, Rindal, Tanguy, CRYPTO 2023), with
//! random field multipliers in the convolution. From leaves e of length N to n values:
//!
//!   x_i = e_i + r_i·x_(i-4) + sum of b_ij·x_j over the 24 elements of the six groups of four before i's group
//!   y_o = sum over seven regions of one random x of the region
//!
//! r_i is uniform in GF(2^128), b_ij are bits. `W` cells per element: one vector, or two under the same code (in the
//! order a, c), so that one random access serves both.

use crate::arena;
use crate::blocks::aes::Cipher;
#[cfg(target_arch = "x86_64")]
use crate::blocks::lanes::{self, Lanes, One, Two};
use crate::blocks::{BLOCK, Level, gf128, one_block};
use crate::error::{Result, require};
use crate::vole::Keys;
use crate::vole::ggm::{self, Tree};
use rayon::prelude::*;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

const GROUP: usize = 4;
/// Groups before the own one whose elements may be added: 24 bits per element.
const TAP_GROUPS: usize = 6;
/// Tables of subset sums held; a power of two above TAP_GROUPS.
const TABLES: usize = 8;
pub const REGIONS: usize = 7;
/// Elements that are made, then convolved while in cache.
const BATCH: usize = 1 << 14;
/// Groups whose coefficients are made at once.
const CHUNK: usize = 64;
/// Outputs per task, and whose positions are made at once.
const TASK_OUTPUTS: usize = 1 << 13;
const STEP_OUTPUTS: usize = 32;

/// What the convolution remembers between batches: the last group and the subset sums of the last eight groups.
#[repr(align(64))]
struct State<const W: usize> {
    tables: [[[u128; W]; 16]; TABLES],
    last: [[u128; W]; GROUP],
    group: usize,
}

impl<const W: usize> State<W> {
    fn new() -> Box<Self> {
        Box::new(Self { tables: [[[0; W]; 16]; TABLES], last: [[0; W]; GROUP], group: 0 })
    }

    /// Convolves whole groups in place, going on from the last batch.
    fn convolve(&mut self, keys: &Keys, cells: &mut [u8]) {
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

fn element(bytes: &[u8], index: usize) -> u128 {
    u128::from_le_bytes(bytes[index * BLOCK..][..BLOCK].try_into().expect("16 bytes"))
}

/// Two blocks in two registers, where there are no wider ones.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Pair(One, One);

/// Lanes made of the cells of a group.
#[cfg(target_arch = "x86_64")]
trait Joins<C>: Lanes {
    unsafe fn join(cells: &[C; GROUP], index: usize) -> Self;
    unsafe fn split(self, cells: &mut [C; GROUP], index: usize);
}

#[cfg(target_arch = "x86_64")]
impl<C: Lanes> Joins<C> for C {
    #[inline(always)]
    unsafe fn join(cells: &[C; GROUP], index: usize) -> Self {
        cells[index]
    }
    #[inline(always)]
    unsafe fn split(self, cells: &mut [C; GROUP], index: usize) {
        cells[index] = self;
    }
}

#[cfg(target_arch = "x86_64")]
impl Joins<One> for Two {
    #[inline(always)]
    unsafe fn join(cells: &[One; GROUP], index: usize) -> Self {
        unsafe { _mm256_set_m128i(cells[2 * index + 1], cells[2 * index]) }
    }
    #[inline(always)]
    unsafe fn split(self, cells: &mut [One; GROUP], index: usize) {
        unsafe {
            cells[2 * index] = _mm256_castsi256_si128(self);
            cells[2 * index + 1] = _mm256_extracti128_si256::<1>(self);
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes for Pair {
    const BLOCKS: usize = 2;
    #[inline(always)]
    unsafe fn load(at: *const u8) -> Self {
        unsafe { Self(One::load(at), One::load(at.add(BLOCK))) }
    }
    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        unsafe {
            self.0.store(at);
            self.1.store(at.add(BLOCK));
        }
    }
    #[inline(always)]
    unsafe fn splat(block: &[u8; 16]) -> Self {
        unsafe { Self(One::splat(block), One::splat(block)) }
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        unsafe { Self(self.0.xor(other.0), self.1.xor(other.1)) }
    }
    #[inline(always)]
    unsafe fn aes_round(self, key: Self) -> Self {
        unsafe { Self(self.0.aes_round(key.0), self.1.aes_round(key.1)) }
    }
    #[inline(always)]
    unsafe fn aes_last(self, key: Self) -> Self {
        unsafe { Self(self.0.aes_last(key.0), self.1.aes_last(key.1)) }
    }
    #[inline(always)]
    unsafe fn clmul<const HALVES: i32>(self, other: Self) -> Self {
        unsafe { Self(self.0.clmul::<HALVES>(other.0), self.1.clmul::<HALVES>(other.1)) }
    }
    #[inline(always)]
    unsafe fn up(self) -> Self {
        unsafe { Self(self.0.up(), self.1.up()) }
    }
    #[inline(always)]
    unsafe fn down(self) -> Self {
        unsafe { Self(self.0.down(), self.1.down()) }
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

/// Sums of seven random elements, one per region, to `outputs` (one slice per cell of an element).
fn expand<const W: usize>(keys: &Keys, cells: &[u8], outputs: [&mut [u8]; W]) {
    let length = cells.len() / (W * BLOCK);
    let bounds: [usize; REGIONS + 1] = std::array::from_fn(|r| r * length / REGIONS);
    let mut tasks: Vec<[&mut [u8]; W]> = Vec::new();
    let mut rest = outputs;
    while !rest[0].is_empty() {
        let here = rest[0].len().min(TASK_OUTPUTS * BLOCK);
        let [head, tail] = split_each(rest, here);
        tasks.push(head);
        rest = tail;
    }
    tasks.into_par_iter().enumerate().for_each(|(task, outputs)| {
        expand_task::<W>(keys, cells, &bounds, task * TASK_OUTPUTS, outputs);
    });
}

fn split_each<const W: usize>(parts: [&mut [u8]; W], at: usize) -> [[&mut [u8]; W]; 2] {
    let mut tails: Vec<&mut [u8]> = Vec::with_capacity(W);
    let heads = parts.map(|part| {
        let (head, tail) = part.split_at_mut(at);
        tails.push(tail);
        head
    });
    [heads, tails.try_into().expect("as many tails")]
}

fn expand_task<const W: usize>(
    keys: &Keys,
    cells: &[u8],
    bounds: &[usize; REGIONS + 1],
    first: usize,
    mut outputs: [&mut [u8]; W],
) {
    let count = outputs[0].len() / BLOCK;
    // Two steps in turn: the reads of one are under way while those of the other are added up.
    let mut positions = [[[0u32; REGIONS]; STEP_OUTPUTS]; 2];
    let draw = |at: usize, positions: &mut [[u32; REGIONS]; STEP_OUTPUTS]| {
        let here = STEP_OUTPUTS.min(count - at);
        draw_positions(keys, bounds, first + at, &mut positions[..here]);
        positions[..here].as_flattened().iter().for_each(|&position| prefetch(cells, position as usize * W * BLOCK));
    };
    if count > 0 {
        draw(0, &mut positions[0]);
    }
    for (step, at) in (0..count).step_by(STEP_OUTPUTS).enumerate() {
        let [now, next] = if step % 2 == 0 { [0, 1] } else { [1, 0] };
        if at + STEP_OUTPUTS < count {
            draw(at + STEP_OUTPUTS, &mut positions[next]);
        }
        let here = STEP_OUTPUTS.min(count - at);
        for (i, positions) in positions[now][..here].iter().enumerate() {
            let mut sum = [0u128; W];
            for &position in positions {
                let cell = &cells[position as usize * W * BLOCK..][..W * BLOCK];
                for (w, sum) in sum.iter_mut().enumerate() {
                    *sum ^= element(cell, w);
                }
            }
            for (output, sum) in outputs.iter_mut().zip(sum) {
                output[(at + i) * BLOCK..][..BLOCK].copy_from_slice(&sum.to_le_bytes());
            }
        }
    }
}

/// For each output from `first` on one position per region: eight words of two blocks, the last unused.
fn draw_positions(keys: &Keys, bounds: &[usize; REGIONS + 1], first: usize, out: &mut [[u32; REGIONS]]) {
    let mut words = [0u8; STEP_OUTPUTS * 2 * BLOCK];
    keys.expander.counter(2 * first as u64, &mut words[..out.len() * 2 * BLOCK]);
    for (positions, words) in out.iter_mut().zip(words.as_chunks::<{ 2 * BLOCK }>().0) {
        for (region, position) in positions.iter_mut().enumerate() {
            let word = u32::from_le_bytes(words[4 * region..][..4].try_into().expect("4 bytes"));
            let span = (bounds[region + 1] - bounds[region]) as u64;
            *position = (bounds[region] as u64 + ((u64::from(word) * span) >> 32)) as u32;
        }
    }
}

#[inline(always)]
fn prefetch(bytes: &[u8], at: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; the position is within the slice anyway.
    unsafe {
        _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().wrapping_add(at).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (bytes, at);
}

/// Makes the elements of `cells` batch by batch with `fill` (one tree's part) and convolves each batch while the next
/// is made. `check` sees each batch before, with the index of its first element.
fn convolve_trees<const W: usize>(
    keys: &Keys,
    cells: &mut [u8],
    depth: usize,
    fill: impl Fn(usize, &mut [u8]) + Sync,
    mut check: impl FnMut(usize, &[u8]) + Send,
) {
    let tree = (W * BLOCK) << depth;
    let trees = (BATCH >> depth).max(1);
    let fill_batch = |batch: usize, part: &mut [u8]| {
        part.par_chunks_mut(tree).enumerate().for_each(|(i, part)| fill(batch * trees + i, part));
    };
    let mut state = State::<W>::new();
    let mut parts = cells.chunks_mut(tree * trees);
    let mut current = parts.next();
    if let Some(part) = &mut current {
        fill_batch(0, part);
    }
    let mut batch = 0;
    while let Some(part) = current {
        let mut next = parts.next();
        rayon::join(
            || {
                check((batch * trees) << depth, part);
                state.convolve(keys, part);
            },
            || {
                if let Some(next) = &mut next {
                    fill_batch(batch + 1, next);
                }
            },
        );
        current = next;
        batch += 1;
    }
}

/// Sum of weight times element over all leaves; weight j is AES_seed(j).
struct Check {
    weights: Option<Cipher>,
    level: Level,
    sum: u128,
}

impl Check {
    fn new(seed: &[u8], level: Level) -> Result<Self> {
        let weights = if seed.is_empty() { None } else { Some(Cipher::at(&one_block(seed)?, level)) };
        Ok(Self { weights, level, sum: 0 })
    }

    /// Adds elements from index `first` on, of `width` cells each, of which the last counts.
    fn add(&mut self, first: usize, cells: &[u8], width: usize) {
        let Some(cipher) = &self.weights else { return };
        let (mut weights, mut elements) = ([0u8; 256 * BLOCK], [0u8; 256 * BLOCK]);
        for (i, part) in cells.chunks(256 * width * BLOCK).enumerate() {
            let length = part.len() / width;
            for (to, from) in elements.chunks_exact_mut(BLOCK).zip(part.chunks_exact(width * BLOCK)) {
                to.copy_from_slice(&from[(width - 1) * BLOCK..]);
            }
            cipher.counter((first + 256 * i) as u64, &mut weights[..length]);
            self.sum ^= gf128::inner_product_at(self.level, &weights[..length], &elements[..length]);
        }
    }

    fn bytes(&self) -> Vec<u8> {
        self.weights.as_ref().map_or(Vec::new(), |_| self.sum.to_le_bytes().to_vec())
    }
}

fn check_sizes(trees: usize, depth: usize, count: usize) -> Result<()> {
    require(depth >= 2, "whole groups per tree")?;
    require(count > 0 && 2 * count <= trees << depth, "at most half as many outputs as leaves")
}

/// The sender's vector under the code, then the check if there is a seed for it.
pub fn vole_expand(seeds: &[u8], depth: usize, salt: &[u8], count: usize, check_seed: &[u8]) -> Result<Vec<u8>> {
    let trees = ggm::check(seeds, depth)?;
    check_sizes(trees, depth, count)?;
    vole_expand_at(Level::best(), seeds, depth, &one_block(salt)?, count, check_seed)
}

pub fn vole_expand_at(
    level: Level,
    seeds: &[u8],
    depth: usize,
    salt: &[u8; BLOCK],
    count: usize,
    check_seed: &[u8],
) -> Result<Vec<u8>> {
    let keys = Keys::at(salt, level);
    let mut check = Check::new(check_seed, level)?;
    let mut cells = arena::borrow(seeds.len() << depth);
    let fill = |i: usize, leaves: &mut [u8]| {
        let mut sums = [0u8; 2 * BLOCK * ggm::DEPTH_MAX];
        Tree::new(&keys, i).expand(&seeds[i * BLOCK..][..BLOCK], leaves, &mut sums[..2 * BLOCK * depth]);
    };
    convolve_trees::<1>(&keys, &mut cells, depth, fill, |first, part| check.add(first, part, 1));
    let mut out = vec![0u8; count * BLOCK];
    expand::<1>(&keys, &cells, [&mut out]);
    out.extend(check.bytes());
    Ok(out)
}

/// What the receiver has of each tree.
pub struct Punctured<'a> {
    /// Per tree and level the sum of the nodes beside the path.
    pub others: &'a [u8],
    pub positions: &'a [u32],
    /// Per tree its noise, and what is added to the sum of the other leaves at its position.
    pub values: &'a [u8],
    pub corrections: &'a [u8],
}

/// The receiver's noise and its vector under the code, then the check of the vector if there is a seed for it.
pub fn vole_expand_punctured(
    trees: &Punctured,
    depth: usize,
    salt: &[u8],
    count: usize,
    check_seed: &[u8],
) -> Result<Vec<u8>> {
    ggm::check_positions(trees.others, trees.positions, depth)?;
    let size = trees.positions.len() * BLOCK;
    require(trees.values.len() == size && trees.corrections.len() == size, "one value and correction per tree")?;
    check_sizes(trees.positions.len(), depth, count)?;
    vole_expand_punctured_at(Level::best(), trees, depth, &one_block(salt)?, count, check_seed)
}

pub fn vole_expand_punctured_at(
    level: Level,
    trees: &Punctured,
    depth: usize,
    salt: &[u8; BLOCK],
    count: usize,
    check_seed: &[u8],
) -> Result<Vec<u8>> {
    let keys = Keys::at(salt, level);
    let mut check = Check::new(check_seed, level)?;
    let mut cells = arena::borrow(trees.positions.len() * ((2 * BLOCK) << depth));
    let fill = |i: usize, part: &mut [u8]| {
        let (half, position) = (part.len() / 2, trees.positions[i] as usize);
        let others = &trees.others[i * depth * BLOCK..][..depth * BLOCK];
        Tree::new(&keys, i).puncture(others, position, &mut part[half..]);
        spread(part);
        let cell = &mut part[2 * position * BLOCK..][..2 * BLOCK];
        let leaf = element(cell, 1) ^ element(trees.corrections, i);
        cell[..BLOCK].copy_from_slice(&trees.values[i * BLOCK..][..BLOCK]);
        cell[BLOCK..].copy_from_slice(&leaf.to_le_bytes());
    };
    convolve_trees::<2>(&keys, &mut cells, depth, fill, |first, part| check.add(first, part, 2));
    let mut out = vec![0u8; 2 * count * BLOCK];
    let (a, c) = out.split_at_mut(count * BLOCK);
    expand::<2>(&keys, &cells, [a, c]);
    out.extend(check.bytes());
    Ok(out)
}

/// Leaves from the upper half of a tree's part to the second cell of each element, the first becoming zero. Each leaf is
/// read before anything is written at or above it.
fn spread(part: &mut [u8]) {
    let half = part.len() / 2;
    for i in 0..half / BLOCK {
        let leaf = element(&part[half..], i);
        part[2 * i * BLOCK..][..BLOCK].fill(0);
        part[(2 * i + 1) * BLOCK..][..BLOCK].copy_from_slice(&leaf.to_le_bytes());
    }
}

/// Sum of weight times value at the given positions (one per tree): the check's part that the receiver must disclose.
pub fn vole_noise_check(positions: &[u32], values: &[u8], depth: usize, check_seed: &[u8]) -> Result<Vec<u8>> {
    require(values.len() == positions.len() * BLOCK, "one value per tree")?;
    require(depth <= ggm::DEPTH_MAX, "a tree has 1 to 24 levels")?;
    let cipher = Cipher::new(&one_block(check_seed)?);
    let sum = positions.iter().enumerate().fold(0, |sum, (i, &position)| {
        let mut weight = [0u8; BLOCK];
        cipher.counter(((i << depth) + position as usize) as u64, &mut weight);
        sum ^ gf128::multiply(u128::from_le_bytes(weight), element(values, i))
    });
    Ok(sum.to_le_bytes().to_vec())
}
