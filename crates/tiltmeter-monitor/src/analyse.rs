//! From the data of a model to all that is found of it.

use jiff::Timestamp;
use tiltmeter_record::ModelSpec;
use tiltmeter_record::columns::{LabelColumns, PredictionColumns};
use tiltmeter_record::spec::ModelKind;
use tiltmeter_stats::{Baseline, BaselineFigures};

use crate::analysis::{Analysis, BaselineSummary, Deployment};
use crate::columns::SCORE;
use crate::days::{Days, day_number};
use crate::drift::drift;
use crate::headline::headlines;
use crate::labels::{Joined, cohorts, join};
use crate::performance::{self, AsOf, Quality, VersionPerformance, instant, quality};
use crate::score_histogram::score_histogram;
use crate::{Estimate, Measured, Policy};

/// The data of a model.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What the model is, and how its labels are matched.
    pub spec: &'a ModelSpec,
    /// Its predictions, each once.
    pub predictions: &'a PredictionColumns,
    /// What they are compared with.
    pub baseline: Option<&'a Baseline>,
    /// What turned out to be true.
    pub labels: Option<&'a LabelColumns>,
    /// Instants for which to tell what was known then.
    pub as_of: &'a [Timestamp],
}

/// Looks at all there is: drift by day, week and month; labels, and how good the scores are by month, version and
/// segment; and what it comes to.
///
/// What is missing or does not fit is a note, and the rest goes on: no labels, labels of another model's entities, a
/// baseline of another model, a column that the baseline does not have, months of a single class, days without a value.
///
/// Cost: a sort of each day's values of each column, and of the scores of each group of predictions. Deterministic: the
/// same data give the same findings, to the last bit.
#[must_use]
pub fn analyse(inputs: &Inputs<'_>, policy: &Policy) -> Analysis {
    let Inputs { spec, predictions, .. } = *inputs;
    let days = Days::of(predictions.event_time());
    let mut notes = Vec::new();
    if predictions.is_empty() {
        notes.push("there are no predictions".to_owned());
    }
    let baseline = baseline(inputs, &mut notes);
    let joined = labels(inputs, &mut notes);
    let no_labels;
    let labels = match &joined {
        Some(joined) => joined.label(),
        None => {
            no_labels = vec![f64::NAN; predictions.len()];
            &no_labels
        }
    };
    let horizon = horizon(inputs);
    let maturity = spec.labels.as_ref().map(|rule| (rule.maturity, horizon));
    let quality_of_baseline = baseline.and_then(Baseline::quality);
    if baseline.is_some() && joined.is_some() && quality_of_baseline.is_none() {
        notes.push(
            "the baseline has no labels: performance is shown, but not compared with what it was".to_owned(),
        );
    }

    let months = performance::months(predictions, labels, &days, quality_of_baseline, maturity, policy);
    for month in &months {
        if let (Some(reason), true, true) =
            (month.quality.roc_auc.reason(), joined.is_some(), month.quality.predictions > 0)
        {
            notes.push(format!("no area under the ROC curve for {}: {reason}", month.period));
        }
        if month.quality.predictions == 0 {
            notes.push(format!("no predictions in {}", month.period));
        }
    }
    let versions = performance::versions(predictions, labels);
    let segments = performance::segments(&spec.segments, predictions, labels, policy);
    let cohorts = match (&joined, &spec.labels) {
        (Some(joined), Some(rule)) => cohorts(predictions, joined, rule.maturity, horizon),
        _ => Vec::new(),
    };
    let (drift, drift_notes) =
        baseline.map(|baseline| drift(baseline, predictions, &days, policy)).unwrap_or_default();
    notes.extend(drift_notes);
    notes.extend(missing_days(&days));

    let deployments = deployments(&versions);
    let mut analysis = Analysis {
        model: spec.name.to_string(),
        predictions: predictions.len() as u64,
        seen: seen(predictions),
        baseline: baseline.map(summary),
        headlines: Vec::new(),
        notes,
        deployments,
        overall: quality(predictions.score(), labels, 0..predictions.len()),
        months,
        versions,
        segments,
        as_of: inputs.as_of.iter().map(|as_of| known_at(inputs, *as_of)).collect(),
        labels: joined.as_ref().map(|joined| *joined.books()),
        cohorts,
        scores: baseline.and_then(|baseline| score_histogram(baseline, predictions, &days)),
        drift,
    };
    analysis.headlines = headlines(&analysis);
    analysis
}

/// The baseline, if it is one of this model.
fn baseline<'a>(inputs: &Inputs<'a>, notes: &mut Vec<String>) -> Option<&'a Baseline> {
    let Some(baseline) = inputs.baseline else {
        notes.push("there is no baseline: nothing to compare the predictions with".to_owned());
        return None;
    };
    let model = inputs.spec.name.as_str();
    if baseline.subject() != model {
        notes.push(format!(
            "the baseline {} is one of the model {}, not of {model}: no drift was looked for, and performance is not \
             compared",
            baseline.id(),
            baseline.subject()
        ));
        return None;
    }
    Some(baseline)
}

