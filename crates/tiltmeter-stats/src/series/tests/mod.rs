//! Numbers of other tools, laws, and what simulations say.

mod detectors;
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod trends;

/// Values that the tests of several tools share: `s = (s * 1103515245 + 12345) % 2**31`, `s / 2**31`, from 12345 on.
fn congruential(count: usize) -> Vec<f64> {
    let mut state = 12_345_u64;
    let next = |_| {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        state as f64 / f64::from(1_u32 << 31)
    };
    (0..count).map(next).collect()
}
