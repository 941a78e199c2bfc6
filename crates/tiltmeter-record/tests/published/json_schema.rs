//! The JSON Schema of a JSON line.

use serde::Serialize;
use serde::ser::Serializer;
use serde_json::{Value, json};
use tiltmeter_record::schema::{Column, ColumnType, Table};

#[derive(Serialize)]
struct JsonSchema {
    #[serde(rename = "$schema")]
    dialect: &'static str,
    title: String,
    description: &'static str,
    r#type: &'static str,
    required: Vec<&'static str>,
    properties: Members,
}

/// The members of an object in their order.
struct Members(Vec<(&'static str, Value)>);

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The schema of that version's lines.
pub(crate) fn of(table: Table, version: i32) -> String {
    let columns: Vec<_> = table.columns_of(version).collect();
    let mut properties = vec![("record", json!({"const": table.record}))];
    let mut required = vec!["record"];
    let partitions: &[_] = match table.record {
        "prediction" => &[("model_name", "the model")],
        "pair" => &[("model_name", "the model"), ("challenger", "what the challenger is called")],
        _ => &[],
    };
    for (name, doc) in partitions {
        properties.push((name, described(json!({"type": "string"}), doc)));
        required.push(name);
    }
    let of_exchanges = within(&columns, "exchanges_");
    let of_predictions = within(&columns, "predictions_");
    let mut of_sink = json!({"sink": {"type": "string"}, "predictions": of_predictions});
    if columns.iter().any(|column| column.name.starts_with("pairs_")) {
        of_sink["pairs"] = within(&columns, "pairs_");
    }
    for column in &columns {
        let is_within = table.record == "heartbeat"
            && (column.name == "sink"
                || ["exchanges_", "predictions_", "pairs_"].iter().any(|p| column.name.starts_with(p)));
        if is_within {
            continue;
        }
        properties.push((column.name, described(member(column, version), column.doc)));
        // what is false is absent as well
        if !column.nullable && column.column_type != ColumnType::Boolean {
            required.push(column.name);
        }
    }
    match table.record {
        "prediction" => {
            let values =
                json!({"type": "object", "additionalProperties": {"type": ["boolean", "number", "string"]}});
            properties.push(("features", described(values, "the features of the model spec, by name")));
            required.push("features");
        }
        "heartbeat" => {
            properties.push(("exchanges", described(of_exchanges, "the books of the exchanges")));
            let sink = json!({
                "type": "object",
                "required": ["sink", "predictions"],
                "properties": of_sink,
            });
            properties.push((
                "sinks",
                described(json!({"type": "array", "items": sink}), "the books of each sink"),
            ));
            required.extend(["exchanges", "sinks"]);
        }
        _ => {}
    }
    let schema = JsonSchema {
        dialect: "https://json-schema.org/draft/2020-12/schema",
        title: format!("tiltmeter {}, version {version}", table.record),
        description: "One JSON line. What is NULL in the tables is absent here. Later versions add members: \
                      readers ignore what they do not know.",
        r#type: "object",
        required,
        properties: Members(properties),
    };
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = description.into();
    schema
}

fn member(column: &Column, version: i32) -> Value {
    match column.column_type {
        _ if column.name == "rescued" => json!({"type": "object"}),
        // a line of a later version is one of this version too
        _ if column.name == "schema_version" => json!({"type": "integer", "minimum": version}),
        ColumnType::Text => json!({"type": "string"}),
        ColumnType::Boolean => json!({"type": "boolean", "default": false}),
        ColumnType::Int16 | ColumnType::Int32 | ColumnType::Int64 => json!({"type": "integer", "minimum": 0}),
        ColumnType::Float64 => json!({"type": "number"}),
        ColumnType::TimestampMicrosUtc => json!({"type": "string", "format": "date-time"}),
        ColumnType::Prediction => json!({"type": ["boolean", "number", "string"]}),
        ColumnType::NumberByText => json!({"type": "object", "additionalProperties": {"type": "number"}}),
        ColumnType::TextByText => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        ColumnType::RankedItems => json!({
            "type": "array",
            "items": {
                "type": "object",
                "required": ["item"],
                "properties": {"item": {"type": "string"}, "score": {"type": "number"}},
            },
        }),
        ColumnType::Numbers => json!({"type": "array", "items": {"type": "number"}}),
        ColumnType::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
        other => panic!("{other:?} has no form in JSON yet"),
    }
}

/// The columns with that prefix as an object, which also says the reasons of what was dropped.
fn within(columns: &[&'static Column], prefix: &str) -> Value {
    let columns = columns.iter().filter_map(|column| Some((column.name.strip_prefix(prefix)?, column)));
    let required: Vec<_> = columns.clone().map(|(name, _)| name).collect();
    let mut properties: serde_json::Map<_, _> =
        columns.map(|(name, column)| (name.to_owned(), described(member(column, 1), column.doc))).collect();
    let reasons = json!({"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}});
    properties.insert("dropped_by_reason".to_owned(), described(reasons, "how many were lost, by reason"));
    json!({"type": "object", "required": required, "properties": properties})
}
