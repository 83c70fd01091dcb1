//! Nanoseconds per item of the kernels of private matching, on one core (time of that core where the system tells it,
//! so that a busy machine does not matter) and on all (by the clock):
//! `cargo run --release -p tombolo-kernels --example matching-bench -- [log2 items]`.

use std::sync::OnceLock;
use std::time::Instant;
use tombolo_kernels::blocks::aes::{block_stream, block_tags};
use tombolo_kernels::blocks::gf128::{gf128_inner_product, gf128_multiply, gf128_multiply_add};
use tombolo_kernels::hashing::{id_digests, pair_tags};
use tombolo_kernels::matching::{first_occurrences, gather, match_indices, sort_order};
use tombolo_kernels::okvs::{Layout, Placed};

#[global_allocator]
static ALLOCATOR: tombolo_kernels::keeping::Keeping = tombolo_kernels::keeping::Keeping;

const REPEATS: usize = 5;
const ID_BYTES: usize = 18;
const TAG_BYTES: usize = 10;

fn main() {
    let log = std::env::args().nth(1).map_or(20, |text| text.parse().expect("log2 of the number of items"));
    println!("{:28}{:>12}{:>12}", format!("2^{log} items, ns each"), "one core", "all cores");
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    let (single, all) = (one.install(|| run(1 << log, core_time)), run(1 << log, clock));
    for ((name, single), (_, all)) in single.into_iter().zip(all) {
        println!("{name:28}{single:12.1}{all:12.1}");
    }
}

fn clock() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as f64
}

/// Nanoseconds this thread has spent on a core.
fn core_time() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.as_deref().and_then(|line| line.split(' ').next()).and_then(|first| first.parse().ok());
    nanos.unwrap_or_else(clock)
}

fn run(count: usize, now: impl Fn() -> f64) -> Vec<(&'static str, f64)> {
    let mut rows = Vec::new();
    let mut time = |name, mut work: Box<dyn FnMut() + '_>| {
        work();
        let best = (0..REPEATS).map(|_| {
            let started = now();
            work();
            (now() - started) / count as f64
        });
        rows.push((name, best.fold(f64::INFINITY, f64::min)));
    };
    let keys = block_stream(&[1; 16], 16 * count).unwrap();
    let values = block_stream(&[2; 16], 16 * count).unwrap();
    let mut out = values.clone();
    time("gf128 multiply-add", Box::new(|| gf128_multiply_add(&mut out, &keys, &[7; 16]).unwrap()));
    time("gf128 multiply", Box::new(|| drop(gf128_multiply(&keys, &values).unwrap())));
    time("gf128 inner product", Box::new(|| drop(gf128_inner_product(&keys, &values).unwrap())));
    time("block hash, 16 bytes", Box::new(|| drop(block_tags(&[1; 16], &keys, 16).unwrap())));
    time("block hash, 10 bytes", Box::new(|| drop(block_tags(&[1; 16], &keys, TAG_BYTES).unwrap())));
    time("block stream", Box::new(|| drop(block_stream(&[1; 16], 16 * count).unwrap())));
    time("pair tags", Box::new(|| drop(pair_tags(&[1; 64], &keys, &values, TAG_BYTES).unwrap())));
    let ids = block_stream(&[3; 16], ID_BYTES * count).unwrap();
    let offsets: Vec<u32> = (0..=count).map(|i| (i * ID_BYTES) as u32).collect();
    time("id digests, 64-byte prefix", Box::new(|| drop(id_digests(&[1; 64], &ids, &offsets).unwrap())));
    time("id digests, 50-byte prefix", Box::new(|| drop(id_digests(&[1; 50], &ids, &offsets).unwrap())));
    for (names, bits) in [
        (["okvs place", "okvs encode", "okvs decode"], 14),
        (["okvs place, 2^16", "okvs encode, 2^16", "okvs decode, 2^16"], 16),
        (["okvs place, 2^18", "okvs encode, 2^18", "okvs decode, 2^18"], 18),
    ] {
        let clusters = (count >> bits).max(1);
        let capacity = count / clusters + 8 * (count / clusters).isqrt();
        let layout = Layout { clusters, capacity, sparse: capacity * 128 / 100 + 50, dense: 3 };
        let placed = Placed::new(&keys, &[5; 16], layout).unwrap();
        let mut table = vec![0; 16 * layout.slots()];
        time(names[0], Box::new(|| drop(Placed::new(&keys, &[5; 16], layout).unwrap())));
        time(names[1], Box::new(|| placed.encode_onto(&mut table, &values, &[6; 16]).unwrap()));
        time(names[2], Box::new(|| placed.decode_into(&table, &mut out).unwrap()));
    }
    let tags = block_stream(&[4; 16], TAG_BYTES * (count + count / 2)).unwrap();
    let (left, right) = (&tags[..TAG_BYTES * count], &tags[TAG_BYTES * (count / 2)..]);
    time("join, half common", Box::new(|| drop(match_indices(left, right, TAG_BYTES).unwrap())));
    time("first occurrences", Box::new(|| drop(first_occurrences(left, TAG_BYTES).unwrap())));
    time("sort order", Box::new(|| drop(sort_order(left, TAG_BYTES).unwrap())));
    let order = sort_order(left, TAG_BYTES).unwrap();
    time("gather", Box::new(|| drop(gather(left, TAG_BYTES, &order).unwrap())));
    rows
}
