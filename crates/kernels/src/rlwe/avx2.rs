//! Four residues at a time, as doubles that hold integers.
//!
//! With w/p known, q = round(a·(w/p)), h = a·w rounded and l = a·w - h
//! exact by one fused multiplication, a·w - q·p = (h - q·p) + l, and all of it is exact while |a| <= 4p, |w| <= p/2 and
//! p < 2^50: |q| < 2^53, the quotient is off by at most 1/2 + 4/8, h - q·p is an integer below 2^52. Between passes of two
//! stages values are below 1.9·p forward and p backward (each sum adds its terms' bounds, a product of |a| <= A·p is
//! below (1/2 + A/8)·p); passes reduce what they only add. The result is canonical, so both codes agree in every bit.

use super::prime::{Factor, Prime};
use std::arch::x86_64::*;
use std::cell::RefCell;

pub const LANES: usize = 4;
/// 2^52 as a double: its lowest mantissa bits are an integer's.
const MAGIC: i64 = 0x4330_0000_0000_0000;

/// Centred factors and their quotients by p, each at the place of `Prime::roots`.
struct Roots {
    w: Vec<f64>,
    quotient: Vec<f64>,
}

pub struct Tables {
    p: f64,
    inverse: f64,
    forward: Roots,
    backward: Roots,
    shrink: f64,
    shrink_quotient: f64,
}

fn centred(factor: Factor, p: u64) -> f64 {
    if factor.value > p / 2 { -((p - factor.value) as f64) } else { factor.value as f64 }
}

impl Tables {
    pub fn new(prime: &Prime) -> Self {
        let p = prime.p as f64;
        let roots = |factors: &[Factor]| {
            let w: Vec<f64> = factors.iter().map(|&factor| centred(factor, prime.p)).collect();
            Roots { quotient: w.iter().map(|w| w / p).collect(), w }
        };
        let shrink = centred(prime.shrink, prime.p);
        Self {
            p,
            inverse: 1.0 / p,
            forward: roots(&prime.roots),
            backward: roots(&prime.inverse_roots),
            shrink,
            shrink_quotient: shrink / p,
        }
    }
}

#[derive(Clone, Copy)]
struct Field {
    p: __m256d,
    inverse: __m256d,
}

/// A factor in all lanes, or one a lane.
#[derive(Clone, Copy)]
struct Root(__m256d, __m256d);

const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;

impl Field {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn of(tables: &Tables) -> Self {
        Self { p: _mm256_set1_pd(tables.p), inverse: _mm256_set1_pd(tables.inverse) }
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn times(self, a: __m256d, Root(w, quotient): Root) -> __m256d {
        let q = _mm256_round_pd::<NEAREST>(_mm256_mul_pd(a, quotient));
        let high = _mm256_mul_pd(a, w);
        let low = _mm256_fmsub_pd(a, w, high);
        _mm256_add_pd(_mm256_fnmadd_pd(q, self.p, high), low)
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn reduce(self, a: __m256d) -> __m256d {
        let q = _mm256_round_pd::<NEAREST>(_mm256_mul_pd(a, self.inverse));
        _mm256_fnmadd_pd(q, self.p, a)
    }

    /// Two stages forward, first by `w`, then by `w0` and `w1`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn split(self, x: [__m256d; 4], w: Root, w0: Root, w1: Root) -> [__m256d; 4] {
        let (a, b) = (self.reduce(x[0]), self.reduce(x[1]));
        let (c, d) = (self.times(x[2], w), self.times(x[3], w));
        let (a, c) = (_mm256_add_pd(a, c), _mm256_sub_pd(a, c));
        let (b, d) = (_mm256_add_pd(b, d), _mm256_sub_pd(b, d));
        let (b, d) = (self.times(b, w0), self.times(d, w1));
        [_mm256_add_pd(a, b), _mm256_sub_pd(a, b), _mm256_add_pd(c, d), _mm256_sub_pd(c, d)]
    }

    /// Two stages backward, first by `w0` and `w1`, then by `w`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn join(self, x: [__m256d; 4], w: Root, w0: Root, w1: Root) -> [__m256d; 4] {
        let (a, b) = (_mm256_add_pd(x[0], x[1]), self.times(_mm256_sub_pd(x[0], x[1]), w0));
        let (c, d) = (_mm256_add_pd(x[2], x[3]), self.times(_mm256_sub_pd(x[2], x[3]), w1));
        [
            self.reduce(_mm256_add_pd(a, c)),
            self.reduce(_mm256_add_pd(b, d)),
            self.times(_mm256_sub_pd(a, c), w),
            self.times(_mm256_sub_pd(b, d), w),
        ]
    }
}

impl Roots {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn all(&self, at: usize) -> Root {
        Root(_mm256_set1_pd(self.w[at]), _mm256_set1_pd(self.quotient[at]))
    }

