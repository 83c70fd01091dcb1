//! One cluster's equations: peeled column by column; what does not peel goes to the dense part.

use super::{BATCH, Layout, bytes_of, bytes_of_mut, core, positions};
use crate::blocks::{BLOCK, Level, aes::Cipher, gf128};
use crate::error::Result;

/// Arena of one thread, reused from cluster to cluster.
#[derive(Default)]
pub struct Scratch {
    table: Vec<u128>,
    rows: Vec<[u32; 3]>,
    values: Vec<u128>,
    columns: Vec<Column>,
    /// Columns that had one row left when they were seen.
    single: Vec<u32>,
    /// Rows and the columns that determine them, in the order of peeling.
    peeled: Vec<(u32, u32)>,
}

/// How many rows a column has left (upper 8 bits), and the XOR of their numbers: of a single one, the number.
#[derive(Clone, Copy, Default)]
struct Column(u32);

const ONE_ROW: u32 = 1 << 24;

impl Column {
    fn add(&mut self, row: u32) {
        self.0 = (self.0 + ONE_ROW) ^ row;
    }

    fn remove(&mut self, row: u32) {
        self.0 = (self.0 - ONE_ROW) ^ row;
    }

    fn is_single(self) -> bool {
        self.0 >> 24 == 1
    }

    fn row(self) -> u32 {
        self.0 & (ONE_ROW - 1)
    }
}

impl Scratch {
    /// Fills the table with pseudo-random slots, from block `first` of the stream on.
    pub fn randomise(&mut self, cipher: &Cipher, first: u64, slots: usize) {
        self.table.resize(slots, 0);
        cipher.counter(first, bytes_of_mut(&mut self.table));
    }

    /// Changes slots of the random table so that each row has its value; all others stay as they are.
    pub fn solve(&mut self, layout: &Layout, hashes: &[u128], value: impl Fn(usize) -> u128) -> Result<()> {
        self.build(layout.sparse, hashes);
        self.peel();
        self.values.clear();
        self.values.extend((0..hashes.len()).map(value));
        if self.peeled.len() < hashes.len() {
            let rows = self.unpeeled();
            core::solve(&rows, hashes, &self.rows, &self.values, layout, &mut self.table)?;
        }
        self.subtract_dense(layout.sparse, hashes);
        self.substitute();
        Ok(())
    }

    /// How many rows do not peel.
    pub fn core_rows(&mut self, sparse: usize, hashes: &[u128]) -> usize {
        self.build(sparse, hashes);
        self.peel();
        hashes.len() - self.peeled.len()
    }

    pub fn add_to(&self, table: &mut [u8]) {
        for (to, from) in table.as_chunks_mut::<BLOCK>().0.iter_mut().zip(&self.table) {
            *to = (u128::from_le_bytes(*to) ^ from).to_le_bytes();
        }
    }

    fn build(&mut self, sparse: usize, hashes: &[u128]) {
        self.columns.clear();
        self.columns.resize(sparse, Column::default());
        self.rows.clear();
        self.rows.extend(hashes.iter().map(|&hash| positions(hash, sparse as u32)));
        for (row, positions) in self.rows.iter().enumerate() {
            for &position in positions {
                self.columns[position as usize].add(row as u32);
            }
        }
    }

    /// Takes rows that are alone in a column, until there are none.
    fn peel(&mut self) {
        let Self { rows, columns, single, peeled, .. } = self;
        peeled.clear();
        single.clear();
        single.extend((0..columns.len() as u32).filter(|&column| columns[column as usize].is_single()));
        while let Some(column) = single.pop() {
            if !columns[column as usize].is_single() {
                continue;
            }
            let row = columns[column as usize].row();
            peeled.push((row, column));
            for &position in &rows[row as usize] {
                let column = &mut columns[position as usize];
                column.remove(row);
                if column.is_single() {
                    single.push(position);
                }
            }
        }
    }

    fn unpeeled(&self) -> Vec<usize> {
        let mut left = vec![true; self.rows.len()];
        for &(row, _) in &self.peeled {
            left[row as usize] = false;
        }
        (0..left.len()).filter(|&row| left[row]).collect()
    }

    /// What the sparse slots of each row have to add up to.
    fn subtract_dense(&mut self, sparse: usize, hashes: &[u128]) {
        let (_, dense) = bytes_of(&self.table).as_chunks::<BLOCK>().0.split_at(sparse);
        for (values, hashes) in self.values.chunks_mut(BATCH).zip(hashes.chunks(BATCH)) {
            gf128::polynomials_at(Level::best(), bytes_of_mut(values), bytes_of(hashes), dense);
        }
    }

    /// Backwards, each row sets its column: the row's other slots are final by then.
    fn substitute(&mut self) {
        let Self { table, rows, values, peeled, .. } = self;
        for &(row, column) in peeled.iter().rev() {
            let [a, b, c] = rows[row as usize];
            let sum = table[a as usize] ^ table[b as usize] ^ table[c as usize];
            table[column as usize] ^= values[row as usize] ^ sum;
        }
    }
}
