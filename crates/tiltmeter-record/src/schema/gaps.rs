//! The columns of gaps.

use super::column::{Column, ColumnType, added, nullable, required};

/// The version of the schema of gaps that this build writes, in the column `schema_version`.
pub const GAP_SCHEMA_VERSION: i32 = 2;

/// The columns of gaps, one row each. `writer_id` and `sequence` are the key that recognises copies.
pub const GAP_COLUMNS: &[Column] = &[
    required("sequence", ColumnType::Int64, "place of the gap among its writer's, from 0"),
    required("minute", ColumnType::TimestampMicrosUtc, "beginning of the minute in which it was counted"),
    nullable("model_name", ColumnType::Text, "the model; NULL where it is not known"),
    nullable("endpoint", ColumnType::Text, "route template; NULL where it is not known"),
    nullable("size_class", ColumnType::Text, "how large the exchanges were; NULL for predictions"),
    nullable("priority", ColumnType::Text, "how important the exchanges were; NULL for predictions"),
    nullable(
        "sink",
        ColumnType::Text,
        "the sink that lost predictions or pairs; NULL for exchanges, which all sinks lack",
    ),
    required("reason", ColumnType::Text, "why they were lost"),
    required("count", ColumnType::Int64, "how many exchanges, or predictions or pairs where there is a sink"),
    required("writer_id", ColumnType::Text, "the instance and incarnation of the process that counted"),
    required("serving_node", ColumnType::Text, "host or pod of that process"),
    required("schema_version", ColumnType::Int32, "version of this schema"),
    added(
        2,
        "unit",
        ColumnType::Text,
        "what is counted: exchange, prediction, pair or (the predictions of a) profile; NULL in version 1, which had no pairs",
    ),
];
