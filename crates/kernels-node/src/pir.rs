//! Retrieval: a database's products.

use crate::matching::WordsJob;
use napi::bindgen_prelude::{AsyncTask, Uint8Array, Uint32Array};
use napi_derive::napi;
use tombolo_kernels::pir;

#[napi]
pub fn pir_answer(database: Uint8Array, query: Uint32Array) -> AsyncTask<WordsJob> {
    AsyncTask::new(WordsJob(Box::new(move || pir::answer(&database, &query))))
}

#[napi]
pub fn pir_hint(database: Uint8Array, columns: u32, seed: Uint8Array, dimension: u32) -> AsyncTask<WordsJob> {
    AsyncTask::new(WordsJob(Box::new(move || pir::hint(&database, columns as usize, &seed, dimension as usize))))
}

#[napi]
pub fn pir_mask(seed: Uint8Array, columns: u32, secret: Uint32Array) -> AsyncTask<WordsJob> {
    AsyncTask::new(WordsJob(Box::new(move || pir::mask(&seed, columns as usize, &secret))))
}
