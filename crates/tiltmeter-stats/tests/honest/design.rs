//! What is drawn.

use tiltmeter_stats::Sample;

/// How many samples are drawn for each cell of a design.
pub(crate) const RUNS: usize = if cfg!(feature = "long-simulations") { 18_000 } else { 600 };

/// How rows come to have weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weighting {
    /// All rows were kept.
    None,
    /// Rows were kept with the probability 1, 1/2 or 1/10, whatever their value, and weigh its inverse.
    Sampled,
}

impl Weighting {
    /// How many rows have about the effective size of so many without weights: Kish's share of these weights is 0.54.
    pub(crate) fn rows_for(self, effective: usize) -> usize {
        match self {
            Self::None => effective,
            Self::Sampled => 2 * effective,
        }
    }
}

pub(crate) const WEIGHTINGS: [Weighting; 2] = [Weighting::None, Weighting::Sampled];

/// Seeded randomness.
pub(crate) struct Random(fastrand::Rng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    pub(crate) fn seed(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// Uniform in [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.f64()
    }

    pub(crate) fn is(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Standard normal.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    pub(crate) fn values(&mut self, shape: Shape, count: usize, shift: f64) -> Vec<f64> {
        (0..count).map(|_| shape.of(self.normal() + shift)).collect()
    }

    /// None where rows are not sampled.
    pub(crate) fn weights(&mut self, weighting: Weighting, count: usize) -> Option<Vec<f64>> {
        let weight = |random: &mut Self| [1.0, 2.0, 10.0][random.0.usize(..3)];
        (weighting == Weighting::Sampled).then(|| (0..count).map(|_| weight(self)).collect())
    }

    pub(crate) fn rows(&mut self, shape: Shape, weighting: Weighting, count: usize, shift: f64) -> Rows {
        Rows { values: self.values(shape, count, shift), weights: self.weights(weighting, count) }
    }
}

/// Values, and perhaps weights.
pub(crate) struct Rows {
    pub(crate) values: Vec<f64>,
    pub(crate) weights: Option<Vec<f64>>,
}

impl Rows {
    pub(crate) fn sample(&self) -> Sample<'_> {
        match &self.weights {
            Some(weights) => Sample::weighted(&self.values, weights).unwrap(),
            None => Sample::new(&self.values),
        }
    }

    pub(crate) fn all_weights(&self) -> Vec<f64> {
        self.weights.clone().unwrap_or_else(|| vec![1.0; self.values.len()])
    }
}

/// What values are distributed like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Normal,
    /// Skewed, with a heavy tail.
    Lognormal,
    /// Whole numbers, with about nine of them in use.
    Rounded,
}

impl Shape {
    fn of(self, z: f64) -> f64 {
        match self {
            Self::Normal => z,
            Self::Lognormal => z.exp(),
            Self::Rounded => (2.0 * z).round(),
        }
    }
}
