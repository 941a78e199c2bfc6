//! What is drawn.

use tiltmeter_stats::{Pairs, Sample};

/// How many samples are drawn for each cell of a design.
pub(crate) const RUNS: usize = if cfg!(feature = "long-simulations") { 18_000 } else { 600 };

/// How rows come to have weights: always the inverse of the probability with which they were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weighting {
    /// All rows were kept.
    None,
    /// Rows were kept with the probability 1, 1/2 or 1/10, whatever is in them.
    Sampled,
    /// Rows with a value that is sought were kept, and one in five of the others.
    ByValue,
    /// Positive rows were kept, and one in five of the others.
    ByLabel,
    /// Rows with a value that is sought were kept, and every fifth of the others: a fixed share of either stratum,
    /// which says more than if each row had been drawn by itself.
    InStrata,
}

impl Weighting {
    /// How many rows have about the effective size of so many without weights: Kish's share of these weights is 0.54
    /// to 0.6.
    pub(crate) fn rows_for(self, effective: usize) -> usize {
        match self {
            Self::None => effective,
            Self::Sampled | Self::ByValue | Self::ByLabel | Self::InStrata => 2 * effective,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sampled => "sampled",
            Self::ByValue => "by value",
            Self::ByLabel => "by label",
            Self::InStrata => "strata",
        }
    }
}

/// Of what takes no weights.
pub(crate) const UNWEIGHTED: &[Weighting] = &[Weighting::None];
/// Of what takes the weights for independent of the values, most often by Kish's effective size.
pub(crate) const INDEPENDENT: &[Weighting] = &[Weighting::None, Weighting::Sampled];
/// Of what says that it holds when the weights depend on the values too.
pub(crate) const BY_VALUE: &[Weighting] = &[Weighting::None, Weighting::Sampled, Weighting::ByValue];
/// The same of rows with a score and a label.
pub(crate) const BY_LABEL: &[Weighting] =
    &[Weighting::None, Weighting::Sampled, Weighting::ByValue, Weighting::ByLabel];

/// Of what documents that it is too cautious then.
pub(crate) const IN_STRATA: &[Weighting] = &[Weighting::InStrata];

/// Seeded randomness.
pub(crate) struct Random(fastrand::Rng);

impl Random {
    /// Of a cell of a design, so that no case moves another one's numbers.
    pub(crate) fn of(name: &str, weighting: Weighting, rows: usize) -> Self {
        // FNV-1a
        let bytes = name.bytes().chain(weighting.name().bytes()).chain(rows.to_le_bytes());
        let seed = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
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

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.usize(..end)
    }

    /// Standard normal.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// So many rows that were kept. All rows have a weight, or none.
    pub(crate) fn kept<T>(
        &mut self,
        weighting: Weighting,
        count: usize,
        mut draw: impl FnMut(&mut Self) -> T,
        is_sought: impl Fn(&T) -> bool,
    ) -> Kept<T> {
        let (mut rows, mut weights) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut others = self.0.usize(..5);
        while rows.len() < count {
            let row = draw(self);
            let weight = match weighting {
                Weighting::None => 1.0,
                Weighting::Sampled => [1.0, 2.0, 10.0][self.0.usize(..3)],
                _ if is_sought(&row) => 1.0,
                Weighting::ByValue | Weighting::ByLabel if self.is(0.2) => 5.0,
                Weighting::ByValue | Weighting::ByLabel => continue,
                Weighting::InStrata => {
                    others += 1;
                    if !others.is_multiple_of(5) {
                        continue;
                    }
                    5.0
                }
            };
            rows.push(row);
            weights.push(weight);
        }
        Kept { rows, weights: (weighting != Weighting::None).then_some(weights) }
    }

    /// Values of which those above the median of the shape without a shift are sought.
    pub(crate) fn values(
        &mut self,
        shape: Shape,
        weighting: Weighting,
        count: usize,
        shift: f64,
    ) -> Kept<f64> {
        let median = shape.of(0.0);
        self.kept(weighting, count, |random| shape.of(random.normal() + shift), |&value| value > median)
    }
}

/// Rows, and perhaps weights.
pub(crate) struct Kept<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) weights: Option<Vec<f64>>,
}

impl<T: Copy> Kept<T> {
    /// One column of the rows.
    pub(crate) fn column<C>(&self, of: fn(T) -> C) -> Vec<C> {
        self.rows.iter().copied().map(of).collect()
    }

    pub(crate) fn all_weights(&self) -> Vec<f64> {
        self.weights.clone().unwrap_or_else(|| vec![1.0; self.rows.len()])
    }
}

impl Kept<f64> {
    pub(crate) fn sample(&self) -> Sample<'_> {
        match &self.weights {
            Some(weights) => Sample::weighted(&self.rows, weights).unwrap(),
            None => Sample::new(&self.rows),
        }
    }
}

impl Kept<(f64, f64)> {
    /// Hands both columns on.
    pub(crate) fn with_pairs<R>(&self, of: impl FnOnce(Pairs<'_>) -> R) -> R {
        let (x, y) = (self.column(|(x, _)| x), self.column(|(_, y)| y));
        match &self.weights {
            Some(weights) => of(Pairs::weighted(&x, &y, weights).unwrap()),
            None => of(Pairs::new(&x, &y).unwrap()),
        }
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
