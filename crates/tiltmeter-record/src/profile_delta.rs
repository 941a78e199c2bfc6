//! What is kept of all predictions, before rows are sampled.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

/// How long a window of a profile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WindowWidth {
    /// A minute: counts and the score.
    Minute,
    /// An hour: features too, and segments.
    Hour,
    /// A day: features, where the profiler is told to make days of them, or a reader merges hours.
    Day,
}

impl WindowWidth {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// The text that stands in the data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// How many seconds it has.
    #[must_use]
    pub fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }
}

impl fmt::Display for WindowWidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A window of time, cut by UTC: from its start, up to and without the start of the next.
///
/// ```
/// use tiltmeter_record::{Window, WindowWidth};
///
/// let window = Window::of("2026-03-01T10:59:59.5Z".parse()?, WindowWidth::Hour);
/// assert_eq!(window.start(), "2026-03-01T10:00:00Z".parse()?);
/// assert_eq!(window.within(WindowWidth::Day).start(), "2026-03-01T00:00:00Z".parse()?);
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window {
    start: Timestamp,
    width: WindowWidth,
}

impl Window {
    /// The window of that width that `time` is in.
    #[must_use]
    pub fn of(time: Timestamp, width: WindowWidth) -> Self {
        let seconds = width.seconds();
        // the second that has begun, also before 1970
        let second = time.as_second() - i64::from(time.subsec_nanosecond() < 0);
        let start = second - second.rem_euclid(seconds);
        // only in the first day of the year -9999 there is no such time
        Self { start: Timestamp::from_second(start).unwrap_or(Timestamp::MIN), width }
    }

    /// When it begins.
    #[must_use]
    pub fn start(self) -> Timestamp {
        self.start
    }

    /// When the next one begins.
    #[must_use]
    pub fn end(self) -> Timestamp {
        self.start.checked_add(SignedDuration::from_secs(self.width.seconds())).unwrap_or(Timestamp::MAX)
    }

    /// How long it is.
    #[must_use]
    pub fn width(self) -> WindowWidth {
        self.width
    }

    /// The window of that width in which it begins.
    #[must_use]
    pub fn within(self, width: WindowWidth) -> Self {
        Self::of(self.start, width)
    }
}

/// What a flush adds to the profile of a window of a model: immutable, and merged by readers once each is there once.
///
/// Its key is (writer, window, sequence, baseline): a delta that is delivered again, or replayed, has the key that it had. Two
/// deltas of one window and baseline are of different predictions; merging them gives the profile of both.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProfileDelta {
    /// Its place among the deltas of its writer, from 0. The log gives it.
    pub sequence: u64,
    /// The model.
    pub model_name: Arc<str>,
    /// The window that its predictions are of.
    pub window: Window,
    /// The baseline whose frozen edges its bins have; `None` without one. Deltas of different baselines have counts, moments
    /// and sketches in common, and no bins.
    pub baseline_id: Option<Arc<str>>,
    /// What was folded, by role, version and segment; no two cells have the same of these.
    pub cells: Vec<ProfileCell>,
}

impl ProfileDelta {
    /// A delta without cells. The log gives it its sequence.
    #[must_use]
    pub fn new(model_name: Arc<str>, window: Window, baseline_id: Option<Arc<str>>) -> Self {
        Self { sequence: 0, model_name, window, baseline_id, cells: Vec::new() }
    }

    /// About how much memory it takes, in bytes.
    #[must_use]
    pub fn memory_size(&self) -> usize {
        let column = |column: &ColumnProfile| {
            size_of::<ColumnProfile>()
                + column.encoded.len()
                + column.bin_counts.as_ref().map_or(0, |counts| counts.len() * size_of::<f64>())
        };
        let cell =
            |cell: &ProfileCell| size_of::<ProfileCell>() + cell.columns.iter().map(column).sum::<usize>();
        size_of::<Self>() + self.cells.iter().map(cell).sum::<usize>()
    }
}

/// Which predictions a cell is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellKey {
    /// Who answered: [`CellKey::CHAMPION`], or the name of a challenger.
    pub role: Arc<str>,
    /// The version that answered; `None` where it is not known.
    pub model_version: Option<Arc<str>>,
    /// The segment's name and its value; `None` for the cell of all of that role and version, whatever their segments.
    pub segment: Option<(Arc<str>, Arc<str>)>,
}

