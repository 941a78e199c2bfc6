//! Builds the baseline from a reference.

use tiltmeter_record::columns::{Categories, PredictionColumns};
use tiltmeter_record::spec::ModelKind;
use tiltmeter_stats::{
    Baseline, BaselineColumn, BaselineQuality, ColumnSummary, DayProfile, Ecdf, Moments, QuantileBins, Sample,
};

use crate::columns::{Values, columns};
use crate::days::{Days, day_number};
use crate::performance::baseline_quality;

/// The bins of a numeric column, at most; a value that fills a tenth of the reference or more has one of its own.
const BINS: usize = 10;

/// The points of a distribution function that are kept. A column with more distinct values is thinned, and statistics
/// against it are off by less than one in so many.
const MAX_POINTS: usize = 65_536;

/// The categories that have a bin of their own, the most frequent ones.
const MAX_CATEGORIES: usize = 1_000;

/// Builds the baseline of a model from a reference: predictions of a time in which all was well, often those of the
/// training data, scored out of sample. `labels` has one label a row (0 or 1, NaN where there is none).
///
/// The reference's score and features become columns in its order; each day of its event times is a profile. Bins are
/// quantiles of the whole reference. A reference of a single day has no variation between days, which says
/// [`Analysis::notes`](crate::Analysis::notes) later on.
///
/// Each row counts once: a reference that was sampled by what is in it is none. Take all rows, or a sample that is uniform.
///
/// Cost: a sort of each numeric column.
///
/// # Errors
/// When two columns of the reference have the same name.
pub fn build_baseline(
    kind: ModelKind,
    reference: &PredictionColumns,
    labels: Option<&[f64]>,
) -> tiltmeter_stats::Result<Baseline> {
    let days = Days::of(reference.event_time());
    let built: tiltmeter_stats::Result<Vec<BaselineColumn>> =
        columns(reference).map(|(name, values)| column(name, values, &days)).collect();
    let quality: Option<BaselineQuality> = match (kind, labels) {
        (ModelKind::Binary, Some(labels)) => baseline_quality(reference.score(), labels, &days),
        _ => None,
    };
    Baseline::new(reference.model().as_str(), built?, quality)
}

fn column(name: String, values: Values<'_>, days: &Days) -> tiltmeter_stats::Result<BaselineColumn> {
    match values {
        Values::Numbers(values) => numeric(name, values, days),
        Values::Categories(values) => categorical(name, values, days),
    }
}

fn numeric(name: String, values: &[f64], days: &Days) -> tiltmeter_stats::Result<BaselineColumn> {
    let (Ok(bins), Ok(ecdf)) = (QuantileBins::of(values, BINS), Ecdf::of(values)) else {
        return all_missing(name, days);
    };
    let counts = days.iter().map(|day| {
        let of_day: Vec<f64> = day.rows.iter().map(|&row| values[row]).collect();
        let found = bins.count(Sample::new(&of_day));
        let (missing, moments) = (found.missing as f64, Moments::of(&of_day));
        DayProfile { day: day_number(day.date), missing, counts: found.counts, moments }
    });
    let counts = counts.collect();
    BaselineColumn::new(name, ColumnSummary::Numeric { bins, ecdf: ecdf.thinned(MAX_POINTS) }, counts)
}

fn categorical(name: String, values: &Categories, days: &Days) -> tiltmeter_stats::Result<BaselineColumn> {
    let kept = most_frequent(values);
    if kept.is_empty() {
        return all_missing(name, days);
    }
    // the bin of each code: its place among the names that are kept, or the last one
    let bin_of: Vec<usize> =
        values.names().iter().map(|name| kept.binary_search(&&**name).unwrap_or(kept.len())).collect();
    let counts = days.iter().map(|day| {
        let mut counts = vec![0.0; kept.len() + 1];
        let mut missing = 0.0;
        for &row in &day.rows {
            match usize::try_from(values.codes()[row]).ok().and_then(|code| bin_of.get(code)) {
                Some(&bin) => counts[bin] += 1.0,
                None => missing += 1.0,
            }
        }
        DayProfile { day: day_number(day.date), missing, counts, moments: Moments::empty() }
    });
    let counts = counts.collect();
    let categories = kept.iter().map(|&name| name.to_owned()).collect();
    BaselineColumn::new(name, ColumnSummary::Categorical { categories }, counts)
}

/// In ascending order.
fn most_frequent(values: &Categories) -> Vec<&str> {
    let mut counts = vec![0_u64; values.names().len()];
    for &code in values.codes() {
        if let Some(count) = usize::try_from(code).ok().and_then(|code| counts.get_mut(code)) {
            *count += 1;
        }
    }
    let mut names: Vec<(u64, &str)> =
        counts.into_iter().zip(values.names().iter().map(|name| &**name)).collect();
    names.sort_unstable_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(right.1)));
    names.truncate(MAX_CATEGORIES);
    let mut names: Vec<&str> = names.into_iter().map(|(_, name)| name).collect();
    names.sort_unstable();
    names
}

fn all_missing(name: String, days: &Days) -> tiltmeter_stats::Result<BaselineColumn> {
    let empty = |day: &crate::days::Day| DayProfile {
        day: day_number(day.date),
        missing: day.rows.len() as f64,
        counts: Vec::new(),
        moments: Moments::empty(),
    };
    BaselineColumn::new(name, ColumnSummary::AllMissing, days.iter().map(empty).collect())
}

#[cfg(test)]
mod tests;
