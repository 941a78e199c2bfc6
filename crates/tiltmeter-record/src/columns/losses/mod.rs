//! Losses as a stage of sampling.

mod collapse;
mod correct;
mod lost;
mod part;
mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::lost::Lost;
use super::InclusionColumns;
use crate::{Gap, ModelName};

pub use report::{LossCount, LossReport, LossyMinute};

/// The least probability that a correction leaves: weights beyond 1 / that would be infinite.
const LEAST: f64 = 1e-300;

/// Rows with probabilities that are corrected for known losses, and what was lost.
///
/// A loss is a further stage after sampling, as nonresponse is after a sample was drawn. Its probability is estimated from the
/// [gaps](Gap), within classes (the weighting-class adjustment of Oh and Scheuren, *Weighting Adjustment for Unit Nonresponse*,
/// in: Incomplete Data in Sample Surveys 2, 1983; Särndal, Swensson and Wretman, *Model Assisted Survey Sampling*, 1992, ch. 15),
/// in two steps, as the losses come one after the other:
///
/// 1. Rows that the sink lost *after* they were sampled, by minute and endpoint: with n rows there and L lost
///    `π₁ = π · n / (n + L)`.
/// 2. Exchanges that were lost *before* they were decoded and sampled, by minute, endpoint, size class and priority: with
///    `N = Σ 1/π₁` over the exchanges of which there are rows, which is the estimated number that was decoded, and L lost
///    `π* = π₁ · N / (N + L)`. Afterwards the weights of the class stand for N + L exchanges.
///
/// # Small classes
/// Where fewer than five exchanges (or rows) of a class were kept, nothing can stand for its losses, or single rows would stand
/// for many. Such classes are collapsed (Little and Rubin, *Statistical Analysis with Missing Data*, 2002, ch. 3; Kalton and
/// Flores-Cervantes, *Weighting Methods*, Journal of Official Statistics 19, 2003). Their losses go to the first of these that
/// has five exchanges, at the end to an hour that has any:
///
/// | to the exchanges of | the assumption: those that were lost are like the kept ones of | counted as |
/// | --- | --- | --- |
/// | the class | their class | |
/// | all small classes of the minute and endpoint | these classes, whatever their size and priority | [`collapsed_to_minute`](LossCount::collapsed_to_minute) |
/// | the minute and endpoint | their endpoint in that minute | the same |
/// | the hour and endpoint | their endpoint in that hour | [`collapsed_to_hour`](LossCount::collapsed_to_hour) |
/// | nothing | | [`unrepresented`](LossCount::unrepresented) |
///
/// Of rows that the sink lost the class is the minute and endpoint, so that there is only the hour to collapse to. Totals of an
/// endpoint in an hour count each loss that is represented. Those by size class, by priority, or by minute within the hour are off
/// by what was collapsed at most; and where values differ by these, estimates lean to those of the larger classes.
///
/// If the assumption does not hold, such as when the requests that made the queue overflow were of another kind, estimates are
/// off by that. Three things it cannot see: the minute of a gap is the one in which the loss was counted, which for a sink
/// may be minutes after its rows were made; instances of a lost exchange are taken to be as many as those of the others that
/// stand for it; and of an endpoint without any row in an hour nothing is known, so that its losses are unrepresented.
///
/// Exchanges in which [nothing was held](Gap::held_nothing) are no losses.
///
/// ```
/// use tiltmeter_record::columns::{Categories, InclusionColumns, LossClassColumns, LossCorrection};
/// use tiltmeter_record::{ExchangeDrop, Gap, Priority, SizeClass};
///
/// let same = |text: &'static str| Categories::from_iter([Some(text), Some(text)]);
/// let rows = InclusionColumns::new(vec![0.5, 1.0], vec![1, 2], Categories::from_iter([None, None]))?
///     .with_loss_classes(LossClassColumns {
///         observed_at: vec![0, 59_000_000],
///         endpoint: same("/predict"),
///         size_class: same("up_to_1_kib"),
///         priority: same("normal"),
///     })?;
/// let mut gap = Gap::of_exchanges(0, jiff::Timestamp::UNIX_EPOCH, ExchangeDrop::QueueFull, 6);
/// gap.model_name = Some("churn".into());
/// gap.endpoint = Some("/predict".into());
/// gap.size_class = Some(SizeClass::UpTo1KiB);
/// gap.priority = Some(Priority::Normal);
///
/// // two rows stood for 3 exchanges, and stand for 9 now
/// let corrected = LossCorrection::of(rows, &"churn".parse()?, "parquet", [&gap]);
/// let weights: Vec<f64> = corrected.inclusion.probability().iter().map(|p| 1.0 / p).collect();
/// assert!((weights[0] - 6.0).abs() < 1e-12 && (weights[1] - 3.0).abs() < 1e-12);
/// assert!((corrected.report.share() - 2.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LossCorrection {
    /// The rows; each probability is at most what it was, and above 0.
    pub inclusion: InclusionColumns,
    /// What was lost, and where.
    pub report: LossReport,
}

