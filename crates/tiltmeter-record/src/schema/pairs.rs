//! The columns of pairs.

use super::column::{Column, ColumnType, nullable, required};

/// The version of the schema of pairs that this build writes, in the column `schema_version`.
pub const PAIR_SCHEMA_VERSION: i32 = 1;

/// The columns of pairs: one row for each instance of each request that a challenger was to see.
///
/// The names of the model and of the challenger, and the UTC date of `event_time`, are partitions of the table
/// (`model_name=…/challenger=…/date=…`) and do not stand inside the files. `writer_id` and `sequence` are the key that
/// recognises copies.
pub const PAIR_COLUMNS: &[Column] = &[
    required("request_id", ColumnType::Text, "the client's name for the request; may repeat on retries"),
    required("instance_index", ColumnType::Int32, "place of the instance in a batched request, from 0"),
    required("writer_id", ColumnType::Text, "the instance and incarnation of the process that wrote the row"),
    required(
        "sequence",
        ColumnType::Int64,
        "place of the row among its writer's pairs, of all models and challengers, from 0",
    ),
    nullable("entity_id", ColumnType::Text, "what the prediction is about; labels are joined on it"),
    required("event_time", ColumnType::TimestampMicrosUtc, "the application's time of the event"),
    required("observed_at", ColumnType::TimestampMicrosUtc, "the server's time when the request arrived"),
    required("bucket", ColumnType::Text, "paired, or why there is no pair"),
    required(
        "inclusion_probability",
        ColumnType::Float64,
        "the probability with which the request was to be shown to the challenger",
    ),
    nullable("champion_model_version", ColumnType::Text, "version of the model that answered as champion"),
    nullable("champion_prediction", ColumnType::Prediction, "the champion's decision"),
    nullable("champion_score", ColumnType::Float64, "the champion's score"),
    nullable(
        "champion_class_probabilities",
        ColumnType::NumberByText,
        "the champion's probability of each class",
    ),
    required(
        "champion_latency_ms",
        ColumnType::Float64,
        "milliseconds until the champion's response had ended",
    ),
    nullable("champion_status", ColumnType::Int16, "HTTP status; NULL when no response was begun"),
    nullable(
        "champion_error_type",
        ColumnType::Text,
        "why the champion has no answer; NULL when all went well",
    ),
    nullable(
        "challenger_model_version",
        ColumnType::Text,
        "version of the model that answered as challenger",
    ),
    nullable("challenger_prediction", ColumnType::Prediction, "the challenger's decision"),
    nullable("challenger_score", ColumnType::Float64, "the challenger's score"),
    nullable(
        "challenger_class_probabilities",
        ColumnType::NumberByText,
        "the challenger's probability of each class",
    ),
    nullable(
        "challenger_latency_ms",
        ColumnType::Float64,
        "milliseconds until the challenger's response had ended, or until it was given up; NULL if it was not asked",
    ),
    nullable("challenger_status", ColumnType::Int16, "HTTP status; NULL when no response was begun"),
    nullable(
        "challenger_error_type",
        ColumnType::Text,
        "why the challenger has no answer; NULL when all went well",
    ),
    nullable(
        "segments",
        ColumnType::TextByText,
        "the features that the model spec names as segments, and what the application said beside the features, by name",
    ),
    nullable("rescued", ColumnType::Text, "JSON object of values that did not fit their column, by column"),
    required("endpoint", ColumnType::Text, "route template that the request matched"),
    required("serving_node", ColumnType::Text, "host or pod that served the request"),
    required("schema_version", ColumnType::Int32, "version of this schema"),
];
