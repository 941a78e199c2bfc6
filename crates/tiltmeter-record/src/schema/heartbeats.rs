//! The columns of heartbeats.

use super::column::{Column, ColumnType, added, nullable, required};

/// The version of the schema of heartbeats that this build writes, in the column `schema_version`.
pub const HEARTBEAT_SCHEMA_VERSION: i32 = 2;

/// The columns of heartbeats: one row for each sink of a heartbeat, in which the books of the exchanges are repeated. A
/// heartbeat without sinks is one row, in which `sink`, `predictions_…` and `pairs_…` are NULL.
///
/// `writer_id`, `sequence` and `sink` are the key that recognises copies. As a JSON line a heartbeat is one object: there
/// the columns `exchanges_…` are members of `exchanges`, and `sinks` is an array with `sink`, `predictions` and, where there
/// are any, `pairs` of each.
pub const HEARTBEAT_COLUMNS: &[Column] = &[
    required("sequence", ColumnType::Int64, "place of the heartbeat among its writer's, from 0"),
    required("at", ColumnType::TimestampMicrosUtc, "when the books were read"),
    required("started_at", ColumnType::TimestampMicrosUtc, "when the writer started"),
    required("is_canary", ColumnType::Boolean, "whether it was written out of turn, to prove the flow"),
    required("is_last", ColumnType::Boolean, "whether the writer ended in order: nothing comes after it"),
    required(
        "next_prediction",
        ColumnType::Int64,
        "sequence of the next decoded prediction: so many have been decoded since the start",
    ),
    required("exchanges_observed", ColumnType::Int64, "exchanges that ended since the start"),
    required("exchanges_decoded", ColumnType::Int64, "exchanges whose predictions were decoded"),
    required("exchanges_dropped", ColumnType::Int64, "exchanges that were lost; the gaps say why"),
    required("exchanges_abandoned", ColumnType::Int64, "exchanges that were still queued at the end"),
    nullable("sink", ColumnType::Text, "the sink whose books these are; NULL when there is none"),
    nullable("predictions_decoded", ColumnType::Int64, "predictions that were on their way to the sink"),
    nullable("predictions_written", ColumnType::Int64, "predictions that the sink has confirmed"),
    nullable("predictions_sampled_out", ColumnType::Int64, "predictions that were left out by sampling"),
    nullable("predictions_dropped", ColumnType::Int64, "predictions that were lost; the gaps say why"),
    nullable("predictions_abandoned", ColumnType::Int64, "predictions whose fate was not known at the end"),
    required("writer_id", ColumnType::Text, "the instance and incarnation of the process that counted"),
    required("serving_node", ColumnType::Text, "host or pod of that process"),
    required("schema_version", ColumnType::Int32, "version of this schema"),
    added(
        2,
        "next_pair",
        ColumnType::Int64,
        "sequence of the next decoded pair: so many rows of pairs have been decoded since the start",
    ),
    added(2, "pairs_decoded", ColumnType::Int64, "rows of pairs that were on their way to the sink"),
    added(2, "pairs_written", ColumnType::Int64, "rows of pairs that the sink has confirmed"),
    added(2, "pairs_dropped", ColumnType::Int64, "rows of pairs that were lost; the gaps say why"),
    added(2, "pairs_abandoned", ColumnType::Int64, "rows of pairs whose fate was not known at the end"),
];
