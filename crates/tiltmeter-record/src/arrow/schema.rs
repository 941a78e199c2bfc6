//! The Arrow schemas of the tables.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};

use crate::schema::{ColumnType, GAPS, HEARTBEATS, PAIRS, PREDICTIONS, PROFILES, RATES, SHADOWS, Table};
use crate::{ModelName, ModelSpec, ValueType};

/// The Arrow schema of the prediction table of `spec`: [`COLUMNS`](crate::schema::COLUMNS), then one column per feature.
///
/// The metadata names the schema's version, the model and, where the spec says it, the model's version.
#[must_use]
pub fn arrow_schema(spec: &ModelSpec) -> SchemaRef {
    let features = spec
        .features
        .iter()
        .map(|feature| Field::new(feature.column(), value_type(feature.value_type), true));
    let fields: Vec<_> = own_fields(PREDICTIONS, spec.prediction_type()).chain(features).collect();
    let mut metadata = version_of(PREDICTIONS);
    metadata.insert("tiltmeter.model_name".to_owned(), spec.name.to_string());
    if let Some(version) = &spec.version {
        metadata.insert("tiltmeter.model_version".to_owned(), version.to_string());
    }
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

/// The Arrow schema of the pairs of `spec` with a challenger: [`PAIR_COLUMNS`](crate::schema::PAIR_COLUMNS).
///
/// The metadata names the schema's version, the model and the challenger.
#[must_use]
pub fn pair_schema(spec: &ModelSpec, challenger: &ModelName) -> SchemaRef {
    let fields: Vec<_> = own_fields(PAIRS, spec.prediction_type()).collect();
    let mut metadata = version_of(PAIRS);
    metadata.insert("tiltmeter.model_name".to_owned(), spec.name.to_string());
    metadata.insert("tiltmeter.challenger".to_owned(), challenger.to_string());
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

/// The Arrow schema of gaps: [`GAP_COLUMNS`](crate::schema::GAP_COLUMNS). The metadata names its version.
#[must_use]
pub fn gap_schema() -> SchemaRef {
    own_schema(GAPS)
}

/// The Arrow schema of heartbeats: [`HEARTBEAT_COLUMNS`](crate::schema::HEARTBEAT_COLUMNS). The metadata names its version.
#[must_use]
pub fn heartbeat_schema() -> SchemaRef {
    own_schema(HEARTBEATS)
}

/// The Arrow schema of the books of shadows: [`SHADOW_COLUMNS`](crate::schema::SHADOW_COLUMNS). The metadata names its
/// version.
#[must_use]
pub fn shadow_schema() -> SchemaRef {
    own_schema(SHADOWS)
}

/// The Arrow schema of profile deltas: [`PROFILE_COLUMNS`](crate::schema::PROFILE_COLUMNS). The metadata names its version.
#[must_use]
pub fn profile_schema() -> SchemaRef {
    own_schema(PROFILES)
}

/// The Arrow schema of changes of sampling rates: [`RATE_COLUMNS`](crate::schema::RATE_COLUMNS). The metadata names its
/// version.
#[must_use]
pub fn rate_schema() -> SchemaRef {
    own_schema(RATES)
}

fn own_schema(table: Table) -> SchemaRef {
    // no column of these tables has the type of the prediction
    let fields: Vec<_> = own_fields(table, ValueType::Float).collect();
    Arc::new(Schema::new_with_metadata(fields, version_of(table)))
}

fn own_fields(table: Table, prediction: ValueType) -> impl Iterator<Item = Field> {
    let field = move |column: &crate::schema::Column| {
        Field::new(column.name, own_type(column.column_type, prediction), column.nullable)
    };
    table.columns.iter().map(field)
}

fn version_of(table: Table) -> HashMap<String, String> {
    HashMap::from([("tiltmeter.schema_version".to_owned(), table.version.to_string())])
}

fn own_type(column_type: ColumnType, prediction: ValueType) -> DataType {
    match column_type {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Int16 => DataType::Int16,
        ColumnType::Int32 => DataType::Int32,
        ColumnType::Int64 => DataType::Int64,
        ColumnType::Float64 => DataType::Float64,
        ColumnType::TimestampMicrosUtc => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Prediction => value_type(prediction),
        ColumnType::NumberByText => map_to(DataType::Float64),
        ColumnType::TextByText => map_to(DataType::Utf8),
        ColumnType::Numbers => DataType::List(Arc::new(number_element())),
        ColumnType::Bytes => DataType::Binary,
        ColumnType::RankedItems => DataType::List(Arc::new(list_element(ranked_item()))),
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

// the names inside of maps and lists are those of the Parquet format, which strict readers insist on

pub(super) const ENTRIES: &str = "key_value";
pub(super) const KEY: &str = "key";
pub(super) const VALUE: &str = "value";

fn map_to(value: DataType) -> DataType {
    let entry = Fields::from(vec![map_key(), map_value(value)]);
    DataType::Map(Arc::new(Field::new_struct(ENTRIES, entry, false)), false)
}

pub(super) fn map_key() -> Field {
    Field::new(KEY, DataType::Utf8, false)
}

pub(super) fn map_value(value: DataType) -> Field {
    Field::new(VALUE, value, false)
}

pub(super) fn list_element(item: Fields) -> Field {
    Field::new("element", DataType::Struct(item), false)
}

pub(super) fn number_element() -> Field {
    Field::new("element", DataType::Float64, false)
}

pub(super) fn ranked_item() -> Fields {
    Fields::from(vec![
        Field::new("item", DataType::Utf8, false),
        Field::new("score", DataType::Float64, true),
    ])
}
