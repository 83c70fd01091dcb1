//! Which columns share a table of partial sums, one cell for each combination of their bins ("Four Russians": Arlazarov,
//! Dinic, Kronrod, Faradzhev, 1970). A row is added to one cell of each table, cells are added to the bins of their columns.

use super::affine::Cell;

/// Columns that share a table, the last one's codes counting fastest.
pub struct Group {
    pub columns: Vec<usize>,
    pub cells: usize,
}

/// What a table with several columns may have.
const CELLS_MAX: usize = 1 << 13;
const COLUMNS_MAX: usize = 8;
/// Tables of all lanes that stay in a core's own cache, and what an addition to larger ones takes more.
const CACHE_BYTES: usize = 3 << 19;
const BEYOND_CACHE: f64 = 1.3;
/// An addition of a cell to a bin, in additions of a row to a cell.
const CELL_ADDITION: f64 = 1.4;

/// A group for each lane, as many times as the columns need, of all ways to share tables the one with the fewest additions.
pub fn batches(bins: &[u32], rows: usize, lanes: usize) -> Vec<Vec<Group>> {
    let mut order: Vec<usize> = (0..bins.len()).collect();
    order.sort_by_key(|&column| std::cmp::Reverse(bins[column]));
    (1..=COLUMNS_MAX)
        .map(|together| bins.len().div_ceil(lanes * together))
        .filter_map(|count| shared(&order, bins, count * lanes))
        .map(|groups| in_lanes(groups, lanes))
        .min_by(|a, b| additions(a, rows).total_cmp(&additions(b, rows)))
        .unwrap_or_default()
}

/// Columns in so many groups, each to the one with the smallest table so far; none if a table gets too large.
fn shared(order: &[usize], bins: &[u32], count: usize) -> Option<Vec<Group>> {
    let mut groups: Vec<Group> = (0..count).map(|_| Group { columns: Vec::new(), cells: 1 }).collect();
    let mut smallest: std::collections::BTreeSet<(usize, usize)> = (0..count).map(|group| (1, group)).collect();
    for &column in order {
        let (cells, place) = smallest.pop_first()?;
        let group = &mut groups[place];
        group.cells = cells * bins[column] as usize;
        group.columns.push(column);
        if group.columns.len() > 1 && group.cells > CELLS_MAX {
            return None;
        }
        smallest.insert((group.cells, place));
    }
    Some(groups)
}

/// Of about the same size side by side.
fn in_lanes(mut groups: Vec<Group>, lanes: usize) -> Vec<Vec<Group>> {
    groups.retain(|group| !group.columns.is_empty());
    groups.sort_by_key(|group| (std::cmp::Reverse(group.cells), group.columns.clone()));
    let mut batches = Vec::new();
    while !groups.is_empty() {
        let rest = groups.split_off(groups.len().min(lanes));
        batches.push(std::mem::replace(&mut groups, rest));
    }
    batches
}

/// Of vectors of lanes.
fn additions(batches: &[Vec<Group>], rows: usize) -> f64 {
    let of_batch = |batch: &Vec<Group>| {
        let bytes: usize = batch.iter().map(|group| group.cells * size_of::<Cell>()).sum();
        let each = if bytes > CACHE_BYTES { BEYOND_CACHE } else { 1.0 };
        let to_bins =
            batch.iter().map(|group| if group.columns.len() > 1 { group.cells * group.columns.len() } else { 0 });
        each * rows as f64 + CELL_ADDITION * to_bins.max().unwrap_or(0) as f64
    };
    batches.iter().map(of_batch).sum()
}
