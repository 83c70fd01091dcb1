//! VOLE kernels: every instruction set against the portable code, and the known answers the TypeScript tests read too.

use serde_json::Value;
use tombolo_kernels::blocks::Level;
use tombolo_kernels::vole::code::{Punctured, vole_expand, vole_expand_at, vole_expand_punctured_at};
use tombolo_kernels::vole::correlated::{correlation_hash, small_vole, small_vole_punctured, transpose_bits};
use tombolo_kernels::vole::ggm;
use tombolo_kernels::vole::silent::silent_expand;

fn bytes(length: usize, factor: usize) -> Vec<u8> {
    (0..length).map(|i| (i * factor + i / 251 * 17) as u8).collect()
}

#[test]
fn all_instruction_sets_give_the_same() {
    for (trees, depth, count) in [(3, 2, 6), (5, 9, 1200), (70, 5, 1111)] {
        let (seeds, salt, check) = (bytes(16 * trees, 7), [3u8; 16], [9u8; 16]);
        let (others, values, corrections) =
            (bytes(16 * trees * depth, 11), bytes(16 * trees, 13), bytes(16 * trees, 29));
        let positions: Vec<u32> = (0..trees as u32).map(|i| (i * 2654435) % (1 << depth)).collect();
        let punctured =
            Punctured { others: &others, positions: &positions, values: &values, corrections: &corrections };
        let at = |level| {
            let one = vole_expand_at(level, &seeds, depth, &salt, count, &check).unwrap();
            (one, vole_expand_punctured_at(level, &punctured, depth, &salt, count, &check).unwrap())
        };
        let expected = at(Level::Portable);
        for level in Level::available() {
            assert!(at(level) == expected, "{level:?} differs on {trees} trees of depth {depth}");
        }
    }
}

#[test]
fn known_answers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/vole.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (seeds, salt) = (bytes(64, 1), bytes(16, 1));
    let trees = ggm::ggm_expand(&seeds, 4, &salt, false).unwrap();
    assert_eq!(hex(&trees[..128]), file["sums"]);
    let out = vole_expand(&seeds, 4, &salt, 31, &salt).unwrap();
    assert_eq!(hex(&out[30 * 16..31 * 16]), file["lastOutput"]);
    assert_eq!(hex(&out[31 * 16..]), file["check"]);
    let silent = silent_expand(&seeds, 5, &salt, 64, &salt).unwrap();
    assert_eq!(hex(&silent[63 * 16..64 * 16]), file["silentLastOutput"]);
    assert_eq!(hex(&silent[64 * 16..]), file["silentCheck"]);
    assert_eq!(hex(&correlation_hash(&seeds, &salt, &salt, 3).unwrap()), file["hashes"]);
    assert_eq!(hex(&small_vole(&seeds, 2, 1, 16).unwrap()[16..]), file["rows"]);
}

#[test]
fn small_fields_correlate_over_many_strips() {
    let (leaves, row, position) = (bytes(16 * 16, 5), 3 * 8192 + 16, 11u32);
    let whole = small_vole(&leaves, 4, 6, row).unwrap();
    let (sum, rows) = whole.split_at(row);
    let other = small_vole_punctured(&leaves, 4, &[position], &vec![0; row], 6).unwrap();
    for bit in 0..4 {
        let added = if position >> bit & 1 == 1 { 0xff } else { 0 };
        let at = bit * row..(bit + 1) * row;
        let expected: Vec<u8> = rows[at.clone()].iter().zip(sum).map(|(row, sum)| row ^ (sum & added)).collect();
        assert!(other[at] == expected[..]);
    }
}

#[test]
fn transposing_moves_every_bit() {
    let rows = bytes(128 * 32, 23);
    let columns = transpose_bits(&rows).unwrap();
    let bit = |bytes: &[u8], at: usize| bytes[at / 8] >> (at % 8) & 1;
    for p in 0..128 {
        for j in 0..256 {
            assert_eq!(bit(&columns[16 * j..], p), bit(&rows[32 * p..], j));
        }
    }
}
