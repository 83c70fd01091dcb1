//! Rings of encryption by learning with errors.

use crate::{Job, job, to_js};
use napi::bindgen_prelude::{
    AsyncTask, BigInt64Array, BigUint64Array, Float64Array, Int32Array, Uint8Array, Uint32Array,
};
use napi::{Env, Result, Task};
use napi_derive::napi;
use std::sync::Arc;
use tombolo_kernels::rlwe;

type Change = dyn Fn(&mut [u64]) -> tombolo_kernels::Result<()> + Send;

/// A computation that changes words of the caller, who leaves them alone until the promise settles.
pub struct ChangedWords {
    target: BigUint64Array,
    compute: Box<Change>,
}

impl Task for ChangedWords {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        // SAFETY: nobody else touches it meanwhile.
        (self.compute)(unsafe { self.target.as_mut() }).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, (): ()) -> Result<()> {
        Ok(())
    }
}

/// A computation whose result is doubles.
pub struct DoublesJob(Box<dyn Fn() -> tombolo_kernels::Result<Vec<f64>> + Send>);

impl Task for DoublesJob {
    type Output = Vec<f64>;
    type JsValue = Float64Array;

    fn compute(&mut self) -> Result<Vec<f64>> {
        (self.0)().map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: Vec<f64>) -> Result<Float64Array> {
        Ok(output.into())
    }
}

/// Columns of sums.
#[napi(object)]
pub struct SumColumns {
    pub sums: BigUint64Array,
    pub width: u32,
    pub at: u32,
    pub count: u32,
}

impl SumColumns {
    fn split(&self) -> (&[u64], rlwe::Columns) {
        let [width, at, count] = [self.width, self.at, self.count].map(|x| x as usize);
        (&self.sums, rlwe::Columns { width, at, count })
    }
}

#[napi(object)]
pub struct OutputSets {
    pub offsets: Uint32Array,
    pub members: Uint32Array,
}

impl OutputSets {
    fn sets(&self) -> rlwe::Sets<'_> {
        rlwe::Sets { offsets: &self.offsets, members: &self.members }
    }
}

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
    pub fn hide(
        &self,
        a: BigUint64Array,
        secrets: BigUint64Array,
        seed: Uint8Array,
        first: u32,
        numbers: Int32Array,
        factors: BigUint64Array,
    ) -> AsyncTask<Job> {
        let ring = self.0.clone();
        job(move || ring.hide(&a, &secrets, &seed, first as usize, &numbers, &factors))
    }

    #[napi]
    pub fn trits(&self, seed: Uint8Array, count: u32) -> AsyncTask<Job> {
        let ring = self.0.clone();
        job(move || ring.trits(&seed, count as usize))
    }

    #[napi]
    pub fn hide_bins(
        &self,
        a: BigUint64Array,
        codes: Uint8Array,
        masks: Uint8Array,
        seed: Uint8Array,
        first: u32,
    ) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.hide_bins(&a, &codes, &masks, &seed, first as usize))
    }

    #[napi]
    pub fn sum_bins(
        &self,
        sums: BigUint64Array,
        packed: Uint8Array,
        codes: Uint8Array,
        rows: u32,
        at: u32,
        bins: Uint32Array,
    ) -> AsyncTask<ChangedWords> {
        let (ring, place) = (self.0.clone(), [rows as usize, at as usize]);
        let compute = Box::new(move |sums: &mut [u64]| ring.sum_bins(sums, &packed, &codes, place, &bins));
        AsyncTask::new(ChangedWords { target: sums, compute })
    }

    #[napi]
    pub fn sum_masks(&self, sums: BigUint64Array, packed: Uint8Array, masks: Uint8Array) -> AsyncTask<ChangedWords> {
        let ring = self.0.clone();
        let compute = Box::new(move |sums: &mut [u64]| ring.sum_masks(sums, &packed, &masks));
        AsyncTask::new(ChangedWords { target: sums, compute })
    }

    #[napi]
    pub fn subtract_sums(&self, a: SumColumns, b: SumColumns) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.subtract_sums(a.split(), b.split()))
    }

    /// `spread`: low and high word.
    #[napi]
    pub fn release_sums(
        &self,
        sums: SumColumns,
        sets: OutputSets,
        seed: Uint8Array,
        first: u32,
        spread: BigUint64Array,
    ) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| {
            let spread = spread.iter().rev().fold(0u128, |high, &word| (high << 64) | u128::from(word));
            ring.release_sums(sums.split(), sets.sets(), &seed, first as usize, spread)
        })
    }

    #[napi]
    pub fn phases(&self, hint: BigUint64Array, seed: Uint8Array, count: u32) -> AsyncTask<LongWordsJob> {
        self.words(move |ring| ring.phases(&hint, &seed, count as usize))
    }

    /// `delta`: one word.
    #[napi]
    pub fn open_sums(
        &self,
        phases: SumColumns,
        sets: OutputSets,
        answers: BigUint64Array,
        delta: BigUint64Array,
        least: BigInt64Array,
    ) -> AsyncTask<DoublesJob> {
        let ring = self.0.clone();
        AsyncTask::new(DoublesJob(Box::new(move || {
            let delta = delta.first().copied().unwrap_or(0);
            ring.open_sums(phases.split(), sets.sets(), &answers, delta, &least)
        })))
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
