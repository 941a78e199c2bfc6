//! When a challenger may take the model's place.

use std::time::Duration;

use super::field::{DURATION, Field};
use super::fields::Fields;
use super::problem::Problem;
use super::{LabelRule, ModelKind, Sla};

const SHARE: &str = "a number from 0 to 1";
const SHARE_OR_OFF: &str = "a number from 0 to 1, or off";
const PSI: &str = "a number above 0, or off";
const MARGIN: &str = "a number from 0 to below 1";
const LABELLED: &str = "a mapping, or off";
const WAIT: &str = "a duration above zero such as 3d or 12h, or off";
const MOST_ROWS: usize = 1_000_000_000;

/// What is asked of a challenger before it takes the model's place: the spec's `promotion`.
///
/// Everything has a default, of which some follow from other parts of the spec ([`Promotion::defaults`]).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Promotion {
    /// How probable it may be that a verdict is ever wrong, however often one looks: above 0 and below ½. 0.05, the usual
    /// one.
    pub error: f64,
    /// For how long pairs are gathered at least, counted in days that have some. 7 days: each day of the week once.
    pub min_duration: Duration,
    /// How many pairs there are at least, from 1. 1,000: below that no share of a percent is worth looking at.
    pub min_pairs: u64,
    /// The share of the chosen requests that have a pair at least, 0 to 1. 0.9: the pairs stand for one request in ten
    /// more, and not for a world that was not seen.
    pub coverage: f64,
    /// What latencies are held against.
    pub latency: LatencyCriterion,
    /// What failures are held against.
    pub failures: FailureCriterion,
    /// How often the two decide alike at least, 0 to 1; `None` when that is not asked for. 0.9: who changes more than one
    /// decision in ten has to show by labels that they are for the better.
    pub agreement: Option<f64>,
    /// The largest population stability index of the challenger's scores against the champion's, above 0; `None` when that is
    /// not asked for. 0.25, where the usual rule of thumb speaks of a large shift: thresholds on the scores have to be set
    /// anew then.
    pub psi: Option<f64>,
    /// What labels have to show; `None` when they are not asked, as without `labels`, and of models that have no metric.
    pub labelled: Option<LabelledCriterion>,
}

/// What the 99th percentile of the challenger's latency is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LatencyCriterion {
    /// `latency_p99_ms`: so many milliseconds, above 0. What `sla` promises, unless something else is said.
    Milliseconds(f64),
    /// `latency_ratio`: the champion's times this, above 0. 1.2 where nothing is promised: a fifth is what callers hardly
    /// see.
    OfChampion(f64),
}

/// What the share of requests that the challenger fails is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FailureCriterion {
    /// `error_rate`: at most this share, 0 to 1. What `sla` promises, unless something else is said.
    Share(f64),
    /// `error_margin`: at most the champion's and this, from 0 to below 1. 0.002 where nothing is promised: a smaller one
    /// takes more than ten thousand requests to be proven.
    AboveChampion(f64),
}

/// What labels have to show of a challenger: that it is not worse than by a margin.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LabelledCriterion {
    /// By what the two are compared. ROC AUC for a binary model, accuracy for one of several classes.
    pub metric: LabelledMetric,
    /// By how much the challenger may be worse, in the unit of the metric, from 0 to below 1. By the metric:
    /// [`LabelledMetric::default_margin`].
    pub margin: f64,
    /// How many labelled pairs there are at least, from 1. 1,000.
    pub min_labels: u64,
    /// How long after a request its label is looked at: the labels of a day count from then on, those that are there;
    /// `None` is at once (`off`). What `labels.maturity` says: labels that come early are not those of any request.
    pub wait: Option<Duration>,
}

/// By what two models are compared where the truth is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LabelledMetric {
    /// `roc_auc`: the area under the ROC curve of the scores.
    RocAuc,
    /// `brier`: the mean squared error of probabilities.
    Brier,
    /// `log_loss`: the mean log loss of probabilities, in nats.
    LogLoss,
    /// `accuracy`: the share of decisions that are right.
    Accuracy,
}

