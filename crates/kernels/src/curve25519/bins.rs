//! Sums of points over the bins of columns: every lane has a table of its own, of the columns of one group, and each
//! row's point, the same in all lanes, is added to one cell of each.

use super::affine::{Cell, Coordinates, Entry, NO_CELL, NO_ENTRY, Niels, POINT_BYTES, entries_of, load_cells, places};
use super::affine::{point_of, store_cells, write};
use super::field::Field;
use super::grouping::{Group, batches};
use super::lanes::{LANES_MAX, Mask, Words, lanes_fn};
use super::point::{Point, add_cached, cached, identity};
use crate::error::{KernelError, Result, first_error};
use rayon::prelude::*;
use std::marker::PhantomData;

/// Points of a ciphertext.
const PARTS: usize = 2;
const ROW_BYTES: usize = PARTS * POINT_BYTES;
/// Rows of a task that reads points, and cells of one that writes them.
const CHUNK: usize = 1024;
/// Rows whose cells are looked up ahead of adding to them.
const ROWS_AHEAD: usize = 256;
/// Rows ahead of which cells are fetched.
const AHEAD: usize = 2;

/// Codes column after column, each below its column's bins.
pub struct Columns<'a> {
    pub codes: &'a [u16],
    pub bins: &'a [u32],
    pub rows: usize,
}

/// Adds each row's ciphertext to the sums of its bins, column after column.
pub fn add_to_bins<F: Field>(sums: &mut [u8], ciphertexts: &[u8], columns: &Columns) -> Result<()> {
    let rows = read_rows::<F>(ciphertexts, columns.rows)?;
    let mut totals = read_cells::<F>(sums);
    let planned = batches(columns.bins, columns.rows, F::Words::LANES);
    let firsts = first_bins(columns.bins);
    let tasks: Vec<_> = planned.iter().flat_map(|batch| (0..PARTS).map(move |part| (batch, part))).collect();
    let added: Vec<Vec<Cell>> = tasks
        .par_iter()
        .map(|(batch, part)| {
            let before = bins_of(batch, columns.bins, &firsts).map(|bin| totals[PARTS * bin + part]);
            Tables::<F>::new(batch, columns, before).add(&rows[*part])
        })
        .collect();
    for ((batch, part), cells) in tasks.iter().zip(added) {
        for (bin, cell) in bins_of(batch, columns.bins, &firsts).zip(cells) {
            totals[PARTS * bin + part] = cell;
        }
    }
    write_cells::<F>(&totals, sums);
    Ok(())
}

/// Where each column's bins begin among all.
fn first_bins(bins: &[u32]) -> Vec<usize> {
    bins.iter()
        .scan(0, |next, &count| {
            let first = *next;
            *next += count as usize;
            Some(first)
        })
        .collect()
}

/// All bins of the batch's columns, group by group.
fn bins_of<'a>(batch: &'a [Group], bins: &'a [u32], firsts: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    let columns = batch.iter().flat_map(|group| &group.columns);
    columns.flat_map(|&column| firsts[column]..firsts[column] + bins[column] as usize)
}

/// Of each part an entry a row; the first row that is not two points is refused.
fn read_rows<F: Field>(ciphertexts: &[u8], rows: usize) -> Result<[Vec<Entry>; PARTS]> {
    let [mut a, mut b] = [vec![NO_ENTRY; rows], vec![NO_ENTRY; rows]];
    let chunks = a.par_chunks_mut(CHUNK).zip(b.par_chunks_mut(CHUNK)).enumerate();
    let read = chunks.map(|(chunk, (a, b))| {
        let part = &ciphertexts[ROW_BYTES * CHUNK * chunk..][..ROW_BYTES * a.len()];
        read_chunk::<F>(part, [a, b]).map_err(|row| KernelError::Point(CHUNK * chunk + row))
    });
    first_error(read.collect())?;
    Ok([a, b])
}

/// The position of the first row that is refused as error.
fn read_chunk<F: Field>(ciphertexts: &[u8], mut entries: [&mut [Entry]; PARTS]) -> std::result::Result<(), usize> {
    let (width, count) = (F::Words::LANES, entries[0].len());
    for first in (0..count).step_by(width) {
        let rows = places(first, width, count);
        let mut valid = Mask::MAX;
        for (part, entries) in entries.iter_mut().enumerate() {
            let read = Coordinates::<F>::read(ciphertexts, &rows.map(|row| PARTS * row + part));
            valid &= read.valid;
            for (entry, made) in entries[first..].iter_mut().zip(entries_of(&read.x, &read.y)).take(width) {
                *entry = made;
            }
        }
        if let Some(lane) = (0..width).find(|lane| (valid >> lane) & 1 == 0) {
            return Err(rows[lane]);
        }
    }
    Ok(())
}

/// Of sums that were written here.
fn read_cells<F: Field>(sums: &[u8]) -> Vec<Cell> {
    let width = F::Words::LANES;
    let mut cells = vec![NO_CELL; sums.len() / POINT_BYTES];
    let count = cells.len();
    cells.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, cells)| {
        for first in (0..cells.len()).step_by(width) {
            let read = Coordinates::<F>::read(sums, &places(CHUNK * chunk + first, width, count));
            let at = places(first, width, cells.len()).map(|place| place as u32);
            store_cells(&point_of(&read.x, &read.y), cells, &at);
        }
    });
    cells
}

