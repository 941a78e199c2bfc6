//! The Arrow schema of a model's prediction table.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::schema::{COLUMNS, ColumnType, SCHEMA_VERSION, feature_column};
use crate::{ModelSpec, ValueType};

/// The Arrow schema of the prediction table of `spec`: [`COLUMNS`], then one column per feature.
///
/// The metadata names the schema's version and the model.
#[must_use]
pub fn arrow_schema(spec: &ModelSpec) -> SchemaRef {
    let prediction = spec.response.prediction.as_ref().map_or(ValueType::Float, |field| field.value_type);
    let own = COLUMNS
        .iter()
        .map(|column| Field::new(column.name, own_type(column.column_type, prediction), column.nullable));
    let features = spec
        .features
        .iter()
        .map(|feature| Field::new(feature_column(&feature.name), value_type(feature.value_type), true));
    let metadata = HashMap::from([
        ("tiltmeter.schema_version".to_owned(), SCHEMA_VERSION.to_string()),
        ("tiltmeter.model_name".to_owned(), spec.name.to_string()),
    ]);
    Arc::new(Schema::new_with_metadata(own.chain(features).collect::<Vec<_>>(), metadata))
}

fn own_type(column_type: ColumnType, prediction: ValueType) -> DataType {
    match column_type {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Int16 => DataType::Int16,
        ColumnType::Int32 => DataType::Int32,
        ColumnType::Int64 => DataType::Int64,
        ColumnType::Float64 => DataType::Float64,
        ColumnType::TimestampMicrosUtc => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Prediction => value_type(prediction),
    }
}

fn value_type(value_type: ValueType) -> DataType {
    match value_type {
        ValueType::Float => DataType::Float64,
        ValueType::Integer => DataType::Int64,
        ValueType::String => DataType::Utf8,
        ValueType::Boolean => DataType::Boolean,
    }
}
