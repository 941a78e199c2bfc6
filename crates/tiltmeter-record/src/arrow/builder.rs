//! Predictions, row by row, into a record batch.

use std::sync::Arc;

use arrow_array::builder::{
    Float64Builder, Int16Builder, Int32Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, Int32Array, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};

use super::column::ValueColumn;
use super::outputs::OutputColumns;
use super::schema::arrow_schema;
use crate::rescued::rescued_json;
use crate::schema::SCHEMA_VERSION;
use crate::{ErrorType, ModelSpec, ModelVersion, Prediction, Value, WriterId};

/// Collects the predictions of one model and one writer into an Arrow record batch.
///
/// Rows go straight into the columns. A value whose type is not its column's becomes NULL, with an entry in
/// `rescued`: nothing that a caller puts into a [`Prediction`] makes it fail. Features that a row lacks at the end are
/// NULL, and those that it has beyond the spec's are left out.
#[derive(Debug)]
pub struct RecordBatchBuilder {
    schema: SchemaRef,
    writer_id: WriterId,
    serving_node: Arc<str>,
    rows: usize,
    bytes: usize,
    feature_columns: Vec<Arc<str>>,
    prediction_id: StringBuilder,
    request_id: StringBuilder,
    instance_index: Int32Builder,
    writer: StringBuilder,
    sequence: Int64Builder,
    entity_id: StringBuilder,
    model_version: StringBuilder,
    event_time: TimestampMicrosecondBuilder,
    observed_at: TimestampMicrosecondBuilder,
    prediction: ValueColumn,
    score: Float64Builder,
    confidence: Float64Builder,
    latency_ms: Float64Builder,
    node: StringBuilder,
    endpoint: StringBuilder,
    status: Int16Builder,
    error_type: StringBuilder,
    raw_input: StringBuilder,
    rescued: StringBuilder,
    outputs: OutputColumns,
    features: Vec<ValueColumn>,
}

impl RecordBatchBuilder {
    /// An empty builder for the table of `spec`.
    #[must_use]
    pub fn new(spec: &ModelSpec, writer_id: WriterId, serving_node: Arc<str>) -> Self {
        Self {
            schema: arrow_schema(spec),
            writer_id,
            serving_node,
            rows: 0,
            bytes: 0,
            feature_columns: spec.features.iter().map(|feature| feature.column().into()).collect(),
            prediction_id: StringBuilder::new(),
            request_id: StringBuilder::new(),
            instance_index: Int32Builder::new(),
            writer: StringBuilder::new(),
            sequence: Int64Builder::new(),
            entity_id: StringBuilder::new(),
            model_version: StringBuilder::new(),
            event_time: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            observed_at: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            prediction: ValueColumn::new(spec.prediction_type()),
            score: Float64Builder::new(),
            confidence: Float64Builder::new(),
            latency_ms: Float64Builder::new(),
            node: StringBuilder::new(),
            endpoint: StringBuilder::new(),
            status: Int16Builder::new(),
            error_type: StringBuilder::new(),
            raw_input: StringBuilder::new(),
            rescued: StringBuilder::new(),
            outputs: OutputColumns::new(),
            features: spec.features.iter().map(|f| ValueColumn::new(f.value_type)).collect(),
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
    pub fn append(&mut self, row: &Prediction) {
        let mut buffer = uuid::Uuid::encode_buffer();
        let prediction_id = &*row.prediction_id.hyphenated().encode_lower(&mut buffer);
        self.prediction_id.append_value(prediction_id);
        self.request_id.append_value(&row.request_id);
        self.instance_index.append_value(i32::try_from(row.instance_index).unwrap_or(i32::MAX));
        self.writer.append_value(self.writer_id.as_str());
        self.sequence.append_value(i64::try_from(row.sequence).unwrap_or(i64::MAX));
        self.entity_id.append_option(row.entity_id.as_deref());
        self.model_version.append_option(row.model_version.as_ref().map(ModelVersion::as_str));
        self.event_time.append_value(row.event_time.as_microsecond());
        self.observed_at.append_value(row.observed_at.as_microsecond());
        self.score.append_option(row.score);
        self.confidence.append_option(row.confidence);
        self.latency_ms.append_value(row.latency.as_secs_f64() * 1e3);
        self.node.append_value(&*self.serving_node);
        self.endpoint.append_value(&*row.endpoint);
        self.status.append_option(row.status.and_then(|status| i16::try_from(status).ok()));
        self.error_type.append_option(row.error_type.map(ErrorType::as_str));
        self.raw_input.append_option(row.raw_input.as_deref());
        let output_bytes = self.outputs.append(row);

        let mut misfits = Vec::new();
        let mut text_bytes = 0;
        let features = row.features.iter().chain(std::iter::repeat(&Value::Missing));
        let names = self.feature_columns.iter().map(|name| &**name);
        let columns = names.zip(&mut self.features).zip(features);
        let prediction = (("prediction", &mut self.prediction), &row.prediction);
        for ((name, column), value) in std::iter::once(prediction).chain(columns) {
            match (column.append(value), value) {
                (false, _) => misfits.push((name, value)),
                (true, Value::Text(text)) => text_bytes += text.len(),
                (true, _) => {}
            }
        }
        let rescued = rescued_json(&row.rescued, misfits);
        self.rescued.append_option(rescued.as_deref());

        self.rows += 1;
        let rescued_bytes = rescued.map_or(0, |rescued| rescued.len());
        self.bytes += self.row_size(row) + text_bytes + output_bytes + rescued_bytes;
    }

    /// What a row takes without the texts of features, prediction and `rescued`, and without what [`OutputColumns`] has.
    fn row_size(&self, row: &Prediction) -> usize {
        let text = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len());
        // 36 bytes of prediction_id, and about 120 of numbers, offsets and validity; a feature is a number or an offset
        156 + 9 * self.features.len()
            + self.writer_id.as_str().len()
            + self.serving_node.len()
            + row.request_id.len()
            + text(&row.entity_id)
            + row.model_version.as_ref().map_or(0, |version| version.as_str().len())
            + row.endpoint.len()
            + row.error_type.map_or(0, |error_type| error_type.as_str().len())
            + text(&row.raw_input)
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
            Arc::new(self.prediction_id.finish()),
            Arc::new(self.request_id.finish()),
            Arc::new(self.instance_index.finish()),
            Arc::new(self.writer.finish()),
            Arc::new(self.sequence.finish()),
            Arc::new(self.entity_id.finish()),
            Arc::new(self.model_version.finish()),
            Arc::new(self.event_time.finish()),
            Arc::new(self.observed_at.finish()),
            self.prediction.finish(),
            Arc::new(self.score.finish()),
            Arc::new(self.confidence.finish()),
            Arc::new(self.latency_ms.finish()),
            Arc::new(self.node.finish()),
            Arc::new(self.endpoint.finish()),
            Arc::new(self.status.finish()),
            Arc::new(self.error_type.finish()),
            Arc::new(self.raw_input.finish()),
            Arc::new(self.rescued.finish()),
            Arc::new(Int32Array::from(vec![SCHEMA_VERSION; rows])),
        ];
        columns.extend(self.outputs.finish());
        columns.extend(self.features.iter_mut().map(ValueColumn::finish));
        RecordBatch::try_new(self.schema.clone(), columns)
    }
}
