//! What is known of a window.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use tiltmeter_record::{CellCounts, CellKey, Window};
use tiltmeter_stats::Profile;

/// What all predictions of a window were like, under one baseline.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProfileWindow {
    /// The window.
    pub window: Window,
    /// The baseline whose edges the bins have; `None` without bins.
    pub baseline_id: Option<Arc<str>>,
    /// Its cells, by role, version and segment.
    pub cells: Vec<WindowCell>,
    /// What was lost in the window, whatever the baseline; nothing before
    /// [`ProfilesRead::with_losses`](crate::ProfilesRead::with_losses).
    pub losses: WindowLosses,
}

/// The predictions of one role, version and segment in a window.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WindowCell {
    /// Which predictions these are.
    pub key: CellKey,
    /// How many there are.
    pub counts: CellCounts,
    /// The profile of each column, by its name.
    pub columns: Vec<WindowColumn>,
}

/// The profile of a column.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WindowColumn {
    /// `score`, `confidence`, `entropy`, or a feature.
    pub name: Arc<str>,
    /// What its values are like.
    pub profile: Profile,
}

/// What was lost of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowLosses {
    /// Requests that the profiles are of: those of the champion.
    pub requests: u64,
    /// Exchanges that were lost before they were decoded, so that no profile has them.
    pub lost: u64,
    /// Predictions whose profile a sink lost in the time of the window. They are of windows that ended before or have not ended
    /// yet, and may be in another delta of this one: see [`LostProfiles`]. No number takes them in.
    pub lost_profiles: u64,
}

/// Profiles that a sink has lost.
///
/// The minute is the one in which they were *lost*. The window that they were of is not known: it ended before, by the
/// time for which profiles wait to be flushed and for the sink, or had not ended yet, if it was handed over in parts. Minutes and
/// hours are lost on their own, so that a prediction may count twice, and be in the hours though it is in no minute.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LostProfiles {
    /// The beginning of the minute of the loss.
    pub minute: Timestamp,
    /// The sink that lost them; if another one wrote the profiles that were read, they are not missing there.
    pub sink: Option<Arc<str>>,
    /// How many predictions they were of.
    pub predictions: u64,
}

/// A window in which something was lost, and of which there is no profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnseenWindow {
    /// The window.
    pub window: Window,
    /// How many exchanges were lost.
    pub lost: u64,
    /// As [`WindowLosses::lost_profiles`].
    pub lost_profiles: u64,
}

impl UnseenWindow {
    pub(super) fn new(window: Window) -> Self {
        Self { window, lost: 0, lost_profiles: 0 }
    }
}

impl ProfileWindow {
    pub(super) fn new(window: Window, baseline_id: Option<Arc<str>>) -> Self {
        Self { window, baseline_id, cells: Vec::new(), losses: WindowLosses::default() }
    }

    /// The cell of those predictions.
    #[must_use]
    pub fn cell(&self, key: &CellKey) -> Option<&WindowCell> {
        let place = self.cells.binary_search_by(|cell| cell.key.cmp(key)).ok()?;
        self.cells.get(place)
    }

    /// The share of the requests of the window that was lost, from 0 to 1.
    #[must_use]
    pub fn lost_share(&self) -> f64 {
        self.losses.share()
    }

    /// By what counts are multiplied to stand for what was lost as well: see [`WindowLosses::scale`].
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.losses.scale()
    }
}

impl WindowCell {
    pub(super) fn new(key: CellKey) -> Self {
        Self { key, counts: CellCounts::default(), columns: Vec::new() }
    }

    /// The profile of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Profile> {
        let place = self.columns.binary_search_by(|column| (*column.name).cmp(name)).ok()?;
        self.columns.get(place).map(|column| &column.profile)
    }
}

impl WindowLosses {
    /// Whether figures of the window carry a flag: exchanges were lost in it, or profiles in its time.
    #[must_use]
    pub fn is_lossy(self) -> bool {
        self.lost > 0 || self.lost_profiles > 0
    }

    /// The share that was lost, from 0 to 1: `lost / (requests + lost)`; 0 without any.
    #[must_use]
    pub fn share(self) -> f64 {
        let all = self.requests as f64 + self.lost as f64;
        if all > 0.0 { self.lost as f64 / all } else { 0.0 }
    }

    /// By what counts are multiplied, from 1: `(requests + lost) / requests`. It assumes that what was lost is like what was
    /// not, in the window; shares, means and quantiles stay as they are under that assumption. 1 where nothing was seen.
    #[must_use]
    pub fn scale(self) -> f64 {
        if self.requests == 0 {
            1.0
        } else {
            (self.requests as f64 + self.lost as f64) / self.requests as f64
        }
    }
}

/// A profile of a column that could not be used.
///
/// Its display is one line: `/data/a.parquet: the profile of score in the hour of 2026-01-01T00:00:00Z cannot be used: …`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileProblem {
    /// The file, as in [`FileProblem`](crate::FileProblem).
    pub path: String,
    /// The window of the row.
    pub window: Window,
    /// The column.
    pub column: Arc<str>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for ProfileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, window, column, reason } = self;
        let (width, start) = (window.width(), window.start());
        let column = column.escape_debug();
        write!(f, "{path}: the profile of {column} in the {width} of {start} cannot be used: {reason}")
    }
}
