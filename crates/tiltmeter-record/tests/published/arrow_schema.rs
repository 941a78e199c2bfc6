//! The Arrow schema of a file, in the JSON form of Arrow's integration tests:
//! <https://arrow.apache.org/docs/format/Integration.html#json-test-data-format>

use std::sync::Arc;

use arrow_schema::{DataType, Field, SchemaRef, TimeUnit};
use serde::Serialize;
use serde_json::{Value, json};
use tiltmeter_record::schema::{FEATURE_PREFIX, Table};
use tiltmeter_record::{
    ModelSpec, gap_schema, heartbeat_schema, pair_schema, profile_schema, rate_schema, shadow_schema,
};

#[derive(Serialize)]
struct File {
    schema: JsonSchema,
}

#[derive(Serialize)]
struct JsonSchema {
    fields: Vec<JsonField>,
    metadata: Vec<Value>,
}

#[derive(Serialize)]
struct JsonField {
    name: String,
    nullable: bool,
    r#type: Value,
    children: Vec<JsonField>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metadata: Vec<Value>,
}

/// The schema of that version's files, without the columns of features.
pub(crate) fn of(table: Table, version: i32) -> String {
    let schema = written(table);
    let of_version = |field: &&Arc<Field>| {
        let mut columns = table.columns_of(version);
        columns.any(|column| column.name == field.name())
    };
    let own = schema.fields().iter().filter(|field| !field.name().starts_with(FEATURE_PREFIX));
    assert_eq!(own.clone().count(), table.columns.len());
    let fields = own.filter(of_version).map(|field| json_field(field)).collect();
    let metadata = vec![json!({"key": "tiltmeter.schema_version", "value": version.to_string()})];
    serde_json::to_string_pretty(&File { schema: JsonSchema { fields, metadata } }).unwrap() + "\n"
}

/// What this build writes.
fn written(table: Table) -> SchemaRef {
    let yaml = "{spec_version: 1, name: m, type: regression, owner: o, tier: 3, endpoint: {path: /},
                 response: {prediction: /p}, features: {f: float}}";
    match table.record {
        "prediction" => tiltmeter_record::arrow_schema(&ModelSpec::from_yaml("test", yaml).unwrap()),
        "pair" => pair_schema(&ModelSpec::from_yaml("test", yaml).unwrap(), &"challenger".parse().unwrap()),
        "gap" => gap_schema(),
        "heartbeat" => heartbeat_schema(),
        "shadow" => shadow_schema(),
        "profile" => profile_schema(),
        "rate" => rate_schema(),
        other => panic!("{other} has no Arrow schema yet"),
    }
}

fn json_field(field: &Field) -> JsonField {
    let (r#type, children) = json_type(field.data_type());
    let types = "bool, int64, float64 or utf8, as the model spec says";
    let metadata = match field.name().as_str() {
        "prediction" => vec![json!({"key": "tiltmeter.types", "value": types})],
        _ => Vec::new(),
    };
    let children = children.into_iter().map(|child| json_field(&child)).collect();
    JsonField { name: field.name().clone(), nullable: field.is_nullable(), r#type, children, metadata }
}

fn json_type(data_type: &DataType) -> (Value, Vec<Arc<Field>>) {
    let int = |width: u8| json!({"name": "int", "bitWidth": width, "isSigned": true});
    let flat = match data_type {
        DataType::Utf8 => json!({"name": "utf8"}),
        DataType::Binary => json!({"name": "binary"}),
        DataType::Boolean => json!({"name": "bool"}),
        DataType::Int16 => int(16),
        DataType::Int32 => int(32),
        DataType::Int64 => int(64),
        DataType::Float64 => json!({"name": "floatingpoint", "precision": "DOUBLE"}),
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) => {
            json!({"name": "timestamp", "unit": "MICROSECOND", "timezone": &**zone})
        }
        DataType::Map(entries, sorted) => {
            return (json!({"name": "map", "keysSorted": sorted}), vec![Arc::clone(entries)]);
        }
        DataType::List(element) => return (json!({"name": "list"}), vec![Arc::clone(element)]),
        DataType::Struct(fields) => return (json!({"name": "struct"}), fields.iter().cloned().collect()),
        other => panic!("{other} has no form in JSON yet"),
    };
    (flat, Vec::new())
}
