//! The model spec: the config file of one model, which lies beside the model's artifact.
//!
//! It says what the model is, which requests are its predictions, and where their fields stand in the bodies. It
//! may say which rows are worth keeping. How predictions are logged, and where they go, is the serving application's.
//!
//! Every mistake in a file is reported at once, with its line, what was found and what is allowed. A key that the
//! format does not know is a mistake, except one that begins with `x-`, which is for the user's own tools.
//!
//! The format is YAML 1.2 without tags and aliases. A text that YAML takes for a number or boolean, such as the
//! version `1.10`, needs quotes. Durations are written as `30d`, `12h` or `1d 12h`; a day is 24 hours, a week 7
//! days. Pointers are [`BodyPointer`](crate::BodyPointer)s. Several fields may stand at one place of a body, but none
//! inside of another, and an array has `*` or elements by number, not both. When a pointer into the request has `*`,
//! those of the outputs have it as well; otherwise none has. An output is `prediction`, `score`, `class_probabilities`,
//! `ranking` or `generated_text`.
//!
//! # The format
//!
//! ```
//! use tiltmeter_record::ModelSpec;
//! use tiltmeter_record::spec::ModelKind;
//!
//! let spec = ModelSpec::from_yaml("model.yaml", r"
//! spec_version: 1                 # required: the version of this format
//! name: flight-delay              # required: a ModelName
//! version: gbm-1                  # a ModelVersion, used when the response does not say
//! type: binary                    # required: binary, multiclass, regression, ranking or text
//! owner: arrivals@example.org     # required: who answers for the model
//! tier: 2                         # required: 1 revenue-critical, 2 operational, 3 experimental
//!
//! endpoint:                       # required
//!   method: POST                  # default POST; or PUT, PATCH
//!   path: /predict                # required: a route; segments may be {name}, the last {*rest}
//!
//! request:
//!   event_time: /event_time       # RFC 3339 text; absent: the time of observation
//!   max_skew: 7d                  # default 7d: how far event_time may lie from observation; or off
//!   entity_id: /instances/*/id    # what the prediction is about
//!   features: /instances/*        # default the whole body: what has the features as members
//!   raw_input: false              # default false: keep the text of the body
//!
//! response:                       # required, with an output of a model of this type
//!   model_version: /model_version
//!   score: /predictions/*/score
//!   confidence: /predictions/*/confidence
//!   prediction:                   # the pointer alone, or with a type; the default is boolean for
//!     pointer: /predictions/*/late     # binary, float for regression, string for the others
//!     type: boolean
//!   class_probabilities:          # the pointer alone, or with the classes in the order of an array
//!     pointer: /predictions/*/probabilities
//!     classes: [on time, late]    # default: the members' names, or the elements' numbers from 0
//!   ranking:                      # the pointer alone, to an array of names, the best first
//!     pointer: /predictions/*/gates
//!     item: gate                  # the member of an element that names the item
//!     score: fit                  # the member that is its score, if it has one
//!     max_items: 10               # default 100, at most 10000: how many are kept
//!   generated_text:               # the pointer alone, or with
//!     pointer: /predictions/*/announcement
//!     stream: /predictions/*/delta     # default pointer: in each event of a streamed response
//!     max_bytes: 4096             # default 4096, at most 1048576: how much is kept
//!
//! features:                       # required: float, integer, string or boolean
//!   carrier: string               # stands at <request.features>/carrier
//!   origin: string
//!   dep_delay: {type: float, pointer: /instances/*/flight/dep_delay}
//!   seats: {type: integer, column: seat_count}     # in feature_seat_count, not in feature_seats
//!
//! segments: [carrier, origin]     # features of type string, boolean or integer
//!
//! sla:                            # what is absent is not promised
//!   latency_p99_ms: 50            # above 0
//!   error_rate: 0.001             # from 0 to 1
//!   availability: 0.999           # from 0 to 1
//!
//! baseline:
//!   path: data/reference.parquet  # required: relative to this file
//!
//! labels:
//!   path: data/labels.parquet     # required: relative to this file
//!   entity_id: entity_id          # columns; these are the defaults
//!   label: label
//!   arrival_time: arrival_time
//!   event_time: landed_at         # absent: label events have no time of their own
//!   revisions: latest_arrival_wins     # default, the only value
//!   events: nearest_in_time            # default, the only value
//!   maturity: 30d                 # required: after which a label is expected to be there
//!
//! promotion:                      # when a challenger may take the model's place; these are the defaults but for
//!   error: 0.05                   # latency_p99_ms: how often a verdict may be wrong; above 0, below 0.5
//!   min_duration: 7d
//!   min_pairs: 1000
//!   coverage: 0.9                 # the share of chosen requests that have a pair at least
//!   latency_p99_ms: 40            # or latency_ratio: 1.2, of the champion's; default: the sla's, else the ratio
//!   error_margin: 0.002           # above the champion's, or error_rate: 0.001; default: the sla's, else the margin
//!   agreement: 0.9                # of decisions, unless labels show that the others are for the better; or off
//!   psi: 0.25                     # the largest index of the scores; or off
//!   labelled:                     # or off
//!     metric: roc_auc             # or brier, log_loss, accuracy, the default of multiclass
//!     margin: 0.005               # by how much it may be worse; default: that of the metric, from 0
//!     min_labels: 1000
//!     wait: 2d                    # how long after a request its label is looked at; default: labels.maturity; or off
//!
//! privacy:                        # applied before anything sees a prediction; see the module `privacy`
//!   entity_id: hash               # or another column of our own: see MaskedColumn
//!   features:                     # drop, mask, hash, {mask: {keep_last: 4}}, {truncate: 3} for text,
//!     dep_delay: {round: 5}       # {round: 5}, {bucket: [0, 15, 60]} for numbers
//!   segments: {agent: drop, '*': hash}     # what the application says beside the features; '*': all others
//!   pointers:                     # into raw_input; not over a column that has no rule
//!     /customer/name: drop
//!   patterns:                     # over raw_input, generated_text, segments, request_id, model_version, and
//!     - {pattern: 'ORD-\d+', action: mask}     # what `scan` lists
//!   detect: [email, phone, iban, card, ip]
//!   scan: [carrier]               # features of type string; entity_id, prediction, class_probabilities, ranking
//!   hash_key: {env: TILTMETER_HASH_KEY}    # or {file: /run/secrets/key}
//!
//! sampling:                       # which rows are kept: absent, all; every rate is from 0.000001 to 1
//!   policy: tails                 # required: all, tails, capped; see below
//!   tiers:                        # the rate by what the fleet predicts a day; these are the defaults
//!     - {up_to: 100000, rate: 1}
//!     - {up_to: 1000000, rate: 0.5}
//!     - {rate: 0.1}               # above all others; or rate: 0.1 instead of tiers, whatever the volume
//!   hysteresis: 0.1               # default: how far beyond a border the volume is to be; a share of it, 0.01 to 0.5
//!   instances: 4                  # default 1: of the fleet, as long as nobody tells its volume
//!   expected_per_day: 2000000     # predictions of the fleet, until a day has been counted; default: not known
//!   interval: 1m                  # default: after which rates follow what was counted; 1s to 1d
//!   buckets: 20                   # default: strata by the score, at most 100; or edges: [0.1, 0.5], which ascend
//!   segment: carrier              # a feature of type string, boolean or integer whose values are strata as well
//!   max_cells: 128                # default: pairs of segment and version that have strata of their own, at most 1024
//!   keep:                         # at rates of its own: a rate, {rate: 1, at_most: 1} or off; or keep: off
//!     high_score: {above: 0.95, rate: 1, at_most: 1}    # defaults of tails; at_most: of all predictions
//!     low_score: {below: 0.05}    # defaults of capped: quantile, where the rate 0.5 makes the at_most 0.015 of all
//!     failed: 1                   # this and the next two have at_most 0.01 by default with capped, else 1
//!     outside_training_range: {rate: 0.5, at_most: 0.05}
//!     disagreement: off           # of champion and challenger
//!     explicit: 1                 # what the application asks to keep
//!   floor: 5                      # default 0: rows of each stratum in an interval at least, in expectation
//!   budget: {rows_per_second: 50} # of an instance; or bytes_per_second; default: no bound
//!   least_rate: 0.001             # default: to which a budget lowers rates before it thins what rules and floors keep
//!   half_life: 60                 # default: after so many intervals what was counted counts half, at most 100000
//!   warn_above: 0.1               # default: warn where rules alone keep more than this share of all predictions
//!   key: {env: TILTMETER_SAMPLE_KEY}     # of the hash that decides, or {file: path}; default: the application's
//!
//! x-team: arrivals                # yours
//! ")?;
//!
//! assert_eq!(spec.kind, ModelKind::Binary);
//! assert_eq!(spec.feature("dep_delay").map(|f| f.pointer.to_string()).as_deref(), Some("/instances/*/flight/dep_delay"));
//! assert_eq!(spec.feature("seats").map(|f| f.column()).as_deref(), Some("feature_seat_count"));
//! assert_eq!(spec.sampling.map(|sampling| sampling.floor), Some(5.0));
//! # Ok::<(), tiltmeter_record::SpecError>(())
//! ```
//!
//! # Outputs and types
//! A model may have any outputs, and has at least one of its type:
//!
//! | type | outputs |
//! | --- | --- |
//! | `binary`, `multiclass` | `prediction`, `score`, `class_probabilities` |
//! | `regression` | `prediction`, `score` |
//! | `ranking` | `ranking`, `prediction`, `score` |
//! | `text` | `generated_text` |
//!
//! The pointer `stream` of a generated text points into each event of a streamed response, which is a JSON text of its
//! own: it is in the way of no other pointer.
//!
//! # Sampling
//! `tails` keeps all that is remarkable, `capped` no more of it than a stated share of all predictions, and both keep of the
//! rest what the rate of its volume says. What is not said of a rule under `keep` is that of the policy: [`KeepRules`] has
//! both. `all` keeps every row, as a spec without `sampling` does, and has no other key beside it than `key`. Rows are sampled
//! after `privacy` has been applied, by draws of the request's id from before. The log samples by this section, with the crate
//! `tiltmeter-sample`, unless it was given another policy. `docs/sampling.md` is the guide.
//!
//! # Routes that models share
//! Several specs may have the same path if it has the parameter `{model}`: a request is this model's when the parameter is
//! the model's name, to the letter. A parameter `{version}` is the version of the model that answers, where neither the
//! handler nor the response says which. In both places stands one segment of the path, as in
//! `/models/{model}/versions/{version}`.
//!
//! # A feature whose type changes
//! Files that were written before have its column with the old type, and a table has one type for a column. Give the
//! feature a `column` that no file has yet, such as `{type: integer, column: age_years}`: the old values stay where they
//! are, and readers see NULL in the new column for rows that were written before.

