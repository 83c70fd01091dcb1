//! Every kind of lanes, emulated or real, against curve25519-dalek and RFC 9496.

use super::bulk::{Group, Lanes, Scalars};
use super::canonical;
use super::doubles;
use super::emulation::{Emulated, EmulatedDoubles};
use super::field::{self, Field};
use super::lanes::LANES_MAX;
use super::words;
use crate::ristretto::OneByOne;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;

/// p and small multiples of what is near it, as encodings that are not canonical; and small numbers.
fn edges() -> Vec<[u8; 32]> {
    let mut edges = vec![[0; 32], [0xff; 32], [0x7f; 32], [0x80; 32]];
    for low in 0xe8..=0xffu8 {
        let mut near_p = [0xff; 32];
        (near_p[0], near_p[31]) = (low, 0x7f);
        edges.push(near_p);
    }
    for bit in [0, 1, 2, 49, 50, 51, 52, 101, 102, 103, 153, 204, 253, 254] {
        let mut power = [0u8; 32];
        power[bit / 8] = 1 << (bit % 8);
        edges.push(power);
        edges.push(canonical::bytes(canonical::limbs(&power).map(|limb| -(limb as i64))));
    }
    edges
}

/// Schoolbook, one element at a time.
fn times(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let (a, b) = (canonical::limbs(a), canonical::limbs(b));
    let mut columns = [0u128; 5];
    for i in 0..5 {
        for j in 0..5 {
            let wrap = if i + j < 5 { 1 } else { 19 };
            columns[(i + j) % 5] += wrap * u128::from(a[i]) * u128::from(b[j]);
        }
    }
    for _ in 0..2 {
        for k in 0..5 {
            let carry = columns[k] >> 51;
            columns[k] &= (1 << 51) - 1;
            columns[(k + 1) % 5] += carry * if k == 4 { 19 } else { 1 };
        }
    }
    canonical::bytes(columns.map(|column| column as i64))
}

fn check_field<F: Field>(a: &[[u8; 32]; LANES_MAX], b: &[[u8; 32]; LANES_MAX]) {
    let width = <F::Words as super::lanes::Words>::LANES;
    let (x, y) = (F::from_bytes(a), F::from_bytes(b));
    let expect = |got: F, want: &dyn Fn(usize) -> [u8; 32]| {
        let got = got.to_bytes();
        (0..width).for_each(|lane| assert_eq!(got[lane], want(lane), "lane {lane} of {a:?}, {b:?}"));
    };
    let sum = |lane: usize, sign: i64| {
        let (p, q) = (canonical::limbs(&a[lane]), canonical::limbs(&b[lane]));
        canonical::bytes(std::array::from_fn(|k| p[k] as i64 + sign * q[k] as i64))
    };
    expect(x.times(&y), &|lane| times(&a[lane], &b[lane]));
    expect(x.square(), &|lane| times(&a[lane], &a[lane]));
    expect(x.plus(&y), &|lane| sum(lane, 1));
    expect(x.minus(&y), &|lane| sum(lane, -1));
    expect(F::reduce(&F::product(&x.difference(&y), &y)), &|lane| times(&sum(lane, -1), &b[lane]));
    let four = F::wide_sum(&F::product(&x.sum(&x), &y), &F::wide_sum(&x.squared(), &y.squared()));
    expect(F::reduce(&four), &|lane| times(&sum(lane, 1), &sum(lane, 1)));
    let none = F::constant(field::ZERO);
    let negative = F::wide_difference(&none.squared(), &four);
    expect(F::reduce(&negative).negate(), &|lane| times(&sum(lane, 1), &sum(lane, 1)));
    let one = times(&a[0], &F::from_bytes(&[a[0]; LANES_MAX]).inverted().to_bytes()[0]);
    let zero = canonical::bytes(canonical::limbs(&a[0]).map(|limb| limb as i64)) == [0; 32];
    assert_eq!(one[0], u8::from(!zero));
}

trait Inverted: Field {
    fn inverted(&self) -> Self {
        field::invert(self)
    }
}
impl<F: Field> Inverted for F {}

/// Each kind of lanes this machine can run; the emulated ones always.
fn each_group(check: impl Fn(&dyn Lanes)) {
    check(&OneByOne);
    check(&Group::<doubles::Element<EmulatedDoubles<4>>>::NEW);
    check(&Group::<words::Element<Emulated<8>>>::NEW);
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            check(&Group::<doubles::Element<super::x86::Avx2Doubles>>::NEW);
        }
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma") {
            check(&Group::<words::Element<super::x86::IfmaWords>>::NEW);
        }
    }
}

fn each_field(a: &[[u8; 32]; LANES_MAX], b: &[[u8; 32]; LANES_MAX]) {
    check_field::<doubles::Element<EmulatedDoubles<4>>>(a, b);
    check_field::<words::Element<Emulated<8>>>(a, b);
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            check_field::<doubles::Element<super::x86::Avx2Doubles>>(a, b);
        }
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma") {
            check_field::<words::Element<super::x86::IfmaWords>>(a, b);
        }
    }
}

fn decode(encoding: &[u8]) -> Option<RistrettoPoint> {
    CompressedRistretto::from_slice(encoding).ok()?.decompress()
}

fn doubled(point: RistrettoPoint, scalar: &Scalar) -> [u8; 32] {
    let product = point * scalar;
    (product + product).compress().to_bytes()
}

