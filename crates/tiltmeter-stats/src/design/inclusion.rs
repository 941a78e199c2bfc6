//! With what probabilities rows were kept, and which of them together.

use std::hash::Hash;

use crate::clusters::Clusters;
use crate::error::{Error, Result};
use crate::sample::{effective_sample_size, to_about_one};

/// With what probability each row was kept, and which rows were kept together.
///
/// Rows of different clusters are taken as kept independently of each other (Poisson sampling); rows of one cluster by
/// one draw, so that of two the more probable one is always there when the other is. That is what a hash of the request
/// decides, and what a batched request is. Without clusters each row is one by itself.
///
/// ```
/// use tiltmeter_stats::Inclusion;
///
/// let inclusion = Inclusion::clustered(&[1.0, 0.1, 0.1], &["r1", "r2", "r2"])?;
/// assert_eq!(inclusion.weights(), [1.0, 10.0, 10.0]);
/// assert!((inclusion.effective_sample_size() - 441.0 / 201.0).abs() < 1e-12);
/// assert!(Inclusion::new(&[0.5, 0.0]).is_err());
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Inclusion {
    probabilities: Vec<f64>,
    weights: Vec<f64>,
    clusters: Option<Ordered>,
}

/// The rows of each cluster, the least probable first.
#[derive(Clone, Debug)]
struct Ordered {
    rows: Vec<usize>,
    /// Where each cluster begins among them, with the end as the last.
    starts: Vec<usize>,
}

/// How far a sum of weighted influence values is from what all rows would give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    /// 0 when all rows that count were kept for certain; `None` when it is too large for a number.
    pub(super) standard_error: Option<f64>,
    /// Kish's effective number of draws that could have gone the other way, less one; `None` unless above 0.
    pub(super) degrees_of_freedom: Option<f64>,
    /// How many draws could have gone the other way: rows, or clusters, with a probability below 1.
    pub(super) by_chance: usize,
    /// How many clusters have a row that counts; `None` when there was no talk of clusters.
    pub(super) clusters: Option<usize>,
}

impl Inclusion {
    /// Rows that were kept independently of each other.
    ///
    /// # Errors
    /// Invalid when a probability is not above 0 and up to 1, or so small that one over it is no number.
    pub fn new(probabilities: &[f64]) -> Result<Self> {
        let is_possible =
            |probability: &f64| *probability > 0.0 && *probability <= 1.0 && probability.recip().is_finite();
        if let Some(row) = probabilities.iter().position(|probability| !is_possible(probability)) {
            let found = probabilities[row];
            let clause = format!("the inclusion probability {row} is {found}, allowed: above 0 and up to 1");
            return Err(Error::invalid(clause));
        }
        let weights = probabilities.iter().map(|probability| probability.recip()).collect();
        Ok(Self { probabilities: probabilities.to_vec(), weights, clusters: None })
    }

    /// Rows of which those of a cluster were kept by one draw; `clusters` names the cluster of each row, and only
    /// equality counts.
    ///
    /// # Errors
    /// As [`new`](Self::new), and invalid when there are not as many names as probabilities.
    pub fn clustered<C: Eq + Hash>(probabilities: &[f64], clusters: &[C]) -> Result<Self> {
        if probabilities.len() != clusters.len() {
            let (rows, names) = (probabilities.len(), clusters.len());
            return Err(Error::invalid(format!("{rows} rows have {names} names of clusters")));
        }
        let inclusion = Self::new(probabilities)?;
        let (mut rows, starts) = Clusters::new(clusters).rows();
        for bounds in starts.windows(2) {
            rows[bounds[0]..bounds[1]]
                .sort_by(|one, other| probabilities[*one].total_cmp(&probabilities[*other]));
        }
        Ok(Self { clusters: Some(Ordered { rows, starts }), ..inclusion })
    }

