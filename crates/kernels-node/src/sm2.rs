use super::{Job, job, to_js};
use napi::Result;
use napi::bindgen_prelude::{AsyncTask, Uint8Array, Uint32Array};
use napi_derive::napi;
use tombolo_kernels::{sm2, sm3};

#[napi]
pub fn sm2_hash_to_group(messages: Uint8Array, offsets: Uint32Array, dst: Uint8Array) -> AsyncTask<Job> {
    job(move || sm2::hash_to_group(&messages, &offsets, &dst))
}

#[napi]
pub fn sm2_hash_and_multiply(
    messages: Uint8Array,
    offsets: Uint32Array,
    dst: Uint8Array,
    scalar: Uint8Array,
) -> AsyncTask<Job> {
    job(move || sm2::hash_and_multiply(&messages, &offsets, &dst, &scalar))
}

#[napi]
pub fn sm2_multiply(points: Uint8Array, scalar: Uint8Array) -> AsyncTask<Job> {
    job(move || sm2::multiply(&points, &scalar))
}

#[napi]
pub fn sm2_invert_scalars(scalars: Uint8Array) -> Result<Uint8Array> {
    sm2::invert_scalars(&scalars).map(Uint8Array::from).map_err(to_js)
}

/// Resolves to an empty array.
#[napi]
pub fn sm2_validate(points: Uint8Array) -> AsyncTask<Job> {
    job(move || sm2::validate(&points).map(|()| Vec::new()))
}

#[napi]
pub fn sm3_truncated(prefix: Uint8Array, elements: Uint8Array, element_width: u32, width: u32) -> AsyncTask<Job> {
    job(move || sm3::sm3_truncated(&prefix, &elements, element_width as usize, width as usize))
}
