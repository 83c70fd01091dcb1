//! Node binding of tombolo-kernels and nothing else: same names and order as `packages/kernels/src/kernels.ts`.
//! Long work runs on libuv's pool and rayon's threads, so the event loop stays free; results move without a copy.

pub mod blocks;
pub mod elgamal;
mod ids;
pub mod matching;
mod pir;
mod rlwe;
pub mod slots;
mod sm2;
mod tables;
mod transfers;

use napi::bindgen_prelude::{AsyncTask, Int32Array, Uint8Array, Uint16Array, Uint32Array};
use napi::{Env, Error, Result, Task};
use napi_derive::napi;
use std::sync::Arc;
use tombolo_kernels::modular::{self, HistogramLayout};
use tombolo_kernels::{KernelError, hashing, ristretto};

pub mod vole;

#[global_allocator]
static ALLOCATOR: tombolo_kernels::keeping::Keeping = tombolo_kernels::keeping::Keeping;

fn to_js(error: KernelError) -> Error {
    Error::from_reason(error.to_string())
}

/// A computation for the pool. It owns references to its inputs, which are released on the main thread with it.
pub struct Job(Box<dyn Fn() -> tombolo_kernels::Result<Vec<u8>> + Send>);

fn job(compute: impl Fn() -> tombolo_kernels::Result<Vec<u8>> + Send + 'static) -> AsyncTask<Job> {
    AsyncTask::new(Job(Box::new(compute)))
}

impl Task for Job {
    type Output = Vec<u8>;
    type JsValue = Uint8Array;

    fn compute(&mut self) -> Result<Vec<u8>> {
        (self.0)().map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: Vec<u8>) -> Result<Uint8Array> {
        Ok(output.into())
    }
}

/// A computation that changes an array of the caller, who leaves it alone until the promise settles.
pub struct InPlace {
    target: Uint8Array,
    compute: Box<Change>,
}

type Change = dyn Fn(&mut [u8]) -> tombolo_kernels::Result<()> + Send;

fn in_place(
    target: Uint8Array,
    compute: impl Fn(&mut [u8]) -> tombolo_kernels::Result<()> + Send + 'static,
) -> AsyncTask<InPlace> {
    AsyncTask::new(InPlace { target, compute: Box::new(compute) })
}

impl Task for InPlace {
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

/// Goes up with every change of what is exported here; `packages/kernels/src/native.ts` names the one it was written for.
const VERSION: u32 = 14;

#[napi]
pub fn kernels_version() -> u32 {
    VERSION
}

#[napi]
pub fn ristretto_hash_to_group(messages: Uint8Array, offsets: Uint32Array, dst: Uint8Array) -> AsyncTask<Job> {
    job(move || ristretto::hash_to_group(&messages, &offsets, &dst))
}

#[napi]
pub fn ristretto_hash_and_multiply(
    messages: Uint8Array,
    offsets: Uint32Array,
    dst: Uint8Array,
    scalar: Uint8Array,
) -> AsyncTask<Job> {
    job(move || ristretto::hash_and_multiply(&messages, &offsets, &dst, &scalar))
}

#[napi]
pub fn ristretto_multiply(points: Uint8Array, scalar: Uint8Array) -> AsyncTask<Job> {
    job(move || ristretto::multiply(&points, &scalar))
}

#[napi]
pub fn ristretto_multiply_each(points: Uint8Array, scalars: Uint8Array) -> AsyncTask<Job> {
    job(move || ristretto::multiply_each(&points, &scalars))
}

#[napi]
pub fn ristretto_multiply_base(scalars: Uint8Array) -> AsyncTask<Job> {
    job(move || ristretto::multiply_base(&scalars))
}

#[napi]
pub fn ristretto_combine(points: Uint8Array, scalars: Uint8Array) -> AsyncTask<Job> {
    job(move || ristretto::combine(&points, &scalars))
}

#[napi]
pub fn ristretto_invert_scalars(scalars: Uint8Array) -> Result<Uint8Array> {
    ristretto::invert_scalars(&scalars).map(Uint8Array::from).map_err(to_js)
}

#[napi]
pub fn ristretto_add(a: Uint8Array, b: Uint8Array) -> AsyncTask<Job> {
    job(move || ristretto::add(&a, &b))
}

#[napi]
pub fn ristretto_subtract(a: Uint8Array, b: Uint8Array) -> AsyncTask<Job> {
    job(move || ristretto::subtract(&a, &b))
}

/// Resolves to an empty array.
#[napi]
pub fn ristretto_validate(points: Uint8Array) -> AsyncTask<Job> {
    job(move || ristretto::validate(&points).map(|()| Vec::new()))
}

#[napi]
pub fn sha256_batch(messages: Uint8Array, offsets: Uint32Array) -> AsyncTask<Job> {
    job(move || hashing::sha256_batch(&messages, &offsets))
}

#[napi]
pub fn sha256_prefixed(prefix: Uint8Array, messages: Uint8Array, offsets: Uint32Array) -> AsyncTask<Job> {
    job(move || hashing::sha256_prefixed(&prefix, &messages, &offsets))
}

#[napi]
pub fn sha256_truncated(prefix: Uint8Array, elements: Uint8Array, element_width: u32, width: u32) -> AsyncTask<Job> {
    job(move || hashing::sha256_truncated(&prefix, &elements, element_width as usize, width as usize))
}

#[napi]
pub fn prg_expand(seed: Uint8Array, length: u32) -> Result<Uint8Array> {
    hashing::prg_expand(&seed, length as usize).map(Uint8Array::from).map_err(to_js)
}

#[napi]
pub struct Modulus(Arc<modular::Modulus>);

#[napi]
impl Modulus {
    #[napi(constructor)]
    pub fn new(value: Uint8Array) -> Result<Self> {
        modular::Modulus::new(&value).map(|modulus| Self(Arc::new(modulus))).map_err(to_js)
    }

