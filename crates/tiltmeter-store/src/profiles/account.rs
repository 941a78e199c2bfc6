//! Whether there are profiles of all predictions.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use tiltmeter_record::schema::PROFILES;
use tiltmeter_record::{CellKey, GapUnit, Window, WindowWidth};

use super::days::merged_writer;
use crate::column::{Names, OwnColumns};
use crate::error::Error;
use crate::journal::{WriterBooks, of_dates, read_gaps, read_writers};
use crate::location::Location;
use crate::problem::{FileProblem, Reason};

/// Whether the profiles of a writer are of all the predictions that it has decoded, over all its models.
///
/// A writer that is killed has folded predictions into windows that were not written yet: those are `missing`, and no more. With
/// the profiler's defaults they are, counted by the narrowest width that the log keeps, those of the minute that was open, of the minutes that were over and not handed over yet, up to
/// ten, and what the sink had not written, as long as journals could be written. Of features more is lost than is counted here, as
/// their windows are of an hour: all of the hour that was open, and what was over up to ten minutes ago.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileAccount {
    /// The instance and incarnation of the process.
    pub writer_id: Arc<str>,
    /// Predictions that were decoded, by its last heartbeat, or by the profiles if these have more.
    pub decoded: u64,
    /// Predictions that its profiles are of, those of the champion: of minutes, or else of hours, or else of days. A log that keeps
    /// no minutes has hours or days alone.
    pub profiled: u64,
    /// Predictions that none of these profiles is of: lost, still on their way if the writer runs, or removed after
    /// [`merge_profiles_of_day`](crate::merge_profiles_of_day).
    pub missing: u64,
    /// Predictions whose profiles the sink is known to have lost, by the gaps. Minutes and hours are lost on their own, so that
    /// one may count twice, and it may be more than `missing`.
    pub lost_by_sink: u64,
    /// From when on nothing is known: the time of the last heartbeat. `None` if the writer ended in order, or has none.
    pub tail_since: Option<Timestamp>,
    /// Whether the writer ended in order.
    pub ended_in_order: bool,
}

/// What was read to account for profiles.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProfileAccountsRead {
    /// One for each writer that has heartbeats or profiles, by its id.
    pub accounts: Vec<ProfileAccount>,
    /// The sinks that lost profiles, by the gaps, each once. A sink that is not among them lost none, or has another name.
    pub sinks: Vec<Arc<str>>,
    /// The files that could not be read: what stands in them counts as missing, or is not known.
    pub problems: Vec<FileProblem>,
}

/// Compares the profiles of each writer with its heartbeats: what one sink, `sink`, has written below `root`, of all models and
/// dates.
///
/// # Errors
/// When nothing can be listed: [`Error::is_storage`].
///
/// # Cost
/// All files below `heartbeats`, `gaps` and `profiles` are fetched; of profiles the counts alone are decoded.
pub async fn read_profile_accounts(root: &Location, sink: &str) -> Result<ProfileAccountsRead, Error> {
    let (writers, mut problems) = read_writers(&root.join("heartbeats")).await?;
    let gaps = read_gaps(&root.join("gaps"), ..).await?;
    problems.extend(gaps.problems);
    let (profiled, of_profiles) = read_counts(&root.join("profiles")).await?;
    problems.extend(of_profiles);
    let mut lost: BTreeMap<Arc<str>, u64> = BTreeMap::new();
    let mut sinks: BTreeSet<Arc<str>> = BTreeSet::new();
    for gap in gaps.gaps {
        if gap.gap.unit != GapUnit::Profile {
            continue;
        }
        if gap.gap.sink.as_deref() == Some(sink) {
            add(&mut lost, gap.writer_id, gap.gap.count);
        }
        sinks.extend(gap.gap.sink);
    }
    let mut ids: Vec<&Arc<str>> = writers.keys().chain(profiled.keys()).collect();
    ids.sort_unstable();
    ids.dedup();
    let of = |counts: &BTreeMap<Arc<str>, u64>, id: &Arc<str>| counts.get(id).copied().unwrap_or_default();
    let account =
        |id: &Arc<str>| ProfileAccount::of(Arc::clone(id), writers.get(id), of(&profiled, id), of(&lost, id));
    let accounts = ids.into_iter().map(account).collect();
    Ok(ProfileAccountsRead { accounts, sinks: sinks.into_iter().collect(), problems })
}

