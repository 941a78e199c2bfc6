//! The scores against the baseline's.

use tiltmeter_record::columns::PredictionColumns;
use tiltmeter_stats::{Baseline, ColumnSummary, Ecdf, Sample};

use crate::columns::SCORE;
use crate::days::Days;
use crate::sampled_rows::weights;
use crate::{Period, PeriodKind};

/// Bins of the histogram.
const BINS: usize = 20;

/// Shares of the scores in bins of equal width, of the baseline and of each month; of rows that were sampled those of all
/// predictions, estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreHistogram {
    /// The edges of the bins, one more than there are bins. A bin has its upper edge, not its lower one.
    pub edges: Vec<f64>,
    /// The baseline's share of each bin.
    pub baseline: Vec<f64>,
    /// The share of each bin over all predictions.
    pub all: Vec<f64>,
    /// The share of each bin by month.
    pub months: Vec<(Period, Vec<f64>)>,
}

/// `None` when the baseline or the predictions have no scores. Scores from 0 to 1 have bins of a twentieth; others are
/// cut between the least and the greatest of the baseline, and the outermost bins have all that lies beyond.
pub(crate) fn score_histogram(
    baseline: &Baseline,
    predictions: &PredictionColumns,
    days: &Days,
) -> Option<ScoreHistogram> {
    let ColumnSummary::Numeric { ecdf: reference, .. } = baseline.column(SCORE)?.summary() else {
        return None;
    };
    let scores = predictions.score();
    let weights = weights(predictions);
    let weighted = |rows: &mut dyn Iterator<Item = usize>| match &weights {
        None => Ecdf::of(&rows.map(|row| scores[row]).collect::<Vec<f64>>()),
        Some(weights) => {
            let (scores, weights): (Vec<f64>, Vec<f64>) = rows.map(|row| (scores[row], weights[row])).unzip();
            Ecdf::of(Sample::weighted(&scores, &weights)?)
        }
    };
    let all = weighted(&mut (0..scores.len())).ok()?;
    let is_share = |ecdf: &Ecdf| ecdf.min() >= 0.0 && ecdf.max() <= 1.0;
    let (low, high) =
        if is_share(reference) && is_share(&all) { (0.0, 1.0) } else { (reference.min(), reference.max()) };
    if !(low.is_finite() && high.is_finite() && low < high) {
        return None;
    }
    let edges: Vec<f64> = (0..=BINS).map(|edge| low + (high - low) * edge as f64 / BINS as f64).collect();
    let months = days.periods(PeriodKind::Month).into_iter().filter_map(|(period, places)| {
        Some((period, shares(&weighted(&mut days.rows(places)).ok()?, &edges)))
    });
    Some(ScoreHistogram {
        baseline: shares(reference, &edges),
        all: shares(&all, &edges),
        months: months.collect(),
        edges,
    })
}

fn shares(ecdf: &Ecdf, edges: &[f64]) -> Vec<f64> {
    let inner = &edges[1..edges.len() - 1];
    let below: Vec<f64> =
        std::iter::once(0.0).chain(inner.iter().map(|edge| ecdf.at(*edge))).chain([1.0]).collect();
    below.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).collect()
}
