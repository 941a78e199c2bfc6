//! Dates as people read them, in UTC, and how far apart they are.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tiltmeter_monitor::{Period, PeriodKind};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Apr`.
pub(crate) fn month(date: Date) -> &'static str {
    usize::try_from(date.month()).ok().and_then(|month| MONTHS.get(month.saturating_sub(1))).unwrap_or(&"")
}

/// `1 Oct 2013`.
pub(crate) fn day(date: Date) -> String {
    format!("{} {} {}", date.day(), month(date), date.year())
}

/// `1 Jan – 28 Feb 2013`.
pub(crate) fn range((first, last): (Date, Date)) -> String {
    if first.year() == last.year() {
        format!("{} {} – {}", first.day(), month(first), day(last))
    } else {
        format!("{} – {}", day(first), day(last))
    }
}

/// `1 Oct 2013, 04:00 UTC`.
pub(crate) fn instant(time: Timestamp) -> String {
    let civil = TimeZone::UTC.to_datetime(time);
    format!("{}, {:02}:{:02} UTC", day(civil.date()), civil.hour(), civil.minute())
}

/// The UTC day of a time.
pub(crate) fn date_of(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date()
}

/// `Apr 2013`, `1–7 Apr 2013`, `1 Apr 2013`.
pub(crate) fn period(period: Period) -> String {
    let (first, last) = (period.first_day(), period.last_day());
    match period.kind() {
        PeriodKind::Day => day(first),
        PeriodKind::Month => format!("{} {}", month(first), first.year()),
        PeriodKind::Week if first.month() == last.month() => format!("{}–{}", first.day(), day(last)),
        PeriodKind::Week => format!("{} {} – {}", first.day(), month(first), day(last)),
    }
}

/// Days from `start` to `end`, with their fractions of zero.
pub(crate) fn days_between(start: Date, end: Date) -> f64 {
    end.duration_since(start).as_secs_f64() / 86_400.0
}

/// Days from the midnight that begins `start` to an instant.
pub(crate) fn days_until(start: Date, time: Timestamp) -> f64 {
    let civil = TimeZone::UTC.to_datetime(time);
    let of_day = f64::from(civil.hour()) / 24.0 + f64::from(civil.minute()) / 1440.0;
    days_between(start, civil.date()) + of_day
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn periods_read_like_words() {
        let text = |kind, on| period(Period::containing(kind, on));
        assert_eq!(text(PeriodKind::Month, date(2013, 4, 3)), "Apr 2013");
        assert_eq!(text(PeriodKind::Week, date(2013, 4, 3)), "1–7 Apr 2013");
        assert_eq!(text(PeriodKind::Week, date(2013, 12, 31)), "30 Dec – 5 Jan 2014");
        assert_eq!(range((date(2013, 1, 1), date(2013, 2, 28))), "1 Jan – 28 Feb 2013");
        assert_eq!(range((date(2013, 12, 1), date(2014, 1, 2))), "1 Dec 2013 – 2 Jan 2014");
        assert_eq!(instant("2013-10-01T04:00:00Z".parse().unwrap()), "1 Oct 2013, 04:00 UTC");
    }
}
