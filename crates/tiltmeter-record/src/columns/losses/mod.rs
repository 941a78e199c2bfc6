//! Losses as a stage of sampling.

mod lost;
mod part;
mod report;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use self::lost::{Class, Lost, minute_of};
use super::{InclusionColumns, LossClassColumns};
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
/// **The assumption**: within a class it is chance which ones are lost. If it is not, such as when the requests that made the
/// queue overflow were of another kind, estimates are off by that. Three things it cannot see: the minute of a gap is the one in
/// which the loss was counted, which for a sink may be minutes after its rows were made; instances of a lost
/// exchange are taken to be as many as those of the others of its class; and of a class without any row nothing is known, so that its losses
/// are [`LossCount::unrepresented`].
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
    /// All rows of a minute must be there, not some: else those that are get the weight of all that was lost in it. Where only
    /// some are wanted, let these be the first, and take [`of_first`](Self::of_first).
    ///
    /// Rows without [loss classes](InclusionColumns::loss_classes) stay as they are, and all losses are unrepresented.
    ///
    /// Cost: O(gaps), a look at the time of each row, and a sort of those in minutes with losses.
    #[must_use]
    pub fn of<'g>(
        mut inclusion: InclusionColumns,
        model: &ModelName,
        sink: &str,
        gaps: impl IntoIterator<Item = &'g Gap>,
    ) -> Self {
        let mut report = LossReport::of(inclusion.len());
        let lost = Lost::of(gaps, model, sink, inclusion.loss_classes(), &mut report);
        let before: f64 = inclusion.probability().iter().map(|probability| 1.0 / probability).sum();
        let ratios = match inclusion.loss_classes() {
            Some(classes) => correct(&inclusion, classes, &lost, &mut report),
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

/// By what the probabilities of rows are multiplied: the rows of minutes with losses.
type Ratios = Vec<(usize, f64)>;

/// A row in a minute with losses.
struct Row {
    class: Class,
    /// Rows with the same of both are of one exchange: a retry has the request of the first attempt, at another time.
    exchange: (u64, i64),
    row: usize,
    /// What sampling and the sink leave of it.
    probability: f64,
    /// What is multiplied by.
    ratio: f64,
}

/// Where rows have no classes nothing stands for what was lost.
fn unrepresented(lost: &Lost, report: &mut LossReport) -> Ratios {
    report.exchanges.unrepresented = lost.exchanges.values().copied().fold(0, u64::saturating_add);
    report.rows.unrepresented = lost.rows.values().copied().fold(0, u64::saturating_add);
    report.minutes = lost.minutes(&BTreeMap::new());
    Vec::new()
}

fn correct(
    inclusion: &InclusionColumns,
    classes: &LossClassColumns,
    lost: &Lost,
    report: &mut LossReport,
) -> Ratios {
    let mut rows = Vec::new();
    for (row, &observed_at) in classes.observed_at.iter().enumerate() {
        let minute = minute_of(observed_at);
        if !lost.is_lossy(minute) {
            continue;
        }
        report.is_lossy[row] = true;
        rows.push(Row {
            class: Class {
                minute,
                endpoint: classes.endpoint.codes()[row],
                size_class: classes.size_class.codes()[row],
                priority: classes.priority.codes()[row],
            },
            exchange: (inclusion.request()[row], observed_at),
            row,
            probability: inclusion.probability()[row],
            ratio: 1.0,
        });
    }
    let found = rows_of_sink(&mut rows, lost, report);
    rows.sort_unstable_by_key(|row| (row.class, row.exchange, row.row));
    let mut kept: BTreeMap<i64, lost::Kept> = BTreeMap::new();
    for (&(minute, _), &count) in &found {
        kept.entry(minute).or_default().rows += count;
    }
    let mut represented = 0_u64;
    for of_class in rows.chunk_by_mut(|one, next| one.class == next.class) {
        let class = of_class[0].class;
        // rows of an exchange have one probability; the mean is the same for all orders where they have not
        let exchanges: f64 =
            of_class.chunk_by(|one, next| one.exchange == next.exchange).map(mean_weight).sum();
        kept.entry(class.minute).or_default().exchanges += exchanges;
        if let Some(&count) = lost.exchanges.get(&class) {
            represented = represented.saturating_add(count);
            let ratio = share_kept(exchanges, count);
            of_class.iter_mut().for_each(|row| row.ratio *= ratio);
        }
    }
    let all = lost.exchanges.values().copied().fold(0, u64::saturating_add);
    report.exchanges.represented = represented;
    report.exchanges.unrepresented = all.saturating_sub(represented);
    report.minutes = lost.minutes(&kept);
    rows.into_iter().map(|row| (row.row, row.ratio)).collect()
}

/// Takes into account what the sink lost. How many rows there are by minute and endpoint.
fn rows_of_sink(rows: &mut [Row], lost: &Lost, report: &mut LossReport) -> HashMap<(i64, u32), u64> {
    let mut found: HashMap<(i64, u32), u64> = HashMap::new();
    for row in rows.iter() {
        *found.entry((row.class.minute, row.class.endpoint)).or_default() += 1;
    }
    for row in rows {
        let place = (row.class.minute, row.class.endpoint);
        if let (Some(&count), Some(&there)) = (lost.rows.get(&place), found.get(&place)) {
            row.ratio = share_kept(there as f64, count);
            row.probability = (row.probability * row.ratio).max(LEAST);
        }
    }
    for (place, count) in &lost.rows {
        let is_there = found.contains_key(place);
        let sum = if is_there { &mut report.rows.represented } else { &mut report.rows.unrepresented };
        *sum = sum.saturating_add(*count);
    }
    found
}

fn mean_weight(rows: &[Row]) -> f64 {
    rows.iter().map(|row| 1.0 / row.probability).sum::<f64>() / rows.len() as f64
}

/// The share that was not lost, in (0, 1].
fn share_kept(kept: f64, lost: u64) -> f64 {
    let share = kept / (kept + lost as f64);
    // sums of weights beyond all numbers
    if share > 0.0 { share } else { 1.0 }
}
