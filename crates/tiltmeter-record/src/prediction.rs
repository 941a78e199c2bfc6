//! The record of one prediction.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{Inclusion, ModelSpec, ModelVersion, Value, WriterId};

/// What is recorded of one prediction: one scored instance of one request.
///
/// What is the same for every row of a process (the model, the writer, the serving node) stands in the
/// [`PredictionBatch`] that the row belongs to. Texts are shared, not copied, by the rows of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Made by the server: a UUIDv7, unique for each instance of each request.
    pub prediction_id: Uuid,
    /// The client's name for the request. It may repeat when a client retries, so it is never a key.
    pub request_id: Arc<str>,
    /// The place of this instance in a batched request, from 0.
    pub instance_index: u32,
    /// The place of this record among its writer's, from 0 and without holes for what was decoded: a hole in the
    /// table is a row that was decoded, and sampled out or not written.
    pub sequence: u64,
    /// What the prediction is about; labels are joined on it.
    pub entity_id: Option<Arc<str>>,
    /// The version of the model that answered.
    pub model_version: Option<ModelVersion>,
    /// The application's time of the event (UTC).
    pub event_time: Timestamp,
    /// The server's time when the request arrived (UTC).
    pub observed_at: Timestamp,
    /// The features, in the order of [`ModelSpec::features`].
    pub features: Vec<Value>,
    /// The text of the request body, where the model spec asks for it; of a batched request only on the first instance.
    pub raw_input: Option<Arc<str>>,
    /// The decision: a class, a number, a label.
    pub prediction: Value,
    /// The model's score.
    pub score: Option<f64>,
    /// The model's confidence in its prediction.
    pub confidence: Option<f64>,
    /// The probability of each class, of a multiclass model.
    pub class_probabilities: Option<Arc<[ClassProbability]>>,
    /// The items in the order in which they were ranked, the best first.
    pub ranking: Option<Arc<[RankedItem]>>,
    /// The text that was generated, cut to the length that the model spec allows.
    pub generated_text: Option<Arc<str>>,
    /// What the application said beside the features: names and values, the names in their order and each once.
    pub segments: Vec<(Arc<str>, Arc<str>)>,
    /// From the arrival of the request until the response body had ended.
    pub latency: Duration,
    /// The route template that the request matched.
    pub endpoint: Arc<str>,
    /// The HTTP status; `None` when no response was begun.
    pub status: Option<u16>,
    /// What went wrong, if anything did.
    pub error_type: Option<ErrorType>,
    /// Values that did not fit their column, which holds NULL instead.
    pub rescued: Vec<Rescued>,
    /// With what probability the row is kept, and what losses are told apart by.
    pub inclusion: Inclusion,
}

impl Prediction {
    /// Whether its request failed or timed out: something went wrong, or the status is 400 or above.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.error_type.is_some() || self.status.is_some_and(|status| status >= 400)
    }

    /// About how much memory it takes, in bytes; texts that it shares with other rows are weighed as its own.
    #[must_use]
    pub fn memory_size(&self) -> usize {
        let text = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len());
        let features: usize = self.features.iter().map(Value::text_size).sum();
        let classes = self.class_probabilities.as_deref().unwrap_or_default().iter();
        let items = self.ranking.as_deref().unwrap_or_default().iter();
        let segments = self.segments.iter();
        size_of::<Self>()
            + self.features.capacity() * size_of::<Value>()
            + features
            + self.request_id.len()
            + text(&self.entity_id)
            + text(&self.raw_input)
            + self.prediction.text_size()
            + classes.map(|(class, _)| size_of::<(Arc<str>, f64)>() + class.len()).sum::<usize>()
            + items.map(|item| size_of::<RankedItem>() + item.item.len()).sum::<usize>()
            + text(&self.generated_text)
            + segments
                .map(|(name, value)| 2 * size_of::<Arc<str>>() + name.len() + value.len())
                .sum::<usize>()
            + self.rescued.iter().map(|entry| size_of::<Rescued>() + entry.json.capacity()).sum::<usize>()
    }
}

/// A class, and how probable it is.
pub type ClassProbability = (Arc<str>, f64);

/// An item of a ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedItem {
    /// Its name.
    pub item: Arc<str>,
    /// The model's score for it.
    pub score: Option<f64>,
}

/// A value that did not fit its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// The column that holds NULL instead.
    pub column: Arc<str>,
    /// The value as JSON text, cut to [`Rescued::MAX_LEN`] bytes.
    pub json: String,
}

impl Rescued {
    /// The longest text that is kept of a rescued value, in bytes.
    pub const MAX_LEN: usize = 1024;
}

/// Why an exchange has no answer, or none that could be read.
///
/// A closed set, so that it is safe as a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorType {
    /// The service answered with a status of 400 or above, or a gRPC status other than OK.
    Status,
    /// The service ran out of time: status 408 or 504, or the gRPC status `DEADLINE_EXCEEDED`.
    Timeout,
    /// The service returned an error instead of a response.
    Service,
    /// The handler panicked.
    Panic,
    /// The exchange was given up before the response had ended: the client left, a timeout outside of the layer, or
    /// the server's shutdown.
    Cancelled,
    /// The response body ended with an error.
    Body,
    /// The response had no body that could be read: empty, not what the codec expects, or above the cap.
    Unreadable,
}

impl ErrorType {
    /// The text that stands in the data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Timeout => "timeout",
            Self::Service => "service",
            Self::Panic => "panic",
            Self::Cancelled => "cancelled",
            Self::Body => "body",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Predictions of one model by one writer, in the order of their sequence.
#[derive(Clone, Debug)]
pub struct PredictionBatch {
    /// The model.
    pub spec: Arc<ModelSpec>,
    /// Who wrote the rows.
    pub writer_id: WriterId,
    /// Where the model is served: a host or pod name.
    pub serving_node: Arc<str>,
    /// The rows.
    pub rows: Vec<Prediction>,
}

impl PredictionBatch {
    /// An empty batch.
    #[must_use]
    pub fn new(spec: Arc<ModelSpec>, writer_id: WriterId, serving_node: Arc<str>) -> Self {
        Self { spec, writer_id, serving_node, rows: Vec::new() }
    }
}
