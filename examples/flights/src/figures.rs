//! Numbers as people read them: `150,000`, `18.2 MB`, `6.2 s`.

use std::time::Duration;

/// A count with thousands separators: `150,000`.
#[must_use]
pub fn count(number: u64) -> String {
    tiltmeter_monitor::grouped(number)
}

/// So many of what `one` names: `1 flight`, `150,000 flights`.
#[must_use]
pub fn counted(number: u64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", count(number))
}

/// A rate or other quantity, rounded to a whole number, with thousands separators: `24,310`.
///
/// What is not a number, or negative, is `0`.
#[must_use]
pub fn whole(number: f64) -> String {
    // what does not fit saturates
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked, or saturating")]
    let whole = if number.is_finite() && number > 0.0 { number.round() as u64 } else { 0 };
    count(whole)
}

/// Bytes in decimal units with three digits: `18.2 MB`.
#[must_use]
pub fn bytes(number: u64) -> String {
    let mut scaled = number as f64;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB"] {
        if scaled < 999.5 {
            break;
        }
        scaled /= 1000.0;
        unit = larger;
    }
    let decimals = if unit == "B" || scaled >= 99.95 { 0 } else { 1 };
    format!("{scaled:.decimals$} {unit}")
}

/// A time that a person waited: `6.2 s`, `2 min 05 s`.
#[must_use]
pub fn waited(time: Duration) -> String {
    if time < Duration::from_secs(60) {
        return format!("{:.1} s", time.as_secs_f64());
    }
    format!("{} min {:02} s", count(time.as_secs() / 60), time.as_secs() % 60)
}

/// A latency in milliseconds: `0.21 ms`.
#[must_use]
pub fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let shown: Vec<String> =
            [0, 7, 999, 1_000, 93_210, 150_000, 1_234_567].into_iter().map(count).collect();
        assert_eq!(shown, ["0", "7", "999", "1,000", "93,210", "150,000", "1,234,567"]);
        assert_eq!([1, 2_000].map(|number| counted(number, "flight")), ["1 flight", "2,000 flights"]);
        assert_eq!([24_310.4, f64::NAN, f64::INFINITY, -1.0].map(whole), ["24,310", "0", "0", "0"]);
    }

    #[test]
    fn bytes_have_a_unit_and_three_digits() {
        let shown: Vec<String> =
            [0, 999, 1_000, 18_240_000, 99_960_000, 999_600_000].into_iter().map(bytes).collect();
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "18.2 MB", "100 MB", "1.0 GB"]);
    }

    #[test]
    fn times_are_short() {
        assert_eq!(waited(Duration::from_millis(6_240)), "6.2 s");
        assert_eq!(waited(Duration::from_secs(125)), "2 min 05 s");
        assert_eq!(milliseconds(Duration::from_micros(214)), "0.21 ms");
    }
}
