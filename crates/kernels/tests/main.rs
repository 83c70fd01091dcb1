//! All tests from outside, as one program: linking it once takes a sixth of the time.

mod blocks;
mod matching;
mod okvs;
mod okvs_failures;
mod vectors;
mod vole;
