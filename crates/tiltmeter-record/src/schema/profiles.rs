//! The columns of profiles.

use super::column::{Column, ColumnType, nullable, required};

/// The version of this schema, which every row carries.
pub const PROFILE_SCHEMA_VERSION: i32 = 1;

/// Our own columns of a row of a profile delta. Each cell of a delta has a row without `column`, which holds its counts, and one
/// for each column.
pub const PROFILE_COLUMNS: &[Column] = &[
    required(
        "sequence",
        ColumnType::Int64,
        "place of the delta among its writer's, from 0; a delta that comes again has the one that it had",
    ),
    required("model_name", ColumnType::Text, "the model"),
    required("window_start", ColumnType::TimestampMicrosUtc, "beginning of the window, cut by UTC"),
    required("window_width", ColumnType::Text, "how long the window is: minute, hour or day"),
    nullable("baseline_id", ColumnType::Text, "the baseline whose edges the bins have; NULL without one"),
    required("role", ColumnType::Text, "who answered: champion, or the name of a challenger"),
    nullable(
        "model_version",
        ColumnType::Text,
        "version of the model that answered; * for those beyond the bound",
    ),
    nullable(
        "segment",
        ColumnType::Text,
        "name of the segment; NULL for all predictions of that role and version",
    ),
    nullable("segment_value", ColumnType::Text, "value of the segment; * for those beyond the bound"),
    nullable(
        "column",
        ColumnType::Text,
        "score, confidence, entropy or a feature; NULL for the counts of the cell",
    ),
    nullable(
        "predictions",
        ColumnType::Int64,
        "predictions of the cell, kept or not; NULL where there is a column",
    ),
    nullable("requests", ColumnType::Int64, "requests of the cell; NULL where there is a column"),
    nullable(
        "failed_requests",
        ColumnType::Int64,
        "requests that failed or timed out; NULL where there is a column",
    ),
    nullable(
        "anomalous_requests",
        ColumnType::Int64,
        "requests with a feature outside of the baseline's range; NULL without a baseline, and where there is a column",
    ),
    nullable("present", ColumnType::Int64, "values of the column, infinite ones among them"),
    nullable("missing", ColumnType::Int64, "predictions without a value in the column"),
    nullable("mean", ColumnType::Float64, "mean of the finite values; NULL without any, and for categories"),
    nullable("variance", ColumnType::Float64, "their variance, with n - 1"),
    nullable("min", ColumnType::Float64, "the least of them"),
    nullable("max", ColumnType::Float64, "the greatest of them"),
    nullable("bin_counts", ColumnType::Numbers, "values in each bin of the baseline, in its order"),
    nullable("profile", ColumnType::Bytes, "the whole profile of the column, as tiltmeter-stats encodes it"),
    required("writer_id", ColumnType::Text, "the instance and incarnation of the process that counted"),
    required("serving_node", ColumnType::Text, "host or pod of that process"),
    required("schema_version", ColumnType::Int32, "version of this schema"),
];
