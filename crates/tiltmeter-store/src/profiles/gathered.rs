//! The rows of all files, each once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use bytes::Bytes;
use tiltmeter_record::schema::PROFILES;
use tiltmeter_record::{CellCounts, CellKey, Window, WindowWidth, WriterId};
use tiltmeter_stats::Profile;

use super::ProfileQuery;
use super::days::merged_writer;
use crate::column::{Names, OwnColumns};
use crate::limits::Limits;
use crate::problem::{FileProblem, Reason};

/// What tells a row from all others. Its order is the one in which rows are merged: what goes into one profile lies side by
/// side, the counts of a cell before its columns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowKey {
    /// The window that is asked for.
    pub(super) target: Window,
    pub(super) baseline_id: Option<Arc<str>>,
    pub(super) cell: CellKey,
    /// `None` for the counts of the cell.
    pub(super) column: Option<Arc<str>>,
    /// The window of the delta.
    pub(super) window: Window,
    /// Whether the row is of a day that was merged, and not of a log.
    pub(super) is_merged: bool,
    writer_id: Arc<str>,
    sequence: u64,
}

/// What a row holds.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Counts(CellCounts),
    /// An encoded profile, and the file that it was first found in.
    Profile {
        encoded: Arc<[u8]>,
        path: Arc<str>,
    },
}

/// The rows that are wanted.
pub(super) struct Gathered<'q> {
    query: &'q ProfileQuery,
    merged_writer: WriterId,
    names: Names,
    pub(super) rows: BTreeMap<RowKey, Content>,
    pub(super) copies: u64,
}

impl<'q> Gathered<'q> {
    pub(super) fn new(query: &'q ProfileQuery) -> Self {
        Self {
            query,
            merged_writer: merged_writer(),
            names: Names::default(),
            rows: BTreeMap::new(),
            copies: 0,
        }
    }

    /// Reads a file: all of it, or nothing.
    pub(super) fn read_file(&mut self, path: &str, bytes: Bytes, limits: Limits) -> Result<(), Reason> {
        const COLUMNS: [&str; 16] = [
            "sequence",
            "model_name",
            "window_start",
            "window_width",
            "baseline_id",
            "role",
            "model_version",
            "segment",
            "segment_value",
            "column",
            "predictions",
            "requests",
            "failed_requests",
            "anomalous_requests",
            "profile",
            "writer_id",
        ];
        let path: Arc<str> = FileProblem::new(path, Reason::new("")).path.into();
        let (query, merged, names) = (self.query, self.merged_writer.as_str(), &mut self.names);
        let rows = OwnColumns::read(bytes, limits, &PROFILES, &COLUMNS, |columns| {
            rows_of(columns, query, merged, names, &path)
        })?;
        for (key, content) in rows {
            match self.rows.entry(key) {
                Entry::Vacant(place) => drop(place.insert(content)),
                Entry::Occupied(mut place) => {
                    self.copies += 1;
                    if content.comes_before(place.get()) {
                        place.insert(content);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Content {
    /// Of two copies that differ, which one counts: in any order of files the same.
    fn comes_before(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Counts(mine), Self::Counts(others)) => sort_key(*mine) < sort_key(*others),
            (Self::Profile { encoded, path }, Self::Profile { encoded: others, path: other_path }) => {
                let rank = |encoded: &[u8]| Profile::decode(encoded).is_err();
                match encoded.cmp(others) {
                    // files may come in any order
                    std::cmp::Ordering::Equal => path < other_path,
                    order => (rank(encoded), order) < (rank(others), std::cmp::Ordering::Equal),
                }
            }
            // the key says which it is
            _ => false,
        }
    }
}

fn sort_key(counts: CellCounts) -> (u64, u64, u64, Option<u64>) {
    (counts.predictions, counts.requests, counts.failed_requests, counts.anomalous_requests)
}

/// The rows of a batch that are wanted.
fn rows_of(
    columns: OwnColumns<'_>,
    query: &ProfileQuery,
    merged_writer: &str,
    names: &mut Names,
    path: &Arc<str>,
) -> Result<Vec<(RowKey, Content)>, Reason> {
    let (models, writers) = (columns.texts("model_name")?, columns.texts("writer_id")?);
    let (sequences, starts) = (columns.counts("sequence")?, columns.times("window_start")?);
    let (widths, roles) = (columns.texts("window_width")?, columns.texts("role")?);
    let baselines = columns.optional_texts("baseline_id")?;
    let versions = columns.optional_texts("model_version")?;
    let (segments, values) = (columns.optional_texts("segment")?, columns.optional_texts("segment_value")?);
    let of_columns = columns.optional_texts("column")?;
    let predictions = columns.optional_counts("predictions")?;
    let requests = columns.optional_counts("requests")?;
    let failed = columns.optional_counts("failed_requests")?;
    let anomalous = columns.optional_counts("anomalous_requests")?;
    let profiles = columns.optional_bytes("profile")?;
    let mut rows = Vec::new();
    for row in 0..columns.rows() {
        // of a width that this build does not know nothing is wanted
        let width = WindowWidth::ALL.into_iter().find(|width| width.as_str() == widths[row]);
        let is_merged = writers[row] == merged_writer;
        let Some(width) = width.filter(|width| query.reads(*width, is_merged)) else { continue };
        if models[row] != query.model.as_str() {
            continue;
        }
        let window = Window::of(starts[row], width);
        if window.start() != starts[row] {
            return Err(Reason::new(format!(
                "has a window_start that does not fit the window_width {width}: {}",
                starts[row]
            )));
        }
        let Some(target) = query.target(window) else { continue };
        let segment = segments[row].map(|name| (names.get(name), names.get(values[row].unwrap_or_default())));
        let key = RowKey {
            target,
            baseline_id: baselines[row].map(|id| names.get(id)),
            cell: CellKey {
                role: names.get(roles[row]),
                model_version: versions[row].map(|version| names.get(version)),
                segment,
            },
            column: of_columns[row].map(|column| names.get(column)),
            window,
            is_merged,
            writer_id: names.get(writers[row]),
            sequence: sequences[row],
        };
        let content = if key.column.is_some() {
            // without bytes it is a profile that cannot be decoded
            let encoded = profiles[row].unwrap_or_default().into();
            Content::Profile { encoded, path: Arc::clone(path) }
        } else {
            let mut counts = CellCounts::default();
            counts.predictions = predictions[row].unwrap_or_default();
            counts.requests = requests[row].unwrap_or_default();
            counts.failed_requests = failed[row].unwrap_or_default();
            counts.anomalous_requests = anomalous[row];
            Content::Counts(counts)
        };
        rows.push((key, content));
    }
    Ok(rows)
}
