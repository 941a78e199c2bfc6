//! Days, weeks and months, in UTC.

use std::fmt;

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde::{Serialize, Serializer};

/// A UTC day, an ISO week or a UTC month.
///
/// Its text is `2013-04-03`, `2013-W14` or `2013-04`. Periods of one kind are ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    kind: PeriodKind,
    first: Date,
}

/// The length of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PeriodKind {
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday: a week of ISO 8601.
    Week,
    /// A calendar month.
    Month,
}

impl PeriodKind {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// How many days such a period has, about: what the variation of the baseline is looked at in.
    #[must_use]
    pub fn typical_days(self) -> usize {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
        }
    }
}

impl Period {
    /// The period of that kind in which `date` lies.
    #[must_use]
    pub fn containing(kind: PeriodKind, date: Date) -> Self {
        let first = match kind {
            PeriodKind::Day => date,
            PeriodKind::Week => monday_of(date),
            PeriodKind::Month => date.first_of_month(),
        };
        Self { kind, first }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(self) -> PeriodKind {
        self.kind
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Date {
        self.first
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        match self.kind {
            PeriodKind::Day => self.first,
            PeriodKind::Week => self.first.saturating_add(6.days()),
            PeriodKind::Month => self.first.last_of_month(),
        }
    }

    /// The one after it; the last that a calendar knows is its own next.
    #[must_use]
    pub fn next(self) -> Self {
        Self::containing(self.kind, self.last_day().saturating_add(1.day()))
    }
}

/// The Monday of the ISO week in which `date` lies.
fn monday_of(date: Date) -> Date {
    let week = date.iso_week_date();
    ISOWeekDate::new(week.year(), week.week(), Weekday::Monday).map_or(date, ISOWeekDate::date)
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PeriodKind::Day => write!(f, "{}", self.first),
            PeriodKind::Week => {
                let week = self.first.iso_week_date();
                write!(f, "{:04}-W{:02}", week.year(), week.week())
            }
            PeriodKind::Month => write!(f, "{:04}-{:02}", self.first.year(), self.first.month()),
        }
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A time in microseconds since 1970-01-01T00:00:00Z; the nearest one that a calendar knows.
pub(crate) fn instant(micros: i64) -> Timestamp {
    let limit = if micros < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(micros).unwrap_or(limit)
}

/// Its UTC date.
pub(crate) fn date_of(micros: i64) -> Date {
    TimeZone::UTC.to_datetime(instant(micros)).date()
}

/// The periods between two others of their kind when they are few; none when they are more than `most`.
pub(crate) fn hole(before: Period, after: Period, most: usize) -> Vec<Period> {
    let mut between = Vec::new();
    let mut next = before.next();
    while next < after {
        if between.len() == most {
            return Vec::new();
        }
        between.push(next);
        next = next.next();
    }
    between
}

/// The first moment after a period, in microseconds since 1970-01-01T00:00:00Z.
pub(crate) fn end_of(period: Period) -> i64 {
    let after = period.last_day().saturating_add(1.day());
    TimeZone::UTC.to_timestamp(after.at(0, 0, 0, 0)).map_or(i64::MAX, Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_text_is_that_of_iso_8601() {
        let text = |kind, year, month, day| Period::containing(kind, date(year, month, day)).to_string();
        assert_eq!(text(PeriodKind::Day, 2013, 4, 3), "2013-04-03");
        assert_eq!(text(PeriodKind::Week, 2013, 4, 3), "2013-W14");
        assert_eq!(text(PeriodKind::Month, 2013, 4, 3), "2013-04");
        // a week belongs to the year of its Thursday
        assert_eq!(text(PeriodKind::Week, 2013, 12, 31), "2014-W01");
        assert_eq!(text(PeriodKind::Week, 2010, 1, 3), "2009-W53");
    }

    #[test]
    fn periods_follow_one_another_without_holes() {
        for kind in PeriodKind::ALL {
            let mut period = Period::containing(kind, date(2012, 12, 20));
            for _ in 0..400 {
                let next = period.next();
                assert_eq!(next.first_day(), period.last_day().tomorrow().unwrap());
                assert!(next > period);
                period = next;
            }
        }
    }

    #[test]
    fn times_before_1970_and_beyond_the_calendar_have_a_date() {
        assert_eq!(date_of(-1), date(1969, 12, 31));
        assert_eq!(date_of(86_400_000_000), date(1970, 1, 2));
        assert_eq!((date_of(i64::MIN).year(), date_of(i64::MAX).year()), (-9999, 9999));
    }
}
