//! Probabilities of several classes beside the class that came.

use crate::error::{Error, Result, Undefined};
use crate::sample::check_weights;

/// The probabilities that a classifier gave to each of k classes, the class that turned out to be true, and perhaps a
/// weight for each row.
///
/// Classes are numbers from 0 to k − 1. The probabilities of a row stand one after the other in the order of the
/// classes, and the rows one after the other, as in a row-major matrix.
#[derive(Clone, Copy, Debug)]
pub struct ClassProbabilities<'a> {
    labels: &'a [usize],
    probabilities: &'a [f64],
    classes: usize,
    weights: Option<&'a [f64]>,
}

impl<'a> ClassProbabilities<'a> {
    /// Rows that count once each.
    ///
    /// # Errors
    /// Invalid when there are no classes, not as many probabilities as labels times classes, or a label that is no
    /// class.
    pub fn new(labels: &'a [usize], probabilities: &'a [f64], classes: usize) -> Result<Self> {
        let (rows, found) = (labels.len(), probabilities.len());
        if classes == 0 {
            return Err(Error::invalid("there are no classes"));
        }
        if rows.checked_mul(classes) != Some(found) {
            return Err(Error::invalid(format!(
                "{rows} labels of {classes} classes have {found} probabilities"
            )));
        }
        if let Some(label) = labels.iter().find(|&&label| label >= classes) {
            return Err(Error::invalid(format!("a label is {label}, allowed: from 0 to {}", classes - 1)));
        }
        Ok(Self { labels, probabilities, classes, weights: None })
    }

    /// Rows with a weight each; see [`Sample`](crate::Sample) for what a weight is.
    ///
    /// # Errors
    /// As [`new`](Self::new); invalid too when a weight is negative, NaN or infinite, or there are rows and all weights
    /// are 0.
    pub fn weighted(
        labels: &'a [usize],
        probabilities: &'a [f64],
        classes: usize,
        weights: &'a [f64],
    ) -> Result<Self> {
        check_weights(labels.len(), weights)?;
        Ok(Self { weights: Some(weights), ..Self::new(labels, probabilities, classes)? })
    }

    /// `(label, probabilities, weight)` of the rows that count, at least one, after a check of the probabilities.
    pub(super) fn rows(&self) -> Result<impl Iterator<Item = (usize, &'a [f64], f64)> + Clone + 'a> {
        /// Sums of single-precision numbers are as far from 1.
        const MOST: f64 = 1e-3;
        let weights = self.weights;
        let weight = move |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let rows = self.labels.iter().zip(self.probabilities.chunks_exact(self.classes)).enumerate();
        let rows = rows.map(move |(row, (&label, probabilities))| (label, probabilities, weight(row)));
        let rows = rows.filter(|(_, _, weight)| *weight > 0.0);
        let (mut count, mut missing) = (0, 0);
        for (_, probabilities, _) in rows.clone() {
            count += 1;
            if probabilities.iter().any(|probability| probability.is_nan()) {
                missing += 1;
                continue;
            }
            if let Some(wrong) = probabilities.iter().find(|probability| !(0.0..=1.0).contains(*probability))
            {
                return Err(Error::invalid(format!(
                    "a score is {wrong}, allowed: probabilities from 0 to 1"
                )));
            }
            let sum: f64 = probabilities.iter().sum();
            if (sum - 1.0).abs() > MOST {
                return Err(Error::invalid(format!(
                    "the probabilities of a row add up to {sum}, allowed: 1"
                )));
            }
        }
        if missing > 0 {
            return Err(Undefined::MissingScores(missing).into());
        }
        if count == 0 {
            return Err(Undefined::Empty.into());
        }
        Ok(rows)
    }
}
