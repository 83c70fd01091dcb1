//! Binding of the kernels for oblivious transfer and VOLE.

use crate::{Job, job};
use napi::bindgen_prelude::{AsyncTask, Uint8Array, Uint32Array};
use napi_derive::napi;
use tombolo_kernels::vole::code::{self, Punctured};
use tombolo_kernels::vole::histogram::{self, Histogram};
use tombolo_kernels::vole::{correlated, ggm, silent};

#[napi]
pub fn ggm_expand(seeds: Uint8Array, depth: u32, salt: Uint8Array, keep: bool) -> AsyncTask<Job> {
    job(move || ggm::ggm_expand(&seeds, depth as usize, &salt, keep))
}

#[napi]
pub fn ggm_puncture(others: Uint8Array, positions: Uint32Array, depth: u32, salt: Uint8Array) -> AsyncTask<Job> {
    job(move || ggm::ggm_puncture(&others, &positions, depth as usize, &salt))
}

#[napi]
pub fn small_vole(leaves: Uint8Array, bits: u32, first: f64, row_bytes: u32) -> AsyncTask<Job> {
    job(move || correlated::small_vole(&leaves, bits as usize, first as u64, row_bytes as usize))
}

#[napi]
pub fn small_vole_punctured(
    leaves: Uint8Array,
    bits: u32,
    positions: Uint32Array,
    corrections: Uint8Array,
    first: f64,
) -> AsyncTask<Job> {
    job(move || correlated::small_vole_punctured(&leaves, bits as usize, &positions, &corrections, first as u64))
}

#[napi]
pub fn transpose_bits(rows: Uint8Array) -> AsyncTask<Job> {
    job(move || correlated::transpose_bits(&rows))
}

#[napi]
pub fn hash_rows(rows: Uint8Array, row_bytes: u32, seed: Uint8Array) -> AsyncTask<Job> {
    job(move || correlated::hash_rows(&rows, row_bytes as usize, &seed))
}

#[napi]
pub fn correlation_hash(blocks: Uint8Array, offset: Uint8Array, salt: Uint8Array, first: f64) -> AsyncTask<Job> {
    job(move || correlated::correlation_hash(&blocks, &offset, &salt, first as u64))
}

#[napi]
pub fn gf128_compose(blocks: Uint8Array) -> AsyncTask<Job> {
    job(move || correlated::gf128_compose(&blocks))
}

#[napi]
pub fn vole_expand(
    seeds: Uint8Array,
    depth: u32,
    salt: Uint8Array,
    count: u32,
    check_seed: Uint8Array,
) -> AsyncTask<Job> {
    job(move || code::vole_expand(&seeds, depth as usize, &salt, count as usize, &check_seed))
}

#[napi(object)]
pub struct PuncturedTrees {
    pub others: Uint8Array,
    pub positions: Uint32Array,
    pub values: Uint8Array,
    pub corrections: Uint8Array,
}

#[napi]
pub fn vole_expand_punctured(
    trees: PuncturedTrees,
    depth: u32,
    salt: Uint8Array,
    count: u32,
    check_seed: Uint8Array,
) -> AsyncTask<Job> {
    job(move || {
        let PuncturedTrees { others, positions, values, corrections } = &trees;
        let trees = Punctured { others, positions, values, corrections };
        code::vole_expand_punctured(&trees, depth as usize, &salt, count as usize, &check_seed)
    })
}

#[napi]
pub fn vole_noise_check(
    positions: Uint32Array,
    values: Uint8Array,
    depth: u32,
    check_seed: Uint8Array,
) -> AsyncTask<Job> {
    job(move || code::vole_noise_check(&positions, &values, depth as usize, &check_seed))
}

#[napi]
pub fn silent_expand(
    seeds: Uint8Array,
    depth: u32,
    salt: Uint8Array,
    count: u32,
    check_seed: Uint8Array,
) -> AsyncTask<Job> {
    job(move || silent::silent_expand(&seeds, depth as usize, &salt, count as usize, &check_seed))
}

#[napi(object)]
pub struct SilentTrees {
    pub others: Uint8Array,
    pub positions: Uint32Array,
    pub corrections: Uint8Array,
}

#[napi]
pub fn silent_expand_punctured(
    trees: SilentTrees,
    depth: u32,
    salt: Uint8Array,
    count: u32,
    check_seed: Uint8Array,
) -> AsyncTask<Job> {
    job(move || {
        let SilentTrees { others, positions, corrections } = &trees;
        silent::silent_expand_punctured(
            others,
            positions,
            corrections,
            depth as usize,
            &salt,
            count as usize,
            &check_seed,
        )
    })
}

#[napi(object)]
pub struct HistogramRun {
    pub salt: Uint8Array,
    pub stream: Uint8Array,
    pub depth: u32,
    pub cells: u32,
    pub pairs: u32,
    pub shifts: Uint8Array,
}

impl HistogramRun {
    fn borrowed(&self) -> Histogram<'_> {
        let Self { salt, stream, depth, cells, pairs, shifts } = self;
        Histogram { salt, stream, depth: *depth as usize, cells: *cells as usize, pairs: *pairs as usize, shifts }
    }
}

#[napi]
pub fn histogram_shares(run: HistogramRun, seeds: Uint8Array, values: Uint8Array) -> AsyncTask<Job> {
    job(move || histogram::histogram_shares(&run.borrowed(), &seeds, &values))
}

#[napi]
pub fn histogram_shares_punctured(
    run: HistogramRun,
    others: Uint8Array,
    positions: Uint32Array,
    corrections: Uint8Array,
) -> AsyncTask<Job> {
    job(move || histogram::histogram_shares_punctured(&run.borrowed(), &others, &positions, &corrections))
}
