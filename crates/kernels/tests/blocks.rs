//! Block operations at every level of this CPU against the portable code, and that against other implementations.

use proptest::prelude::*;
use tombolo_kernels::blocks::{Level, aes, gf128};
use tombolo_kernels::okvs::{Layout, Placed};

fn bytes(blocks: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    blocks.prop_flat_map(|count| prop::collection::vec(any::<u8>(), 16 * count))
}

/// Bit by bit, as the definition says.
fn slow_multiply(a: u128, b: u128) -> u128 {
    let (mut out, mut shifted) = (0, a);
    for bit in 0..128 {
        if b >> bit & 1 == 1 {
            out ^= shifted;
        }
        shifted = (shifted << 1) ^ if shifted >> 127 == 1 { 0x87 } else { 0 };
    }
    out
}

proptest! {
    #[test]
    fn products_follow_the_definition(a: u128, b: u128, bit in 0u32..128) {
        for (a, b) in [(a, b), (a, 1 << bit), (u128::MAX, b), (1 << 127, 1 << bit)] {
            prop_assert_eq!(gf128::multiply(a, b), slow_multiply(a, b));
        }
        prop_assert_eq!(gf128::multiply(a, gf128::invert(a)), u128::from(a != 0));
    }

    #[test]
    fn levels_agree(a in bytes(0..70), scalar: [u8; 16], key: [u8; 16], first in 0u64..1 << 40) {
        let b: Vec<u8> = a.iter().rev().copied().collect();
        let coefficients = [scalar, key, [7; 16]];
        let run = |level: Level| {
            let (mut products, mut sums, mut values) = (vec![0; a.len()], b.clone(), b.clone());
            gf128::products_at(level, &mut products, &a, &b);
            gf128::multiply_add_at(level, &mut sums, &a, &scalar);
            gf128::polynomials_at(level, &mut values, &a, &coefficients);
            let cipher = aes::Cipher::at(&key, level);
            let (mut hashed, mut stream) = (vec![0; a.len()], vec![0; a.len() + 5]);
            cipher.hash(&a, &mut hashed);
            cipher.counter(first, &mut stream);
            (products, sums, values, gf128::inner_product_at(level, &a, &b), hashed, stream)
        };
        let expected = run(Level::Portable);
        for level in Level::available() {
            prop_assert_eq!(run(level), expected.clone(), "{:?}", level);
        }
    }

    #[test]
    fn sums_of_products_agree(a in bytes(1..40)) {
        let b: Vec<u8> = a.iter().rev().copied().collect();
        let mut sum = vec![0; 16];
        for (x, y) in a.chunks(16).zip(b.chunks(16)) {
            gf128::gf128_multiply_add(&mut sum, x, y).unwrap();
        }
        prop_assert_eq!(gf128::gf128_inner_product(&a, &b).unwrap(), sum);
    }
}

fn vectors(name: &str) -> serde_json::Value {
    let path = format!("{}/../../vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn unhex(value: &serde_json::Value) -> Vec<u8> {
    let hex = value.as_str().unwrap();
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

#[test]
fn known_answers() {
    for case in vectors("gf128")["cases"].as_array().unwrap() {
        assert_eq!(gf128::gf128_multiply(&unhex(&case["a"]), &unhex(&case["b"])).unwrap(), unhex(&case["product"]));
    }
    let file = vectors("block-hash");
    let (key, stream) = (unhex(&file["key"]), unhex(&file["stream"]));
    assert_eq!(aes::block_tags(&key, &unhex(&file["block"]), 16).unwrap(), unhex(&file["hash"]));
    assert_eq!(aes::block_stream(&key, stream.len()).unwrap(), stream);
    let file = vectors("okvs");
    let size = |name: &str| file["layout"][name].as_u64().unwrap() as usize;
    let layout =
        Layout { clusters: size("clusters"), capacity: size("capacity"), sparse: size("sparse"), dense: size("dense") };
    let (keys, values) = (unhex(&file["keys"]), unhex(&file["values"]));
    let mut out = vec![0; values.len()];
    let placed = Placed::new(&keys, &unhex(&file["seed"]), layout).unwrap();
    placed.decode_into(&unhex(&file["table"]), &mut out).unwrap();
    assert_eq!(out, values);
}
