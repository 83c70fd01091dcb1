//! Hashing to the curve: the suite SM2_XMD:SM3_SSWU_RO_ by the rules of RFC 9380 (8.10), which has none for this curve.
//! expand_message_xmd with SM3, k = 128, L = 48, Z = -9, m = h_eff = 1. A test finds Z by the RFC's algorithm (H.2).

use super::field::Field;
use super::point::{A, B, Point};
use crate::error::{Result, require};
use crate::hashing::message_count;
use sm3::{Digest, Sm3};

const Z: Field = Field::from_limbs([9, 0, 0, 0]).negate();
/// sqrt(-Z)
const ROOT: Field = Field::from_limbs([3, 0, 0, 0]);
/// Two field elements of L bytes.
const UNIFORM: usize = 2 * 48;

pub(super) struct TaggedHash<'a> {
    messages: &'a [u8],
    offsets: &'a [u32],
    /// SM3 after Z_pad
    start: Sm3,
    /// DST || I2OSP(len(DST), 1)
    dst_prime: Vec<u8>,
    pub(super) count: usize,
}

impl<'a> TaggedHash<'a> {
    pub(super) fn new(messages: &'a [u8], offsets: &'a [u32], dst: &[u8]) -> Result<Self> {
        require((1..=255).contains(&dst.len()), "a domain separation tag has 1 to 255 bytes")?;
        let count = message_count(messages, offsets)?;
        let dst_prime = [dst, &[dst.len() as u8]].concat();
        Ok(Self { messages, offsets, start: Sm3::new_with_prefix([0u8; 64]), dst_prime, count })
    }

    pub(super) fn point(&self, index: usize) -> Point {
        let uniform = self.expand(&self.messages[self.offsets[index] as usize..self.offsets[index + 1] as usize]);
        let [first, second] = uniform.as_chunks().0 else { unreachable!("two elements") };
        map(&Field::reduce(first)).add(&map(&Field::reduce(second)))
    }

    /// RFC 9380 5.3.1.
    fn expand(&self, message: &[u8]) -> [u8; UNIFORM] {
        let b0 = self
            .start
            .clone()
            .chain_update(message)
            .chain_update([0, UNIFORM as u8, 0]) // I2OSP(96, 2) || I2OSP(0, 1)
            .chain_update(&self.dst_prime)
            .finalize();
        let mut out = [0; UNIFORM];
        let mut block = [0; 32];
        for (i, out) in out.as_chunks_mut::<32>().0.iter_mut().enumerate() {
            for (byte, first) in block.iter_mut().zip(b0) {
                *byte ^= first;
            }
            let digest =
                Sm3::new_with_prefix(block).chain_update([i as u8 + 1]).chain_update(&self.dst_prime).finalize();
            block.copy_from_slice(&digest);
            *out = block;
        }
        out
    }
}

/// Simplified SWU without inversions: RFC 9380 F.2, x = xn / xd.
fn map(u: &Field) -> Point {
    let zuu = Z.multiply(&u.square());
    let sum = zuu.square().add(&zuu);
    let xn1 = B.multiply(&sum.add(&Field::ONE));
    let xd = A.multiply(&sum.negate().select(&Z, sum.equals(&Field::ZERO)));
    let xd2 = xd.square();
    let xd3 = xd2.multiply(&xd);
    // x1^3 + A·x1 + B as a fraction over xd^3
    let gx1 = xn1.square().add(&A.multiply(&xd2)).multiply(&xn1).add(&B.multiply(&xd3));
    let (is_square, y1) = Field::root_of_ratio(&gx1, &xd3, &ROOT);
    let xn = zuu.multiply(&xn1).select(&xn1, is_square);
    let y = zuu.multiply(u).multiply(&y1).select(&y1, is_square);
    let y = y.select(&y.negate(), u.sign() ^ y.sign());
    Point { x: xn, y: y.multiply(&xd), z: xd }
}
