//! Performance by month, version and segment, and as of instants.

use tiltmeter_monitor::Measured;
use tiltmeter_monitor::performance::{
    AsOf, MonthPerformance, PerformanceVerdict, Quality, SampledQuality, SegmentPerformance, SegmentValue,
    VersionPerformance,
};

use crate::table::{Cell, Column, Table};
use crate::{calendar, figures, marks, outside};

/// Performance by month, against the baseline.
pub(crate) fn months(months: &[MonthPerformance]) -> Table {
    let is_sampled = months.iter().any(|month| month.quality.sampled.is_some());
    let mut columns = vec![
        Column::text("month"),
        Column::number("predictions").or_short("rows"),
        Column::number("labelled").or_short("known"),
        Column::number("of all"),
        Column::number("ROC AUC").or_short("AUC"),
        Column::number("95 % interval").or_short("interval"),
        Column::number("to baseline").or_short("change"),
        Column::number("95 % interval").page_only(),
        Column::number("p").page_only(),
        Column::number("base rate").page_only(),
        Column::number("Brier").if_it_fits(),
        Column::number("log loss").or_short("loss").if_it_fits(),
    ];
    if is_sampled {
        columns.extend(sampled_columns());
    }
    columns.push(Column::text("verdict"));
    let mut table = Table::new("Performance by month of prediction", columns);
    for month in months {
        let mark = marks::of_performance(month.verdict);
        let name = if month.mature { "" } else { "†" };
        let change = month.change;
        let mut cells = vec![
            Cell::text(format!("{}{name}", month.period)),
            Cell::text(figures::count(month.quality.predictions)),
            Cell::text(figures::count(month.quality.labelled)),
            Cell::text(figures::or_none(month.quality.match_rate(), figures::percent)),
            table.measured(&month.quality.roc_auc, figures::score),
            Table::interval_of(&month.quality.roc_auc, figures::interval),
            match change {
                Some(change) => Cell::text(figures::signed(change.difference, 3)),
                None => table.none(no_change(month)),
            },
            Cell::text(change.map(|change| figures::signed_interval(change.interval)).unwrap_or_default()),
            Cell::text(change.map(|change| figures::probability(change.p_adjusted)).unwrap_or_default()),
            Cell::text(figures::or_none(month.quality.base_rate(), figures::percent)),
        ];
        cells.extend(losses(&mut table, &month.quality));
        if is_sampled {
            cells.extend(sampled_cells(&mut table, &month.quality));
        }
        cells.push(Cell::text(format!("{} {}", mark.sign, mark.word)).with_class(class(month.verdict)));
        table.row(cells);
    }
    table
}

/// Performance by version.
pub(crate) fn versions(versions: &[VersionPerformance]) -> Table {
    let mut columns = vec![Column::text("version"), Column::text("from"), Column::text("to").page_only()];
    columns.extend(quality_columns());
    let mut table = Table::new("Performance by version", columns);
    for each in versions {
        let name = each.version.as_deref().map_or_else(|| "(none named)".to_owned(), outside::shown);
        let mut cells = vec![
            Cell::text(name),
            Cell::text(calendar::date_of(each.seen.0).to_string()),
            Cell::text(calendar::date_of(each.seen.1).to_string()),
        ];
        cells.extend(quality_cells(&mut table, &each.quality));
        table.row(cells);
    }
    table
}

/// What was known at the instants that were asked for.
pub(crate) fn as_of(instants: &[AsOf]) -> Table {
    let mut columns = vec![Column::text("as of")];
    columns.extend(quality_columns());
    let mut table = Table::new("What was known at these instants", columns);
    for each in instants {
        let mut cells = vec![Cell::text(calendar::instant(each.as_of))];
        cells.extend(quality_cells(&mut table, &each.quality));
        table.row(cells);
    }
    table
}

/// Performance by the values of one feature.
pub(crate) fn segments(feature: &str, segments: &[&SegmentPerformance]) -> Table {
    let mut columns = vec![Column::text(&outside::shown(feature))];
    columns.extend(quality_columns());
    let mut table = Table::new(format!("Performance by {}", outside::shown(feature)), columns);
    for each in segments {
        let mut cells = vec![Cell::text(segment_name(&each.value))];
        cells.extend(quality_cells(&mut table, &each.quality));
        table.row(cells);
    }
    table
}

/// What a segment is called.
pub(crate) fn segment_name(value: &SegmentValue) -> String {
    match value {
        SegmentValue::Is(value) => outside::shown(value),
        SegmentValue::Missing => "(missing)".to_owned(),
        SegmentValue::Others(count) => {
            format!("({} more)", figures::count(u64::try_from(*count).unwrap_or(u64::MAX)))
        }
    }
}

