//! The model spec: the config file of one model, which lies beside the model's artifact.
//!
//! It says what the model is, which requests are its predictions, and where their fields stand in the bodies. It
//! does not say how predictions are logged or sampled, nor where they go: that is the serving application's.
//!
//! Every mistake in a file is reported at once, with its line, what was found and what is allowed. A key that the
//! format does not know is a mistake, except one that begins with `x-`, which is for the user's own tools.
//!
//! The format is YAML 1.2 without tags and aliases. A text that YAML takes for a number or boolean, such as the
//! version `1.10`, needs quotes. Durations are written as `30d`, `12h` or `1d 12h`; a day is 24 hours, a week 7
//! days. Pointers are [`BodyPointer`](crate::BodyPointer)s. Several fields may stand at one place of a body, but none
//! inside of another, and an array has `*` or elements by number, not both. When a pointer into the request has `*`,
//! those of score and prediction have it as well; otherwise neither has.
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
//! type: binary                    # required: binary, multiclass or regression
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
//! response:                       # required, with score or prediction
//!   model_version: /model_version
//!   score: /predictions/*/score
//!   confidence: /predictions/*/confidence
//!   prediction:                   # the pointer alone, or with a type; the default is boolean for
//!     pointer: /predictions/*/late     # binary, string for multiclass, float for regression
//!     type: boolean
//!
//! features:                       # required: float, integer, string or boolean
//!   carrier: string               # stands at <request.features>/carrier
//!   origin: string
//!   dep_delay: {type: float, pointer: /instances/*/flight/dep_delay}
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
//! x-team: arrivals                # yours
//! ")?;
//!
//! assert_eq!(spec.kind, ModelKind::Binary);
//! assert_eq!(spec.feature("dep_delay").map(|f| f.pointer.to_string()).as_deref(), Some("/instances/*/flight/dep_delay"));
//! # Ok::<(), tiltmeter_record::SpecError>(())
//! ```

mod baseline;
mod body;
mod document;
mod endpoint;
mod error;
mod feature;
mod field;
mod fields;
mod labels;
mod model;
mod near;
mod problem;
mod read;
mod request;
mod response;
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
pub use problem::Problem;
pub use request::RequestMap;
pub use response::{OutputField, ResponseMap};
pub use sla::Sla;
pub use value_type::ValueType;

use crate::{FeatureName, ModelName, ModelVersion};

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

    /// The feature of that name.
    #[must_use]
    pub fn feature(&self, name: &str) -> Option<&FeatureSpec> {
        self.features.iter().find(|feature| feature.name.as_str() == name)
    }
}