    /// Places at, at + 1, at + 2, at + 3.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn each(&self, at: usize) -> Root {
        let [w, quotient] = [&self.w, &self.quotient].map(|of| load(&of[at..at + LANES]));
        Root(w, quotient)
    }

    /// Places at, at + 2, at + 4, at + 6, and those between.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn pairs(&self, at: usize) -> (Root, Root) {
        let [w, quotient] = [&self.w, &self.quotient].map(|of| {
            let (low, high) = (load(&of[at..at + LANES]), load(&of[at + LANES..at + 2 * LANES]));
            let even = _mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_unpacklo_pd(low, high));
            (even, _mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_unpackhi_pd(low, high)))
        });
        (Root(w.0, quotient.0), Root(w.1, quotient.1))
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load(from: &[f64]) -> __m256d {
    let from: &[f64; LANES] = from.first_chunk().expect("a whole register");
    // SAFETY: four doubles; no alignment needed.
    unsafe { _mm256_loadu_pd(from.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store(to: &mut [f64], value: __m256d) {
    let to: &mut [f64; LANES] = to.first_chunk_mut().expect("a whole register");
    // SAFETY: likewise.
    unsafe { _mm256_storeu_pd(to.as_mut_ptr(), value) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn transpose(x: [__m256d; 4]) -> [__m256d; 4] {
    let (a, b) = (_mm256_unpacklo_pd(x[0], x[1]), _mm256_unpackhi_pd(x[0], x[1]));
    let (c, d) = (_mm256_unpacklo_pd(x[2], x[3]), _mm256_unpackhi_pd(x[2], x[3]));
    [
        _mm256_permute2f128_pd::<0x20>(a, c),
        _mm256_permute2f128_pd::<0x20>(b, d),
        _mm256_permute2f128_pd::<0x31>(a, c),
        _mm256_permute2f128_pd::<0x31>(b, d),
    ]
}

thread_local! {
    static SCRATCH: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

fn with_scratch(n: usize, run: impl FnOnce(&mut [f64])) {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() < n {
            scratch.resize(n, 0.0);
        }
        run(&mut scratch[..n]);
    });
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn doubles(x: &[u64; LANES]) -> __m256d {
    let magic = _mm256_set1_epi64x(MAGIC);
    let shifted = _mm256_castsi256_pd(_mm256_or_si256(words(x), magic));
    _mm256_sub_pd(shifted, _mm256_castsi256_pd(magic))
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn to_doubles(x: &[u64], y: &mut [f64]) {
    for (x, y) in x.as_chunks::<LANES>().0.iter().zip(y.chunks_exact_mut(LANES)) {
        store(y, doubles(x));
    }
}

/// Between -p and p to 0..p.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn put(field: Field, value: __m256d, to: &mut [u64; LANES]) {
    let magic = _mm256_set1_epi64x(MAGIC);
    let negative = _mm256_cmp_pd::<_CMP_LT_OQ>(value, _mm256_setzero_pd());
    let positive = _mm256_add_pd(value, _mm256_and_pd(negative, field.p));
    let bits = _mm256_castpd_si256(_mm256_add_pd(positive, _mm256_castsi256_pd(magic)));
    put_words(_mm256_xor_si256(bits, magic), to);
}

#[target_feature(enable = "avx2,fma")]
pub fn forward(tables: &Tables, x: &mut [u64]) {
    let n = x.len();
    assert!(n >= 16 && n == tables.forward.w.len());
    let field = Field::of(tables);
    with_scratch(n, |y| forward_doubles(field, &tables.forward, x, y));
}

#[target_feature(enable = "avx2,fma")]
fn forward_doubles(field: Field, roots: &Roots, x: &mut [u64], y: &mut [f64]) {
    let n = x.len();
    to_doubles(x, y);
    let mut m = 1;
    if n.trailing_zeros() % 2 == 1 {
        let (low, high) = y.split_at_mut(n / 2);
        let w = roots.all(1);
        for (low, high) in low.chunks_exact_mut(LANES).zip(high.chunks_exact_mut(LANES)) {
            let (a, b) = (load(low), field.times(load(high), w));
            store(low, _mm256_add_pd(a, b));
            store(high, _mm256_sub_pd(a, b));
        }
        m = 2;
    }
    while m < n / 4 {
        for (i, block) in y.chunks_exact_mut(n / m).enumerate() {
            let (w, w0, w1) = (roots.all(m + i), roots.all(2 * (m + i)), roots.all(2 * (m + i) + 1));
            quarters(block, |x| field.split(x, w, w0, w1));
        }
        m *= 4;
    }
    for (i, (x, y)) in x.as_chunks_mut::<16>().0.iter_mut().zip(y.chunks_exact(16)).enumerate() {
        let (w0, w1) = roots.pairs(2 * (m + 4 * i));
        let rows = transpose([load(y), load(&y[4..]), load(&y[8..]), load(&y[12..])]);
        let rows = transpose(field.split(rows, roots.each(m + 4 * i), w0, w1));
        for (row, x) in rows.into_iter().zip(x.as_chunks_mut().0) {
            put(field, field.reduce(row), x);
        }
    }
}

#[target_feature(enable = "avx2,fma")]
pub fn inverse(tables: &Tables, x: &mut [u64]) {
    let n = x.len();
    assert!(n >= 16 && n <= tables.backward.w.len());
    let field = Field::of(tables);
    let shrink = Root(_mm256_set1_pd(tables.shrink), _mm256_set1_pd(tables.shrink_quotient));
    with_scratch(n, |y| inverse_doubles(field, &tables.backward, shrink, x, y));
}

#[target_feature(enable = "avx2,fma")]
fn inverse_doubles(field: Field, roots: &Roots, shrink: Root, x: &mut [u64], y: &mut [f64]) {
    let n = x.len();
    to_doubles(x, y);
    let mut m = n / 4;
    for (i, y) in y.chunks_exact_mut(16).enumerate() {
        let (w0, w1) = roots.pairs(2 * (m + 4 * i));
        let rows = transpose([load(y), load(&y[4..]), load(&y[8..]), load(&y[12..])]);
        let rows = transpose(field.join(rows, roots.each(m + 4 * i), w0, w1));
        for (row, y) in rows.into_iter().zip(y.chunks_exact_mut(LANES)) {
            store(y, row);
        }
    }
    while m >= 4 {
        m /= 4;
        for (i, block) in y.chunks_exact_mut(n / m).enumerate() {
            let (w, w0, w1) = (roots.all(m + i), roots.all(2 * (m + i)), roots.all(2 * (m + i) + 1));
            quarters(block, |x| field.join(x, w, w0, w1));
        }
    }
    if m == 2 {
        let (low, high) = y.split_at_mut(n / 2);
        let w = roots.all(1);
        for (low, high) in low.chunks_exact_mut(LANES).zip(high.chunks_exact_mut(LANES)) {
            let (a, b) = (load(low), load(high));
            store(low, _mm256_add_pd(a, b));
            store(high, field.times(_mm256_sub_pd(a, b), w));
        }
    }
    for (x, y) in x.as_chunks_mut().0.iter_mut().zip(y.chunks_exact(LANES)) {
        put(field, field.reduce(field.times(load(y), shrink)), x);
    }
}

/// Registers at the same place of the four quarters of a block.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn quarters(block: &mut [f64], step: impl Fn([__m256d; 4]) -> [__m256d; 4]) {
    let (low, high) = block.split_at_mut(block.len() / 2);
    let ((a, b), (c, d)) = (low.split_at_mut(low.len() / 2), high.split_at_mut(high.len() / 2));
    let rows = a.chunks_exact_mut(LANES).zip(b.chunks_exact_mut(LANES));
    let others = c.chunks_exact_mut(LANES).zip(d.chunks_exact_mut(LANES));
    for ((a, b), (c, d)) in rows.zip(others) {
        let x = step([load(a), load(b), load(c), load(d)]);
        store(a, x[0]);
        store(b, x[1]);
        store(c, x[2]);
        store(d, x[3]);
    }
}

/// x + a·b place by place, or x - a·b. The quotient of b has the error of a product more than a known one, at most 1/4 in all.
#[target_feature(enable = "avx2,fma")]
pub fn add_products<const MINUS: bool>(tables: &Tables, x: &mut [u64], a: &[u64], b: &[u64]) {
    assert!(x.len() == a.len() && x.len() == b.len());
    let field = Field::of(tables);
    let factors = a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0);
    for (x, (a, b)) in x.as_chunks_mut::<LANES>().0.iter_mut().zip(factors) {
        let b = doubles(b);
        let product = field.times(doubles(a), Root(b, _mm256_mul_pd(b, field.inverse)));
        let start = doubles(x);
        let sum = if MINUS { _mm256_sub_pd(start, product) } else { _mm256_add_pd(start, product) };
        put(field, field.reduce(sum), x);
    }
}

/// Whether all words are below p, itself below 2^63.
#[target_feature(enable = "avx2")]
pub fn below(x: &[u64], p: u64) -> bool {
    let most = _mm256_set1_epi64x(p as i64 - 1);
    let mut above = _mm256_setzero_si256();
    let (rows, rest) = x.as_chunks::<LANES>();
    for row in rows {
        let row = words(row);
        above = _mm256_or_si256(above, _mm256_or_si256(row, _mm256_cmpgt_epi64(row, most)));
    }
    _mm256_movemask_pd(_mm256_castsi256_pd(above)) == 0 && rest.iter().all(|&x| x < p)
}

#[inline]
#[target_feature(enable = "avx2")]
pub fn words(from: &[u64; LANES]) -> __m256i {
    // SAFETY: four words; no alignment needed.
    unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
pub fn put_words(value: __m256i, to: &mut [u64; LANES]) {
    // SAFETY: likewise.
    unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), value) }
}