impl LossCorrection {
    /// Corrects the probabilities of rows of `model` that `sink` wrote. `gaps` are those of all writers, each once; of other
    /// models and sinks they are passed over.
    ///
    /// All rows of an hour must be there, not some: else those that are get the weight of all that was lost in it. Where that is
    /// not so for some hours: [`of_hours`](Self::of_hours). Where only some rows are wanted, let these be the first, and take
    /// [`of_first`](Self::of_first).
    ///
    /// Rows without [loss classes](InclusionColumns::loss_classes) stay as they are, and all losses are unrepresented.
    ///
    /// Cost: O(gaps), a look at the time of each row, and a sort of those in minutes with losses; of those in their whole hours
    /// where losses are collapsed to these.
    #[must_use]
    pub fn of<'g>(
        inclusion: InclusionColumns,
        model: &ModelName,
        sink: &str,
        gaps: impl IntoIterator<Item = &'g Gap>,
    ) -> Self {
        Self::of_hours(inclusion, model, sink, gaps, |_| true)
    }

    /// The same, with losses collapsed to those hours alone of which `is_whole`, by their beginning (UTC), says that all rows
    /// are there. Of the others all rows of each minute must be.
    #[must_use]
    pub fn of_hours<'g>(
        mut inclusion: InclusionColumns,
        model: &ModelName,
        sink: &str,
        gaps: impl IntoIterator<Item = &'g Gap>,
        is_whole: impl Fn(Timestamp) -> bool,
    ) -> Self {
        let mut report = LossReport::of(inclusion.len());
        let lost = Lost::of(gaps, model, sink, inclusion.loss_classes(), &mut report);
        let before: f64 = inclusion.probability().iter().map(|probability| 1.0 / probability).sum();
        let ratios = match inclusion.loss_classes() {
            Some(classes) => correct::ratios(&inclusion, classes, &lost, is_whole, &mut report),
            None => unrepresented(&lost, &mut report),
        };
        let probability = inclusion.probability_mut();
        for (row, ratio) in ratios {
            if let Some(probability) = probability.get_mut(row) {
                *probability = (*probability * ratio).clamp(LEAST, 1.0);
            }
        }
        let after: f64 = inclusion.probability().iter().map(|probability| 1.0 / probability).sum();
        report.set_share(before, after);
        Self { inclusion, report }
    }
}

/// By what the probabilities of rows are multiplied: the rows in minutes and hours with losses.
type Ratios = Vec<(usize, f64)>;

/// Where rows have no classes nothing stands for what was lost.
fn unrepresented(lost: &Lost, report: &mut LossReport) -> Ratios {
    report.exchanges.unrepresented = lost.exchanges.values().copied().fold(0, u64::saturating_add);
    report.rows.unrepresented = lost.rows.values().copied().fold(0, u64::saturating_add);
    report.minutes = lost.minutes(&BTreeMap::new());
    Vec::new()
}
