//! What an application says of one prediction itself.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::{ClassProbability, ModelVersion, RankedItem, Value};

/// What an application says of one prediction: a handler, an `Observe` implementation or a batch job.
///
/// Nothing is decoded: the values go into the record as they are. A field whose name is a feature of the model's spec is
/// that feature, every other one is a *segment* of the record. What is not said here comes from the bodies of the
/// exchange, where they are captured, and is NULL otherwise.
///
/// Setting a field twice keeps the last value. Its `Debug` shows no values: they have not been masked yet.
///
/// ```
/// use tiltmeter_record::Observation;
///
/// let observation = Observation::with_capacity(3)
///     .with("age", 30.0)          // a feature of the spec
///     .with("plan", "gold")
///     .with("channel", "web")     // no feature: a segment
///     .with_score(0.12)
///     .with_prediction(false);
/// assert_eq!(observation.fields().len(), 3);
/// ```
#[derive(Clone, Default, PartialEq)]
#[must_use = "an observation does nothing until it is recorded"]
pub struct Observation {
    fields: Vec<(Cow<'static, str>, Value)>,
    /// Bytes of text that the fields hold.
    text_bytes: usize,
    /// The application's time of the event (UTC).
    pub event_time: Option<Timestamp>,
    /// What the prediction is about; labels are joined on it.
    pub entity_id: Option<Arc<str>>,
    /// The version of the model that answered.
    pub model_version: Option<ModelVersion>,
    /// The decision: a class, a number, a label.
    pub prediction: Value,
    /// The model's score.
    pub score: Option<f64>,
    /// The model's confidence in its prediction.
    pub confidence: Option<f64>,
    /// The probability of each class, for a multiclass model.
    pub class_probabilities: Option<Arc<[ClassProbability]>>,
    /// The items in the order in which they were ranked, the best first.
    pub ranking: Option<Arc<[RankedItem]>>,
    /// The text that was generated.
    pub generated_text: Option<Arc<str>>,
    /// Whether its record is to be kept whatever is sampled, and with it the others of its request. It stands in no column.
    pub keep: bool,
}

impl Observation {
    /// Nothing said.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing said, with room for `fields` features and segments.
    pub fn with_capacity(fields: usize) -> Self {
        Self { fields: Vec::with_capacity(fields), ..Self::default() }
    }

    /// Says that the feature, or else the segment, `name` has `value`.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// The same, in place.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        let owned = if let Cow::Owned(name) = &name { name.capacity() } else { 0 };
        self.text_bytes += owned + value.text_size();
        self.fields.push((name, value));
    }

    /// The features and segments in the order in which they were said. Of two of one name the last counts.
    #[must_use]
    pub fn fields(&self) -> &[(Cow<'static, str>, Value)] {
        &self.fields
    }

    /// Says when the event happened.
    pub fn with_event_time(mut self, time: Timestamp) -> Self {
        self.event_time = Some(time);
        self
    }

    /// Says what the prediction is about.
    pub fn with_entity_id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.entity_id = Some(id.into());
        self
    }

    /// Says which version of the model answered.
    pub fn with_model_version(mut self, version: ModelVersion) -> Self {
        self.model_version = Some(version);
        self
    }

    /// Says what the model decided.
    pub fn with_prediction(mut self, prediction: impl Into<Value>) -> Self {
        self.prediction = prediction.into();
        self
    }

    /// Says what the model's score is.
    pub fn with_score(mut self, score: f64) -> Self {
        self.score = Some(score);
        self
    }

    /// Says how confident the model is in its prediction.
    pub fn with_confidence(mut self, confidence: f64) -> Self {
        self.confidence = Some(confidence);
        self
    }

    /// Says how probable each class is.
    pub fn with_class_probabilities<C: Into<Arc<str>>>(
        mut self,
        probabilities: impl IntoIterator<Item = (C, f64)>,
    ) -> Self {
        self.class_probabilities =
            Some(probabilities.into_iter().map(|(class, probability)| (class.into(), probability)).collect());
        self
    }

    /// Says how the items are ranked, the best first.
    pub fn with_ranking(mut self, items: impl IntoIterator<Item = RankedItem>) -> Self {
        self.ranking = Some(items.into_iter().collect());
        self
    }

    /// Says what text was generated.
    pub fn with_generated_text(mut self, text: impl Into<Arc<str>>) -> Self {
        self.generated_text = Some(text.into());
        self
    }

    /// Says that the record is to be kept, whatever is sampled.
    pub fn with_keep(mut self) -> Self {
        self.keep = true;
        self
    }

    /// About how much memory it takes, in bytes. It costs nothing but for class probabilities and rankings, which it walks.
    #[must_use]
    pub fn memory_size(&self) -> usize {
        let text = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len());
        let classes = self.class_probabilities.as_deref().unwrap_or_default().iter();
        let items = self.ranking.as_deref().unwrap_or_default().iter();
        size_of::<Self>()
            + self.fields.capacity() * size_of::<(Cow<'static, str>, Value)>()
            + self.text_bytes
            + text(&self.entity_id)
            + self.prediction.text_size()
            + classes.map(|(class, _)| size_of::<ClassProbability>() + class.len()).sum::<usize>()
            + items.map(|item| size_of::<RankedItem>() + item.item.len()).sum::<usize>()
            + text(&self.generated_text)
    }
}

/// Shows which fields there are, and no values: they have not been masked yet.
impl fmt::Debug for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observation")
            .field("fields", &self.fields.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_has_names_and_no_values() {
        let observation = Observation::new()
            .with("age", "marker-1")
            .with_entity_id("marker-2")
            .with_prediction("marker-3")
            .with_generated_text("marker-4");
        let shown = format!("{observation:?}");
        assert!(shown.contains("age") && !shown.contains("marker"), "{shown}");
    }

    #[test]
    fn the_size_weighs_what_it_holds() {
        let small = Observation::new().with("age", 1.0).memory_size();
        let text = Observation::new().with("age", "x".repeat(1_000)).memory_size();
        assert_eq!(text, small + 1_000);
    }
}