fn check_map(lanes: &dyn Lanes, uniform: &[u8], scalar: &Scalar) {
    let count = uniform.len() / 64;
    let points: Vec<_> =
        uniform.chunks_exact(64).map(|bytes| RistrettoPoint::from_uniform_bytes(bytes.try_into().unwrap())).collect();
    let mut out = vec![0; 32 * count];
    lanes.map(uniform, &mut out);
    assert_eq!(out, points.iter().flat_map(|point| point.compress().to_bytes()).collect::<Vec<_>>());
    lanes.map_and_multiply_doubled(uniform, Scalars::Same(scalar.as_bytes()), &mut out);
    assert_eq!(out, points.iter().flat_map(|point| doubled(*point, scalar)).collect::<Vec<_>>());
}

#[test]
fn fields_agree_on_edges() {
    let edges = edges();
    for first in 0..edges.len() {
        let a = std::array::from_fn(|lane| edges[(first + lane) % edges.len()]);
        let b = std::array::from_fn(|lane| edges[(7 * first + 3 * lane) % edges.len()]);
        each_field(&a, &b);
        each_field(&a, &a);
    }
}

#[test]
fn scalars_at_the_edges() {
    let one = Scalar::ONE;
    let ladder = (0..253).step_by(23).map(|bit| {
        let mut bytes = [0u8; 32];
        bytes[bit / 8] = 1 << (bit % 8);
        Scalar::from_bytes_mod_order(bytes)
    });
    let ones = Scalar::from_bytes_mod_order([0xff; 32]);
    let nibbles = [0x0f, 0xf0, 0x10, 0x84, 0x21, 0x42, 0x7b].map(|byte| Scalar::from_bytes_mod_order([byte; 32]));
    let scalars: Vec<_> = [one, one + one, -one, -(one + one), ones].into_iter().chain(nibbles).chain(ladder).collect();
    let base = RISTRETTO_BASEPOINT_POINT.compress().to_bytes();
    let points = base.repeat(scalars.len());
    let bytes: Vec<u8> = scalars.iter().flat_map(Scalar::to_bytes).collect();
    let expected: Vec<u8> = scalars.iter().flat_map(|scalar| doubled(RISTRETTO_BASEPOINT_POINT, scalar)).collect();
    each_group(|lanes| {
        let mut out = vec![0; points.len()];
        lanes.multiply_doubled(&points, Scalars::Each(&bytes), &mut out).unwrap();
        assert_eq!(out, expected);
    });
}

#[test]
fn decoding_refuses_what_dalek_refuses_and_the_identity() {
    let good = RISTRETTO_BASEPOINT_POINT.compress().to_bytes();
    for (i, edge) in edges().into_iter().enumerate() {
        let fine = decode(&edge).is_some() && edge != [0; 32];
        let place = i % 9;
        let mut points = [good; 9];
        points[place] = edge;
        let expected = if fine { Ok(()) } else { Err(place) };
        each_group(|lanes| assert_eq!(lanes.validate(points.as_flattened()), expected, "{edge:?}"));
    }
}

#[test]
fn maps_agree_on_edges() {
    let uniform: Vec<u8> = edges().iter().flat_map(|edge| [*edge, edges()[5]].concat()).collect();
    each_group(|lanes| check_map(lanes, &uniform, &-Scalar::ONE));
}

#[test]
fn the_identity_encodes_as_zero() {
    // Its scalar is none that the kernels take, but the encoding must stand it.
    let points = RISTRETTO_BASEPOINT_POINT.compress().to_bytes().repeat(9);
    each_group(|lanes| {
        let mut out = vec![1; points.len()];
        lanes.multiply_doubled(&points, Scalars::Same(&[0; 32]), &mut out).unwrap();
        assert_eq!(out, vec![0; points.len()]);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn fields_agree(a in any::<[[u8; 32]; LANES_MAX]>(), b in any::<[[u8; 32]; LANES_MAX]>()) {
        each_field(&a, &b);
    }

    #[test]
    fn groups_agree(seed in any::<[u8; 64]>(), scalar in any::<[u8; 32]>(), count in 1usize..12) {
        let scalar = Scalar::from_bytes_mod_order(scalar);
        let uniform: Vec<u8> = (0..64 * count).map(|i| seed[i % 64].wrapping_mul(i as u8 | 1)).collect();
        each_group(|lanes| check_map(lanes, &uniform, &scalar));
        let points: Vec<u8> = uniform
            .chunks_exact(64)
            .flat_map(|bytes| RistrettoPoint::from_uniform_bytes(bytes.try_into().unwrap()).compress().to_bytes())
            .collect();
        let expected: Vec<u8> =
            points.chunks_exact(32).flat_map(|point| doubled(decode(point).unwrap(), &scalar)).collect();
        each_group(|lanes| {
            let mut out = vec![0; points.len()];
            lanes.multiply_doubled(&points, Scalars::Same(scalar.as_bytes()), &mut out).unwrap();
            assert_eq!(out, expected);
        });
    }

    #[test]
    fn decoding_agrees(encoding in any::<[u8; 32]>()) {
        let mut encoding = encoding;
        encoding[0] &= 0xfe;
        encoding[31] &= 0x7f;
        let expected = if decode(&encoding).is_some() { Ok(()) } else { Err(0) };
        each_group(|lanes| assert_eq!(lanes.validate(&encoding), expected));
    }
}
