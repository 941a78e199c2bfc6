//! Drift in figures: by month, week and day.

use std::collections::{BTreeMap, BTreeSet};

use tiltmeter_monitor::drift::DriftFinding;
use tiltmeter_monitor::{Period, PeriodKind, Verdict};

use crate::table::{Cell, Column, Table};
use crate::{calendar, figures, marks, outside};

/// The columns in the order in which they are found: the score first, then the features in the order of the spec.
pub(crate) fn columns_in_order(findings: &[DriftFinding]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let names = findings.iter().map(|finding| finding.column.as_str());
    names.filter(|name| seen.insert(*name)).collect()
}

/// The index of each column by month; the marks are those of [`marks::of_drift`].
pub(crate) fn drift_by_month(findings: &[DriftFinding], show: fn(f64) -> String) -> Table {
    let by_month = of_kind(findings, PeriodKind::Month);
    let months: BTreeSet<Period> = by_month.keys().map(|(_, month)| *month).collect();
    let mut columns = vec![Column::text("column")];
    columns.extend(months.iter().map(|month| Column::number(&month.to_string())));
    let mut table =
        Table::of_parts("Drift by month: population stability index against the baseline", columns);
    for column in columns_in_order(findings) {
        let found: Vec<_> = months.iter().map(|month| by_month.get(&(column, *month)).copied()).collect();
        let mut cells = vec![Cell::text(outside::shown(column))];
        for finding in found {
            let cell = finding.map_or_else(Cell::default, |finding| index(&mut table, finding, show));
            cells.push(cell);
        }
        table.row(cells);
    }
    table
}

/// The index of each column by week, the weeks as rows.
pub(crate) fn drift_by_week(findings: &[DriftFinding]) -> Table {
    let by_week = of_kind(findings, PeriodKind::Week);
    let weeks: BTreeSet<Period> = by_week.keys().map(|(_, week)| *week).collect();
    let names = columns_in_order(findings);
    let mut columns = vec![Column::text("week")];
    columns.extend(names.iter().map(|name| Column::number(&outside::shown(name))));
    let mut table = Table::new("Drift by week: population stability index against the baseline", columns);
    for week in weeks {
        let mut cells = vec![Cell::text(week.to_string())];
        for name in &names {
            let finding = by_week.get(&(*name, week)).copied();
            cells
                .push(finding.map_or_else(Cell::default, |finding| index(&mut table, finding, figures::psi)));
        }
        table.row(cells);
    }
    table
}

/// On how many days of each month a column drifted.
pub(crate) fn days_with_drift(findings: &[DriftFinding]) -> Option<Table> {
    let mut counts: BTreeMap<(&str, Period), (u32, u32)> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.period.kind() == PeriodKind::Day) {
        let month = Period::containing(PeriodKind::Month, finding.period.first_day());
        let (drifted, all) = counts.entry((finding.column.as_str(), month)).or_default();
        *drifted += u32::from(finding.verdict == Verdict::Drift);
        *all += 1;
    }
    let months: BTreeSet<Period> = counts.keys().map(|(_, month)| *month).collect();
    if months.is_empty() {
        return None;
    }
    let mut columns = vec![Column::text("column")];
    columns.extend(months.iter().map(|month| Column::number(&month.to_string())));
    let mut table = Table::of_parts("Days with drift, of the days with predictions", columns);
    for column in columns_in_order(findings) {
        let counted = months.iter().map(|month| {
            counts.get(&(column, *month)).map_or_else(Cell::default, |(drifted, all)| {
                let class = if *drifted == 0 { "zero" } else { "" };
                Cell::text(drifted.to_string()).with_aside(format!("of {all}")).with_class(class)
            })
        });
        table.row(std::iter::once(Cell::text(outside::shown(column))).chain(counted).collect());
    }
    Some(table)
}