    /// The probability of each row.
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// One over the probability of each row: how many rows it stands for, as [`Sample`](crate::Sample) and
    /// [`ScoredLabels`](crate::ScoredLabels) take it. Not normalised: their sum estimates how many rows there were.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.probabilities.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.probabilities.is_empty()
    }

    /// Kish's effective sample size of the rows; 0 without rows.
    #[must_use]
    pub fn effective_sample_size(&self) -> f64 {
        effective_sample_size(self.weights.iter().copied())
    }

    /// The standard error of an estimate about what all rows would give, from its influence values.
    ///
    /// The influence of a row is the derivative of the estimate by the row's weight: x for a total, (x − m)/Σw for a
    /// mean. With π the probabilities, and z the influence values,
    ///
    /// ```text
    /// se² = Σ (1 − π) (z/π)²        with clusters: Σ_c (1 − π_c) (Σ_{rows of c} z/π_c)²
    /// ```
    ///
    /// and, where the rows i and j of a cluster have different probabilities, (1 − max(π_i, π_j)) z_i/π_i z_j/π_j summed
    /// over its pairs. A row that does not count has an influence of 0. 0 when all rows were kept for certain; `None`
    /// when it is too large for a number, or a value is NaN or infinite. Cost: O(n).
    ///
    /// # Errors
    /// Invalid when there are not as many values as rows.
    ///
    /// ```
    /// use tiltmeter_stats::Inclusion;
    ///
    /// // the standard error of a count
    /// let inclusion = Inclusion::new(&[1.0, 0.1, 0.1])?;
    /// assert_eq!(inclusion.standard_error(&[1.0; 3])?, Some((0.9_f64 * 100.0 * 2.0).sqrt()));
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn standard_error(&self, influence: &[f64]) -> Result<Option<f64>> {
        self.check(influence.len(), "influence values")?;
        Ok(self.spread(|row| influence[row] * self.weights[row], |_| true).standard_error)
    }

    pub(super) fn check(&self, values: usize, what: &str) -> Result<()> {
        if values == self.len() {
            return Ok(());
        }
        Err(Error::invalid(format!("{} rows have {values} {what}", self.len())))
    }

    /// Of influence values that are multiplied by their weights already, and the rows that count.
    pub(super) fn spread(&self, weighted: impl Fn(usize) -> f64, counts: impl Fn(usize) -> bool) -> Spread {
        let weighted = |row: usize| if counts(row) { weighted(row) } else { 0.0 };
        let largest = (0..self.len()).map(|row| weighted(row).abs()).fold(0.0, f64::max);
        let scale = to_about_one(largest);
        let mut variance = 0.0;
        self.for_each_draw(|row| weighted(row) * scale, |draw| variance += draw);

        let weight = |row: usize| if counts(row) { self.weights[row] } else { 0.0 };
        let light = to_about_one((0..self.len()).map(weight).fold(0.0, f64::max));
        let (mut by_chance, mut sum, mut squares) = (0, 0.0, 0.0);
        self.for_each_draw(
            |row| weight(row) * light,
            |draw| {
                by_chance += usize::from(draw > 0.0);
                sum += draw;
                squares += draw * draw;
            },
        );
        let error = variance.max(0.0).sqrt() / scale;
        let freedom = if squares > 0.0 { sum * sum / squares - 1.0 } else { 0.0 };
        Spread {
            standard_error: (error.is_finite() && largest.is_finite()).then_some(error),
            // one draw that is all but alone has an effective number of 1 and a few roundings
            degrees_of_freedom: (freedom > 1e-12).then_some(freedom),
            by_chance,
            clusters: self.clusters.as_ref().map(|ordered| {
                let bounds = ordered.starts.windows(2);
                bounds
                    .filter(|bounds| ordered.rows[bounds[0]..bounds[1]].iter().any(|&row| counts(row)))
                    .count()
            }),
        }
    }

    /// The standard error of a sum over each part of the rows, of influence values that are multiplied by their weights
    /// already. `part_of` has the part of each row, below `parts`. One pass over the rows, and a sort of those of a cluster by
    /// part.
    pub(super) fn standard_errors_by_part(
        &self,
        weighted: impl Fn(usize) -> f64,
        part_of: &[usize],
        parts: usize,
    ) -> Vec<f64> {
        let mut variances = vec![0.0; parts];
        match &self.clusters {
            None => {
                for (row, probability) in self.probabilities.iter().enumerate() {
                    variances[part_of[row]] += (1.0 - probability) * weighted(row).powi(2);
                }
            }
            Some(Ordered { rows, starts }) => {
                let mut members = Vec::new();
                for bounds in starts.windows(2) {
                    members.clear();
                    members.extend_from_slice(&rows[bounds[0]..bounds[1]]);
                    // stable: within a part the least probable stays the first
                    members.sort_by_key(|&row| part_of[row]);
                    for members in members.chunk_by(|&one, &other| part_of[one] == part_of[other]) {
                        variances[part_of[members[0]]] += self.draw(members, &weighted);
                    }
                }
            }
        }
        variances.into_iter().map(|variance: f64| variance.max(0.0).sqrt()).collect()
    }

    /// ∫ (sum of the values of rows with a probability below t)² dt of the rows of a cluster, the least probable first.
    fn draw(&self, members: &[usize], value: impl Fn(usize) -> f64) -> f64 {
        let (mut sum, mut draw) = (0.0, 0.0);
        let mut members = members.iter().peekable();
        while let Some(&row) = members.next() {
            sum += value(row);
            let next = members.peek().map_or(1.0, |next| self.probabilities[**next]);
            draw += (next - self.probabilities[row]) * sum * sum;
        }
        draw
    }

    /// Hands out ∫ (sum of the values of rows with a probability below t)² dt of each cluster, or row.
    fn for_each_draw(&self, value: impl Fn(usize) -> f64, mut visit: impl FnMut(f64)) {
        let Some(Ordered { rows, starts }) = &self.clusters else {
            for (row, probability) in self.probabilities.iter().enumerate() {
                let value = value(row);
                visit((1.0 - probability) * value * value);
            }
            return;
        };
        for bounds in starts.windows(2) {
            visit(self.draw(&rows[bounds[0]..bounds[1]], &value));
        }
    }
}
