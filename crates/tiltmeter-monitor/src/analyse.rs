//! From the data of a model to all that is found of it.

use jiff::Timestamp;
use tiltmeter_record::ModelSpec;
use tiltmeter_record::columns::{LabelColumns, LossReport, PredictionColumns};
use tiltmeter_record::spec::ModelKind;
use tiltmeter_stats::{Baseline, BaselineFigures};

use crate::analysis::{Analysis, BaselineSummary, Deployment, whole};
use crate::columns::SCORE;
use crate::days::{Days, day_number};
use crate::drift::{Drift, ProfiledDay, drift};
use crate::headline::headlines;
use crate::labels::{Joined, cohorts, join};
use crate::losses::{LossyRows, in_words};
use crate::measured::NORMAL_975;
use crate::performance::{
    self, AsOf, Known, MAX_VERSIONS, MonthPerformance, Quality, VersionPerformance, of_all,
};
use crate::period::{date_of, instant};
use crate::score_histogram::score_histogram;
use crate::{Estimate, Measured, Policy, SampledRows, SampledTable, grouped};

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
    /// What was lost on the way to the log: that of the rows of `predictions`, whose probabilities are corrected for it.
    pub losses: Option<&'a LossReport>,
    /// Profiles of all predictions, also of those that are not in the table: drift of the columns that they have rests on
    /// them, and not on rows.
    pub profiles: Option<&'a [ProfiledDay]>,
}

impl<'a> Inputs<'a> {
    /// Predictions, and nothing to compare them with.
    #[must_use]
    pub fn new(spec: &'a ModelSpec, predictions: &'a PredictionColumns) -> Self {
        Self { spec, predictions, baseline: None, labels: None, as_of: &[], losses: None, profiles: None }
    }
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
    let horizon = horizon(inputs, joined.as_ref());
    let maturity = spec.labels.as_ref().map(|rule| (rule.maturity, horizon));
    let quality_of_baseline = baseline.and_then(Baseline::quality);
    if baseline.is_some() && joined.is_some() && quality_of_baseline.is_none() {
        notes.push(
            "how good the model was on the baseline is not known (it has no labels, or no scores): performance is shown, \
             but not compared"
                .to_owned(),
        );
    }
    if quality_of_baseline.is_some_and(|quality| quality.figures().roc_auc_between_weeks.is_none()) {
        notes.push(
            "the baseline has fewer than three weeks with labels: months are compared with it as if weeks did not differ"
                .to_owned(),
        );
    }

    let losses = losses(inputs, &mut notes);
    let known = Known { labels, losses: losses.as_ref() };
    let months = performance::months(predictions, known, &days, quality_of_baseline, maturity, policy);
    if joined.is_some() {
        notes.extend(without_area(&months));
    }
    let versions = performance::versions(predictions, known);
    let names = predictions.model_version().names().len();
    if names > MAX_VERSIONS {
        notes.push(format!("{names} versions: those {MAX_VERSIONS} with the most predictions are shown"));
    }
    for feature in &spec.segments {
        if !predictions.features().iter().any(|column| column.name == *feature) {
            notes.push(format!("no segments of {feature}: the predictions do not have it"));
        }
    }
    let segments = performance::segments(&spec.segments, predictions, known, policy);
    let cohorts = match (&joined, &spec.labels) {
        (Some(joined), Some(rule)) => cohorts(predictions, joined, rule.maturity, horizon),
        _ => Vec::new(),
    };
    let profiles = inputs.profiles.unwrap_or_default();
    let drift = baseline.map(|baseline| drift(baseline, predictions, &days, profiles, policy));
    let Drift { findings: drift, notes: drift_notes } = drift.unwrap_or_default();
    notes.extend(drift_notes);
    notes.extend(missing_days(&days));

