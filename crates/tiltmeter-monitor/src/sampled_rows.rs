//! Rows of a table, and how many predictions each stands for.

use tiltmeter_record::columns::{InclusionColumns, PredictionColumns};
use tiltmeter_stats::{
    DesignEstimate, HajekMean, HajekRatio, Inclusion, Pairs, Result, Sample, ScoredLabels, design_count,
    design_mean, design_ratio, design_share, design_total, hajek_mean, hajek_mean_clustered, hajek_ratio,
    hajek_ratio_clustered,
};

/// Some rows of a table of predictions, each with the number of predictions that it stands for: what every figure that
/// needs rows is made of.
///
/// Where all rows were kept for certain there are no weights, and figures are those of plain rows. Where rows were
/// sampled a row's weight is one over its inclusion probability, not normalised: the sum of the weights estimates how
/// many predictions there were (Horvitz & Thompson), means and ratios are divided by it (Hájek).
///
/// There are two questions, and an interval for each. *How good is the model?* has the rows as some of all that there
/// could be: [`mean_of`](Self::mean_of), [`ratio_of`](Self::ratio_of), and all of `tiltmeter-stats` that takes
/// [`sample`](Self::sample), [`scored`](Self::scored) and [`pairs`](Self::pairs). *What would all logged predictions have
/// shown?* has the rows as some of those: the methods that end in `_of_all`, and what takes
/// [`inclusion`](Self::inclusion), such as [`design_roc_auc`](tiltmeter_stats::design_roc_auc).
///
/// Closures get the row's number in the table; NaN is a missing value, which is left out and counted. Cost: O(rows), and
/// a hash of each row's request.
///
/// ```
/// use tiltmeter_monitor::SampledRows;
/// use tiltmeter_record::columns::{Categories, InclusionColumns, PredictionColumns, Texts};
///
/// // a score that was kept for certain, and two that were kept with one in ten of their kind
/// let predictions = PredictionColumns::new(
///     "churn".parse()?,
///     vec![0, 1, 2],
///     (0..3).map(|_| None).collect::<Texts>(),
///     (0..3).map(|_| None).collect::<Categories>(),
///     vec![0.98, 0.4, 0.6],
///     vec![],
/// )?;
/// let stratum = Categories::from_iter([Some("high"), Some("middle"), Some("middle")]);
/// let predictions = predictions.with_inclusion(InclusionColumns::new(vec![1.0, 0.1, 0.1], vec![7, 8, 9], stratum)?)?;
///
/// let rows = SampledRows::all(&predictions);
/// assert_eq!((rows.len(), rows.estimated_population()?.value), (3, 21.0));
/// assert!((rows.effective_sample_size() - 2.19).abs() < 0.01);
///
/// // an estimator of one's own: how often is the model sure?
/// let score = predictions.score();
/// let sure = rows.mean_of(|row| f64::from(u8::from(score[row] > 0.9)))?;
/// assert!((sure.value - 1.0 / 21.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SampledRows<'a> {
    predictions: &'a PredictionColumns,
    rows: Vec<usize>,
    /// `None` where all rows were kept for certain.
    inclusion: Option<Inclusion>,
    /// The request of each row; `None` where each is one of its own.
    clusters: Option<Vec<u64>>,
}

/// A row that was kept with less than this is taken as kept with this: else it would outweigh all others, and sums of
/// such weights overflow.
const LEAST_PROBABILITY: f64 = 1e-12;

/// How many predictions each row of a table stands for; `None` where all were kept for certain.
pub(crate) fn weights(predictions: &PredictionColumns) -> Option<Vec<f64>> {
    let probability = predictions.inclusion()?.probability();
    let is_sampled = probability.iter().any(|probability| *probability < 1.0);
    is_sampled.then(|| probability.iter().map(|each| each.max(LEAST_PROBABILITY).recip()).collect())
}

/// Kish's, of weights; 0 of none.
pub(crate) fn effective_size(weights: impl Iterator<Item = f64>) -> f64 {
    let (sum, squares) =
        weights.fold((0.0, 0.0), |(sum, squares), weight| (sum + weight, squares + weight * weight));
    if squares > 0.0 { sum / squares * sum } else { 0.0 }
}

