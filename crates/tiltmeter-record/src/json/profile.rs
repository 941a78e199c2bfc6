//! The rows of a profile delta as lines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::journal::begin;
use crate::schema::PROFILE_SCHEMA_VERSION;
use crate::{CellCounts, ColumnProfile, Journal, ProfileCell, ProfileDelta};

/// Appends `delta`, which is of `journal`, to `out`: a line for each cell, and one for each of its columns. Returns how many.
pub fn append_profile(out: &mut Vec<u8>, journal: &Journal, delta: &ProfileDelta) -> usize {
    let mut lines = 0;
    for cell in &delta.cells {
        append_row(out, journal, delta, cell, None);
        for column in &cell.columns {
            append_row(out, journal, delta, cell, Some(column));
        }
        lines += 1 + cell.columns.len();
    }
    lines
}

fn append_row(
    out: &mut Vec<u8>,
    journal: &Journal,
    delta: &ProfileDelta,
    cell: &ProfileCell,
    column: Option<&ColumnProfile>,
) {
    let mut line = begin(out, "profile", journal);
    line.member("sequence", &delta.sequence);
    line.member("model_name", &*delta.model_name);
    line.time("window_start", delta.window.start());
    line.member("window_width", delta.window.width().as_str());
    line.optional("baseline_id", delta.baseline_id.as_deref());
    line.member("role", &*cell.key.role);
    line.optional("model_version", cell.key.model_version.as_deref());
    if let Some((name, value)) = &cell.key.segment {
        line.member("segment", &**name);
        line.member("segment_value", &**value);
    }
    match column {
        None => {
            let CellCounts { predictions, requests, failed_requests, anomalous_requests } = cell.counts;
            line.member("predictions", &predictions);
            line.member("requests", &requests);
            line.member("failed_requests", &failed_requests);
            line.optional("anomalous_requests", anomalous_requests.as_ref());
        }
        Some(column) => {
            line.member("column", &*column.column);
            line.member("present", &column.present);
            line.member("missing", &column.missing);
            let figures = [
                ("mean", column.mean),
                ("variance", column.variance),
                ("min", column.min),
                ("max", column.max),
            ];
            for (name, figure) in figures {
                line.optional(name, figure.filter(|figure| figure.is_finite()).as_ref());
            }
            line.optional("bin_counts", column.bin_counts.as_ref());
            line.member("profile", &STANDARD.encode(&column.encoded));
        }
    }
    line.member("schema_version", &PROFILE_SCHEMA_VERSION);
    line.end_line();
}
