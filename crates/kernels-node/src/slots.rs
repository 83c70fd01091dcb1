//! Products of many integers in the slots of plaintexts.

use crate::rlwe::{LongWordsJob, Words, words_job};
use crate::to_js;
use napi::Result;
use napi::bindgen_prelude::{AsyncTask, BigUint64Array, Uint8Array};
use napi_derive::napi;
use std::sync::Arc;
use tombolo_kernels::rlwe;

#[napi(object)]
pub struct SlotAnswer {
    pub terms: u32,
    pub flood_bits: u32,
    pub keep: u32,
}

#[napi]
pub struct Slots(Arc<rlwe::Slots>);

#[napi]
impl Slots {
    #[napi(constructor)]
    pub fn new(size: u32, primes: BigUint64Array, plain: BigUint64Array) -> Result<Self> {
        rlwe::Slots::new(size as usize, &primes, &plain).map(|slots| Self(Arc::new(slots))).map_err(to_js)
    }

    fn words(&self, compute: impl Fn(&rlwe::Slots) -> tombolo_kernels::Result<Vec<u64>> + Send + 'static) -> Words {
        let slots = self.0.clone();
        words_job(move || compute(&slots))
    }

    #[napi]
    pub fn seal(
        &self,
        numbers: BigUint64Array,
        secret: BigUint64Array,
        seed: Uint8Array,
        error_seed: Uint8Array,
    ) -> AsyncTask<LongWordsJob> {
        self.words(move |slots| slots.seal(&numbers, &secret, &seed, &error_seed))
    }

    #[napi]
    pub fn answer(
        &self,
        pairs: BigUint64Array,
        factors: BigUint64Array,
        public_key: BigUint64Array,
        seeds: Uint8Array,
        how: SlotAnswer,
    ) -> AsyncTask<LongWordsJob> {
        let (terms, keep) = (how.terms as usize, how.keep as usize);
        let how = rlwe::Answer { terms, flood_bits: how.flood_bits as usize, keep };
        self.words(move |slots| slots.answer(&pairs, &factors, &public_key, &seeds, how))
    }

    #[napi]
    pub fn masks(&self, seed: Uint8Array, count: u32) -> AsyncTask<LongWordsJob> {
        self.words(move |slots| slots.masks(&seed, count as usize))
    }

    #[napi]
    pub fn open(&self, b: BigUint64Array, a: BigUint64Array, secret: BigUint64Array) -> AsyncTask<LongWordsJob> {
        self.words(move |slots| slots.open(&b, &a, &secret))
    }
}