impl<'a> SampledRows<'a> {
    /// All rows of a table.
    #[must_use]
    pub fn all(predictions: &'a PredictionColumns) -> Self {
        Self::of(predictions, 0..predictions.len())
    }

    /// Some rows of a table, in the order in which they are given. Rows that it does not have are left out.
    #[must_use]
    pub fn of(predictions: &'a PredictionColumns, rows: impl IntoIterator<Item = usize>) -> Self {
        let rows: Vec<usize> = rows.into_iter().filter(|row| *row < predictions.len()).collect();
        let Some(columns) = predictions.inclusion() else {
            return Self { predictions, rows, inclusion: None, clusters: None };
        };
        let requests: Vec<u64> = rows.iter().map(|&row| columns.request()[row]).collect();
        // clusters are a map and a sort, which plain rows do not need
        if rows.iter().all(|&row| columns.probability()[row] >= 1.0) {
            return Self { predictions, rows, inclusion: None, clusters: Some(requests) };
        }
        let probability = |&row: &usize| columns.probability()[row].max(LEAST_PROBABILITY);
        let probabilities: Vec<f64> = rows.iter().map(probability).collect();
        match Inclusion::clustered(&probabilities, &requests) {
            Ok(inclusion) => Self { predictions, rows, inclusion: Some(inclusion), clusters: Some(requests) },
            // columns of inclusions have probabilities above 0 and up to 1 only, as many as requests; were it not so, nobody
            // would know what the rows stand for, and there are no figures of none
            Err(_) => Self { predictions, rows: Vec::new(), inclusion: None, clusters: Some(Vec::new()) },
        }
    }

