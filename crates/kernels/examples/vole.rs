//! Processor time per output of the VOLE kernels: `cargo run --release -p tombolo-kernels --example vole [outputs] [threads]`.

use std::time::Duration;
use tombolo_kernels::vole::code::{Punctured, vole_expand, vole_expand_punctured};
use tombolo_kernels::vole::ggm;

#[global_allocator]
static ALLOCATOR: tombolo_kernels::keeping::Keeping = tombolo_kernels::keeping::Keeping;

/// Of all threads of the process, so that what else runs on the machine hardly counts.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn report(name: &str, count: usize, mut run: impl FnMut()) {
    run();
    let best = (0..5).map(|_| {
        let start = processor_time();
        run();
        processor_time() - start
    });
    let best = best.min().expect("five runs");
    println!(
        "{name:>24} {:8.1} ns per output {:8.1} ms",
        best.as_nanos() as f64 / count as f64,
        best.as_secs_f64() * 1e3
    );
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().expect("a number"));
    let count: usize = arguments.next().unwrap_or(1_363_149);
    let threads = arguments.next().unwrap_or(1);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().expect("a pool");
    let depth = (2 * count / 400).ilog2() as usize;
    let trees = (2 * count).div_ceil(1 << depth);
    println!("{count} outputs, {trees} trees of depth {depth}, {threads} threads");
    let seeds: Vec<u8> = (0..trees * 16).map(|i| (i * 7 + i / 256) as u8).collect();
    let (salt, seed) = ([1u8; 16], [2u8; 16]);
    let others = vec![3u8; trees * depth * 16];
    let positions: Vec<u32> = (0..trees as u32).map(|i| i.wrapping_mul(2654435761) >> (32 - depth)).collect();
    let punctured = Punctured { others: &others, positions: &positions, values: &seeds, corrections: &seeds };
    report("level sums", count, || drop(ggm::ggm_expand(&seeds, depth, &salt, false)));
    report("sender", count, || drop(vole_expand(&seeds, depth, &salt, count, &[])));
    report("sender, checked", count, || drop(vole_expand(&seeds, depth, &salt, count, &seed)));
    report("receiver", count, || drop(vole_expand_punctured(&punctured, depth, &salt, count, &[])));
    report("receiver, checked", count, || drop(vole_expand_punctured(&punctured, depth, &salt, count, &seed)));
}
