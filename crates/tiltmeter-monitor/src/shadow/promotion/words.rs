//! How findings are put into words.

use super::criterion::{Criterion, CriterionBounds, CriterionState, Outlook};
use crate::grouped;

/// `0.31 %`.
pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let digits = if percent.abs() < 0.1 && percent.abs() > 0.0 { 3 } else { 2 };
    format!("{percent:.digits$} %")
}

/// `0.0021`.
pub(super) fn number(value: f64) -> String {
    format!("{value:.4}")
}

/// ` (0.24 % to 0.39 %)`, which holds at all looks; nothing without bounds.
pub(super) fn between(bounds: Option<&CriterionBounds>, write: fn(f64) -> String) -> String {
    match bounds.map(|bounds| (bounds.lower, bounds.upper)) {
        Some((Some(lower), Some(upper))) => format!(" ({} to {})", write(lower), write(upper)),
        _ => String::new(),
    }
}

/// `7 days`.
pub(super) fn count(number: u64, one: &str, more: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { more })
}

pub(super) fn days(number: u64) -> String {
    count(number, "day", "days")
}

/// `some 12,000 more labels are expected to decide it, 6 days`.
pub(super) fn ahead(outlook: Option<&Outlook>, rows: &str) -> String {
    match outlook {
        Some(outlook) => {
            let more = grouped(rounded(outlook.rows));
            format!("some {more} more {rows} are expected to decide it: {}", days(outlook.days))
        }
        None => "it is too near to the bound to say when it can be decided".to_owned(),
    }
}

/// Two digits: more are not known of what is to come.
pub(in crate::shadow) fn rounded(number: u64) -> u64 {
    let step = 10_u64.pow(number.max(1).ilog10().saturating_sub(1));
    number.div_ceil(step).saturating_mul(step)
}

/// What was found, and how it goes on.
pub(super) fn sentence(found: &str, criterion: &Criterion, rows: &str) -> String {
    match (criterion.state, criterion.value.reason()) {
        (_, Some(reason)) => format!("there is no figure: {reason}"),
        (CriterionState::NotYet, None) => format!("{found}; {}", ahead(criterion.outlook.as_ref(), rows)),
        _ => found.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_counts_are_readable() {
        assert_eq!([0.0, 0.0031, 0.00031, 0.5].map(percent), ["0.00 %", "0.31 %", "0.031 %", "50.00 %"]);
        assert_eq!([1, 9, 10, 101, 12_345].map(rounded), [1, 9, 10, 110, 13_000]);
        assert_eq!((days(1), days(1200)), ("1 day".to_owned(), "1,200 days".to_owned()));
    }
}
