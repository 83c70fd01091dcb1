//! Blocks and digests.

use crate::{InPlace, Job, in_place, job};
use napi::bindgen_prelude::{AsyncTask, Uint8Array, Uint32Array};
use napi_derive::napi;
use tombolo_kernels::blocks::{aes, gf128};
use tombolo_kernels::hashing;

#[napi]
pub fn gf128_multiply(a: Uint8Array, b: Uint8Array) -> AsyncTask<Job> {
    job(move || gf128::gf128_multiply(&a, &b))
}

#[napi]
pub fn gf128_multiply_add(sums: Uint8Array, factors: Uint8Array, scalar: Uint8Array) -> AsyncTask<InPlace> {
    in_place(sums, move |sums| gf128::gf128_multiply_add(sums, &factors, &scalar))
}

#[napi]
pub fn gf128_inner_product(a: Uint8Array, b: Uint8Array) -> AsyncTask<Job> {
    job(move || gf128::gf128_inner_product(&a, &b))
}

#[napi]
pub fn block_tags(key: Uint8Array, blocks: Uint8Array, width: u32) -> AsyncTask<Job> {
    job(move || aes::block_tags(&key, &blocks, width as usize))
}

#[napi]
pub fn block_stream(seed: Uint8Array, length: f64) -> AsyncTask<Job> {
    job(move || aes::block_stream(&seed, length as usize))
}

#[napi]
pub fn id_digests(prefix: Uint8Array, messages: Uint8Array, offsets: Uint32Array) -> AsyncTask<Job> {
    job(move || hashing::id_digests(&prefix, &messages, &offsets))
}

#[napi]
pub fn pair_tags(prefix: Uint8Array, left: Uint8Array, right: Uint8Array, width: u32) -> AsyncTask<Job> {
    job(move || hashing::pair_tags(&prefix, &left, &right, width as usize))
}
