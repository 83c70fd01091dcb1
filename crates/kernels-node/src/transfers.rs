//! Binding of the kernels for oblivious transfers in bulk and their tables.

use crate::{Job, job};
use napi::bindgen_prelude::{AsyncTask, BigUint64Array, Uint8Array, Uint16Array, Uint32Array};
use napi_derive::napi;
use tombolo_kernels::sharing::{self, Cut};
use tombolo_kernels::vole::forms::{self, Form};
use tombolo_kernels::vole::{sixteen, transfers};

#[napi(object)]
pub struct Extension {
    pub leaves: Uint8Array,
    pub bits: u32,
    pub first: f64,
    pub count: u32,
    pub salt: Uint8Array,
    pub kind: u32,
    pub planes: u32,
}

impl Extension {
    fn with<R>(
        &self,
        run: impl FnOnce(&transfers::Extension) -> tombolo_kernels::Result<R>,
    ) -> tombolo_kernels::Result<R> {
        run(&transfers::Extension {
            leaves: &self.leaves,
            bits: self.bits as usize,
            first: self.first as u64,
            count: self.count as usize,
            salt: &self.salt,
            form: Form::new(self.kind, self.planes)?,
        })
    }
}

#[napi]
pub fn transfers_received(extension: Extension) -> AsyncTask<Job> {
    job(move || extension.with(transfers::transfers_received))
}

#[napi]
pub fn transfers_sent(extension: Extension, positions: Uint32Array, corrections: Uint8Array) -> AsyncTask<Job> {
    job(move || extension.with(|extension| transfers::transfers_sent(extension, &positions, &corrections)))
}

#[napi(object)]
pub struct Sixteen {
    pub leaves: Uint8Array,
    pub first: f64,
    pub count: u32,
    pub salt: Uint8Array,
    pub planes: u32,
}

impl Sixteen {
    fn with<R>(&self, run: impl FnOnce(&sixteen::Sixteen) -> R) -> R {
        run(&sixteen::Sixteen {
            leaves: &self.leaves,
            first: self.first as u64,
            count: self.count as usize,
            salt: &self.salt,
            planes: self.planes as usize,
        })
    }
}

#[napi]
pub fn sixteen_received(of: Sixteen) -> AsyncTask<Job> {
    job(move || of.with(sixteen::sixteen_received))
}

#[napi]
pub fn sixteen_sent(of: Sixteen, positions: Uint32Array, corrections: Uint8Array) -> AsyncTask<Job> {
    job(move || of.with(|of| sixteen::sixteen_sent(of, &positions, &corrections)))
}

#[napi]
pub fn keys_received(
    blocks: Uint8Array,
    choices: Uint8Array,
    salt: Uint8Array,
    kind: u32,
    planes: u32,
) -> AsyncTask<Job> {
    job(move || forms::keys_received(&blocks, &choices, &salt, Form::new(kind, planes)?))
}

#[napi]
pub fn keys_sent(blocks: Uint8Array, delta: Uint8Array, salt: Uint8Array, kind: u32, planes: u32) -> AsyncTask<Job> {
    job(move || forms::keys_sent(&blocks, &delta, &salt, Form::new(kind, planes)?))
}

#[napi(object)]
pub struct DigitCut {
    pub low: u32,
    pub width: u32,
}

impl From<DigitCut> for Cut {
    fn from(cut: DigitCut) -> Self {
        Self { low: cut.low as usize, width: cut.width as usize }
    }
}

#[napi]
pub fn digit_choices(values: BigUint64Array, cut: DigitCut, choices: Uint8Array) -> AsyncTask<Job> {
    let cut = Cut::from(cut);
    job(move || sharing::digit_choices(&values, cut, &choices))
}

#[napi]
pub fn digit_tables(
    values: BigUint64Array,
    cut: DigitCut,
    sums: bool,
    pads: Uint16Array,
    masked: Uint8Array,
    shares: Uint8Array,
) -> AsyncTask<Job> {
    let cut = Cut::from(cut);
    job(move || sharing::digit_tables(&values, cut, sums, &pads, &masked, &shares))
}

#[napi]
pub fn digit_entries(values: BigUint64Array, cut: DigitCut, pads: Uint8Array, tables: Uint8Array) -> AsyncTask<Job> {
    let cut = Cut::from(cut);
    job(move || sharing::digit_entries(&values, cut, &pads, &tables))
}

#[napi]
pub fn piece_choices(values: BigUint64Array, step: u32, choices: Uint8Array) -> AsyncTask<Job> {
    job(move || sharing::piece_choices(&values, step, &choices))
}

#[napi(object)]
pub struct Pieces {
    pub slopes: Uint32Array,
    pub intercepts: Uint32Array,
    pub step: u32,
}

/// `keys`: those of 0, then those of 1.
#[napi]
pub fn piece_tables(
    values: BigUint64Array,
    pieces: Pieces,
    keys: Uint8Array,
    masked: Uint8Array,
    shares: Uint8Array,
    salt: Uint8Array,
) -> AsyncTask<Job> {
    job(move || {
        let Pieces { slopes, intercepts, step } = &pieces;
        let pieces = sharing::Pieces { slopes, intercepts, step: *step };
        sharing::piece_tables(&values, &pieces, keys.split_at(keys.len() / 2), &masked, &shares, &salt)
    })
}

#[napi]
pub fn piece_entries(
    values: BigUint64Array,
    step: u32,
    keys: Uint8Array,
    tables: Uint8Array,
    salt: Uint8Array,
) -> AsyncTask<Job> {
    job(move || sharing::piece_entries(&values, step, &keys, &tables, &salt))
}
