//! How often clusters of the key-value store cannot be solved, against the line that `okvsLayout` extrapolates:
//! `cargo run --release -p tombolo-kernels --example okvs-failures -- [log2 keys] [log2 trials]`.

use rayon::prelude::*;
use tombolo_kernels::blocks::aes::Cipher;
use tombolo_kernels::okvs::core_rows;

/// More rows than this cannot go to the dense slots; a core is smaller by far or larger by far.
const SMALL_CORE: usize = 16;

#[allow(dead_code)] // the test that includes this file has its own
fn main() {
    let argument = |at, default| std::env::args().nth(at).map_or(default, |text| text.parse().expect("a number"));
    let (keys, trials) = (1usize << argument(1, 10), 1u64 << argument(2, 18));
    println!("{keys} keys, {trials} trials: -log2 of failures, by the line and measured; small cores");
    for bits in [1, 4, 7, 10, 12, 14, 16] {
        let (large, small) = measure(keys, f64::from(bits), trials);
        println!("{bits:4} {:6.2} ({large} failures) {small}", -(large as f64 / trials as f64).log2());
    }
}

/// Slots at which a cluster fails with 2^-bits by the line of Raghuraman and Rindal (packages/crypto, okvs/layout.ts).
fn slots(keys: usize, bits: f64) -> usize {
    let w = 3f64.log2();
    let slope = (0.555 * (keys as f64).log2() + 0.093 * w.powi(3) - 1.01 * w.powi(2) + 2.925 * w - 0.133).exp2();
    (keys as f64 * (1.223 + (bits + 9.2) / slope)) as usize
}

/// Trials that left a large core, and a small one.
pub fn measure(keys: usize, bits: f64, trials: u64) -> (usize, usize) {
    let (slots, cipher) = (slots(keys, bits), Cipher::new(&(bits as u128).to_le_bytes()));
    let core = |trial: u64| {
        let mut stream = vec![0u8; 16 * keys];
        cipher.counter(trial << 32, &mut stream);
        let hashes: Vec<u128> = stream.as_chunks().0.iter().map(|block| u128::from_le_bytes(*block)).collect();
        core_rows(slots, &hashes)
    };
    let cores = (0..trials).into_par_iter().map(core).map(|rows| match rows {
        0 => (0, 0),
        1..=SMALL_CORE => (0, 1),
        _ => (1, 0),
    });
    cores.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
}
