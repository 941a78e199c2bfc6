//! Rows grouped by their scores.

use super::calibration::CalibrationBin;
use super::calibration_bins::CalibrationBins;
use crate::error::Result;
use crate::sample::scale_of;
use crate::scored::ScoredLabels;

/// The sums over the rows of each bin, with weights scaled so that they can be squared.
#[derive(Debug)]
pub(super) struct Groups {
    edges: Vec<f64>,
    groups: Vec<Group>,
    scale: f64,
}

impl Groups {
    /// Of `(label, score, weight)`, at least one.
    pub(super) fn of(
        rows: impl Iterator<Item = (bool, f64, f64)> + Clone,
        bins: CalibrationBins,
    ) -> Result<Self> {
        let edges = bins.edges(rows.clone().map(|(_, score, weight)| (score, weight)))?;
        let scale = scale_of(rows.clone().map(|(_, _, weight)| weight));
        let groups = vec![Group::default(); edges.len() - 1];
        let mut groups = Self { edges, groups, scale };
        for (label, score, weight) in rows {
            let place = groups.place(score);
            groups.groups[place].add(label, score, weight * scale);
        }
        Ok(groups)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter()
    }

    /// The group of a score.
    pub(super) fn of_score(&self, score: f64) -> &Group {
        &self.groups[self.place(score)]
    }

    fn place(&self, score: f64) -> usize {
        self.edges[1..self.edges.len() - 1].partition_point(|edge| *edge < score)
    }

    /// What weights were multiplied with.
    pub(super) fn scale(&self) -> f64 {
        self.scale
    }

    /// The sum of all weights.
    pub(super) fn weight(&self) -> f64 {
        self.iter().map(|group| group.weight).sum()
    }

    pub(super) fn base_rate(&self) -> f64 {
        (self.iter().map(|group| group.positives).sum::<f64>() / self.weight()).clamp(0.0, 1.0)
    }

    pub(super) fn bins(&self) -> Vec<CalibrationBin> {
        let edges = self.edges.windows(2);
        edges.zip(&self.groups).map(|(edge, group)| group.bin(edge[0], edge[1], self.scale)).collect()
    }
}

/// The bin of each row, and how many bins there are.
pub(crate) fn bins_of_rows(rows: &ScoredLabels<'_>, bins: CalibrationBins) -> Result<(Vec<usize>, usize)> {
    let rows = rows.probabilities()?;
    let groups = Groups::of(rows.clone(), bins)?;
    Ok((rows.map(|(_, score, _)| groups.place(score)).collect(), groups.groups.len()))
}

/// Sums over the rows of a bin.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    pub(super) count: usize,
    pub(super) weight: f64,
    pub(super) squares: f64,
    pub(super) scores: f64,
    pub(super) positives: f64,
    /// Of Σ w(s − y), if the scores are true.
    pub(super) variance: f64,
}

impl Group {
    fn add(&mut self, label: bool, score: f64, weight: f64) {
        self.count += 1;
        self.weight += weight;
        self.squares += weight * weight;
        self.scores += weight * score;
        self.positives += if label { weight } else { 0.0 };
        self.variance += weight * weight * score * (1.0 - score);
    }

    /// A share of the bin's weight; `None` for an empty bin.
    pub(super) fn mean(&self, sum: f64) -> Option<f64> {
        (self.weight > 0.0).then(|| (sum / self.weight).clamp(0.0, 1.0))
    }

    /// Whether the bin promises too much or too little is beyond doubt: the gap is three standard deviations from 0.
    pub(super) fn has_sure_sign(&self) -> bool {
        (self.scores - self.positives).abs() > 3.0 * self.variance.sqrt()
    }

    pub(super) fn gap(&self) -> Option<f64> {
        Some((self.mean(self.scores)? - self.mean(self.positives)?).abs())
    }

    fn bin(&self, lower: f64, upper: f64, scale: f64) -> CalibrationBin {
        CalibrationBin {
            lower,
            upper,
            weight: self.weight / scale,
            count: self.count,
            effective_size: if self.squares > 0.0 { self.weight * self.weight / self.squares } else { 0.0 },
            mean_score: self.mean(self.scores),
            observed_rate: self.mean(self.positives),
            standard_deviation_without_miscalibration: (self.weight > 0.0)
                .then(|| self.variance.sqrt() / self.weight),
        }
    }
}