fn write_cells<F: Field>(cells: &[Cell], sums: &mut [u8]) {
    let width = F::Words::LANES;
    sums.par_chunks_mut(POINT_BYTES * CHUNK).zip(cells.par_chunks(CHUNK)).for_each(|(bytes, cells)| {
        let at = |first| places(first, width, cells.len()).map(|place| place as u32);
        let points: Vec<Point<F>> =
            (0..cells.len()).step_by(width).map(|first| load_cells(cells, &at(first))).collect();
        write(&points, bytes);
    });
}

/// The tables of one batch of groups, for one part of the ciphertexts.
struct Tables<'a, F> {
    columns: &'a Columns<'a>,
    lanes: Vec<Lane<'a>>,
    /// Tables one after another, then a cell for lanes without one.
    cells: Vec<Cell>,
    /// Sums so far of the bins of all columns, and once more one.
    totals: Vec<Cell>,
    field: PhantomData<F>,
}

struct Lane<'a> {
    group: &'a Group,
    /// Of the table.
    first: usize,
    /// Of each column's bins among the totals.
    totals: Vec<usize>,
}

impl<'a, F: Field> Tables<'a, F> {
    fn new(batch: &'a [Group], columns: &'a Columns, before: impl Iterator<Item = Cell>) -> Self {
        let nothing = nothing::<F>();
        let mut lanes = Vec::with_capacity(batch.len());
        let (mut cells, mut totals) = (0, 0);
        for group in batch {
            let bins = group.columns.iter().map(|&column| {
                totals += columns.bins[column] as usize;
                totals - columns.bins[column] as usize
            });
            lanes.push(Lane { group, first: cells, totals: bins.collect() });
            cells += group.cells;
        }
        Self {
            columns,
            lanes,
            cells: vec![nothing; cells + 1],
            totals: before.chain([nothing]).collect(),
            field: PhantomData,
        }
    }

    /// The sums of the bins with the rows' entries added.
    fn add(mut self, entries: &[Entry]) -> Vec<Cell> {
        // With a column a table, cells are bins.
        let alone = self.lanes.iter().all(|lane| lane.group.columns.len() == 1);
        let table = if alone { &mut self.totals } else { &mut self.cells };
        let spare = table.len() - 1;
        let mut at = [[spare as u32; LANES_MAX]; ROWS_AHEAD];
        for (chunk, entries) in entries.chunks(ROWS_AHEAD).enumerate() {
            for (number, lane) in self.lanes.iter().enumerate() {
                lane.place(self.columns, chunk * ROWS_AHEAD, &mut at[..entries.len()], number);
            }
            add_entries::<F>(table, entries, &at[..entries.len()]);
        }
        if !alone {
            self.add_cells();
        }
        self.totals.pop();
        self.totals
    }

    /// Every cell to a bin of each column of its group.
    fn add_cells(&mut self) {
        let most = |of: fn(&Group) -> usize| self.lanes.iter().map(|lane| of(lane.group)).max().unwrap_or(0);
        let (cells, together) = (most(|group| group.cells), most(|group| group.columns.len()));
        let spare = (self.totals.len() - 1) as u32;
        let mut to = vec![[spare; LANES_MAX]; together];
        for cell in 0..cells {
            let mut from = [(self.cells.len() - 1) as u32; LANES_MAX];
            to.fill([spare; LANES_MAX]);
            for (number, lane) in self.lanes.iter().enumerate().filter(|(_, lane)| cell < lane.group.cells) {
                from[number] = (lane.first + cell) as u32;
                let mut rest = cell;
                for (k, &column) in lane.group.columns.iter().enumerate().rev() {
                    let bins = self.columns.bins[column] as usize;
                    to[k][number] = (lane.totals[k] + rest % bins) as u32;
                    rest /= bins;
                }
            }
            add_cell::<F>(&mut self.totals, &self.cells, &from, &to);
        }
    }
}

impl Lane<'_> {
    /// The cell of each row from `first` on.
    fn place(&self, columns: &Columns, first: usize, at: &mut [[u32; LANES_MAX]], number: usize) {
        at.iter_mut().for_each(|places| places[number] = 0);
        for &column in &self.group.columns {
            let codes = &columns.codes[column * columns.rows + first..][..at.len()];
            for (places, &code) in at.iter_mut().zip(codes) {
                places[number] = places[number] * columns.bins[column] + u32::from(code);
            }
        }
        at.iter_mut().for_each(|places| places[number] += self.first as u32);
    }
}

fn nothing<F: Field>() -> Cell {
    let mut cells = [NO_CELL];
    store_cells(&identity::<F>(), &mut cells, &[0; LANES_MAX]);
    cells[0]
}

lanes_fn! {
    fn add_entries<F>(cells: &mut [Cell], entries: &[Entry], places: &[[u32; LANES_MAX]]) -> () {
        for (row, (entry, at)) in entries.iter().zip(places).enumerate() {
            if let Some(later) = places.get(row + AHEAD) {
                for line in later.iter().take(F::Words::LANES).flat_map(|&place| &cells[place as usize]) {
                    F::Words::prefetch(line);
                }
            }
            Point::<F>::gather(cells, at).added_niels(&Niels::splat(entry)).point().scatter(cells, at);
        }
    }
}

lanes_fn! {
    fn add_cell<F>(totals: &mut [Cell], cells: &[Cell], from: &[u32; LANES_MAX], to: &[[u32; LANES_MAX]]) -> () {
        let cell = cached(&Point::<F>::gather(cells, from));
        for to in to {
            add_cached(&Point::gather(totals, to), &cell).scatter(totals, to);
        }
    }
}
