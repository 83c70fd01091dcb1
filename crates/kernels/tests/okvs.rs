//! Tables give back what was put in, at sizes and loads where rows are left over too.

use proptest::prelude::*;
use tombolo_kernels::KernelError;
use tombolo_kernels::blocks::aes::block_stream;
use tombolo_kernels::okvs::{Layout, Placed};

fn random(seed: u8, blocks: usize) -> Vec<u8> {
    block_stream(&[seed; 16], 16 * blocks).unwrap()
}

fn round_trip(count: usize, layout: Layout, seed: u8) -> Result<(), KernelError> {
    let (keys, values) = (random(seed, count), random(seed ^ 0x80, count));
    let placed = Placed::new(&keys, &[seed; 16], layout)?;
    let mut table = vec![0; layout.slots() * 16];
    placed.encode_onto(&mut table, &values, &[3; 16])?;
    let mut out = vec![0; 16 * count];
    placed.decode_into(&table, &mut out)?;
    assert_eq!(out, values);
    Ok(())
}

#[test]
fn values_come_back() {
    for (count, clusters) in [(0, 1), (1, 1), (2, 1), (1000, 1), (20_000, 1), (60_000, 4), (70_001, 5)] {
        let capacity = (count / clusters) * 11 / 10 + 1;
        let layout = Layout { clusters, capacity, sparse: capacity * 13 / 10 + 64, dense: 4 };
        round_trip(count, layout, 5).unwrap();
    }
}

#[test]
fn what_does_not_peel_goes_to_the_dense_slots() {
    // Few slots: rows often share all three, so some of these tables have cores.
    let layout = Layout { clusters: 1, capacity: 9, sparse: 9, dense: 9 };
    for seed in 0..100 {
        round_trip(9, layout, seed).unwrap();
    }
    let without = Layout { dense: 0, ..layout };
    let failures = (0..100).filter(|&seed| round_trip(9, without, seed) == Err(KernelError::Unsolvable)).count();
    assert!(failures > 10 && failures < 100, "{failures}");
}

#[test]
fn overflow_and_overload_are_refused() {
    let layout = Layout { clusters: 2, capacity: 499, sparse: 2000, dense: 2 };
    assert_eq!(round_trip(1000, layout, 1), Err(KernelError::Unsolvable));
    let layout = Layout { clusters: 1, capacity: 1000, sparse: 1000, dense: 2 };
    assert_eq!(round_trip(1000, layout, 1), Err(KernelError::Unsolvable));
}

#[test]
fn a_key_twice_needs_the_same_value() {
    let layout = Layout { clusters: 1, capacity: 3, sparse: 10, dense: 2 };
    let placed = Placed::new(&[1; 48], &[2; 16], layout).unwrap();
    let mut table = vec![0; layout.slots() * 16];
    placed.encode_onto(&mut table, &[9; 48], &[3; 16]).unwrap();
    let mut out = vec![0; 48];
    placed.decode_into(&table, &mut out).unwrap();
    assert_eq!(out, [9; 48]);
    let different: Vec<u8> = (0..48).collect();
    assert_eq!(placed.encode_onto(&mut table, &different, &[3; 16]), Err(KernelError::Unsolvable));
}

proptest! {
    #[test]
    fn encodings_add_up(count in 1usize..300, seed: u8) {
        // A table of zeros on the keys is random elsewhere; adding it changes no value.
        let layout = Layout { clusters: 2, capacity: 300, sparse: 500, dense: 3 };
        let (keys, values) = (random(seed, count), random(!seed, count));
        let placed = Placed::new(&keys, &[seed; 16], layout).unwrap();
        let mut table = vec![0; layout.slots() * 16];
        placed.encode_onto(&mut table, &values, &[3; 16]).unwrap();
        let before = table.clone();
        placed.encode_onto(&mut table, &vec![0; values.len()], &[4; 16]).unwrap();
        prop_assert!(table.chunks(16).zip(before.chunks(16)).all(|(a, b)| a != b));
        let mut out = vec![0; values.len()];
        placed.decode_into(&table, &mut out).unwrap();
        prop_assert_eq!(out, values);
    }
}
