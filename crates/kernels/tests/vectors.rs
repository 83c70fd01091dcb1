//! The known answers in `vectors/`, which the TypeScript tests read too.

use serde_json::Value;
use tombolo_kernels::modular::{FixedBase, Modulus};
use tombolo_kernels::rlwe::Ring;
use tombolo_kernels::{KernelError, elgamal, hashing, pir, ristretto, sm2, sm3};

fn vectors(name: &str) -> Value {
    let path = format!("{}/../../vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// A big-endian hex integer as little-endian bytes.
fn integer(hex: &str, width: usize) -> Vec<u8> {
    let padded = if hex.len() % 2 == 1 { format!("0{hex}") } else { hex.to_owned() };
    let mut bytes = unhex(&padded);
    bytes.reverse();
    bytes.resize(width.max(bytes.len()), 0);
    bytes
}

#[test]
fn base_point_multiples_match_rfc_9496() {
    let multiples = strings(&vectors("ristretto255")["multiples"]);
    let scalars: Vec<u8> = (1..=multiples.len() as u8)
        .flat_map(|k| {
            let mut scalar = [0u8; 32];
            scalar[0] = k;
            scalar
        })
        .collect();
    assert_eq!(ristretto::multiply_base(&scalars).unwrap(), unhex(&multiples.concat()));
}

#[test]
fn bad_encodings_of_rfc_9496_are_refused_by_index() {
    let file = vectors("ristretto255");
    let good = strings(&file["multiples"]);
    ristretto::validate(&unhex(&good.concat())).unwrap();
    let mut bad = strings(&file["invalid"]);
    bad.push(text(&file, "identity").to_owned());
    for encoding in bad {
        let points = unhex(&(good.concat() + &encoding));
        assert_eq!(ristretto::validate(&points), Err(KernelError::Point(good.len())), "{encoding}");
    }
}

#[test]
fn blinding_and_evaluation_match_rfc_9497() {
    let file = vectors("hash-to-group");
    let (dst, key) = (unhex(text(&file, "dst")), unhex(text(&file, "secretKey")));
    for case in file["cases"].as_array().unwrap() {
        let input = unhex(text(case, "input"));
        let (offsets, blind) = ([0, input.len() as u32], unhex(text(case, "blind")));
        let blinded = ristretto::hash_and_multiply(&input, &offsets, &dst, &blind).unwrap();
        assert_eq!(blinded, unhex(text(case, "blindedElement")));
        let hashed = ristretto::hash_to_group(&input, &offsets, &dst).unwrap();
        assert_eq!(ristretto::multiply(&hashed, &blind).unwrap(), blinded);
        assert_eq!(ristretto::multiply(&blinded, &key).unwrap(), unhex(text(case, "evaluationElement")));
    }
}

#[test]
fn sha256_matches_fips_180() {
    for case in vectors("sha256")["cases"].as_array().unwrap() {
        let message = unhex(text(case, "message"));
        let digest = hashing::sha256_batch(&message, &[0, message.len() as u32]).unwrap();
        assert_eq!(digest, unhex(text(case, "digest")));
    }
}

#[test]
fn prg_matches_aes_256() {
    let file = vectors("prg");
    let stream = unhex(text(&file, "stream"));
    assert_eq!(hashing::prg_expand(&unhex(text(&file, "seed")), stream.len()).unwrap(), stream);
}

#[test]
fn powers_match_with_and_without_a_table() {
    for case in vectors("modexp")["cases"].as_array().unwrap() {
        let modulus = std::sync::Arc::new(Modulus::new(&integer(text(case, "modulus"), 0)).unwrap());
        let width = modulus.bytes();
        let base = modulus.enter(&integer(text(case, "base"), width)).unwrap();
        let exponent = integer(text(case, "exponent"), 0);
        let expected = integer(text(case, "result"), width);
        assert_eq!(modulus.leave(&modulus.power(&base, &exponent).unwrap()).unwrap(), expected);
        let table = FixedBase::new(modulus.clone(), &base, exponent.len()).unwrap();
        assert_eq!(modulus.leave(&table.power(&exponent).unwrap()).unwrap(), expected);
    }
}

#[test]
fn sm3_matches_gb_t_32905() {
    for case in vectors("sm3")["cases"].as_array().unwrap() {
        let message = unhex(text(case, "message"));
        let digest = unhex(text(case, "digest"));
        assert_eq!(sm3::sm3_truncated(&[], &message, message.len(), 32).unwrap(), digest);
        let (prefix, rest) = message.split_at(1);
        assert_eq!(sm3::sm3_truncated(prefix, rest, rest.len(), 11).unwrap(), digest[..11]);
    }
}

#[test]
fn sm2_multiples_match_and_bad_points_are_refused_by_index() {
    let file = vectors("sm2");
    let cases = file["multiples"].as_array().unwrap();
    let base = unhex(text(&cases[0], "point"));
    for case in cases {
        assert_eq!(sm2::multiply(&base, &integer(text(case, "scalar"), 32)).unwrap(), unhex(text(case, "point")));
    }
    let good: Vec<u8> = cases.iter().flat_map(|case| unhex(text(case, "point"))).collect();
    sm2::validate(&good).unwrap();
    for (why, encoding) in file["invalid"].as_object().unwrap() {
        let points = [good.clone(), unhex(encoding.as_str().unwrap())].concat();
        assert_eq!(sm2::validate(&points), Err(KernelError::Point(cases.len())), "{why}");
    }
}

#[test]
fn hashing_to_sm2_matches_the_twin() {
    let file = vectors("sm2-hash-to-curve");
    let dst = unhex(text(&file, "dst"));
    let mut key = [0; 32];
    key[0] = 6;
    for case in file["cases"].as_array().unwrap() {
        let message = unhex(text(case, "message"));
        let offsets = [0, message.len() as u32];
        let point = unhex(text(case, "point"));
        assert_eq!(sm2::hash_to_group(&message, &offsets, &dst).unwrap(), point);
        let both = sm2::hash_and_multiply(&message, &offsets, &dst, &key).unwrap();
        assert_eq!(both, sm2::multiply(&point, &key).unwrap());
    }
}

fn numbers(value: &Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|item| u32::try_from(item.as_u64().unwrap()).unwrap()).collect()
}

#[test]
fn retrieval_matches_big_integers() {
    for vector in vectors("pir").as_array().unwrap() {
        let [database, seed] = ["database", "seed"].map(|field| unhex(text(vector, field)));
        let columns = vector["columns"].as_u64().unwrap() as usize;
        let secret = numbers(&vector["secret"]);
        assert_eq!(pir::answer(&database, &numbers(&vector["query"])).unwrap(), numbers(&vector["answer"]));
        assert_eq!(pir::hint(&database, columns, &seed, secret.len()).unwrap(), numbers(&vector["hint"]));
        assert_eq!(pir::mask(&seed, columns, &secret).unwrap(), numbers(&vector["mask"]));
    }
}

#[test]
fn rings_match_big_integers() {
    let file = vectors("rlwe");
    let words = |value: &Value| strings(value).iter().map(|item| item.parse().unwrap()).collect::<Vec<u64>>();
    let of = |field: &str| words(&file[field]);
    let ring = Ring::new(file["size"].as_u64().unwrap() as usize, &of("primes")).unwrap();
    let seed = unhex(text(&file, "seed"));
    let (uniform, numbers) = (of("uniform"), of("numbers"));
    assert_eq!(ring.uniform(&seed, 2).unwrap(), uniform);
    assert_eq!(ring.ternary(&seed, 2).unwrap(), of("ternary"));
    assert_eq!(ring.binomial(&seed, 2).unwrap(), of("binomial"));
    let bits = file["flood"]["bits"].as_u64().unwrap() as usize;
    assert_eq!(ring.flood(&seed, 2, bits).unwrap(), words(&file["flood"]["polynomials"]));
    assert_eq!(ring.forward(&uniform).unwrap(), of("forward"));
    assert_eq!(ring.inverse(&of("forward")).unwrap(), uniform);
    assert_eq!(ring.lift(&numbers).unwrap(), of("lift"));
    for (bits, encoded, decoded) in [(64, "encode64", "decode64"), (20, "encode20", "decode20")] {
        assert_eq!(ring.encode(&numbers, bits).unwrap(), of(encoded));
        assert_eq!(ring.decode(&uniform, bits).unwrap(), of(decoded));
    }
    assert_eq!(ring.drop_last(&uniform).unwrap(), of("dropLast"));
    assert_eq!(ring.pack(&uniform).unwrap(), unhex(text(&file, "pack")));
    assert_eq!(ring.unpack(&unhex(text(&file, "pack"))).unwrap(), uniform);
}

#[test]
fn elgamal_encrypts_sums_and_opens() {
    let file = vectors("elgamal");
    let bytes = |field: &str| unhex(text(&file, field));
    let numbers = |field: &str| file[field].as_array().unwrap().iter().map(|value| value.as_u64().unwrap() as u32);
    let seeds = strings(&file["seeds"]);
    let (secret, key) = (bytes("secret"), bytes("key"));
    assert_eq!(elgamal::key(&secret).unwrap(), key);
    let values: Vec<u8> = numbers("values").map(|value| value as u8).collect();
    let ciphertexts = elgamal::encrypt(&values, &secret, &unhex(&seeds[0])).unwrap();
    assert_eq!(ciphertexts, bytes("ciphertexts"));
    let (bins, codes) = (numbers("bins").collect::<Vec<_>>(), numbers("codes").map(|code| code as u16));
    let mut sums: Vec<u8> = (0..bytes("sums").len()).map(|i| u8::from(i % 64 == 32)).collect();
    elgamal::sum(&mut sums, &ciphertexts, &codes.collect::<Vec<_>>(), &bins).unwrap();
    assert_eq!(sums, bytes("sums"));
    assert_eq!(elgamal::release(&sums, &key, &unhex(&seeds[1])).unwrap(), bytes("released"));
    let opened: Vec<u32> = numbers("opened").collect();
    assert_eq!(elgamal::open(&bytes("released"), &secret, &opened).unwrap(), opened);
    let mut low = opened;
    low[3] -= 1;
    assert_eq!(elgamal::open(&bytes("released"), &secret, &low), Err(KernelError::Residue(3)));
}
