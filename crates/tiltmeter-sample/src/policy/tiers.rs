//! The rate by volume.

/// The share of the rows that is kept, by what the fleet predicts in 24 hours.
///
/// By default all of them up to 100,000 predictions a day, half up to a million, a tenth above. A border is crossed upwards
/// at a volume a tenth above it and downwards at a tenth below: a volume that hovers around a border changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct VolumeTiers {
    pub(crate) tiers: Vec<VolumeTier>,
    pub(crate) rate_above: f64,
    pub(crate) hysteresis: f64,
}

/// A rate, and up to which volume it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VolumeTier {
    /// Predictions of the fleet in 24 hours.
    pub up_to_per_day: f64,
    /// The share of the rows that is kept, in (0, 1].
    pub rate: f64,
}

impl VolumeTiers {
    /// These tiers, in ascending order, and `rate_above` beyond the last.
    #[must_use]
    pub fn new(tiers: Vec<VolumeTier>, rate_above: f64) -> Self {
        Self { tiers, rate_above, hysteresis: 0.1 }
    }

    /// One rate, whatever the volume.
    #[must_use]
    pub fn constant(rate: f64) -> Self {
        Self::new(Vec::new(), rate)
    }

    /// How far beyond a border the volume has to be for it to count, as a share of it: 0.01 to 0.5.
    #[must_use]
    pub fn with_hysteresis(mut self, share: f64) -> Self {
        self.hysteresis = share;
        self
    }

    /// The rate of tier number `tier`.
    pub(crate) fn rate(&self, tier: usize) -> f64 {
        self.tiers.get(tier).map_or(self.rate_above, |tier| tier.rate)
    }

    /// The tier of `per_day`, from tier number `tier`.
    pub(crate) fn after(&self, mut tier: usize, per_day: f64) -> usize {
        while self.tiers.get(tier).is_some_and(|at| per_day > at.up_to_per_day * (1.0 + self.hysteresis)) {
            tier += 1;
        }
        let below = |tier: usize| tier.checked_sub(1).and_then(|below| self.tiers.get(below));
        while below(tier).is_some_and(|at| per_day < at.up_to_per_day * (1.0 - self.hysteresis)) {
            tier -= 1;
        }
        tier
    }
}

impl Default for VolumeTiers {
    fn default() -> Self {
        let tier = |up_to_per_day, rate| VolumeTier { up_to_per_day, rate };
        Self::new(vec![tier(1e5, 1.0), tier(1e6, 0.5)], 0.1)
    }
}