impl ProfileAccount {
    fn of(writer_id: Arc<str>, last: Option<&WriterBooks>, profiled: u64, lost_by_sink: u64) -> Self {
        let decoded = last.map_or(0, |last| last.next_prediction).max(profiled);
        let ended_in_order = last.is_some_and(|last| last.is_last);
        Self {
            writer_id,
            decoded,
            profiled,
            missing: decoded - profiled,
            lost_by_sink,
            tail_since: last.filter(|last| !last.is_last).map(|last| last.at),
            ended_in_order,
        }
    }
}

fn add<K: Ord>(sums: &mut BTreeMap<K, u64>, key: K, count: u64) {
    let sum = sums.entry(key).or_default();
    *sum = sum.saturating_add(count);
}

/// What tells the counts of a cell from all others, and how many predictions it has.
#[derive(PartialEq, Eq, Hash)]
struct Cell {
    writer_id: Arc<str>,
    window: Window,
    sequence: u64,
    baseline_id: Option<Arc<str>>,
    model_name: Arc<str>,
    model_version: Option<Arc<str>>,
}

/// The predictions that profiles of champions are of, by writer: those of the narrowest width that it has, as all widths are of
/// the same predictions.
async fn read_counts(location: &Location) -> Result<(BTreeMap<Arc<str>, u64>, Vec<FileProblem>), Error> {
    const COLUMNS: [&str; 11] = [
        "sequence",
        "model_name",
        "window_start",
        "window_width",
        "baseline_id",
        "role",
        "model_version",
        "segment",
        "column",
        "predictions",
        "writer_id",
    ];
    let listing = of_dates(location, |_| true).await?;
    let mut names = Names::default();
    let mut seen: HashSet<Cell> = HashSet::new();
    let mut counts: BTreeMap<(Arc<str>, WindowWidth), u64> = BTreeMap::new();
    let problems = listing
        .read_each(|_, bytes| {
            let rows = OwnColumns::read(bytes, listing.limits, &PROFILES, &COLUMNS, |columns| {
                cells_of(columns, &mut names)
            })?;
            for (cell, predictions) in rows {
                let key = (Arc::clone(&cell.writer_id), cell.window.width());
                if seen.insert(cell) {
                    add(&mut counts, key, predictions);
                }
            }
            Ok(())
        })
        .await;
    let mut narrowest = BTreeMap::new();
    for ((writer_id, _), predictions) in counts {
        // the keys of a writer come by width
        narrowest.entry(writer_id).or_insert(predictions);
    }
    Ok((narrowest, problems))
}

fn cells_of(columns: OwnColumns<'_>, names: &mut Names) -> Result<Vec<(Cell, u64)>, Reason> {
    let (models, writers) = (columns.texts("model_name")?, columns.texts("writer_id")?);
    let (sequences, starts) = (columns.counts("sequence")?, columns.times("window_start")?);
    let (widths, roles) = (columns.texts("window_width")?, columns.texts("role")?);
    let baselines = columns.optional_texts("baseline_id")?;
    let versions = columns.optional_texts("model_version")?;
    let (segments, of_columns) = (columns.optional_texts("segment")?, columns.optional_texts("column")?);
    let predictions = columns.optional_counts("predictions")?;
    let merged = merged_writer();
    let cell = |row: usize| {
        let is_counted = roles[row] == CellKey::CHAMPION
            && segments[row].is_none()
            && of_columns[row].is_none()
            // a merged day is of what others have written
            && writers[row] != merged.as_str();
        let width = WindowWidth::ALL.into_iter().find(|width| width.as_str() == widths[row]);
        let width = width.filter(|_| is_counted)?;
        let cell = Cell {
            writer_id: names.get(writers[row]),
            window: Window::of(starts[row], width),
            sequence: sequences[row],
            baseline_id: baselines[row].map(|id| names.get(id)),
            model_name: names.get(models[row]),
            model_version: versions[row].map(|version| names.get(version)),
        };
        Some((cell, predictions[row].unwrap_or_default()))
    };
    Ok((0..columns.rows()).filter_map(cell).collect())
}
