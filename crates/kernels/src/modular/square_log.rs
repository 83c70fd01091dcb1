//! Logarithms in 1 + pZ modulo p^2: x = value·entry, y = x^exponent mod p^2, log = ((y - 1)/p)·scale mod p. The core of
//! Okamoto-Uchiyama and Paillier decryption. Constant time, except that it names a value without a logarithm.

use super::bulk::Workspace;
use super::eight::{LANES, Products, put};
use super::eights::Eights;
use super::limbs;
use super::montgomery::Modulus;
use super::multiply_add::{MultiplyAdd, Portable};
use crate::error::{KernelError, Result, element_count, require};

pub struct PrimeSquareLog {
    prime: Modulus,
    square: Modulus,
    exponent: Vec<u8>,
    /// 1/p mod 2^(64·limbs of p), for exact division
    prime_inverse: Vec<u64>,
    /// scale·R mod p
    scale: Vec<u64>,
    /// For each `limbs of p^2` of a value, what takes it into Montgomery form: entry·R^2 and entry·R^3.
    entries: [Vec<u64>; 2],
    value_bytes: usize,
}

impl PrimeSquareLog {
    pub fn new(prime: &[u8], entry: &[u8], exponent: &[u8], scale: &[u8], value_bytes: usize) -> Result<Self> {
        Self::on(Modulus::new, prime, entry, exponent, scale, value_bytes)
    }

    /// `modulus` says on which arithmetic.
    pub(super) fn on(
        modulus: impl Fn(&[u8]) -> Result<Modulus>,
        prime: &[u8],
        entry: &[u8],
        exponent: &[u8],
        scale: &[u8],
        value_bytes: usize,
    ) -> Result<Self> {
        let prime = modulus(prime)?;
        let square = modulus(&square_bytes(&prime))?;
        require(!exponent.is_empty(), "an exponent has at least one byte")?;
        require((1..=2 * square.bytes).contains(&value_bytes), "values must fit twice the width of p^2")?;
        let scale = prime.load_one(&prime.enter(&padded(scale, prime.bytes)?)?)?;
        let entry = square.enter(&square.enter(&padded(entry, square.bytes)?)?)?;
        let low = square.load_one(&entry)?;
        let high = square.load_one(&square.enter(&entry)?)?;
        let prime_inverse = inverse_power_of_two(&prime.n);
        let exponent = exponent.to_vec();
        Ok(Self { prime, square, exponent, prime_inverse, scale, entries: [low, high], value_bytes })
    }

    pub fn logarithms(&self, values: &[u8]) -> Result<Vec<u8>> {
        let count = element_count(values, self.value_bytes)?;
        if let Some(products) = self.square.lanes(count) {
            return self.logarithms_eights(products, values, count);
        }
        let one = self.square.plain_one();
        self.square.map_to(count, self.prime.bytes, |w, i| {
            self.enter(w, &values[i * self.value_bytes..(i + 1) * self.value_bytes]);
            self.square.power_into(w, &self.exponent);
            self.square.multiply_into(&mut w.value, &one, &mut w.scratch); // out of Montgomery form
            if self.logarithm(&mut w.value) { Ok(()) } else { Err(KernelError::Residue(i)) }
        })
    }

    fn logarithms_eights(&self, products: &dyn Products, values: &[u8], count: usize) -> Result<Vec<u8>> {
        let one = self.square.plain_one();
        let enter = |w: &mut Eights, first: usize| {
            let mut entering = self.square.workspace();
            for lane in 0..LANES {
                let at = (first + lane).min(count - 1) * self.value_bytes;
                self.enter(&mut entering, &values[at..at + self.value_bytes]);
                put(&mut w.value, lane, &entering.value);
            }
            w.power(&self.exponent);
            w.spread(&one);
            w.multiply(); // out of Montgomery form
            Ok(())
        };
        self.square.map_eights_to(products, count, self.prime.bytes, enter, |y, i| {
            if self.logarithm(y) { Ok(()) } else { Err(KernelError::Residue(i)) }
        })
    }

    /// w.value = value·entry mod p^2 in Montgomery form.
    fn enter(&self, w: &mut Workspace, value: &[u8]) {
        let split = value.len().min(8 * self.square.limbs());
        let mut high = vec![0u64; self.square.limbs()];
        limbs::from_bytes(&mut w.value, &value[..split]);
        limbs::from_bytes(&mut high, &value[split..]);
        self.square.multiply_into(&mut w.value, &self.entries[0], &mut w.scratch);
        self.square.multiply_into(&mut high, &self.entries[1], &mut w.scratch);
        self.square.add_into(&mut w.value, &high, &mut w.scratch);
    }

    /// y to ((y - 1)/p)·scale mod p in its low limbs; false unless y = 1 mod p.
    fn logarithm(&self, y: &mut [u64]) -> bool {
        let length = self.prime.limbs();
        let mut difference = y.to_vec();
        limbs::subtract(&mut difference, &self.square.plain_one());
        let mut quotient = vec![0u64; length];
        low_product(&mut quotient, &difference[..length], &self.prime_inverse);
        let mut product = vec![0u64; 2 * length];
        for (i, &limb) in quotient.iter().enumerate() {
            product[i + length] = Portable::run(&mut product[i..i + length], &self.prime.n, limb);
        }
        // p^2 has at most twice the limbs of p; y = 0 borrows and does not match.
        product.resize(difference.len().max(2 * length), 0);
        difference.resize(product.len(), 0);
        let exact = limbs::equal(&product, &difference);
        self.prime.multiply_into(&mut quotient, &self.scale, &mut self.prime.scratch());
        y.fill(0);
        y[..length.min(quotient.len())].copy_from_slice(&quotient);
        exact
    }
}

/// out = a·b mod 2^(64·length).
fn low_product(out: &mut [u64], a: &[u64], b: &[u64]) {
    out.fill(0);
    for (i, &limb) in a.iter().enumerate() {
        let rest = b.len() - i;
        Portable::run(&mut out[i..], &b[..rest], limb);
    }
}

/// 1/n mod 2^(64·length) by Newton's iteration: each step doubles the correct bits.
fn inverse_power_of_two(n: &[u64]) -> Vec<u64> {
    let mut inverse = vec![0u64; n.len()];
    inverse[0] = n[0]; // three bits
    let mut correct = 3;
    while correct < 64 * n.len() {
        let mut error = vec![0u64; n.len()];
        low_product(&mut error, n, &inverse);
        // inverse·(2 - n·inverse)
        let mut factor = vec![0u64; n.len()];
        factor[0] = 2;
        limbs::subtract(&mut factor, &error);
        let previous = inverse.clone();
        low_product(&mut inverse, &previous, &factor);
        correct *= 2;
    }
    inverse
}

fn square_bytes(prime: &Modulus) -> Vec<u8> {
    let length = prime.limbs();
    let mut square = vec![0u64; 2 * length];
    for (i, &limb) in prime.n.iter().enumerate() {
        square[i + length] = Portable::run(&mut square[i..i + length], &prime.n, limb);
    }
    square.iter().flat_map(|limb| limb.to_le_bytes()).collect()
}

fn padded(value: &[u8], width: usize) -> Result<Vec<u8>> {
    require(value.len() <= width || value[width..].iter().all(|&byte| byte == 0), "a parameter is too long")?;
    let mut out = value.to_vec();
    out.resize(width, 0);
    Ok(out)
}
