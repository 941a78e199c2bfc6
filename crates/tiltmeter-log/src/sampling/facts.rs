//! What a row's rates depend on.

use std::fmt::Write;
use std::sync::Arc;

use tiltmeter_record::spec::ModelKind;
use tiltmeter_record::{ModelSpec, ModelVersion, Prediction, Value};
use tiltmeter_sample::{Facts, Flags};

use super::ranges::CurrentRanges;
use crate::baseline::BaselineHandle;
use crate::row_score::{row_score, top_probability};

/// What of a row's facts takes some work to find, found once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    score: Option<f64>,
    flags: Flags,
}

impl Found {
    pub(super) fn with_disagreement(mut self, disagreement: bool) -> Self {
        self.flags.disagreement = disagreement;
        self
    }
}

/// Where the value of a segment stands.
#[derive(Debug)]
enum Segment {
    Feature(usize),
    Said(Box<str>),
}

/// Finds the facts of the rows of one model.
#[derive(Debug)]
pub(super) struct FactFinder {
    spec: Arc<ModelSpec>,
    ranges: CurrentRanges,
    segment: Option<Segment>,
    /// The text of a segment that is no text.
    text: String,
}

impl FactFinder {
    pub(super) fn new(spec: Arc<ModelSpec>, segment: Option<&str>, baseline: Option<BaselineHandle>) -> Self {
        let segment = segment.map(|name| {
            let place = spec.features.iter().position(|feature| feature.name.as_str() == name);
            place.map_or_else(|| Segment::Said(name.into()), Segment::Feature)
        });
        Self { spec, ranges: CurrentRanges::new(baseline), segment, text: String::new() }
    }

    /// Looks whether there is another baseline.
    pub(super) fn look(&mut self) {
        self.ranges.look(&self.spec);
    }

    /// What is known of a masked row; whether a feature is outside of its range only if `looks_at_ranges`.
    pub(super) fn find(&self, row: &Prediction, keep: bool, looks_at_ranges: bool) -> Found {
        let failed = row.has_failed();
        let ranges = self.ranges.get().filter(|_| looks_at_ranges);
        let outside_training_range = ranges.is_some_and(|ranges| ranges.is_outside(row));
        let flags = Flags { failed, keep, outside_training_range, ..Flags::default() };
        Found { score: self.score(row), flags }
    }

    /// The score of a row, on [0, 1].
    fn score(&self, row: &Prediction) -> Option<f64> {
        match self.spec.kind {
            // a score that was said may be that of any class
            ModelKind::Multiclass => top_probability(row).or(row.score),
            ModelKind::Ranking => row.ranking.as_deref().and_then(|items| items.first()?.score).or(row.score),
            ModelKind::Regression => self.ranges.get()?.score_quantile(row_score(&self.spec, row)?),
            ModelKind::Text => None,
            _ => row_score(&self.spec, row),
        }
    }

    /// The facts of a row, of which that was found.
    pub(super) fn facts<'a>(&'a mut self, row: &'a Prediction, found: Found) -> Facts<'a> {
        let Self { segment, text, .. } = self;
        Facts {
            score: found.score,
            segment: segment.as_ref().and_then(|segment| segment.value(row, text)),
            version: row.model_version.as_ref().map_or("", ModelVersion::as_str),
            flags: found.flags,
        }
    }
}

impl Segment {
    fn value<'a>(&self, row: &'a Prediction, text: &'a mut String) -> Option<&'a str> {
        match self {
            Self::Feature(place) => as_text(row.features.get(*place)?, text),
            Self::Said(name) => {
                let place = row.segments.binary_search_by(|(other, _)| (**other).cmp(name)).ok()?;
                row.segments.get(place).map(|(_, value)| &**value)
            }
        }
    }
}

/// As segments of pairs and profiles are written.
fn as_text<'a>(value: &'a Value, text: &'a mut String) -> Option<&'a str> {
    text.clear();
    // to a string it cannot fail
    let _ = match value {
        Value::Missing => return None,
        Value::Text(own) => return Some(own),
        Value::Boolean(value) => write!(text, "{value}"),
        Value::Integer(value) => write!(text, "{value}"),
        Value::Float(value) => write!(text, "{value}"),
    };
    Some(text)
}
