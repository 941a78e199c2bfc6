//! The comparison by group.

use tiltmeter_monitor::performance::SegmentValue;
use tiltmeter_monitor::shadow::{Group, GroupComparison};

use crate::shadow::quantity::Quantity;
use crate::table::{Cell, Column, Table};
use crate::{figures, outside, tables};

/// The main figures of each group, with their intervals.
pub(in crate::shadow) fn groups(caption: &str, first: &str, groups: &[&GroupComparison]) -> Table {
    let with_labels = groups.iter().any(|each| each.labelled.is_some());
    let mut columns = vec![
        Column::text(first),
        Column::number("pairs"),
        Column::number("same decision"),
        Column::number("Cohen's kappa"),
        Column::number("mean difference of scores"),
        Column::number("p99 difference, ms"),
        Column::number("challenger failed"),
    ];
    if with_labels {
        columns.push(Column::number("ROC AUC difference"));
    }
    let mut table = Table::new(caption, columns);
    for each in groups {
        let found = &each.figures;
        let mut cells = vec![
            Cell::text(group_name(&each.group)),
            Cell::text(figures::count(found.pairs)),
            Quantity::Share.cell(&mut table, &found.agreement_rate),
            Quantity::Plain.cell(&mut table, &found.cohen_kappa),
            Quantity::Difference.cell(&mut table, &found.mean_score_difference),
            Quantity::MsDifference.cell(&mut table, &each.latency_ms.difference.p99),
            Quantity::Share.cell(&mut table, &each.failures.failure_rate),
        ];
        if let Some(labelled) = &each.labelled {
            cells.push(Quantity::Difference.cell(&mut table, &labelled.roc_auc_difference));
        }
        table.row(cells);
    }
    table
}

/// `0.034 to 0.047`, `UA`, `2013-04-03`: what it is a group of stands above it.
pub(in crate::shadow) fn group_name(group: &Group) -> String {
    match group {
        Group::Score(Some(stratum)) => outside::shown(&short_stratum(stratum)),
        Group::Score(None) => "(no score)".to_owned(),
        Group::Segment { value: SegmentValue::Is(value), .. } if value.is_empty() => "(empty)".to_owned(),
        Group::Segment { value, .. } => tables::segment_name(value),
        Group::Day(day) => day.to_string(),
        other => outside::shown(&other.to_string()),
    }
}

/// Three digits that matter of each edge: `(0.034019, 0.046651]` is `(0.0340, 0.0467]`.
fn short_stratum(stratum: &str) -> String {
    let is_number =
        |character: char| character.is_ascii_digit() || matches!(character, '.' | '-' | 'e' | '+');
    let mut short = String::new();
    let mut rest = stratum;
    while let Some(start) = rest.find(is_number) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|character| !is_number(character)).unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        short.push_str(before);
        match number.parse::<f64>() {
            Ok(value) if value.abs() < 1e7 => {
                let text = figures::fixed(value, decimals(value));
                let text =
                    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
                short.push_str(text);
            }
            Ok(value) if value.is_finite() => short.push_str(&format!("{value:.2e}")),
            _ => short.push_str(number),
        }
        rest = after;
    }
    short + rest
}

fn decimals(value: f64) -> usize {
    let size = value.abs();
    [100.0, 10.0, 1.0, 0.1, 0.01, 0.001, 0.0001].iter().take_while(|least| size < **least).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_short() {
        assert_eq!(short_stratum("(0.034019, 0.046651]"), "(0.034, 0.0467]");
        assert_eq!(short_stratum("> 0.991877"), "> 0.992");
        assert_eq!(short_stratum("≤ -12345.678"), "≤ −12346");
        assert_eq!(short_stratum("= 0"), "= 0");
        assert_eq!(short_stratum("> 1e300"), "> 1.00e300");
    }
}