    let deployments = deployments(&versions);
    let rows = SampledRows::all(predictions);
    notes.extend(sampling(&rows));
    if let Some(report) = inputs.losses.filter(|_| losses.is_some()) {
        notes.extend(in_words(report, &months));
    }
    let mut analysis = Analysis {
        model: spec.name.to_string(),
        predictions: predictions.len() as u64,
        sampled: sampled(&rows, joined.as_ref()),
        seen: seen(predictions),
        baseline: baseline.map(summary),
        headlines: Vec::new(),
        notes,
        deployments,
        overall: known.quality(&rows),
        months,
        versions,
        segments,
        as_of: inputs.as_of.iter().map(|as_of| known_at(inputs, losses.as_ref(), *as_of)).collect(),
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
    if inputs.labels.is_some() && spec.labels.is_none() {
        notes.push("the spec does not say how labels are matched: they are not used".to_owned());
        return None;
    }
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
        notes.push("no row of the label table could be used".to_owned());
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

/// What was lost, if it is told of these rows.
fn losses(inputs: &Inputs<'_>, notes: &mut Vec<String>) -> Option<LossyRows> {
    let report = inputs.losses?;
    let losses = LossyRows::of(inputs.predictions, report);
    if losses.is_none() {
        notes.push("the losses are told of another table: they are not shown".to_owned());
    }
    losses
}

/// The last time of which anything is known: that of an event, or of the arrival of a label that belongs to one.
fn horizon(inputs: &Inputs<'_>, joined: Option<&Joined>) -> i64 {
    let events = inputs.predictions.event_time().iter();
    let arrivals = joined.map_or(&[][..], Joined::arrival_time).iter();
    events.chain(arrivals).copied().max().unwrap_or(i64::MIN)
}

/// How many predictions the rows stand for; `None` where these are all there were.
fn sampled(rows: &SampledRows<'_>, joined: Option<&Joined>) -> Option<SampledTable> {
    rows.inclusion()?;
    let matched = |joined: &Joined| of_all(rows.share_of_all(|row| !joined.label()[row].is_nan()));
    Some(SampledTable {
        predictions: of_all(rows.estimated_population()),
        effective: rows.effective_sample_size(),
        match_rate: joined.map(matched),
    })
}

/// That rows were sampled, and what that means for what follows.
fn sampling(rows: &SampledRows<'_>) -> Option<String> {
    rows.inclusion()?;
    let about = of_all(rows.estimated_population()).value()?;
    Some(format!(
        "{} rows were kept of about {} predictions: figures are weighted, and tell as much as those of {} rows that were \
         kept whatever is in them",
        grouped(rows.len() as u64),
        grouped(whole(about)),
        grouped(whole(rows.effective_sample_size()))
    ))
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
fn known_at(inputs: &Inputs<'_>, losses: Option<&LossyRows>, as_of: Timestamp) -> AsOf {
    let Inputs { spec, predictions, .. } = *inputs;
    let limit = as_of.as_microsecond();
    let earlier = (0..predictions.len()).filter(|&row| predictions.event_time()[row] <= limit);
    let rows = SampledRows::of(predictions, earlier);
    let quality = match (inputs.labels, &spec.labels) {
        (Some(labels), Some(rule)) if spec.kind == ModelKind::Binary => {
            let joined = join(spec.kind, rule, predictions, labels, Some(limit));
            Known { labels: joined.label(), losses }.quality(&rows)
        }
        _ => Known { labels: &vec![f64::NAN; predictions.len()], losses }.quality(&rows),
    };
    AsOf { as_of, quality }
}

/// Months that have predictions and no area under the ROC curve, by reason.
fn without_area(months: &[MonthPerformance]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for month in months.iter().filter(|month| month.quality.predictions > 0) {
        let Some(reason) = month.quality.roc_auc.reason() else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, months)) => months.push(month.period.to_string()),
            None => reasons.push((reason, vec![month.period.to_string()])),
        }
    }
    let in_words = |(reason, months): (&str, Vec<String>)| {
        let shown = match months.as_slice() {
            [first, .., last] if months.len() > 3 => {
                format!("{} months from {first} to {last}", months.len())
            }
            few => few.join(", "),
        };
        format!("no area under the ROC curve for {shown}: {reason}")
    };
    reasons.into_iter().map(in_words).collect()
}

/// Days between the first and the last without a prediction.
fn missing_days(days: &Days) -> Option<String> {
    /// How many stretches are named.
    const MAX_NAMED: usize = 5;
    let dates: Vec<_> = days.iter().map(|day| day.date).collect();
    let mut stretches = Vec::new();
    let mut count = 0_i64;
    for pair in dates.windows(2) {
        let empty = i64::from(day_number(pair[1])) - i64::from(day_number(pair[0])) - 1;
        let (Ok(first), Ok(last)) = (pair[0].tomorrow(), pair[1].yesterday()) else { continue };
        if empty > 0 {
            count += empty;
            stretches.push(if first == last { first.to_string() } else { format!("{first} to {last}") });
        }
    }
    let more = if stretches.len() > MAX_NAMED { ", …" } else { "" };
    stretches.truncate(MAX_NAMED);
    let plural = if count == 1 { "" } else { "s" };
    let count = grouped(u64::try_from(count).unwrap_or(0));
    (!stretches.is_empty())
        .then(|| format!("{count} day{plural} without a prediction: {}{more}", stretches.join(", ")))
}

fn summary(baseline: &Baseline) -> BaselineSummary {
    let days = baseline.column(SCORE).map_or(0, |column| column.days().len());
    let rows = baseline
        .column(SCORE)
        .map_or(0.0, |column| column.days().iter().map(|day| day.missing + day.present()).sum());
    let date = |day: i32| date_of(i64::from(day).saturating_mul(86_400_000_000));
    BaselineSummary {
        id: baseline.id().to_string(),
        rows: whole(rows),
        days: baseline.days().map(|(first, last)| (date(first), date(last))),
        day_count: days,
        quality: baseline.quality().map(|quality| of_figures(quality.figures())),
    }
}

fn of_figures(figures: &BaselineFigures) -> Quality {
    let estimate = |value: f64, standard_error: f64, range: (f64, f64)| {
        let half = NORMAL_975 * standard_error;
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
        lossy_rows: 0,
        lost_share: 0.0,
        sampled: None,
    }
}
