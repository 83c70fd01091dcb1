use crate::matching::WordsJob;
use crate::{InPlace, Job, in_place, job};
use napi::bindgen_prelude::{AsyncTask, Uint8Array, Uint16Array, Uint32Array};
use napi_derive::napi;
use tombolo_kernels::elgamal;

#[napi]
pub fn elgamal_key(secret: Uint8Array) -> AsyncTask<Job> {
    job(move || elgamal::key(&secret))
}

#[napi]
pub fn elgamal_encrypt(values: Uint8Array, secret: Uint8Array, seed: Uint8Array) -> AsyncTask<Job> {
    job(move || elgamal::encrypt(&values, &secret, &seed))
}

#[napi]
pub fn elgamal_sum(
    sums: Uint8Array,
    ciphertexts: Uint8Array,
    codes: Uint16Array,
    bins: Uint32Array,
) -> AsyncTask<InPlace> {
    in_place(sums, move |sums| elgamal::sum(sums, &ciphertexts, &codes, &bins))
}

#[napi]
pub fn elgamal_release(ciphertexts: Uint8Array, key: Uint8Array, seed: Uint8Array) -> AsyncTask<Job> {
    job(move || elgamal::release(&ciphertexts, &key, &seed))
}

#[napi]
pub fn elgamal_open(ciphertexts: Uint8Array, secret: Uint8Array, limits: Uint32Array) -> AsyncTask<WordsJob> {
    AsyncTask::new(WordsJob(Box::new(move || elgamal::open(&ciphertexts, &secret, &limits))))
}
