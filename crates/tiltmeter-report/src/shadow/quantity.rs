//! Figures with their intervals, in as many digits as the interval leaves a meaning to.

use tiltmeter_monitor::{Estimate, Measured};

use crate::table::{Cell, Table};
use crate::{figures, outside};

/// What a figure is, which says how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// `97.18 %`.
    Share,
    /// A difference of shares: `+0.29`, in percentage points.
    Points,
    /// Milliseconds: `12.04`.
    Ms,
    /// A difference of them: `−9.53`.
    MsDifference,
    /// A number without a unit: `0.905`.
    Plain,
    /// A difference of them: `+0.0040`.
    Difference,
}

/// From here on digits before the point say less than an exponent.
const VAST: f64 = 1e7;

/// Below this all digits that are written would be zeros.
const TINY: f64 = 1e-5;

const MAX_DECIMALS: usize = 6;

impl Quantity {
    /// The figure.
    pub(super) fn value(self, estimate: &Estimate) -> String {
        self.written(estimate.value, self.decimals(estimate)) + self.suffix()
    }

    /// `97.10 to 97.27`; `None` where there is none.
    pub(super) fn interval(self, estimate: &Estimate) -> Option<String> {
        let decimals = self.decimals(estimate);
        let (low, high) = estimate.interval?;
        Some(format!("{} to {}", self.written(low, decimals), self.written(high, decimals)))
    }

    /// A figure without an interval, such as what another one is held against.
    pub(super) fn alone(self, value: f64) -> String {
        self.value(&Estimate::new(value, None, None))
    }

    /// `97.10–97.27`, or with a word between them where one may have a sign.
    fn short_interval(self, estimate: &Estimate) -> Option<String> {
        let text = self.interval(estimate)?;
        let has_sign = text.contains(['+', '−', '-']);
        Some(if has_sign { text } else { text.replace(" to ", "–") })
    }

    /// `97.18 % (97.10 to 97.27)`, or `unknown, because there are no labels`.
    pub(super) fn in_words(self, measured: &Measured) -> String {
        match measured {
            Measured::Undefined(reason) => format!("unknown, because {}", outside::sentence(reason)),
            Measured::Known(estimate) => {
                let value = format!("{}{}", self.value(estimate), self.unit());
                match self.interval(estimate) {
                    Some(interval) => format!("{value} ({interval})"),
                    None => value,
                }
            }
        }
    }

    /// The figure in a cell, and its interval in another one.
    pub(super) fn cells(self, table: &mut Table, measured: &Measured) -> [Cell; 2] {
        match measured {
            Measured::Known(estimate) => [
                Cell::text(self.value(estimate)),
                Cell::text(self.short_interval(estimate).unwrap_or_default()),
            ],
            Measured::Undefined(reason) => [table.none(reason), Cell::default()],
        }
    }

    /// The figure in a cell, its interval beside it.
    pub(super) fn cell(self, table: &mut Table, measured: &Measured) -> Cell {
        match measured {
            Measured::Known(estimate) => {
                let aside = self.short_interval(estimate).map(|interval| format!("({interval})"));
                Cell { aside, ..Cell::text(self.value(estimate)) }
            }
            Measured::Undefined(reason) => table.none(reason),
        }
    }

    /// What stands behind the figure in tables, too.
    fn suffix(self) -> &'static str {
        if self == Self::Share { " %" } else { "" }
    }

    /// What tables say in their captions.
    fn unit(self) -> &'static str {
        match self {
            Self::Points => " percentage points",
            Self::Ms | Self::MsDifference => " ms",
            Self::Share | Self::Plain | Self::Difference => "",
        }
    }

    fn factor(self) -> f64 {
        if matches!(self, Self::Share | Self::Points) { 100.0 } else { 1.0 }
    }

    /// The fewest decimals in which half the interval is more than one unit; without an interval, four digits about.
    fn decimals(self, estimate: &Estimate) -> usize {
        let value = (estimate.value * self.factor()).abs();
        let least = match self {
            Self::Share | Self::Points => 1,
            Self::Ms | Self::MsDifference => usize::from(value < 100.0),
            Self::Plain | Self::Difference => 2,
        };
        // the digits of an interval without length say nothing
        let Some((low, high)) = estimate.interval.filter(|(low, high)| high > low) else {
            let digits = match (self, value) {
                (_, 100.0..) => 1,
                (Self::Share | Self::Points | Self::Ms | Self::MsDifference, _) => 2,
                (_, 0.1..) => 3,
                _ => 4,
            };
            return digits.max(least);
        };
        let half = (high - low) / 2.0 * self.factor();
        let mut unit = 1.0;
        let mut decimals = 0;
        while decimals < MAX_DECIMALS && (decimals < least || half < 1.5 * unit) {
            unit /= 10.0;
            decimals += 1;
        }
        decimals
    }

    fn written(self, number: f64, decimals: usize) -> String {
        let number = number * self.factor();
        let size = number.abs();
        let text = if size < f64::MIN_POSITIVE {
            return "0".to_owned();
        } else if !size.is_finite() {
            return figures::NONE.to_owned();
        } else if !(TINY..VAST).contains(&size) {
            format!("{size:.1e}")
        } else {
            figures::fixed(size, decimals)
        };
        let is_zero = text.chars().all(|digit| matches!(digit, '0' | '.'));
        let is_signed = matches!(self, Self::Points | Self::MsDifference | Self::Difference);
        match (number < 0.0, is_signed) {
            _ if is_zero => text,
            (true, _) => format!("−{text}"),
            (false, true) => format!("+{text}"),
            (false, false) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(quantity: Quantity, value: f64, interval: Option<(f64, f64)>) -> String {
        quantity.in_words(&Measured::Known(Estimate::new(value, interval, None)))
    }

    #[test]
    fn the_interval_says_how_many_digits_matter() {
        assert_eq!(shown(Quantity::Share, 0.971_82, Some((0.971, 0.9727))), "97.18 % (97.10 to 97.27)");
        assert_eq!(
            shown(Quantity::Difference, 0.003_97, Some((0.0028, 0.0051))),
            "+0.0040 (+0.0028 to +0.0051)"
        );
        assert_eq!(shown(Quantity::Ms, 27.5082, Some((25.91, 43.99))), "27.5 ms (25.9 to 44.0)");
        assert_eq!(
            shown(Quantity::MsDifference, -9.529, Some((-9.548, -9.511))),
            "−9.53 ms (−9.55 to −9.51)"
        );
        assert_eq!(
            shown(Quantity::Points, 0.0029, Some((0.0021, 0.0038))),
            "+0.29 percentage points (+0.21 to +0.38)"
        );
        assert_eq!(shown(Quantity::Plain, 0.905, None), "0.905");
    }

    #[test]
    fn what_is_zero_vast_or_tiny_is_short() {
        assert_eq!(shown(Quantity::Share, 0.0, Some((0.0, 2.5e-5))), "0 % (0 to 0.0025)");
        assert_eq!(shown(Quantity::Ms, 1e300, Some((0.0, f64::MAX))), "1.0e300 ms (0 to 1.8e308)");
        assert_eq!(shown(Quantity::Difference, -3e-9, None), "−3.0e-9");
        assert_eq!(shown(Quantity::Plain, f64::NAN, Some((f64::NEG_INFINITY, 1.0))), "– (– to 1.00)");
    }

    #[test]
    fn what_is_not_known_has_its_reason() {
        let unknown = Measured::Undefined("there are no labels".to_owned());
        assert_eq!(Quantity::Plain.in_words(&unknown), "unknown, because there are no labels");
    }
}
