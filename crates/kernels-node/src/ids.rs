//! Ids on their way to buckets.

use crate::to_js;
use napi::bindgen_prelude::{AsyncTask, Uint8Array, Uint32Array};
use napi::{Env, Result, Task};
use napi_derive::napi;
use tombolo_kernels::ids::{self, AsciiRules, Case, Phone};

#[napi(object)]
pub struct PhoneRules {
    pub international: bool,
    pub country_code: String,
    /// 0: none.
    pub national_length: u32,
}

#[napi(object)]
pub struct IdRules {
    pub trim: bool,
    /// 0 keep, 1 lower, 2 upper.
    pub case: u32,
    pub phone: Option<PhoneRules>,
}

impl From<IdRules> for AsciiRules {
    fn from(rules: IdRules) -> Self {
        Self {
            trim: rules.trim,
            case: [Case::Keep, Case::Lower, Case::Upper][rules.case.min(2) as usize],
            phone: rules.phone.map(|phone| Phone {
                international: phone.international,
                country_code: phone.country_code.into_bytes(),
                national_length: (phone.national_length > 0).then_some(phone.national_length as usize),
            }),
        }
    }
}

#[napi(object)]
pub struct NormalisedIds {
    pub messages: Uint8Array,
    pub offsets: Uint32Array,
    pub rows: Uint32Array,
    pub empty: Uint32Array,
    pub beyond_ascii: Uint32Array,
}

enum Texts {
    Messages(Uint8Array, Uint32Array),
    Strings(Uint8Array),
}

pub struct NormaliseJob {
    texts: Texts,
    rules: Vec<AsciiRules>,
}

impl Task for NormaliseJob {
    type Output = ids::Normalised;
    type JsValue = NormalisedIds;

    fn compute(&mut self) -> Result<ids::Normalised> {
        match &self.texts {
            Texts::Messages(messages, offsets) => ids::normalise_ids(messages, offsets, &self.rules),
            // SAFETY: the caller keeps the engine's chunks until the promise settles; see `normaliseStrings`.
            Texts::Strings(strings) => unsafe { ids::normalise_strings(strings, &self.rules) },
        }
        .map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: ids::Normalised) -> Result<NormalisedIds> {
        Ok(NormalisedIds {
            messages: output.messages.into(),
            offsets: output.offsets.into(),
            rows: output.rows.into(),
            empty: output.empty.into(),
            beyond_ascii: output.beyond_ascii.into(),
        })
    }
}

#[napi]
pub fn normalise_ids(messages: Uint8Array, offsets: Uint32Array, rules: Vec<IdRules>) -> AsyncTask<NormaliseJob> {
    AsyncTask::new(NormaliseJob { texts: Texts::Messages(messages, offsets), rules: all(rules) })
}

#[napi]
pub fn normalise_strings(strings: Uint8Array, rules: Vec<IdRules>) -> AsyncTask<NormaliseJob> {
    AsyncTask::new(NormaliseJob { texts: Texts::Strings(strings), rules: all(rules) })
}

pub fn all(rules: Vec<IdRules>) -> Vec<AsciiRules> {
    rules.into_iter().map(AsciiRules::from).collect()
}

#[napi(object)]
pub struct GroupedRecords {
    pub records: Uint8Array,
    pub offsets: Uint32Array,
}

pub struct GroupJob {
    digests: Uint8Array,
    rows: Uint32Array,
    bits: u32,
}

impl Task for GroupJob {
    type Output = ids::Grouped;
    type JsValue = GroupedRecords;

    fn compute(&mut self) -> Result<ids::Grouped> {
        ids::group_records(&self.digests, &self.rows, self.bits).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: ids::Grouped) -> Result<GroupedRecords> {
        Ok(GroupedRecords { records: output.records.into(), offsets: output.offsets.into() })
    }
}

#[napi]
pub fn group_records(digests: Uint8Array, rows: Uint32Array, bits: u32) -> AsyncTask<GroupJob> {
    AsyncTask::new(GroupJob { digests, rows, bits })
}

#[napi(object)]
pub struct Repeats {
    pub repeated: Uint32Array,
    pub repeated_of: Uint32Array,
}

pub struct SortJob {
    records: Uint8Array,
    bits: u32,
    out: Uint8Array,
}

impl Task for SortJob {
    type Output = ids::Repeats;
    type JsValue = Repeats;

    fn compute(&mut self) -> Result<ids::Repeats> {
        // SAFETY: nobody else touches it meanwhile.
        ids::sort_records(&self.records, self.bits, unsafe { self.out.as_mut() }).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, output: ids::Repeats) -> Result<Repeats> {
        Ok(Repeats { repeated: output.rows.into(), repeated_of: output.of.into() })
    }
}

#[napi]
pub fn sort_records(records: Uint8Array, bits: u32, out: Uint8Array) -> AsyncTask<SortJob> {
    AsyncTask::new(SortJob { records, bits, out })
}
