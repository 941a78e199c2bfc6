//! Where the fields of a request stand.

use std::time::Duration;

use super::body::Body;
use super::field::Field;
use super::fields::Fields;
use super::problem::Problem;
use crate::BodyPointer;

const SKEW: &str = "a duration above zero such as 7d or 12h, or off";

/// Where the fields of a request's body stand, and what is kept of it: the spec's `request`.
///
/// Where the features stand is said by each [`FeatureSpec`](super::FeatureSpec).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestMap {
    /// The application's time of the event, RFC 3339 text. `None`: the time of observation.
    pub event_time: Option<BodyPointer>,
    /// How far the event time may lie from the time of observation, in either direction. `None`: any distance.
    pub max_skew: Option<Duration>,
    /// What the prediction is about; labels are joined on it.
    pub entity_id: Option<BodyPointer>,
    /// Whether the text of the body is kept.
    pub raw_input: bool,
}

impl RequestMap {
    /// The bound on the skew of a spec that says nothing: 7 days.
    pub const DEFAULT_MAX_SKEW: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    pub(super) fn read(
        field: &Field<'_>,
        body: &mut Body,
        problems: &mut Vec<Problem>,
    ) -> Option<(Self, BodyPointer)> {
        let known = ["event_time", "max_skew", "entity_id", "features", "raw_input"];
        let fields = Fields::known(field, &known, problems)?;
        let features =
            fields.optional("features").and_then(|field| field.pointer(problems)).unwrap_or_default();
        let mut pointer = |key| fields.optional(key).and_then(|field| body.pointer(field, problems));
        let (event_time, entity_id) = (pointer("event_time"), pointer("entity_id"));
        let max_skew = match fields.optional("max_skew") {
            None => Some(Self::DEFAULT_MAX_SKEW),
            Some(field) if field.is_word("off") => None,
            Some(field) => field.duration(SKEW, problems),
        };
        let raw_input = fields.optional("raw_input").and_then(|field| field.boolean(problems));
        Some((Self { event_time, max_skew, entity_id, raw_input: raw_input.unwrap_or(false) }, features))
    }
}

impl Default for RequestMap {
    fn default() -> Self {
        let max_skew = Some(Self::DEFAULT_MAX_SKEW);
        Self { event_time: None, max_skew, entity_id: None, raw_input: false }
    }
}