impl CellKey {
    /// The role of the version whose answer the client gets.
    pub const CHAMPION: &'static str = "champion";
    /// The value of a segment, or the version, that all share for which there is no cell of their own.
    pub const OVERFLOW: &'static str = "*";
}

/// The predictions of one role, version and segment in a window: their counts, and a profile of each column.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProfileCell {
    /// Which predictions it is of.
    pub key: CellKey,
    /// How many there are.
    pub counts: CellCounts,
    /// What the columns hold, each once.
    pub columns: Vec<ColumnProfile>,
}

impl ProfileCell {
    /// A cell without columns.
    #[must_use]
    pub fn new(key: CellKey, counts: CellCounts) -> Self {
        Self { key, counts, columns: Vec::new() }
    }
}

/// How many predictions a cell has, and how many requests they came with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CellCounts {
    /// Predictions: scored instances.
    pub predictions: u64,
    /// Requests. Of a batched request whose instances are of several segments, each of those cells has one.
    pub requests: u64,
    /// Of these, requests that failed or timed out.
    pub failed_requests: u64,
    /// Of these, requests with at least one feature outside of the range that it has in the baseline; `None` where there is
    /// no baseline. As a share of the requests it is the feature anomaly rate.
    pub anomalous_requests: Option<u64>,
}

impl CellCounts {
    /// The counts of both. Where only one knows of anomalies, the sum does not: its share would be too low.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let anomalous = match (self.anomalous_requests, other.anomalous_requests) {
            (Some(mine), Some(others)) => Some(mine.saturating_add(others)),
            (Some(known), None) if other.requests == 0 => Some(known),
            (None, Some(known)) if self.requests == 0 => Some(known),
            _ => None,
        };
        Self {
            predictions: self.predictions.saturating_add(other.predictions),
            requests: self.requests.saturating_add(other.requests),
            failed_requests: self.failed_requests.saturating_add(other.failed_requests),
            anomalous_requests: anomalous,
        }
    }
}

/// The profile of one column, encoded, and beside it what can be read without decoding it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ColumnProfile {
    /// The column: `score`, `confidence`, `entropy`, or a feature as the baseline calls it.
    pub column: Arc<str>,
    /// Values, infinite ones among them.
    pub present: u64,
    /// Rows without a value.
    pub missing: u64,
    /// The mean of the finite values; `None` without any, and for categories.
    pub mean: Option<f64>,
    /// Their variance, with n - 1.
    pub variance: Option<f64>,
    /// The least of the finite values.
    pub min: Option<f64>,
    /// The greatest of them.
    pub max: Option<f64>,
    /// Values in each bin of the baseline; `None` without one.
    pub bin_counts: Option<Vec<f64>>,
    /// The whole profile, as `tiltmeter_stats::Profile::encode` makes it.
    pub encoded: Arc<[u8]>,
}

impl ColumnProfile {
    /// A profile of a column, encoded; the figures beside it are empty.
    #[must_use]
    pub fn new(column: Arc<str>, encoded: Arc<[u8]>) -> Self {
        Self {
            column,
            present: 0,
            missing: 0,
            mean: None,
            variance: None,
            min: None,
            max: None,
            bin_counts: None,
            encoded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_cut_by_utc_also_before_1970() {
        let start = |time: &str, width| Window::of(time.parse().unwrap(), width).start().to_string();
        assert_eq!(start("2026-03-01T10:59:59.999Z", WindowWidth::Minute), "2026-03-01T10:59:00Z");
        assert_eq!(start("1969-12-31T23:59:59.5Z", WindowWidth::Minute), "1969-12-31T23:59:00Z");
        assert_eq!(start("1969-12-31T23:00:00Z", WindowWidth::Day), "1969-12-31T00:00:00Z");
        for time in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
            for width in WindowWidth::ALL {
                let window = Window::of(time, width);
                assert!(window.start() <= time && time <= window.end(), "{time} {width}");
                assert_eq!(Window::of(window.start(), width), window);
            }
        }
    }

    #[test]
    fn anomalies_are_known_where_both_know_them() {
        let counts = |requests, anomalous_requests| CellCounts {
            requests,
            anomalous_requests,
            ..CellCounts::default()
        };
        assert_eq!(counts(3, Some(1)).and(counts(2, Some(1))).anomalous_requests, Some(2));
        assert_eq!(counts(3, Some(1)).and(counts(2, None)).anomalous_requests, None);
        assert_eq!(counts(0, None).and(counts(2, Some(1))).anomalous_requests, Some(1));
    }
}
