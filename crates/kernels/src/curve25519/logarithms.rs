//! Small discrete logarithms of many points at a time: baby steps and giant steps (Shanks, 1971). All steps up to the
//! limits are made, whatever the logarithms; look-ups in the table of baby steps depend on them.

use super::affine::{NO_CELL, load_cells, normalised, places, store_cells};
use super::field::Field;
use super::lanes::{LANES_MAX, Words};
use super::point::{Cached, Point, add_cached, cached, identity};
use rayon::prelude::*;
use std::collections::HashMap;

/// Of baby steps.
const TABLE_MIN: usize = 1 << 8;
const TABLE_MAX: usize = 1 << 20;
/// Vectors of points of a task, and of steps that share an inversion.
const TASK: usize = 64;
const AT_ONCE: usize = 256;

struct Steps<F> {
    /// Of multiples 0 and on of the unit.
    baby: HashMap<u64, u32>,
    /// Minus so many times the unit as there are baby steps.
    giant: Cached<F>,
}

/// Of each point (lane by lane) the number, at most its limit, of times that `unit` (in all lanes) adds up to it.
/// All are of the prime-order group.
pub fn logarithms<F: Field + Send + Sync>(points: &[Point<F>], unit: &Point<F>, limits: &[u32]) -> Vec<Option<u32>>
where
    F::Words: Sync,
{
    let total: u64 = limits.iter().map(|&limit| u64::from(limit)).sum();
    let size = ((total as f64).sqrt() as usize).clamp(TABLE_MIN, TABLE_MAX).next_multiple_of(LANES_MAX);
    let steps = Steps::new(unit, size);
    let width = F::Words::LANES;
    let tasks = points.par_chunks(TASK).zip(limits.par_chunks(TASK * width));
    tasks.flat_map_iter(|(points, limits)| steps.find(points, limits)).collect()
}

impl<F: Field> Steps<F> {
    fn new(unit: &Point<F>, size: usize) -> Self {
        let width = F::Words::LANES;
        let mut first = vec![NO_CELL; width];
        let (step, mut multiple) = (cached(unit), identity::<F>());
        for lane in 0..width {
            store_cells(&multiple, &mut first, &[lane as u32; LANES_MAX]);
            multiple = add_cached(&multiple, &step);
        }
        let step = cached(&multiple);
        let mut vector = load_cells(&first, &places(0, width, width).map(|lane| lane as u32));
        let mut baby = HashMap::with_capacity(size);
        for start in (0..size).step_by(width * AT_ONCE) {
            let mut vectors = Vec::with_capacity(AT_ONCE);
            while vectors.len() < AT_ONCE.min((size - start) / width) {
                vectors.push(vector);
                vector = add_cached(&vector, &step);
            }
            for (k, key) in keys(&vectors).enumerate() {
                baby.insert(key, (start + k) as u32);
            }
        }
        // Its first lane is `size` times the unit.
        store_cells(&vector, &mut first, &places(0, width, width).map(|lane| lane as u32));
        let giant = load_cells::<F>(&first, &[0; LANES_MAX]);
        Self { baby, giant: cached(&Point { x: giant.x.negate(), t: giant.t.negate(), ..giant }) }
    }

    fn find(&self, points: &[Point<F>], limits: &[u32]) -> Vec<Option<u32>> {
        let width = F::Words::LANES;
        let mut found = vec![None; limits.len()];
        let (mut waiting, mut meant) = (Vec::with_capacity(AT_ONCE), Vec::with_capacity(AT_ONCE));
        for ((vector, point), limits) in points.iter().enumerate().zip(limits.chunks(width)) {
            let mut point = *point;
            let most = limits.iter().copied().max().unwrap_or(0);
            for taken in (0..=most).step_by(self.baby.len()) {
                waiting.push(point);
                meant.push((vector * width, taken));
                point = add_cached(&point, &self.giant);
                if waiting.len() == AT_ONCE {
                    self.look_up(&mut waiting, &mut meant, &mut found);
                }
            }
        }
        self.look_up(&mut waiting, &mut meant, &mut found);
        for (number, limit) in found.iter_mut().zip(limits) {
            *number = number.filter(|number| number <= limit);
        }
        found
    }

    fn look_up(&self, waiting: &mut Vec<Point<F>>, meant: &mut Vec<(usize, u32)>, found: &mut [Option<u32>]) {
        let width = F::Words::LANES;
        for (k, key) in keys(waiting).enumerate() {
            let (first, taken) = meant[k / width];
            let place = first + k % width;
            if let (Some(rest), true) = (self.baby.get(&key), place < found.len()) {
                found[place] = taken.checked_add(*rest);
            }
        }
        waiting.clear();
        meant.clear();
    }
}

/// The first eight bytes of x, lane by lane: in the prime-order group x tells the point.
fn keys<F: Field>(points: &[Point<F>]) -> impl Iterator<Item = u64> {
    normalised(points).into_iter().flat_map(|(x, _)| {
        let lanes = x.to_bytes().into_iter().take(F::Words::LANES);
        lanes.map(|bytes| u64::from_le_bytes(std::array::from_fn(|i| bytes[i])))
    })
}