fn labels(inputs: &Inputs<'_>, notes: &mut Vec<String>) -> Option<Joined> {
    let Inputs { spec, predictions, .. } = *inputs;
    let (Some(labels), Some(rule)) = (inputs.labels, &spec.labels) else {
        notes.push("there are no labels: it is not known how good the predictions are".to_owned());
        return None;
    };
    if spec.kind != ModelKind::Binary {
        notes.push(format!(
            "the model is {}: performance is measured for binary models only so far",
            spec.kind.as_str()
        ));
    }
    let joined = join(spec.kind, rule, predictions, labels, None);
    let books = joined.books();
    let mut note = |count: u64, what: &str| {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            notes.push(format!("{} label{plural} {what}", grouped(count)));
        }
    };
    if labels.is_empty() {
        notes.push("the label table has no rows".to_owned());
    } else {
        note(books.of_unknown_entities, "of entities that are not in the log");
        note(books.before_prediction, "that arrived before the prediction was made, and not counted");
        note(
            books.unused - books.before_prediction,
            "that belong to no prediction: another one is nearer in time",
        );
        note(books.incomplete, "without an entity or a usable value");
    }
    (spec.kind == ModelKind::Binary).then_some(joined)
}

/// A count as people read it: `150,000`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The last time of which anything is known.
fn horizon(inputs: &Inputs<'_>) -> i64 {
    let events = inputs.predictions.event_time().iter();
    let arrivals = inputs.labels.map_or(&[][..], LabelColumns::arrival_time).iter();
    events.chain(arrivals).copied().max().unwrap_or(i64::MIN)
}

fn seen(predictions: &PredictionColumns) -> Option<(Timestamp, Timestamp)> {
    let times = || predictions.event_time().iter().copied();
    Some((instant(times().min()?), instant(times().max()?)))
}

/// A version begins to serve with its first event.
fn deployments(versions: &[VersionPerformance]) -> Vec<Deployment> {
    let named = versions
        .iter()
        .filter_map(|version| Some(Deployment { version: version.version.clone()?, since: version.seen.0 }));
    named.collect()
}

/// Over predictions and labels up to the instant, both inclusive.
fn known_at(inputs: &Inputs<'_>, as_of: Timestamp) -> AsOf {
    let Inputs { spec, predictions, .. } = *inputs;
    let limit = as_of.as_microsecond();
    let joined = match (inputs.labels, &spec.labels) {
        (Some(labels), Some(rule)) if spec.kind == ModelKind::Binary => {
            join(spec.kind, rule, predictions, labels, Some(limit)).label().to_vec()
        }
        _ => vec![f64::NAN; predictions.len()],
    };
    let rows = (0..predictions.len()).filter(|&row| predictions.event_time()[row] <= limit);
    AsOf { as_of, quality: quality(predictions.score(), &joined, rows) }
}

/// Days between the first and the last without a prediction.
fn missing_days(days: &Days) -> Option<String> {
    let dates: Vec<_> = days.iter().map(|day| day.date).collect();
    let (first, last) = (dates.first()?, dates.last()?);
    let span = i64::from(day_number(*last)) - i64::from(day_number(*first)) + 1;
    let empty = span - i64::try_from(days.len()).unwrap_or(i64::MAX);
    let plural = if empty == 1 { "" } else { "s" };
    (empty > 0).then(|| format!("{empty} day{plural} between {first} and {last} without a prediction"))
}

fn summary(baseline: &Baseline) -> BaselineSummary {
    let days = baseline.column(SCORE).map_or(0, |column| column.days().len());
    let rows = baseline
        .column(SCORE)
        .map_or(0.0, |column| column.days().iter().map(|day| day.missing + day.present()).sum());
    let date = |day: i32| instant(i64::from(day).saturating_mul(86_400_000_000));
    let date = |day: i32| jiff::tz::TimeZone::UTC.to_datetime(date(day)).date();
    BaselineSummary {
        id: baseline.id().to_string(),
        rows: whole(rows),
        days: baseline.days().map(|(first, last)| (date(first), date(last))),
        day_count: days,
        quality: baseline.quality().map(|quality| of_figures(quality.figures())),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, which saturates")]
fn whole(count: f64) -> u64 {
    count.round() as u64
}

fn of_figures(figures: &BaselineFigures) -> Quality {
    let estimate = |value: f64, standard_error: f64, range: (f64, f64)| {
        let half = 1.959_963_984_540_054 * standard_error;
        let interval = ((value - half).max(range.0), (value + half).min(range.1));
        Measured::Known(Estimate::new(value, Some(interval), Some(standard_error)))
    };
    Quality {
        predictions: figures.rows,
        labelled: figures.labelled,
        positives: figures.positives,
        mean_score: Some(figures.mean_score),
        roc_auc: estimate(figures.roc_auc, figures.roc_auc_variance.sqrt(), (0.0, 1.0)),
        brier: estimate(figures.brier, figures.brier_standard_error, (0.0, 1.0)),
        log_loss: estimate(figures.log_loss, figures.log_loss_standard_error, (0.0, f64::INFINITY)),
        calibration: None,
    }
}
