//! Predictions, row by row, into a record batch.

use std::sync::Arc;

use arrow_array::builder::{
    Float64Builder, Int16Builder, Int32Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, Int32Array, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};

use super::column::{ValueColumn, next_numbers, next_texts};
use super::inclusion::InclusionBuilders;
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
    sequence: Int64Builder,
    entity_id: StringBuilder,
    model_version: StringBuilder,
    event_time: TimestampMicrosecondBuilder,
    observed_at: TimestampMicrosecondBuilder,
    prediction: ValueColumn,
    score: Float64Builder,
    confidence: Float64Builder,
    latency_ms: Float64Builder,
    endpoint: StringBuilder,
    status: Int16Builder,
    error_type: StringBuilder,
    raw_input: StringBuilder,
    rescued: StringBuilder,
    outputs: OutputColumns,
    inclusion: InclusionBuilders,
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
            sequence: Int64Builder::new(),
            entity_id: StringBuilder::new(),
            model_version: StringBuilder::new(),
            event_time: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            observed_at: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            prediction: ValueColumn::new(spec.prediction_type()),
            score: Float64Builder::new(),
            confidence: Float64Builder::new(),
            latency_ms: Float64Builder::new(),
            endpoint: StringBuilder::new(),
            status: Int16Builder::new(),
            error_type: StringBuilder::new(),
            raw_input: StringBuilder::new(),
            rescued: StringBuilder::new(),
            outputs: OutputColumns::with_capacity(0),
            inclusion: InclusionBuilders::default(),
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
        self.sequence.append_value(i64::try_from(row.sequence).unwrap_or(i64::MAX));
        self.entity_id.append_option(row.entity_id.as_deref());
        self.model_version.append_option(row.model_version.as_ref().map(ModelVersion::as_str));
        self.event_time.append_value(row.event_time.as_microsecond());
        self.observed_at.append_value(row.observed_at.as_microsecond());
        self.score.append_option(row.score);
        self.confidence.append_option(row.confidence);
        self.latency_ms.append_value(row.latency.as_secs_f64() * 1e3);
        self.endpoint.append_value(&*row.endpoint);
        self.status.append_option(row.status.and_then(|status| i16::try_from(status).ok()));
        self.error_type.append_option(row.error_type.map(ErrorType::as_str));
        self.raw_input.append_option(row.raw_input.as_deref());
        let output_bytes = self.outputs.append(row);
        self.inclusion.append(&row.inclusion);

        let mut misfits = Vec::new();
        let mut text_bytes = 0;
        let mut put = |name, column: &mut ValueColumn, value| match (column.append(value), value) {
            (false, _) => misfits.push((name, value)),
            (true, Value::Text(text)) => text_bytes += text.len(),
            (true, _) => {}
        };
        put("prediction", &mut self.prediction, &row.prediction);
        for (place, (name, column)) in self.feature_columns.iter().zip(&mut self.features).enumerate() {
            put(name, column, row.features.get(place).unwrap_or(MISSING));
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
            next_texts(&mut self.prediction_id, rows),
            next_texts(&mut self.request_id, rows),
            next_numbers(&mut self.instance_index, rows),
            repeated(self.writer_id.as_str(), rows),
            next_numbers(&mut self.sequence, rows),
            next_texts(&mut self.entity_id, rows),
            next_texts(&mut self.model_version, rows),
            next_numbers(&mut self.event_time, rows),
            next_numbers(&mut self.observed_at, rows),
            self.prediction.finish(rows),
            next_numbers(&mut self.score, rows),
            next_numbers(&mut self.confidence, rows),
            next_numbers(&mut self.latency_ms, rows),
            repeated(&self.serving_node, rows),
            next_texts(&mut self.endpoint, rows),
            next_numbers(&mut self.status, rows),
            next_texts(&mut self.error_type, rows),
            next_texts(&mut self.raw_input, rows),
            next_texts(&mut self.rescued, rows),
            Arc::new(Int32Array::from(vec![SCHEMA_VERSION; rows])),
        ];
        columns.extend(self.outputs.finish(rows));
        columns.extend(self.inclusion.finish(rows));
        columns.extend(self.features.iter_mut().map(|column| column.finish(rows)));
        RecordBatch::try_new(self.schema.clone(), columns)
    }
}

const MISSING: &Value = &Value::Missing;

/// A column that has the same text in every row.
fn repeated(text: &str, rows: usize) -> ArrayRef {
    let mut column = StringBuilder::with_capacity(rows, rows.saturating_mul(text.len()));
    column.append_value_n(text, rows);
    Arc::new(column.finish())
}