impl LabelledMetric {
    const ALL: [Self; 4] = [Self::RocAuc, Self::Brier, Self::LogLoss, Self::Accuracy];

    /// The word that stands in the spec.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RocAuc => "roc_auc",
            Self::Brier => "brier",
            Self::LogLoss => "log_loss",
            Self::Accuracy => "accuracy",
        }
    }

    /// By how much a challenger may be worse if the spec does not say: half a point of ROC AUC or of accuracy, 0.002 of the
    /// Brier score and 0.005 nats, which are a few percent of what such models have.
    #[must_use]
    pub fn default_margin(self) -> f64 {
        match self {
            Self::RocAuc | Self::Accuracy | Self::LogLoss => 0.005,
            Self::Brier => 0.002,
        }
    }

    /// Those of a kind of model, the default first.
    fn of(kind: ModelKind) -> &'static [Self] {
        match kind {
            ModelKind::Binary => &Self::ALL,
            ModelKind::Multiclass => &[Self::Accuracy],
            ModelKind::Regression | ModelKind::Ranking | ModelKind::Text => &[],
        }
    }
}

impl Promotion {
    /// What holds where the spec says nothing.
    ///
    /// ```
    /// use tiltmeter_record::spec::{LatencyCriterion, ModelKind, Promotion, Sla};
    ///
    /// let promotion = Promotion::defaults(ModelKind::Regression, Sla::default(), None);
    /// assert_eq!(promotion.latency, LatencyCriterion::OfChampion(1.2));
    /// assert_eq!((promotion.agreement, promotion.labelled), (None, None));
    /// ```
    #[must_use]
    pub fn defaults(kind: ModelKind, sla: Sla, labels: Option<&LabelRule>) -> Self {
        let labelled = LabelledMetric::of(kind)
            .first()
            .zip(labels)
            .map(|(&metric, labels)| LabelledCriterion::defaults(metric, labels));
        Self {
            error: 0.05,
            min_duration: Duration::from_secs(7 * 24 * 3600),
            min_pairs: 1000,
            coverage: 0.9,
            latency: sla
                .latency_p99_ms
                .map_or(LatencyCriterion::OfChampion(1.2), LatencyCriterion::Milliseconds),
            failures: sla.error_rate.map_or(FailureCriterion::AboveChampion(0.002), FailureCriterion::Share),
            agreement: matches!(kind, ModelKind::Binary | ModelKind::Multiclass).then_some(0.9),
            psi: Some(0.25),
            labelled,
        }
    }