/// The rows on which the area rests stand beside it.
fn quality_columns() -> [Column; 8] {
    [
        Column::number("predictions").or_short("rows"),
        Column::number("labelled").or_short("known"),
        Column::number("of all"),
        Column::number("ROC AUC").or_short("AUC"),
        Column::number("95 % interval").or_short("interval"),
        Column::number("base rate").page_only(),
        Column::number("Brier").if_it_fits(),
        Column::number("log loss").or_short("loss").if_it_fits(),
    ]
}

fn quality_cells(table: &mut Table, quality: &Quality) -> Vec<Cell> {
    let mut cells = vec![
        Cell::text(figures::count(quality.predictions)),
        Cell::text(figures::count(quality.labelled)),
        Cell::text(figures::or_none(quality.match_rate(), figures::percent)),
        table.measured(&quality.roc_auc, figures::score),
        Table::interval_of(&quality.roc_auc, figures::interval),
        Cell::text(figures::or_none(quality.base_rate(), figures::percent)),
    ];
    cells.extend(losses(table, quality));
    cells
}

/// What sampled rows are worth, and what they say of all that was logged: where rows were sampled only.
fn sampled_columns() -> [Column; 4] {
    [
        Column::number("labelled, effective").or_short("eff."),
        Column::number("calibration error, debiased").or_short("ECE").if_it_fits(),
        Column::number("AUC of all logged, 95 %").page_only(),
        Column::number("Brier of all logged, 95 %").page_only(),
    ]
}

fn sampled_cells(table: &mut Table, quality: &Quality) -> [Cell; 4] {
    let effective = figures::rounded(quality.effective_labelled());
    let debiased = match &quality.calibration {
        Some(found) => Cell::text(figures::score(found.debiased_calibration_error)),
        None => table.none(quality.brier.reason().unwrap_or("there are no figures")),
    };
    // where all rows of a month were kept there is nothing more to say of them
    let logged = |figure: fn(&SampledQuality) -> &Measured| {
        let figure = quality.sampled.as_ref().map(figure);
        figure.map_or_else(Cell::default, |figure| Table::interval_of(figure, figures::interval))
    };
    let [area, brier] = [logged(|sampled| &sampled.roc_auc), logged(|sampled| &sampled.brier)];
    [Cell::text(effective), debiased, area, brier]
}

fn losses(table: &mut Table, quality: &Quality) -> [Cell; 2] {
    [table.measured(&quality.brier, figures::score), table.measured(&quality.log_loss, figures::score)]
}

fn no_change(month: &MonthPerformance) -> &'static str {
    if month.quality.roc_auc.value().is_some() {
        "there is nothing to compare it with"
    } else {
        "without an area there is no difference"
    }
}

fn class(verdict: PerformanceVerdict) -> &'static str {
    match verdict {
        PerformanceVerdict::Fell => "fell",
        PerformanceVerdict::Held => "held",
        PerformanceVerdict::Unproven | PerformanceVerdict::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use tiltmeter_monitor::Estimate;

    use super::*;
    use crate::fixture;
    use crate::terminal::TerminalStyle;
    use crate::terminal::columns::lines;

    /// The months of the flights, the first of them as if its rows had been sampled.
    fn sampled() -> Vec<MonthPerformance> {
        let mut months = fixture::flights().months;
        months.truncate(2);
        let figure = |value: f64| {
            Measured::Known(Estimate::new(value, Some((value - 0.004, value + 0.004)), Some(0.002)))
        };
        months[0].quality.sampled = Some(SampledQuality {
            predictions: figure(30_000.0),
            labelled: figure(28_000.0),
            effective_labelled: 2_345.6,
            match_rate: figure(0.95),
            base_rate: figure(0.2),
            mean_score: figure(0.2),
            roc_auc: figure(0.9),
            brier: figure(0.07),
            log_loss: figure(0.25),
            expected_calibration_error: figure(0.02),
        });
        months
    }

    #[test]
    fn months_of_sampled_rows_say_what_these_are_worth() {
        let table = months(&sampled());
        let place = |name: &str| table.columns.iter().position(|column| column.name == name).unwrap();
        let text = |row: usize, name: &str| table.rows[row][place(name)].text.clone();
        assert_eq!(text(0, "labelled, effective"), "2,346");
        let debiased = sampled()[0].quality.calibration.as_ref().unwrap().debiased_calibration_error;
        assert_eq!(text(0, "calibration error, debiased"), figures::score(debiased));
        assert_eq!(text(0, "AUC of all logged, 95 %"), "0.896–0.904");
        assert_eq!(text(0, "Brier of all logged, 95 %"), "0.066–0.074");
        assert_eq!(text(1, "AUC of all logged, 95 %"), "");
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
        let shown = lines(&table, TerminalStyle { colour: false, width: 120 }, "").join("\n");
        assert!(shown.contains("2,346") && shown.contains(&figures::score(debiased)), "{shown}");
    }

    #[test]
    fn months_of_all_rows_have_no_such_columns() {
        let table = months(&fixture::flights().months);
        assert!(!table.columns.iter().any(|column| column.name.contains("effective")));
    }
}