    /// Those of the rows that `keep` holds of.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(usize) -> bool) -> Self {
        Self::of(self.predictions, self.rows.iter().copied().filter(|row| keep(*row)))
    }

    /// The table.
    #[must_use]
    pub fn predictions(&self) -> &'a PredictionColumns {
        self.predictions
    }

    /// The numbers of the rows in the table.
    #[must_use]
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many predictions each row stands for; `None` where all rows were kept for certain.
    #[must_use]
    pub fn weights(&self) -> Option<&[f64]> {
        self.inclusion.as_ref().map(Inclusion::weights)
    }

    /// The probabilities and clusters of the rows, for `design_*` of `tiltmeter-stats`; `None` where all rows were kept
    /// for certain.
    #[must_use]
    pub fn inclusion(&self) -> Option<&Inclusion> {
        self.inclusion.as_ref()
    }

    /// The request of each row: those with the same one were kept together. `None` where each is one of its own.
    #[must_use]
    pub fn clusters(&self) -> Option<&[u64]> {
        self.clusters.as_deref()
    }

    /// The stratum of each row; missing where it was not sampled.
    pub fn strata(&self) -> impl Iterator<Item = Option<&'a str>> + '_ {
        let strata = self.predictions.inclusion().map(InclusionColumns::stratum);
        self.rows.iter().map(move |&row| strata.and_then(|strata| strata.get(row)))
    }

    /// Kish's effective sample size: as many predictions that were kept whatever is in them would tell as much. The
    /// number of rows where all were kept for certain.
    #[must_use]
    pub fn effective_sample_size(&self) -> f64 {
        self.inclusion.as_ref().map_or(self.rows.len() as f64, Inclusion::effective_sample_size)
    }

    /// How many predictions the rows stand for, with the standard error of the sampling.
    ///
    /// # Errors
    /// Undefined without rows.
    pub fn estimated_population(&self) -> Result<DesignEstimate> {
        match &self.inclusion {
            Some(inclusion) => design_count(inclusion),
            None => design_count(&self.certain()?),
        }
    }

    /// A value of each row, in the order of the rows.
    #[must_use]
    pub fn values(&self, of: impl Fn(usize) -> f64) -> Vec<f64> {
        self.rows.iter().map(|&row| of(row)).collect()
    }

    /// Values in the order of the rows, with the weights of these.
    ///
    /// # Errors
    /// Invalid when there are not as many as rows.
    pub fn sample<'s>(&'s self, values: &'s [f64]) -> Result<Sample<'s>> {
        match self.weights() {
            Some(weights) => Sample::weighted(values, weights),
            None => Ok(Sample::new(values)),
        }
    }

    /// Labels and scores in the order of the rows, with the weights of these.
    ///
    /// # Errors
    /// Invalid when there are not as many as rows.
    pub fn scored<'s>(&'s self, labels: &'s [bool], scores: &'s [f64]) -> Result<ScoredLabels<'s>> {
        match self.weights() {
            Some(weights) => ScoredLabels::weighted(labels, scores, weights),
            None => ScoredLabels::new(labels, scores),
        }
    }

    /// Two numbers of each row, in the order of the rows, with the weights of these.
    ///
    /// # Errors
    /// Invalid when there are not as many as rows.
    pub fn pairs<'s>(&'s self, first: &'s [f64], second: &'s [f64]) -> Result<Pairs<'s>> {
        match self.weights() {
            Some(weights) => Pairs::weighted(first, second, weights),
            None => Pairs::new(first, second),
        }
    }

    /// The mean of a value, about the model: [`hajek_mean`], by request where that is known.
    ///
    /// # Errors
    /// As [`hajek_mean`].
    pub fn mean_of(&self, value: impl Fn(usize) -> f64) -> Result<HajekMean> {
        let values = self.values(value);
        let sample = self.sample(&values)?;
        match &self.clusters {
            Some(clusters) => hajek_mean_clustered(sample, clusters),
            None => hajek_mean(sample),
        }
    }

    /// The ratio of two sums, about the model: [`hajek_ratio`], by request where that is known.
    ///
    /// # Errors
    /// As [`hajek_ratio`].
    pub fn ratio_of(&self, parts: impl Fn(usize) -> (f64, f64)) -> Result<HajekRatio> {
        let (first, second) = self.both(parts);
        let pairs = self.pairs(&first, &second)?;
        match &self.clusters {
            Some(clusters) => hajek_ratio_clustered(pairs, clusters),
            None => hajek_ratio(pairs),
        }
    }

    /// The mean of a value over all logged predictions: [`design_mean`].
    ///
    /// # Errors
    /// As [`design_mean`].
    pub fn mean_of_all(&self, value: impl Fn(usize) -> f64) -> Result<DesignEstimate> {
        self.design(|inclusion| design_mean(&self.values(value), inclusion))
    }

    /// The ratio of two sums over all logged predictions: [`design_ratio`].
    ///
    /// # Errors
    /// As [`design_ratio`].
    pub fn ratio_of_all(&self, parts: impl Fn(usize) -> (f64, f64)) -> Result<DesignEstimate> {
        let (first, second) = self.both(parts);
        self.design(|inclusion| design_ratio(&first, &second, inclusion))
    }

    /// The share of all logged predictions that are so: [`design_share`].
    ///
    /// # Errors
    /// As [`design_share`].
    pub fn share_of_all(&self, is_so: impl Fn(usize) -> bool) -> Result<DesignEstimate> {
        let is_so: Vec<bool> = self.rows.iter().map(|&row| is_so(row)).collect();
        self.design(|inclusion| design_share(&is_so, inclusion))
    }

    /// The sum of a value over all logged predictions: [`design_total`]. Of zeroes and ones: how many are so.
    ///
    /// # Errors
    /// As [`design_total`].
    pub fn total_of_all(&self, value: impl Fn(usize) -> f64) -> Result<DesignEstimate> {
        self.design(|inclusion| design_total(&self.values(value), inclusion))
    }

    /// Hands probabilities and clusters on, also where all rows were kept for certain.
    ///
    /// # Errors
    /// Those of `estimate`.
    pub fn design<R>(&self, estimate: impl FnOnce(&Inclusion) -> Result<R>) -> Result<R> {
        match &self.inclusion {
            Some(inclusion) => estimate(inclusion),
            None => estimate(&self.certain()?),
        }
    }

    fn certain(&self) -> Result<Inclusion> {
        Inclusion::new(&vec![1.0; self.rows.len()])
    }

    fn both(&self, parts: impl Fn(usize) -> (f64, f64)) -> (Vec<f64>, Vec<f64>) {
        self.rows.iter().map(|&row| parts(row)).unzip()
    }
}

#[cfg(test)]
mod tests;
