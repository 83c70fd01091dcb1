//! Joins, order, and the oblivious key-value store.

use crate::{InPlace, Job, in_place, job, to_js};
use napi::bindgen_prelude::{AsyncTask, Uint8Array, Uint32Array};
use napi::{Env, Result, Task};
use napi_derive::napi;
use std::sync::Arc;
use tombolo_kernels::matching;
use tombolo_kernels::okvs::{Layout, Placed};

#[napi(object)]
pub struct Matches {
    pub left: Uint32Array,
    pub right: Uint32Array,
}

pub struct MatchJob {
    left: Uint8Array,
    right: Uint8Array,
    width: usize,
}

impl Task for MatchJob {
    type Output = matching::Matches;
    type JsValue = Matches;

    fn compute(&mut self) -> Result<matching::Matches> {
        matching::match_indices(&self.left, &self.right, self.width).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: matching::Matches) -> Result<Matches> {
        Ok(Matches { left: output.left.into(), right: output.right.into() })
    }
}

#[napi]
pub fn match_indices(left: Uint8Array, right: Uint8Array, width: u32) -> AsyncTask<MatchJob> {
    AsyncTask::new(MatchJob { left, right, width: width as usize })
}

/// A computation whose result is positions, or other words of 32 bits.
pub struct WordsJob(pub Box<dyn Fn() -> tombolo_kernels::Result<Vec<u32>> + Send>);

impl Task for WordsJob {
    type Output = Vec<u32>;
    type JsValue = Uint32Array;

    fn compute(&mut self) -> Result<Vec<u32>> {
        (self.0)().map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: Vec<u32>) -> Result<Uint32Array> {
        Ok(output.into())
    }
}

#[napi]
pub fn first_occurrences(elements: Uint8Array, width: u32) -> AsyncTask<WordsJob> {
    AsyncTask::new(WordsJob(Box::new(move || matching::first_occurrences(&elements, width as usize))))
}

#[napi]
pub fn sort_order(elements: Uint8Array, width: u32) -> AsyncTask<WordsJob> {
    AsyncTask::new(WordsJob(Box::new(move || matching::sort_order(&elements, width as usize))))
}

#[napi(object)]
pub struct SortedStrings {
    pub sorted: Uint8Array,
    pub order: Uint32Array,
}

pub struct SortJob {
    elements: Uint8Array,
    width: usize,
}

impl Task for SortJob {
    type Output = matching::Sorted;
    type JsValue = SortedStrings;

    fn compute(&mut self) -> Result<matching::Sorted> {
        matching::sort_strings(&self.elements, self.width).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: matching::Sorted) -> Result<SortedStrings> {
        Ok(SortedStrings { sorted: output.sorted.into(), order: output.order.into() })
    }
}

#[napi]
pub fn sort_strings(elements: Uint8Array, width: u32) -> AsyncTask<SortJob> {
    AsyncTask::new(SortJob { elements, width: width as usize })
}

#[napi(object)]
pub struct SortedMatches {
    pub left: Uint32Array,
    pub order: Uint32Array,
    pub marks: Uint8Array,
}

pub struct MatchSortedJob {
    elements: Uint8Array,
    sorted: Uint8Array,
    width: usize,
}

impl Task for MatchSortedJob {
    type Output = matching::SortedMatches;
    type JsValue = SortedMatches;

    fn compute(&mut self) -> Result<matching::SortedMatches> {
        matching::match_sorted(&self.elements, &self.sorted, self.width).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: matching::SortedMatches) -> Result<SortedMatches> {
        Ok(SortedMatches { left: output.left.into(), order: output.order.into(), marks: output.marks.into() })
    }
}

#[napi]
pub fn match_sorted(elements: Uint8Array, sorted: Uint8Array, width: u32) -> AsyncTask<MatchSortedJob> {
    AsyncTask::new(MatchSortedJob { elements, sorted, width: width as usize })
}

#[napi(object)]
pub struct MarkedPositions {
    pub order: Uint32Array,
    pub left: Uint32Array,
}

pub struct MarkedJob {
    order: Uint32Array,
    marks: Uint8Array,
}

impl Task for MarkedJob {
    type Output = matching::Marked;
    type JsValue = MarkedPositions;

    fn compute(&mut self) -> Result<matching::Marked> {
        matching::take_marked(&self.order, &self.marks).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: matching::Marked) -> Result<MarkedPositions> {
        Ok(MarkedPositions { order: output.order.into(), left: output.left.into() })
    }
}

#[napi]
pub fn take_marked(order: Uint32Array, marks: Uint8Array) -> AsyncTask<MarkedJob> {
    AsyncTask::new(MarkedJob { order, marks })
}

#[napi]
pub fn gather(elements: Uint8Array, width: u32, order: Uint32Array) -> AsyncTask<Job> {
    job(move || matching::gather(&elements, width as usize, &order))
}

pub struct PlaceJob {
    keys: Uint8Array,
    seed: Uint8Array,
    layout: Layout,
}

impl Task for PlaceJob {
    type Output = Placed;
    type JsValue = OkvsKeys;

    fn compute(&mut self) -> Result<Placed> {
        Placed::new(&self.keys, &self.seed, self.layout).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: Placed) -> Result<OkvsKeys> {
        Ok(OkvsKeys(Arc::new(output)))
    }
}

#[napi]
pub fn okvs_place(
    keys: Uint8Array,
    seed: Uint8Array,
    clusters: u32,
    capacity: u32,
    sparse: u32,
    dense: u32,
) -> AsyncTask<PlaceJob> {
    let layout = Layout {
        clusters: clusters as usize,
        capacity: capacity as usize,
        sparse: sparse as usize,
        dense: dense as usize,
    };
    AsyncTask::new(PlaceJob { keys, seed, layout })
}

#[napi]
pub struct OkvsKeys(Arc<Placed>);

#[napi]
impl OkvsKeys {
    #[napi]
    pub fn encode_onto(&self, table: Uint8Array, values: Uint8Array, randomness: Uint8Array) -> AsyncTask<InPlace> {
        let keys = self.0.clone();
        in_place(table, move |table| keys.encode_onto(table, &values, &randomness))
    }

    #[napi]
    pub fn decode_into(&self, table: Uint8Array, out: Uint8Array) -> AsyncTask<InPlace> {
        let keys = self.0.clone();
        in_place(out, move |out| keys.decode_into(&table, out))
    }
}