mod baseline;
mod body;
mod document;
mod endpoint;
mod error;
mod feature;
mod field;
mod fields;
mod key_source;
mod labels;
mod model;
mod near;
mod outputs;
mod privacy;
mod problem;
mod promotion;
mod read;
mod request;
mod response;
mod sampling;
mod sla;
mod source;
#[cfg(test)]
mod tests;
mod value_type;

use std::path::Path;

pub use baseline::BaselineSource;
pub use endpoint::Endpoint;
pub use error::SpecError;
pub use feature::FeatureSpec;
pub use labels::{EventRule, LabelRule, RevisionRule};
pub use model::{ModelKind, Tier};
pub use outputs::{OutputField, ProbabilityField, RankingField, TextField};
pub use problem::Problem;
pub use promotion::{FailureCriterion, LabelledCriterion, LabelledMetric, LatencyCriterion, Promotion};
pub use request::RequestMap;
pub use response::ResponseMap;
pub use sampling::{
    KeepRules, Sampling, SamplingBudget, SamplingPolicy, SamplingRule, SamplingTier, SamplingTiers,
    ScoreBuckets, ScoreCutOff, ScoreRule,
};
pub use sla::Sla;
pub use value_type::ValueType;

use crate::{FeatureName, ModelName, ModelVersion, PrivacyPolicy};

