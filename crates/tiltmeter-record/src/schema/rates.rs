//! The columns of changes of sampling rates.

use super::column::{Column, ColumnType, nullable, required};

/// The version of this schema, which every row carries.
pub const RATE_SCHEMA_VERSION: i32 = 1;

/// Our own columns of a change of a rate.
pub const RATE_COLUMNS: &[Column] = &[
    required("sequence", ColumnType::Int64, "place of the change among its writer's, from 0"),
    required("at", ColumnType::TimestampMicrosUtc, "from when on the rate holds"),
    required("model_name", ColumnType::Text, "the model"),
    required(
        "rate",
        ColumnType::Text,
        "base: of rows that neither a rule nor a floor keeps more of; thinning: the factor on all rates",
    ),
    nullable("before", ColumnType::Float64, "what it was; NULL when the writer started"),
    required("after", ColumnType::Float64, "what it is, above 0 and up to 1"),
    required("because", ColumnType::Text, "why: start, volume or budget"),
    nullable(
        "fleet_predictions_per_day",
        ColumnType::Float64,
        "what the fleet was taken to predict in a day; NULL where that was not known",
    ),
    required("writer_id", ColumnType::Text, "the instance and incarnation of the process that sampled"),
    required("serving_node", ColumnType::Text, "host or pod of that process"),
    required("schema_version", ColumnType::Int32, "version of this schema"),
];
