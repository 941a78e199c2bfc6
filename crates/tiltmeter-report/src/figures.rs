//! Numbers as people read them: `150,000`, `0.882`, `−0.048`, `95.8 %`.

use std::time::Duration;

/// What stands where there is no figure.
pub(crate) const NONE: &str = "–";

/// A count with thousands separators: `150,000`.
pub(crate) fn count(number: u64) -> String {
    tiltmeter_monitor::grouped(number)
}

/// What is nearly a count, to the nearest one: `2,346`.
pub(crate) fn rounded(number: f64) -> String {
    let digits = fixed(number.round(), 0);
    digits.parse().map_or(digits, count)
}

/// So many of what `one` names: `1 prediction`, `150,000 predictions`.
pub(crate) fn counted(number: u64, one: &str) -> String {
    counted_as(number, one, &format!("{one}s"))
}

/// The same for what does not end in s when there are several.
pub(crate) fn counted_as(number: u64, one: &str, several: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { several })
}

/// With so many decimals, and a true minus sign.
pub(crate) fn fixed(number: f64, decimals: usize) -> String {
    if !number.is_finite() {
        return NONE.to_owned();
    }
    let digits = format!("{:.decimals$}", number.abs());
    let is_zero = digits.chars().all(|digit| matches!(digit, '0' | '.'));
    if number < 0.0 && !is_zero { format!("−{digits}") } else { digits }
}

/// The same with its sign, also when it is positive: `+0.012`.
pub(crate) fn signed(number: f64, decimals: usize) -> String {
    let text = fixed(number, decimals);
    let is_zero = text.chars().all(|digit| matches!(digit, '0' | '.'));
    if number > 0.0 && number.is_finite() && !is_zero { format!("+{text}") } else { text }
}

/// An area, a loss or an error: three decimals.
pub(crate) fn score(number: f64) -> String {
    fixed(number, 3)
}

/// `0.876–0.889`.
pub(crate) fn interval((low, high): (f64, f64)) -> String {
    format!("{}–{}", score(low), score(high))
}

/// `−0.060 to −0.036`, of a difference.
pub(crate) fn signed_interval((low, high): (f64, f64)) -> String {
    format!("{} to {}", signed(low, 3), signed(high, 3))
}

/// A share as `95.8 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", fixed(share * 100.0, 1))
}

/// A population stability index: two digits that matter, about.
pub(crate) fn psi(index: f64) -> String {
    let decimals = if index < 0.0995 { 3 } else { 2 };
    fixed(index, decimals)
}

/// The same where there is little room: two decimals.
pub(crate) fn short_psi(index: f64) -> String {
    fixed(index, if index < 9.995 { 2 } else { 1 })
}

/// A quantity of any size, with four digits about: `0.0312`, `42.16`, `1018`.
pub(crate) fn digits(number: f64) -> String {
    let size = number.abs();
    let decimals = if size >= 1_000.0 {
        0
    } else if size >= 100.0 {
        1
    } else if size >= 10.0 {
        2
    } else if size >= 1.0 {
        3
    } else {
        4
    };
    fixed(number, decimals)
}

/// A probability: `0.032`, `< 0.001`.
pub(crate) fn probability(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { fixed(p, 3) }
}

/// A time that something took to arrive: `22.8 h`, `3.1 d`, `12 min`.
pub(crate) fn delay(time: Duration) -> String {
    let hours = time.as_secs_f64() / 3600.0;
    if hours < 1.0 {
        format!("{} min", fixed(hours * 60.0, 0))
    } else if hours < 72.0 {
        format!("{} h", fixed(hours, 1))
    } else {
        format!("{} d", fixed(hours / 24.0, 1))
    }
}

/// CPU time: `0.12 ms`, `4.5 s`, `12 min`, `2.4 h`.
pub(crate) fn seconds(seconds: f64) -> String {
    let (value, unit) = match seconds {
        ..1e-3 => return format!("{} µs", digits(seconds * 1e6)),
        ..1.0 => return format!("{} ms", digits(seconds * 1e3)),
        ..120.0 => return format!("{} s", digits(seconds)),
        ..600.0 => (fixed(seconds / 60.0, 1), "min"),
        ..7200.0 => (fixed(seconds / 60.0, 0), "min"),
        _ => (fixed(seconds / 3600.0, 1), "h"),
    };
    format!("{value} {unit}")
}

/// Bytes, in powers of a thousand: `263 B`, `1.25 kB`, `3.10 GB`.
pub(crate) fn bytes(bytes: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes;
    let mut unit = units.iter();
    let mut name = unit.next();
    while value >= 999.5
        && let Some(next) = unit.next()
    {
        (value, name) = (value / 1e3, Some(next));
    }
    let decimals = match value {
        _ if bytes < 999.5 => 0,
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{} {}", fixed(value, decimals), name.copied().unwrap_or_default())
}

/// What `show` makes of a figure, or the sign that there is none.
pub(crate) fn or_none(number: Option<f64>, show: fn(f64) -> String) -> String {
    number.map_or_else(|| NONE.to_owned(), show)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators() {
        assert_eq!([0, 999, 1_000, 150_000].map(count), ["0", "999", "1,000", "150,000"]);
        assert_eq!(counted(1, "row"), "1 row");
    }

    #[test]
    fn signs_are_true_and_zero_has_none() {
        assert_eq!(
            [-0.0481, 0.0, -0.0001, 0.012].map(|x| signed(x, 3)),
            ["−0.048", "0.000", "0.000", "+0.012"]
        );
        assert_eq!(signed_interval((-0.06, -0.036)), "−0.060 to −0.036");
        assert_eq!(interval((0.875, 0.889)), "0.875–0.889");
        assert_eq!(fixed(f64::NAN, 2), NONE);
    }

    #[test]
    fn small_indices_keep_their_digits() {
        assert_eq!([0.0004, 0.0994, 0.0999, 8.754].map(psi), ["0.000", "0.099", "0.10", "8.75"]);
        assert_eq!([0.0, 0.0320].map(probability), ["< 0.001", "0.032"]);
    }

    #[test]
    fn costs_have_a_fitting_unit() {
        assert_eq!(
            [0.0, 1.2e-4, 0.0123, 4.5, 130.0, 1200.0, 9000.0].map(seconds),
            ["0.0000 µs", "120.0 µs", "12.30 ms", "4.500 s", "2.2 min", "20 min", "2.5 h"]
        );
        assert_eq!(
            [0.0, 263.0, 1250.0, 45_678.0, 3.1e9, 5e15].map(bytes),
            ["0 B", "263 B", "1.25 kB", "45.7 kB", "3.10 GB", "5000 TB"]
        );
    }

    #[test]
    fn delays_have_a_fitting_unit() {
        let shown = [600, 82_000, 864_000].map(|seconds| delay(Duration::from_secs(seconds)));
        assert_eq!(shown, ["10 min", "22.8 h", "10.0 d"]);
    }
}
