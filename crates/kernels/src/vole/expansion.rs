//! The expansion of the code: each output is a sum of one random element per region.

use super::Keys;
use crate::blocks::{BLOCK, element};
use rayon::prelude::*;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

pub const REGIONS: usize = 7;
/// Outputs per task, and whose positions are made at once.
const TASK_OUTPUTS: usize = 1 << 13;
const STEP_OUTPUTS: usize = 32;

/// Sums of seven random elements, one per region, to `outputs` (one slice per cell of an element).
pub fn expand<const W: usize>(keys: &Keys, cells: &[u8], outputs: [&mut [u8]; W]) {
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
