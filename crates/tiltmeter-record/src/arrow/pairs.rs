//! Pairs, row by row, into a record batch.

use std::sync::Arc;

use arrow_array::builder::{
    Float64Builder, Int16Builder, Int32Builder, Int64Builder, MapBuilder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, Int32Array, RecordBatch};
use arrow_schema::{ArrowError, DataType, SchemaRef};

use super::column::ValueColumn;
use super::outputs::{end_of_map, map_builder};
use super::schema::pair_schema;
use crate::rescued::rescued_json;
use crate::schema::PAIR_SCHEMA_VERSION;
use crate::{
    ErrorType, ModelName, ModelSpec, ModelVersion, Pair, Prediction, Side, Value, ValueType, WriterId,
};

/// Collects the pairs of one model, one challenger and one writer into an Arrow record batch.
///
/// A decision whose type is not its column's becomes NULL, with an entry in `rescued`: nothing that a caller puts into a
/// [`Pair`] makes it fail.
#[derive(Debug)]
pub struct PairBatchBuilder {
    schema: SchemaRef,
    writer_id: WriterId,
    serving_node: Arc<str>,
    rows: usize,
    bytes: usize,
    request_id: StringBuilder,
    instance_index: Int32Builder,
    writer: StringBuilder,
    sequence: Int64Builder,
    entity_id: StringBuilder,
    event_time: TimestampMicrosecondBuilder,
    observed_at: TimestampMicrosecondBuilder,
    bucket: StringBuilder,
    inclusion_probability: Float64Builder,
    champion: AnswerBuilder,
    challenger: AnswerBuilder,
    segments: MapBuilder<StringBuilder, StringBuilder>,
    rescued: StringBuilder,
    endpoint: StringBuilder,
    node: StringBuilder,
}

impl PairBatchBuilder {
    /// An empty builder for the pairs of `spec` with `challenger`.
    #[must_use]
    pub fn new(
        spec: &ModelSpec,
        challenger: &ModelName,
        writer_id: WriterId,
        serving_node: Arc<str>,
    ) -> Self {
        let prediction_type = spec.prediction_type();
        Self {
            schema: pair_schema(spec, challenger),
            writer_id,
            serving_node,
            rows: 0,
            bytes: 0,
            request_id: StringBuilder::new(),
            instance_index: Int32Builder::new(),
            writer: StringBuilder::new(),
            sequence: Int64Builder::new(),
            entity_id: StringBuilder::new(),
            event_time: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            observed_at: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            bucket: StringBuilder::new(),
            inclusion_probability: Float64Builder::new(),
            champion: AnswerBuilder::new(prediction_type),
            challenger: AnswerBuilder::new(prediction_type),
            segments: map_builder(StringBuilder::new(), DataType::Utf8, 0),
            rescued: StringBuilder::new(),
            endpoint: StringBuilder::new(),
            node: StringBuilder::new(),
        }
    }

    /// The schema of the batches.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Rows that have been appended since the last [`finish`](Self::finish).
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// About how much memory the rows take, in bytes.
    #[must_use]
    pub fn memory_size(&self) -> usize {
        self.bytes
    }

    /// Appends one row.
    pub fn append(&mut self, row: &Pair) {
        let champion = &row.champion;
        self.request_id.append_value(&champion.request_id);
        self.instance_index.append_value(i32::try_from(champion.instance_index).unwrap_or(i32::MAX));
        self.writer.append_value(self.writer_id.as_str());
        self.sequence.append_value(i64::try_from(row.sequence).unwrap_or(i64::MAX));
        self.entity_id.append_option(champion.entity_id.as_deref());
        self.event_time.append_value(champion.event_time.as_microsecond());
        self.observed_at.append_value(champion.observed_at.as_microsecond());
        self.bucket.append_value(row.bucket.as_str());
        self.inclusion_probability.append_value(row.inclusion_probability);
        let champion_fits = self.champion.append(Some(champion));
        let challenger_fits = self.challenger.append(row.challenger.as_ref());
        let (names, values) = self.segments.entries();
        for (name, value) in &champion.segments {
            names.append_value(name);
            values.append_value(value);
        }
        end_of_map(&mut self.segments, !champion.segments.is_empty());
        let fits = [(Side::Champion, champion_fits), (Side::Challenger, challenger_fits)];
        let misfits = fits
            .into_iter()
            .filter(|(_, fits)| !fits)
            .filter_map(|(side, _)| Some((side.columns().prediction, &row.answer(side)?.prediction)));
        let rescued = rescued_json(&row.rescued(), misfits);
        self.rescued.append_option(rescued.as_deref());
        self.endpoint.append_value(&*champion.endpoint);
        self.node.append_value(&*self.serving_node);

        self.rows += 1;
        // about 200 of numbers, offsets and validity, beside what the row itself holds as text
        let own = self.writer_id.as_str().len() + self.serving_node.len() + 200;
        self.bytes += own + row.memory_size().saturating_sub(size_of::<Pair>()) + champion.request_id.len();
    }