/// What a model is, and where the fields of its predictions stand. See the [format](self#the-format).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ModelSpec {
    /// The model's name.
    pub name: ModelName,
    /// The version of the model, used when the response does not say.
    pub version: Option<ModelVersion>,
    /// The kind of model: `type` in the file.
    pub kind: ModelKind,
    /// Who answers for the model; not empty.
    pub owner: String,
    /// How much hangs on the model.
    pub tier: Tier,
    /// Which requests are predictions.
    pub endpoint: Endpoint,
    /// Where the fields of a request stand.
    pub request: RequestMap,
    /// Where the fields of a response stand.
    pub response: ResponseMap,
    /// What the model sees, in file order; at least one.
    pub features: Vec<FeatureSpec>,
    /// The features by which the data is sliced, in file order, each once; none is a float.
    pub segments: Vec<FeatureName>,
    /// What is promised to the callers.
    pub sla: Sla,
    /// The data from which the baseline is made.
    pub baseline: Option<BaselineSource>,
    /// Where the labels come from.
    pub labels: Option<LabelRule>,
    /// What is asked of a challenger before it takes the model's place.
    pub promotion: Promotion,
    /// What is dropped, masked or hashed before anything sees a prediction.
    pub privacy: Option<PrivacyPolicy>,
    /// Which rows are worth keeping; `None` when the spec does not say.
    pub sampling: Option<Sampling>,
}

