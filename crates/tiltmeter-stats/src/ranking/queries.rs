//! Many queries, as one number.

use super::score::RankingScore;
use crate::error::Result;
use crate::interval::Interval;
use crate::{Sample, hajek_mean};

/// A measure of an ordering, over many queries. See [`mean_over_queries`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MeanOverQueries {
    /// The weighted mean of the measure.
    pub value: f64,
    /// Its linearised standard error; `None` for one query, or one that outweighs all others beyond the precision of
    /// numbers.
    pub standard_error: Option<f64>,
    /// The weighted mean of what is expected of orders that say nothing.
    pub expected: f64,
    /// How many queries count.
    pub count: usize,
    /// Kish's effective number of queries, (Σw)²/Σw²; the count for equal weights.
    pub effective_size: f64,
    /// For how many queries the measure is undefined, most often since they have no relevant item; they are left out.
    pub undefined: usize,
}

/// The mean of a measure over queries, with a weight for each or none: MAP of [`average_precision_at`], MRR of
/// [`reciprocal_rank`], and the means of [`ndcg`] and the others.
///
/// Queries for which the measure is undefined are left out and counted; scikit-learn's `ndcg_score` takes them for 0,
/// which lowers the mean by queries that no order could have served. Queries are taken as independent of each other;
/// of one user's, prefer [`hajek_mean_clustered`](crate::hajek_mean_clustered). Cost: O(n), and 16 bytes a query.
///
/// [`average_precision_at`]: crate::average_precision_at
/// [`reciprocal_rank`]: crate::reciprocal_rank
/// [`ndcg`]: crate::ndcg
///
/// # Errors
/// Undefined without a query for which the measure is defined ([`Empty`](crate::Undefined::Empty)); invalid when the
/// measure of a query is, when there are not as many weights as queries, or one is negative, NaN or infinite, or all
/// are 0.
///
/// ```
/// use tiltmeter_stats::{RankedItems, mean_over_queries, reciprocal_rank};
///
/// let queries: [&[f64]; 4] = [&[1.0, 0.0, 0.0], &[0.0, 1.0, 1.0], &[0.0, 0.0], &[0.0, 0.0, 0.0, 1.0]];
/// let ranks: Vec<_> =
///     queries.iter().map(|relevances| reciprocal_rank(RankedItems::in_order(relevances)?)).collect();
/// let mrr = mean_over_queries(&ranks, None)?;
/// assert_eq!((mrr.count, mrr.undefined), (3, 1));
/// assert!((mrr.value - 1.75 / 3.0).abs() < 1e-15);
/// assert_eq!(mrr.standard_error.map(|error| format!("{error:.3}")), Some("0.220".to_owned()));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn mean_over_queries(
    scores: &[Result<RankingScore>],
    weights: Option<&[f64]>,
) -> Result<MeanOverQueries> {
    let mut values = Vec::with_capacity(scores.len());
    let mut expected = Vec::with_capacity(scores.len());
    let mut undefined = 0;
    for score in scores {
        // NaN is left out by the mean
        let (value, by_chance) = match score {
            Ok(score) => (score.value, score.expected),
            Err(error) if error.is_undefined() => {
                undefined += 1;
                (f64::NAN, f64::NAN)
            }
            Err(error) => return Err(error.clone()),
        };
        values.push(value);
        expected.push(by_chance);
    }
    let sample =
        |values| weights.map_or_else(|| Ok(Sample::new(values)), |weights| Sample::weighted(values, weights));
    let (value, by_chance) = (hajek_mean(sample(&values)?)?, hajek_mean(sample(&expected)?)?);
    Ok(MeanOverQueries {
        value: value.value,
        standard_error: value.standard_error,
        expected: by_chance.value,
        count: value.count,
        effective_size: value.effective_size,
        undefined,
    })
}

impl MeanOverQueries {
    /// The confidence interval `value ± t·standard_error`; `None` when the standard error is unknown or 0, and for a
    /// level that is not between 0 and 1. From some 50 queries, more when the measure is near 0 or 1 for most.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        Interval::student_t(self.value, self.standard_error?, self.effective_size - 1.0, level)
    }
}
