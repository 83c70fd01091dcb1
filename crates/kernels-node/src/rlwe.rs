//! Rings of encryption by learning with errors.

use crate::{Job, job, to_js};
use napi::bindgen_prelude::{AsyncTask, BigUint64Array, Uint8Array};
use napi::{Env, Result, Task};
use napi_derive::napi;
use std::sync::Arc;
use tombolo_kernels::rlwe;

/// A computation whose result is words of 64 bits.
pub struct LongWordsJob(Box<dyn Fn() -> tombolo_kernels::Result<Vec<u64>> + Send>);

impl Task for LongWordsJob {
    type Output = Vec<u64>;
    type JsValue = BigUint64Array;

    fn compute(&mut self) -> Result<Vec<u64>> {
        (self.0)().map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: Vec<u64>) -> Result<BigUint64Array> {
        Ok(output.into())
    }
}

#[napi(object)]
pub struct Release {
    pub bits: u32,
    pub flood_bits: u32,
    pub keep: u32,
    pub stride: u32,
    pub wanted: u32,
}

#[napi]
pub struct Ring(Arc<rlwe::Ring>);

pub type Words = AsyncTask<LongWordsJob>;

pub fn words_job(compute: impl Fn() -> tombolo_kernels::Result<Vec<u64>> + Send + 'static) -> Words {
    AsyncTask::new(LongWordsJob(Box::new(compute)))
}

#[napi]
impl Ring {
    #[napi(constructor)]
    pub fn new(size: u32, primes: BigUint64Array) -> Result<Self> {
        rlwe::Ring::new(size as usize, &primes).map(|ring| Self(Arc::new(ring))).map_err(to_js)
    }

    fn words(&self, compute: impl Fn(&rlwe::Ring) -> tombolo_kernels::Result<Vec<u64>> + Send + 'static) -> Words {
        let ring = self.0.clone();
        words_job(move || compute(&ring))
    }

    #[napi]
    pub fn forward(&self, polynomials: BigUint64Array) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.forward(&polynomials))
    }

    #[napi]
    pub fn inverse(&self, polynomials: BigUint64Array) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.inverse(&polynomials))
    }

    #[napi]
    pub fn add(&self, a: BigUint64Array, b: BigUint64Array) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.add(&a, &b))
    }

    #[napi]
    pub fn subtract(&self, a: BigUint64Array, b: BigUint64Array) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.subtract(&a, &b))
    }

    #[napi]
    pub fn scale(&self, polynomials: BigUint64Array, factors: BigUint64Array) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.scale(&polynomials, &factors))
    }

    #[napi]
    pub fn products(
        &self,
        plain: BigUint64Array,
        others: BigUint64Array,
        terms: u32,
        width: u32,
        turned: bool,
    ) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.products(&plain, &others, terms as usize, width as usize, turned))
    }

    #[napi]
    pub fn shift(&self, polynomials: BigUint64Array, by: u32) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.shift(&polynomials, by as usize))
    }

    #[napi]
    pub fn automorphism(&self, polynomials: BigUint64Array, exponent: u32) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.automorphism(&polynomials, exponent as usize))
    }

    #[napi]
    pub fn uniform(&self, seed: Uint8Array, count: u32) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.uniform(&seed, count as usize))
    }

    #[napi]
    pub fn ternary(&self, seed: Uint8Array, count: u32) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.ternary(&seed, count as usize))
    }

    #[napi]
    pub fn binomial(&self, seed: Uint8Array, count: u32) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.binomial(&seed, count as usize))
    }

    #[napi]
    pub fn flood(&self, seed: Uint8Array, count: u32, bits: u32) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.flood(&seed, count as usize, bits as usize))
    }

    #[napi]
    pub fn lift(&self, values: BigUint64Array) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.lift(&values))
    }

    #[napi]
    pub fn encode(&self, values: BigUint64Array, bits: u32) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.encode(&values, bits as usize))
    }

    #[napi]
    pub fn decode(&self, polynomials: BigUint64Array, bits: u32) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.decode(&polynomials, bits as usize))
    }

    #[napi]
    pub fn drop_last(&self, polynomials: BigUint64Array) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.drop_last(&polynomials))
    }

    #[napi]
    pub fn switch_key(&self, polynomials: BigUint64Array, key: BigUint64Array) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.switch_key(&polynomials, &key))
    }

    #[napi]
    pub fn merge(
        &self,
        ciphertexts: BigUint64Array,
        offset: u32,
        exponent: u32,
        key: BigUint64Array,
    ) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.merge(&ciphertexts, offset as usize, exponent as usize, &key))
    }

    #[napi]
    pub fn seal(
        &self,
        numbers: BigUint64Array,
        bits: u32,
        secret: BigUint64Array,
        seed: Uint8Array,
        error_seed: Uint8Array,
    ) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.seal(&numbers, bits as usize, &secret, &seed, &error_seed))
    }

    #[napi]
    pub fn unseal(
        &self,
        b: BigUint64Array,
        seed: Uint8Array,
        numbers: BigUint64Array,
        bits: u32,
    ) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.unseal(&b, &seed, &numbers, bits as usize))
    }

    #[napi]
    pub fn release(
        &self,
        pairs: BigUint64Array,
        public_key: BigUint64Array,
        masks: BigUint64Array,
        seeds: Uint8Array,
        how: Release,
    ) -> AsyncTask<LongWordsJob> {
        let how = rlwe::Release {
            bits: how.bits as usize,
            flood_bits: how.flood_bits as usize,
            keep: how.keep as usize,
            stride: how.stride as usize,
            wanted: how.wanted as usize,
        };
        self.words(move |ring| ring.release(&pairs, &public_key, &masks, &seeds, how))
    }

    #[napi]
    pub fn open(
        &self,
        b: BigUint64Array,
        a: BigUint64Array,
        secret: BigUint64Array,
        bits: u32,
        stride: u32,
        wanted: u32,
    ) -> AsyncTask<LongWordsJob> {
        let places = [stride as usize, wanted as usize];
        self.words(move |ring| ring.open(&b, &a, &secret, bits as usize, places))
    }

    #[napi]
    pub fn pack(&self, polynomials: BigUint64Array) -> AsyncTask<Job> {
        let ring = self.0.clone();
        job(move || ring.pack(&polynomials))
    }

    #[napi]
    pub fn unpack(&self, bytes: Uint8Array) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.unpack(&bytes))
    }
}