impl ModelSpec {
    /// The largest file, in bytes.
    pub const MAX_LEN: usize = 1 << 20;

    /// Reads a spec from the text of a file; `source_name` is what error messages call it.
    ///
    /// # Errors
    ///
    /// If the text is larger than [`MAX_LEN`](Self::MAX_LEN), is not YAML, or has mistakes, all of which are in
    /// [`SpecError::problems`].
    ///
    /// ```
    /// use tiltmeter_record::ModelSpec;
    ///
    /// let error = ModelSpec::from_yaml("model.yaml", "spec_version: 2").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "model.yaml: 1 problem\n\
    ///      model.yaml:1: spec_version: found the number 2, allowed: 1, the version that this build reads",
    /// );
    /// ```
    pub fn from_yaml(source_name: &str, text: &str) -> Result<Self, SpecError> {
        source::check_len(source_name, text.len())?;
        let mut problems = Vec::new();
        let spec = match document::load(text) {
            Ok(Some(document)) => read::read(&document, &mut problems),
            Ok(None) => {
                let empty = Problem::new(document::Position::START, "", "an empty file");
                problems.push(empty.allow("a model spec"));
                None
            }
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        match spec {
            Some(spec) if problems.is_empty() => Ok(spec),
            _ => Err(SpecError::from_problems(source_name, problems)),
        }
    }

    /// Reads a spec from a file.
    ///
    /// # Errors
    ///
    /// If there is no such file, it is larger than [`MAX_LEN`](Self::MAX_LEN) or not UTF-8, and as
    /// [`from_yaml`](Self::from_yaml).
    pub fn read_file(path: impl AsRef<Path>) -> Result<Self, SpecError> {
        let path = path.as_ref();
        let text = source::read(path)?;
        Self::from_yaml(&path.display().to_string(), &text)
    }

    /// The type of the decision: the one that `response.prediction` has, else the usual one of the [kind](ModelKind): an
    /// application can say a decision that the response does not have.
    #[must_use]
    pub fn prediction_type(&self) -> ValueType {
        self.response.prediction.as_ref().map_or(self.kind.prediction_type(), |field| field.value_type)
    }

    /// The feature of that name.
    #[must_use]
    pub fn feature(&self, name: &str) -> Option<&FeatureSpec> {
        self.features.iter().find(|feature| feature.name.as_str() == name)
    }
}