/// All that is found of each column by month.
pub(crate) fn findings_by_month(findings: &[DriftFinding]) -> Table {
    let columns = vec![
        Column::text("month"),
        Column::text("column"),
        Column::number("values"),
        Column::number("PSI"),
        Column::number("expected without drift"),
        Column::number("threshold"),
        Column::number("p, adjusted"),
        Column::number("KS"),
        Column::number("mean"),
        Column::number("in baseline"),
        Column::number("missing"),
        Column::text("verdict"),
        Column::text("because"),
    ];
    let mut table = Table::new("What is found of each column by month", columns);
    for finding in findings.iter().filter(|finding| finding.period.kind() == PeriodKind::Month) {
        table.row(vec![
            Cell::text(finding.period.to_string()),
            Cell::text(outside::shown(&finding.column)),
            Cell::text(figures::count(finding.n)),
            Cell::text(figures::or_none(finding.psi, figures::psi)),
            Cell::text(figures::or_none(finding.psi_expected, figures::psi)),
            Cell::text(figures::or_none(finding.psi_threshold, figures::psi)),
            Cell::text(figures::or_none(finding.p_adjusted, figures::probability)),
            Cell::text(figures::or_none(finding.ks, figures::score)),
            Cell::text(finding.mean.map(figures::digits).unwrap_or_default()),
            Cell::text(finding.mean_baseline.map(figures::digits).unwrap_or_default()),
            Cell::text(figures::percent(finding.missing_rate)),
            Cell::text(finding.verdict.as_str()),
            Cell::text(finding.because.as_deref().map(outside::sentence).unwrap_or_default())
                .with_class("long"),
        ]);
    }
    table
}

/// Missing values and unseen categories, for the columns that have any; `None` when none has.
pub(crate) fn other_changes(findings: &[DriftFinding]) -> Option<Table> {
    let by_month = of_kind(findings, PeriodKind::Month);
    let columns = vec![
        Column::text("column"),
        Column::number("missing in baseline"),
        Column::number("most missing"),
        Column::text("in"),
        Column::number("rows with unseen values"),
        Column::text("unseen values (rows)"),
    ];
    let mut table = Table::new("Missing values, and categories that the baseline does not have", columns);
    for column in columns_in_order(findings) {
        let of_column =
            || by_month.iter().filter(|((name, _), _)| *name == column).map(|(_, finding)| *finding);
        let worst = of_column().reduce(|a, b| if b.missing_rate > a.missing_rate { b } else { a });
        let unseen_rows: u64 = of_column().map(|finding| finding.unseen_rows).sum();
        let Some(worst) = worst.filter(|worst| worst.missing_rate > 0.0 || unseen_rows > 0) else { continue };
        let mut unseen: BTreeMap<&str, u64> = BTreeMap::new();
        for each in of_column().flat_map(|finding| &finding.unseen) {
            *unseen.entry(each.category.as_str()).or_default() += each.rows;
        }
        let mut unseen: Vec<_> = unseen.into_iter().collect();
        unseen.sort_by_key(|(name, rows)| (std::cmp::Reverse(*rows), *name));
        let listed: Vec<String> = unseen
            .iter()
            .take(12)
            .map(|(name, rows)| format!("{} ({})", outside::label(name, 24), figures::count(*rows)))
            .collect();
        let more = if unseen.len() > listed.len() { ", …" } else { "" };
        table.row(vec![
            Cell::text(outside::shown(column)),
            Cell::text(figures::percent(worst.missing_rate_baseline)),
            Cell::text(figures::percent(worst.missing_rate)),
            Cell::text(if worst.missing_rate > 0.0 { calendar::period(worst.period) } else { String::new() }),
            Cell::text(figures::count(unseen_rows)).with_class(if unseen_rows == 0 { "zero" } else { "" }),
            Cell::text(format!("{}{more}", listed.join(", "))).with_class("long"),
        ]);
    }
    (!table.rows.is_empty()).then_some(table)
}

fn of_kind(findings: &[DriftFinding], kind: PeriodKind) -> BTreeMap<(&str, Period), &DriftFinding> {
    let of_kind = findings.iter().filter(|finding| finding.period.kind() == kind);
    of_kind.map(|finding| ((finding.column.as_str(), finding.period), finding)).collect()
}

fn index(table: &mut Table, finding: &DriftFinding, show: fn(f64) -> String) -> Cell {
    let sign = marks::of_drift(finding).sign;
    let cell = match (finding.psi, finding.because.as_deref()) {
        (Some(psi), None) => Cell::text(show(psi)),
        // a figure of which the reason says more
        (Some(psi), Some(because)) => Cell { text: show(psi), ..table.none(because) },
        (None, because) => table.none(because.unwrap_or("there are no values")),
    };
    cell.with_class(marks::cell_class(finding)).with_sign(sign)
}
