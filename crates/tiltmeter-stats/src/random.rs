//! Seeded randomness.

/// SplitMix64 (Steele, Lea & Flood, *OOPSLA* 2014).
pub(crate) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal (Box & Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Beta(2, 5), the second smallest of six uniform variables: scores of a model of a rare-ish event.
    pub(crate) fn beta_2_5(&mut self) -> f64 {
        let mut draws: [f64; 6] = std::array::from_fn(|_| self.uniform());
        draws.sort_unstable_by(f64::total_cmp);
        draws[1]
    }
}
