//! Failures of the key-value store at reduced parameters: near the line that is extrapolated to the real ones, and falling
//! faster the more slots there are.

#[path = "../examples/okvs-failures.rs"]
mod failures;

const KEYS: usize = 512;
const TRIALS: u64 = 1 << 16;

#[test]
fn failures_fall_as_measured() {
    let measured = |bits: f64| {
        let (large, _) = failures::measure(KEYS, bits, TRIALS);
        assert!(large > 8, "too few failures to measure: {large} at 2^-{bits}");
        -(large as f64 / TRIALS as f64).log2()
    };
    let [low, middle, high] = [4.0, 8.0, 12.0].map(measured);
    for (bits, found) in [(4.0, low), (8.0, middle), (12.0, high)] {
        assert!(found > bits - 2.0, "2^-{found} where the line says 2^-{bits}");
    }
    // A parabola: each slot more helps more than the one before.
    assert!(high - middle > middle - low, "{low} {middle} {high}");
}