    pub(super) fn read(
        field: &Field<'_>,
        kind: ModelKind,
        sla: Sla,
        labels: Option<&LabelRule>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let known = [
            "error",
            "min_duration",
            "min_pairs",
            "coverage",
            "latency_p99_ms",
            "latency_ratio",
            "error_rate",
            "error_margin",
            "agreement",
            "psi",
            "labelled",
        ];
        let fields = Fields::known(field, &known, problems)?;
        let mut found = Self::defaults(kind, sla, labels);
        let mut number =
            |key, allowed, fits| fields.optional(key).and_then(|field| field.number(allowed, fits, problems));
        let is_share: fn(f64) -> bool = |share| (0.0..=1.0).contains(&share);
        let is_above: fn(f64) -> bool = |number| number > 0.0;
        let is_margin: fn(f64) -> bool = |margin| (0.0..1.0).contains(&margin);
        let error = number("error", "a number above 0 and below 0.5", |error| error > 0.0 && error < 0.5);
        let coverage = number("coverage", SHARE, is_share);
        let bound = number("latency_p99_ms", "a number of milliseconds above 0", is_above);
        let ratio = number("latency_ratio", "a number above 0", is_above);
        let rate = number("error_rate", SHARE, is_share);
        let margin = number("error_margin", MARGIN, is_margin);
        found.error = error.unwrap_or(found.error);
        found.coverage = coverage.unwrap_or(found.coverage);
        let latency = bound.map(LatencyCriterion::Milliseconds).or(ratio.map(LatencyCriterion::OfChampion));
        found.latency = latency.unwrap_or(found.latency);
        let failures = rate.map(FailureCriterion::Share).or(margin.map(FailureCriterion::AboveChampion));
        found.failures = failures.unwrap_or(found.failures);
        fields.one_of(["latency_p99_ms", "latency_ratio"], problems);
        fields.one_of(["error_rate", "error_margin"], problems);

        if let Some(field) = fields.optional("min_duration") {
            found.min_duration = field.duration(DURATION, problems).unwrap_or(found.min_duration);
        }
        found.min_pairs = rows(&fields, "min_pairs", found.min_pairs, problems);
        if let Some(field) = fields.optional("agreement") {
            found.agreement = field.or_off(|field| field.number(SHARE_OR_OFF, is_share, problems));
            if found.agreement.is_some() && !matches!(kind, ModelKind::Binary | ModelKind::Multiclass) {
                let of_kind = format!("a share of equal decisions, of a model of type {kind}");
                problems
                    .push(field.problem(of_kind).allow("of a model of type binary or multiclass, or off"));
            }
        }
        if let Some(field) = fields.optional("psi") {
            found.psi = field.or_off(|field| field.number(PSI, is_above, problems));
        }
        if let Some(field) = fields.optional("labelled") {
            found.labelled = field.or_off(|field| LabelledCriterion::read(field, kind, labels, problems));
        }
        Some(found)
    }
}

impl LabelledCriterion {
    fn defaults(metric: LabelledMetric, labels: &LabelRule) -> Self {
        Self { metric, margin: metric.default_margin(), min_labels: 1000, wait: Some(labels.maturity) }
    }

    fn read(
        field: &Field<'_>,
        kind: ModelKind,
        labels: Option<&LabelRule>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        if !field.is_mapping() {
            problems.push(field.misfit(LABELLED));
            return None;
        }
        let fields = Fields::known(field, &["metric", "margin", "min_labels", "wait"], problems)?;
        let metrics = LabelledMetric::of(kind);
        let Some(&usual) = metrics.first() else {
            let found = format!("a criterion of a model of type {kind}, for which there is no metric");
            problems.push(field.problem(found).allow("off"));
            return None;
        };
        let choices: Vec<_> = metrics.iter().map(|metric| (metric.as_str(), *metric)).collect();
        let metric = match fields.optional("metric") {
            Some(field) => field.choice(&choices, problems),
            None => Some(usual),
        };
        let is_margin: fn(f64) -> bool = |margin| (0.0..1.0).contains(&margin);
        let margin = fields.optional("margin").and_then(|field| field.number(MARGIN, is_margin, problems));
        let min_labels = rows(&fields, "min_labels", 1000, problems);
        let wait = fields.optional("wait").map(|field| field.or_off(|field| field.duration(WAIT, problems)));
        let Some(labels) = labels else {
            problems.push(
                field
                    .problem("a criterion of labels, of which there are none")
                    .allow("off, or labels beside it"),
            );
            return None;
        };
        let metric = metric?;
        let usual = Self::defaults(metric, labels);
        Some(Self {
            margin: margin.unwrap_or(usual.margin),
            min_labels,
            wait: wait.unwrap_or(usual.wait),
            metric,
        })
    }
}

fn rows(fields: &Fields<'_>, key: &str, usual: u64, problems: &mut Vec<Problem>) -> u64 {
    let count = fields.optional(key).and_then(|field| field.count(MOST_ROWS, problems));
    count.and_then(|count| u64::try_from(count).ok()).unwrap_or(usual)
}