    /// Makes a batch of the rows, and starts over.
    ///
    /// # Errors
    /// When a column does not have the length or type of the schema, which would be a fault of this builder; the
    /// rows are lost then.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.request_id.finish()),
            Arc::new(self.instance_index.finish()),
            Arc::new(self.writer.finish()),
            Arc::new(self.sequence.finish()),
            Arc::new(self.entity_id.finish()),
            Arc::new(self.event_time.finish()),
            Arc::new(self.observed_at.finish()),
            Arc::new(self.bucket.finish()),
            Arc::new(self.inclusion_probability.finish()),
        ];
        columns.extend(self.champion.finish(rows));
        columns.extend(self.challenger.finish(rows));
        columns.extend([
            Arc::new(self.segments.finish()) as ArrayRef,
            Arc::new(self.rescued.finish()),
            Arc::new(self.endpoint.finish()),
            Arc::new(self.node.finish()),
            Arc::new(Int32Array::from(vec![PAIR_SCHEMA_VERSION; rows])),
        ]);
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

/// The columns of one side.
#[derive(Debug)]
struct AnswerBuilder {
    model_version: StringBuilder,
    prediction: ValueColumn,
    score: Float64Builder,
    class_probabilities: MapBuilder<StringBuilder, Float64Builder>,
    latency_ms: Float64Builder,
    status: Int16Builder,
    error_type: StringBuilder,
}

impl AnswerBuilder {
    fn new(prediction_type: ValueType) -> Self {
        Self {
            model_version: StringBuilder::new(),
            prediction: ValueColumn::new(prediction_type),
            score: Float64Builder::new(),
            class_probabilities: map_builder(Float64Builder::new(), DataType::Float64, 0),
            latency_ms: Float64Builder::new(),
            status: Int16Builder::new(),
            error_type: StringBuilder::new(),
        }
    }

    /// Appends an answer, or NULLs; tells whether the decision fitted its column.
    fn append(&mut self, answer: Option<&Prediction>) -> bool {
        let version = answer.and_then(|answer| answer.model_version.as_ref());
        self.model_version.append_option(version.map(ModelVersion::as_str));
        self.score.append_option(answer.and_then(|answer| answer.score));
        let classes = answer.and_then(|answer| answer.class_probabilities.as_deref());
        let (names, values) = self.class_probabilities.entries();
        for (class, probability) in classes.unwrap_or_default() {
            names.append_value(class);
            values.append_value(*probability);
        }
        end_of_map(&mut self.class_probabilities, classes.is_some());
        self.latency_ms.append_option(answer.map(|answer| answer.latency.as_secs_f64() * 1e3));
        let status = answer.and_then(|answer| answer.status);
        self.status.append_option(status.and_then(|status| i16::try_from(status).ok()));
        let error_type = answer.and_then(|answer| answer.error_type);
        self.error_type.append_option(error_type.map(ErrorType::as_str));
        self.prediction.append(answer.map_or(&Value::Missing, |answer| &answer.prediction))
    }

    fn finish(&mut self, rows: usize) -> [ArrayRef; 7] {
        [
            Arc::new(self.model_version.finish()),
            self.prediction.finish(rows),
            Arc::new(self.score.finish()),
            Arc::new(self.class_probabilities.finish()),
            Arc::new(self.latency_ms.finish()),
            Arc::new(self.status.finish()),
            Arc::new(self.error_type.finish()),
        ]
    }
}
