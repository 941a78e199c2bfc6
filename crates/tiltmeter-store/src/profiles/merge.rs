//! From rows to windows.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use tiltmeter_record::{CellKey, Window};
use tiltmeter_stats::Profile;

use super::gathered::{Content, RowKey};
use super::window::{ProfileProblem, ProfileWindow, WindowCell, WindowColumn};

/// Problems that are told one by one, at most: a bad build may write nothing else.
const TOLD: usize = 100;

/// What became of the rows.
#[derive(Default)]
pub(super) struct Merged {
    pub(super) windows: Vec<ProfileWindow>,
    pub(super) unreadable: Vec<ProfileProblem>,
    pub(super) unreadable_count: u64,
}

/// Merges rows up to the windows that are asked for, in the order of their keys.
pub(super) fn merge(rows: BTreeMap<RowKey, Content>) -> Merged {
    // a day that has been merged is the sum of its deltas: never both. By the writer, not by the width: a log may write days,
    // and those add to the hours of others
    let merged_days: HashSet<Window> =
        rows.keys().filter(|key| key.is_merged).map(|key| key.target).collect();
    let mut merged = Merged::default();
    for (key, content) in rows {
        if key.is_merged || !merged_days.contains(&key.target) {
            merged.add(&key, content);
        }
    }
    merged
}

impl Merged {
    /// Adds a row; what goes into one profile comes one after the other.
    fn add(&mut self, key: &RowKey, content: Content) {
        let is_new =
            |window: &ProfileWindow| (window.window, &window.baseline_id) != (key.target, &key.baseline_id);
        if self.windows.last().is_none_or(is_new) {
            self.windows.push(ProfileWindow::new(key.target, key.baseline_id.clone()));
        }
        let Some(window) = self.windows.last_mut() else { return };
        if window.cells.last().is_none_or(|cell| cell.key != key.cell) {
            window.cells.push(WindowCell::new(key.cell.clone()));
        }
        let Some(cell) = window.cells.last_mut() else { return };
        match (&key.column, content) {
            (None, Content::Counts(counts)) => cell.counts = cell.counts.and(counts),
            (Some(column), Content::Profile { encoded, path }) => {
                let added =
                    Profile::decode(&encoded).and_then(|profile| add(&mut cell.columns, column, profile));
                if let Err(error) = added {
                    self.unreadable_count += 1;
                    if self.unreadable.len() < TOLD {
                        self.unreadable.push(ProfileProblem {
                            path: path.to_string(),
                            window: key.window,
                            column: Arc::clone(column),
                            reason: error.to_string(),
                        });
                    }
                }
            }
            // the key says which it is
            _ => {}
        }
    }
}

fn add(columns: &mut Vec<WindowColumn>, name: &Arc<str>, profile: Profile) -> tiltmeter_stats::Result<()> {
    match columns.last_mut() {
        Some(last) if last.name == *name => last.profile.merge(&profile),
        _ => {
            columns.push(WindowColumn { name: Arc::clone(name), profile });
            Ok(())
        }
    }
}

/// Windows of profiles, each once whatever its baselines were.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BaselinesMerged {
    /// The windows, by time. Their counts are of all predictions, their profiles without bins.
    pub windows: Vec<ProfileWindow>,
    /// What is in none of their profiles, in the order of windows and baselines.
    pub left_out: Vec<LeftOut>,
}

/// The profile of a column under one baseline that could not be merged with those under others.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LeftOut {
    /// The window.
    pub window: Window,
    /// The baseline.
    pub baseline_id: Option<Arc<str>>,
    /// Which predictions it is of.
    pub cell: CellKey,
    /// The column.
    pub column: Arc<str>,
    /// How many values it has, missing ones among them: the merged profile of the column lacks these.
    pub values: u64,
    /// Why it could not be merged.
    pub reason: String,
}

/// The windows, each once, without bins.
pub(super) fn regardless_of_baseline(windows: &[ProfileWindow]) -> BaselinesMerged {
    let (mut all, mut left_out) = (Vec::new(), Vec::new());
    for of_window in windows.chunk_by(|one, next| one.window == next.window) {
        let Some(first) = of_window.first() else { continue };
        let mut cells: BTreeMap<&CellKey, (WindowCell, BTreeMap<&Arc<str>, Profile>)> = BTreeMap::new();
        let of_cells =
            of_window.iter().flat_map(|window| window.cells.iter().map(move |cell| (window, cell)));
        for (window, cell) in of_cells {
            let (merged, columns) = cells
                .entry(&cell.key)
                .or_insert_with(|| (WindowCell::new(cell.key.clone()), BTreeMap::new()));
            merged.counts = merged.counts.and(cell.counts);
            for column in &cell.columns {
                let profile = column.profile.clone().without_bins();
                let Some(merged) = columns.get_mut(&column.name) else {
                    columns.insert(&column.name, profile);
                    continue;
                };
                // one of another kind stays out: it says nothing of the same values
                if let Err(error) = merged.merge(&profile) {
                    left_out.push(LeftOut {
                        window: window.window,
                        baseline_id: window.baseline_id.clone(),
                        cell: cell.key.clone(),
                        column: Arc::clone(&column.name),
                        values: profile.count().saturating_add(profile.missing()),
                        reason: error.to_string(),
                    });
                }
            }
        }
        let cells = cells.into_values().map(|(cell, columns)| {
            let columns = columns.into_iter();
            let columns = columns.map(|(name, profile)| WindowColumn { name: Arc::clone(name), profile });
            WindowCell { columns: columns.collect(), ..cell }
        });
        let merged = ProfileWindow::new(first.window, None);
        all.push(ProfileWindow { cells: cells.collect(), losses: first.losses, ..merged });
    }
    BaselinesMerged { windows: all, left_out }
}
