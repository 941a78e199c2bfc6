//! The columns of the books of shadows.

use super::column::{Column, ColumnType, required};

/// The version of the schema of the books of shadows that this build writes, in the column `schema_version`.
pub const SHADOW_SCHEMA_VERSION: i32 = 1;

/// The columns of the books of shadows: one row for each challenger, each time that its writer says how it stands.
///
/// Counts are since `started_at`, so that the row of the highest `sequence` has all: of one `writer_id`, `model_name`,
/// `shadow`, `challenger` and `started_at`. `eligible` is the sum of the buckets, which are called as in the column `bucket`
/// of the pairs, and of what was under way; of the last row, which has `is_last`, nothing was. `writer_id` and `sequence`,
/// with the names, are the key that recognises copies.
pub const SHADOW_COLUMNS: &[Column] = &[
    required("sequence", ColumnType::Int64, "place of the row's heartbeat among its writer's, from 0"),
    required("at", ColumnType::TimestampMicrosUtc, "when the shadow's books were read"),
    required("started_at", ColumnType::TimestampMicrosUtc, "when the shadow started"),
    required("model_name", ColumnType::Text, "the model whose champion is shadowed"),
    required("shadow", ColumnType::Text, "what the shadow is called"),
    required("challenger", ColumnType::Text, "what the challenger is called"),
    required("is_last", ColumnType::Boolean, "whether the shadow has ended: nothing comes after it"),
    required("eligible", ColumnType::Int64, "requests that the challenger could have seen"),
    required("paired", ColumnType::Int64, "requests that the challenger answered"),
    required("sampled_out", ColumnType::Int64, "requests that the sample left out"),
    required("no_permit", ColumnType::Int64, "requests for which there was no permit or no room"),
    required("body_too_large", ColumnType::Int64, "requests with a body above the cap"),
    required("request_incomplete", ColumnType::Int64, "requests that were not read to their end"),
    required("breaker_open", ColumnType::Int64, "requests while the challenger was given a rest"),
    required("timeout", ColumnType::Int64, "requests that were not answered in time"),
    required("challenger_error", ColumnType::Int64, "requests that the challenger failed"),
    required("shed", ColumnType::Int64, "requests that were left out for the champion's sake"),
    required("shutting_down", ColumnType::Int64, "requests that the end of the shadow has cut off"),
    required("log_dropped", ColumnType::Int64, "pairs that the log did not take"),
    required("request_bytes", ColumnType::Int64, "bytes of the bodies of requests that it was sent"),
    required("answer_bytes", ColumnType::Int64, "bytes of the bodies of its answers"),
    required(
        "cpu_micros",
        ColumnType::Int64,
        "CPU time of the shadow's threads in microseconds, for all of its challengers",
    ),
    required("writer_id", ColumnType::Text, "the instance and incarnation of the process that counted"),
    required("serving_node", ColumnType::Text, "host or pod of that process"),
    required("schema_version", ColumnType::Int32, "version of this schema"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PairBucket;

    #[test]
    fn each_bucket_has_a_column_in_the_order_of_all() {
        let words: Vec<_> = PairBucket::ALL.into_iter().map(PairBucket::as_str).collect();
        let names: Vec<_> = SHADOW_COLUMNS.iter().map(|column| column.name).collect();
        let first = names.iter().position(|name| *name == words[0]).unwrap();
        assert_eq!(names[first..first + words.len()], words);
    }
}
