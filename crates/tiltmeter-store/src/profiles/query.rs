//! Which profiles are wanted.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use tiltmeter_record::{ModelName, Window, WindowWidth};

/// Which profiles are wanted: of what model, merged to what width, of what time.
///
/// Minutes hold counts and the score; hours hold features and segments as well, and are of the same predictions. So windows are
/// merged of one kind of rows of each log alone: minutes of minutes, hours of hours, and days of hours or, of a log that writes
/// features by the day, of days; or of the rows that [`merge_profiles_of_day`](crate::merge_profiles_of_day) has made of all of
/// these where there are some. With [`of_minutes`](Self::of_minutes) all are merged of minutes: what is known of an hour that
/// has not ended. What a log writes by the day alone is in no hour.
///
/// ```
/// use tiltmeter_record::WindowWidth;
/// use tiltmeter_store::ProfileQuery;
///
/// let query = ProfileQuery::new("churn".parse()?, WindowWidth::Day)
///     .between("2026-03-01T00:00:00Z".parse()?, "2026-04-01T00:00:00Z".parse()?);
/// assert_eq!(query.width(), WindowWidth::Day);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileQuery {
    pub(super) model: ModelName,
    width: WindowWidth,
    source: WindowWidth,
    /// Whether rows of days are read, beside those of `source`.
    has_days: bool,
    /// Whether the rows of a merge are among them.
    has_merged_days: bool,
    from: Timestamp,
    until: Timestamp,
}

impl ProfileQuery {
    /// The profiles of a model, of all time.
    #[must_use]
    pub fn new(model: ModelName, width: WindowWidth) -> Self {
        let source = if width == WindowWidth::Minute { WindowWidth::Minute } else { WindowWidth::Hour };
        let has_days = width == WindowWidth::Day;
        Self {
            model,
            width,
            source,
            has_days,
            has_merged_days: has_days,
            from: Timestamp::MIN,
            until: Timestamp::MAX,
        }
    }

    /// Of the windows that begin in that time, up to and without `until`.
    #[must_use]
    pub fn between(self, from: Timestamp, until: Timestamp) -> Self {
        Self { from, until, ..self }
    }

    /// Merged of the rows of minutes.
    #[must_use]
    pub fn of_minutes(self) -> Self {
        Self { source: WindowWidth::Minute, has_days: false, ..self }
    }

    /// Merged of what the log wrote, whether its days have been merged or not.
    pub(super) fn of_deltas(self) -> Self {
        Self { has_merged_days: false, ..self }
    }

    /// How long the windows are.
    #[must_use]
    pub fn width(&self) -> WindowWidth {
        self.width
    }

    /// Whether rows of windows of that width are read; `is_merged` are those of a merge.
    pub(super) fn reads(&self, width: WindowWidth, is_merged: bool) -> bool {
        let is_known_day = self.has_days && width == WindowWidth::Day;
        (width == self.source && !is_merged) || (is_known_day && (!is_merged || self.has_merged_days))
    }

    /// The window into which one of its own goes; `None` outside of its time.
    pub(super) fn target(&self, window: Window) -> Option<Window> {
        let target = window.within(self.width);
        (self.from <= target.start() && target.start() < self.until).then_some(target)
    }

    /// Whether windows of that date (UTC) may be wanted.
    pub(super) fn may_have(&self, date: Date) -> bool {
        let of = |time: Timestamp| Offset::UTC.to_datetime(time).date();
        // `until` is not wanted itself: at midnight, files of its date are of others
        let last = self.until.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(self.until);
        of(self.from) <= date && date <= of(last)
    }
}