    #[napi(getter)]
    pub fn bytes(&self) -> u32 {
        self.0.bytes() as u32
    }

    #[napi]
    pub fn enter(&self, values: Uint8Array) -> AsyncTask<Job> {
        let modulus = self.0.clone();
        job(move || modulus.enter(&values))
    }

    #[napi]
    pub fn leave(&self, values: Uint8Array) -> AsyncTask<Job> {
        let modulus = self.0.clone();
        job(move || modulus.leave(&values))
    }

    #[napi]
    pub fn multiply(&self, a: Uint8Array, b: Uint8Array) -> AsyncTask<Job> {
        let modulus = self.0.clone();
        job(move || modulus.multiply_each(&a, &b))
    }

    #[napi]
    pub fn multiply_add(
        &self,
        values: Uint8Array,
        value_bytes: u32,
        slope: Uint8Array,
        addends: Uint8Array,
    ) -> AsyncTask<Job> {
        let modulus = self.0.clone();
        job(move || modulus.multiply_add(&values, value_bytes as usize, &slope, &addends))
    }

    #[napi]
    pub fn invert(&self, values: Uint8Array) -> AsyncTask<Job> {
        let modulus = self.0.clone();
        job(move || modulus.invert(&values))
    }

    #[napi]
    pub fn power(&self, bases: Uint8Array, exponent: Uint8Array) -> AsyncTask<Job> {
        let modulus = self.0.clone();
        job(move || modulus.power(&bases, &exponent))
    }

    #[napi]
    pub fn fixed_base(&self, base: Uint8Array, exponent_bytes: u32) -> Result<FixedBase> {
        modular::FixedBase::new(self.0.clone(), &base, exponent_bytes as usize)
            .map(|table| FixedBase(Arc::new(table)))
            .map_err(to_js)
    }

    #[napi]
    pub fn histogram(
        &self,
        values: Uint8Array,
        bins: Uint16Array,
        nodes: Int32Array,
        node_count: u32,
        feature_count: u32,
        bin_count: u32,
    ) -> AsyncTask<Job> {
        let modulus = self.0.clone();
        job(move || {
            let layout = HistogramLayout {
                bins: &bins,
                nodes: &nodes,
                node_count: node_count as usize,
                feature_count: feature_count as usize,
                bin_count: bin_count as usize,
            };
            modulus.histogram(&values, layout)
        })
    }

    #[napi]
    pub fn pack_shift(&self, values: Uint8Array, group_size: u32, bits: u32) -> AsyncTask<Job> {
        let modulus = self.0.clone();
        job(move || modulus.pack_shift(&values, group_size as usize, bits as usize))
    }

    /// Resolves to an empty array.
    #[napi]
    pub fn validate(&self, values: Uint8Array) -> AsyncTask<Job> {
        let modulus = self.0.clone();
        job(move || modulus.validate(&values).map(|()| Vec::new()))
    }
}

#[napi]
pub struct FixedBase(Arc<modular::FixedBase>);

#[napi]
impl FixedBase {
    #[napi(getter)]
    pub fn exponent_bytes(&self) -> u32 {
        self.0.exponent_bytes() as u32
    }

    #[napi]
    pub fn power(&self, exponents: Uint8Array) -> AsyncTask<Job> {
        let table = self.0.clone();
        job(move || table.power(&exponents))
    }
}

#[napi]
pub struct PrimeSquareLog(Arc<modular::PrimeSquareLog>);

#[napi]
impl PrimeSquareLog {
    #[napi(constructor)]
    pub fn new(
        prime: Uint8Array,
        entry: Uint8Array,
        exponent: Uint8Array,
        scale: Uint8Array,
        value_bytes: u32,
    ) -> Result<Self> {
        modular::PrimeSquareLog::new(&prime, &entry, &exponent, &scale, value_bytes as usize)
            .map(|log| Self(Arc::new(log)))
            .map_err(to_js)
    }

    #[napi]
    pub fn logarithms(&self, values: Uint8Array) -> AsyncTask<Job> {
        let log = self.0.clone();
        job(move || log.logarithms(&values))
    }
}
