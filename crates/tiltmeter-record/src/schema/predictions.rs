//! The columns of the prediction table.

use super::column::{Column, ColumnType, added, nullable, required};

/// The version of the schema of predictions that this build writes, in the column `schema_version`.
pub const SCHEMA_VERSION: i32 = 3;

/// The columns of our own, in the order in which they are written. The features follow, one column each, in the
/// order of the model spec, all of them nullable.
///
/// The name of the model and the UTC date of `event_time` are partitions of the table (`model_name=…/date=…`) and
/// do not stand inside the files.
pub const COLUMNS: &[Column] = &[
    required(
        "prediction_id",
        ColumnType::Text,
        "UUIDv7 made by the server, unique per instance of a request",
    ),
    required("request_id", ColumnType::Text, "the client's name for the request; may repeat on retries"),
    required("instance_index", ColumnType::Int32, "place of the instance in a batched request, from 0"),
    required("writer_id", ColumnType::Text, "the instance and incarnation of the process that wrote the row"),
    required(
        "sequence",
        ColumnType::Int64,
        "place of the row among its writer's, from 0; a hole is a row that was decoded and sampled out, or not written",
    ),
    nullable("entity_id", ColumnType::Text, "what the prediction is about; labels are joined on it"),
    nullable("model_version", ColumnType::Text, "version of the model that answered"),
    required("event_time", ColumnType::TimestampMicrosUtc, "the application's time of the event"),
    required("observed_at", ColumnType::TimestampMicrosUtc, "the server's time when the request arrived"),
    nullable("prediction", ColumnType::Prediction, "the decision"),
    nullable("score", ColumnType::Float64, "the model's score"),
    nullable("confidence", ColumnType::Float64, "the model's confidence in its prediction"),
    required("latency_ms", ColumnType::Float64, "milliseconds until the response body had ended"),
    required("serving_node", ColumnType::Text, "host or pod that served the request"),
    required("endpoint", ColumnType::Text, "route template that the request matched"),
    nullable("status", ColumnType::Int16, "HTTP status; NULL when no response was begun"),
    nullable(
        "error_type",
        ColumnType::Text,
        "why there is no answer, or none that could be read; NULL when all went well",
    ),
    nullable(
        "raw_input",
        ColumnType::Text,
        "text of the request body, where the model spec asks for it, on instance 0",
    ),
    nullable("rescued", ColumnType::Text, "JSON object of values that did not fit their column, by column"),
    required("schema_version", ColumnType::Int32, "version of this schema"),
    added(2, "class_probabilities", ColumnType::NumberByText, "the probability of each class"),
    added(2, "ranking", ColumnType::RankedItems, "the ranked items, the best first"),
    added(
        2,
        "generated_text",
        ColumnType::Text,
        "the text that was generated, as much of it as the model spec keeps",
    ),
    added(2, "segments", ColumnType::TextByText, "what the application said beside the features, by name"),
    added(
        3,
        "inclusion_probability",
        ColumnType::Float64,
        "probability with which the row was kept, above 0 and up to 1: its weight is one over that; NULL is 1",
    ),
    added(3, "stratum", ColumnType::Text, "the sampling stratum of the row; NULL where rows are not sampled"),
    added(
        3,
        "size_class",
        ColumnType::Text,
        "how large its exchange was, as in gaps; NULL where there was none",
    ),
    added(
        3,
        "priority",
        ColumnType::Text,
        "how important its exchange was, as in gaps; NULL where there was none",
    ),
];
