//! What is in a bin, in words.

use std::fmt;

/// The values that are in a bin.
///
/// Displayed for people: numbers that are not whole with six significant digits.
///
/// ```
/// # use tiltmeter_stats::BinInterval;
/// assert_eq!(BinInterval::UpTo { above: 0.1 + 0.2, to: 7.0 }.to_string(), "(0.3, 7]");
/// assert_eq!(BinInterval::AtMost(3.5).to_string(), "≤ 3.5");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum BinInterval {
    /// All values.
    All,
    /// (−∞, x).
    Below(f64),
    /// (−∞, x].
    AtMost(f64),
    /// (above, below): both ends are outside.
    Between {
        /// The lower end, outside.
        above: f64,
        /// The upper end, outside.
        below: f64,
    },
    /// (above, to].
    UpTo {
        /// The lower end, outside.
        above: f64,
        /// The upper end, inside.
        to: f64,
    },
    /// {x}.
    Exactly(f64),
    /// (x, +∞).
    Above(f64),
}

impl fmt::Display for BinInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::All => f.write_str("all values"),
            Self::Below(x) => write!(f, "< {}", Short(x)),
            Self::AtMost(x) => write!(f, "≤ {}", Short(x)),
            Self::Between { above, below } => write!(f, "({}, {})", Short(above), Short(below)),
            Self::UpTo { above, to } => write!(f, "({}, {}]", Short(above), Short(to)),
            Self::Exactly(x) => write!(f, "= {}", Short(x)),
            Self::Above(x) => write!(f, "> {}", Short(x)),
        }
    }
}

struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.0 + 0.0;
        if x.is_infinite() {
            return f.write_str(if x > 0.0 { "∞" } else { "−∞" });
        }
        let is_whole = x.fract().abs() <= 0.0;
        if is_whole && x.abs() < 1e15 {
            return write!(f, "{x}");
        }
        let rounded: f64 = format!("{x:.5e}").parse().unwrap_or(x);
        if (1e-4..1e15).contains(&rounded.abs()) { write!(f, "{rounded}") } else { write!(f, "{rounded:e}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (12_345_678.0, "12345678"),
            (-2.5, "-2.5"),
            (0.1 + 0.2, "0.3"),
            (51.983_274_9, "51.9833"),
            (1_234_567.8, "1234570"),
            (1e-7, "1e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.79769e308"),
            (f64::NEG_INFINITY, "−∞"),
        ];
        for (x, text) in cases {
            assert_eq!(Short(x).to_string(), text);
        }
    }

    #[test]
    fn each_reads_well() {
        let intervals = [
            BinInterval::All,
            BinInterval::Below(1.0),
            BinInterval::AtMost(1.0),
            BinInterval::Between { above: 1.0, below: 2.0 },
            BinInterval::UpTo { above: 1.0, to: 2.0 },
            BinInterval::Exactly(2.0),
            BinInterval::Above(2.0),
        ];
        let texts = intervals.map(|interval| interval.to_string());
        assert_eq!(texts, ["all values", "< 1", "≤ 1", "(1, 2)", "(1, 2]", "= 2", "> 2"]);
    }
}
