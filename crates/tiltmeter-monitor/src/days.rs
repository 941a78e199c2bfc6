//! Rows by the UTC day of their event.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::period::date_of;
use crate::{Period, PeriodKind};

/// The rows of a table by the UTC day of their event, in the order of the days. Days without rows are not there.
#[derive(Clone, Debug)]
pub(crate) struct Days(Vec<Day>);

#[derive(Clone, Debug)]
pub(crate) struct Day {
    pub(crate) date: Date,
    /// The rows of the day, in ascending order.
    pub(crate) rows: Vec<usize>,
}

impl Days {
    /// Groups rows by times in microseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn of(event_time: &[i64]) -> Self {
        const MICROS: i64 = 86_400_000_000;
        // what lies beyond the calendar is on its first or last day
        let (first, last) = (i64::from(day_number(Date::MIN)), i64::from(day_number(Date::MAX)));
        let mut days: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (row, time) in event_time.iter().enumerate() {
            days.entry(time.div_euclid(MICROS).clamp(first, last)).or_default().push(row);
        }
        let day = |(day, rows): (i64, Vec<usize>)| Day { date: date_of(day.saturating_mul(MICROS)), rows };
        Self(days.into_iter().map(day).collect())
    }

    /// Days without any rows of a table, such as those of profiles.
    pub(crate) fn without_rows(dates: impl IntoIterator<Item = Date>) -> Self {
        let dates: std::collections::BTreeSet<Date> = dates.into_iter().collect();
        Self(dates.into_iter().map(|date| Day { date, rows: Vec::new() }).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Day> {
        self.0.iter()
    }

    /// The places of the days of each period of that kind, in the order of time.
    pub(crate) fn periods(&self, kind: PeriodKind) -> Vec<(Period, std::ops::Range<usize>)> {
        let mut periods: Vec<(Period, std::ops::Range<usize>)> = Vec::new();
        for (place, day) in self.0.iter().enumerate() {
            let period = Period::containing(kind, day.date);
            match periods.last_mut() {
                Some((last, places)) if *last == period => places.end = place + 1,
                _ => periods.push((period, place..place + 1)),
            }
        }
        periods
    }

    /// The rows of some days.
    pub(crate) fn rows(&self, places: std::ops::Range<usize>) -> impl Iterator<Item = usize> + '_ {
        self.0[places].iter().flat_map(|day| day.rows.iter().copied())
    }
}

/// The number of a day, from 1970-01-01 on.
pub(crate) fn day_number(date: Date) -> i32 {
    jiff::civil::date(1970, 1, 1).until(date).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn rows_are_grouped_by_day_and_days_by_period() {
        let hour = 3_600_000_000_i64;
        let days = Days::of(&[25 * hour, -1, 0, 24 * 40 * hour]);
        let rows: Vec<_> = days.iter().map(|day| (day.date, day.rows.clone())).collect();
        let expected = [
            (date(1969, 12, 31), vec![1]),
            (date(1970, 1, 1), vec![2]),
            (date(1970, 1, 2), vec![0]),
            (date(1970, 2, 10), vec![3]),
        ];
        assert_eq!(rows, expected);
        let months: Vec<_> = days
            .periods(PeriodKind::Month)
            .into_iter()
            .map(|(period, places)| (period.to_string(), places))
            .collect();
        let expected = [("1969-12", 0..1), ("1970-01", 1..3), ("1970-02", 3..4)];
        assert_eq!(months, expected.map(|(period, places)| (period.to_owned(), places)));
        assert_eq!(days.rows(1..3).collect::<Vec<_>>(), [2, 0]);
    }

    #[test]
    fn days_are_numbered_from_1970_on() {
        assert_eq!([date(1969, 12, 31), date(1970, 1, 1), date(2013, 1, 1)].map(day_number), [-1, 0, 15_706]);
    }
}
