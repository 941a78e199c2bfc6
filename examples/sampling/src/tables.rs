//! What a person reads on the terminal.

use comfy_table::{Cell, CellAlignment, Table, presets::NOTHING};
use tiltmeter_stats::DesignEstimate;

use crate::drift::Drift;
use crate::figures::{Figure, MonthRows};
use crate::flights::Flights;
use crate::kept::Kept;
use crate::study::{LEVEL, Study};
use crate::volume::Volume;

/// What kept rows say of each month, beside what all rows say.
///
/// # Errors
/// When a month has rows of one class only.
pub fn months(flights: &Flights, kept: &Kept) -> tiltmeter_stats::Result<String> {
    let all = MonthRows::of(flights, &Kept::all(flights));
    let sampled = MonthRows::of(flights, kept);
    let mut text = String::new();
    for figure in [Figure::RocAuc, Figure::MeanScore] {
        let mut table = table(&["month", "all rows", "kept, weighted", "95 % interval", "kept, unweighted"]);
        for ((month, all), sampled) in flights.months.iter().zip(&all).zip(&sampled) {
            let (truth, estimate) = (all.estimate(figure)?.value, sampled.estimate(figure)?);
            let unweighted = sampled.unweighted(kept.share(flights)).estimate(figure)?.value;
            table.add_row(vec![
                month.strftime("%Y-%m").to_string(),
                format!("{truth:.4}"),
                format!("{:.4}", estimate.value),
                interval(&estimate, truth),
                format!("{unweighted:.4}"),
            ]);
        }
        text += &format!("\n{}\n{}\n", capital(&figure.to_string()), aligned(table));
    }
    Ok(text)
}

fn interval(estimate: &DesignEstimate, truth: f64) -> String {
    estimate.interval(LEVEL).map_or_else(String::new, |interval| {
        let mark = if interval.lower <= truth && truth <= interval.upper { ' ' } else { '!' };
        format!("{:.4} to {:.4}{mark}", interval.lower, interval.upper)
    })
}

/// What the study has found of a policy.
#[must_use]
pub fn study(study: &Study) -> String {
    let mut table = table(&[
        "figure",
        "all rows",
        "coverage",
        "width",
        "of simple",
        "bias, weighted",
        "worst month",
        "unweighted",
        "worst month",
    ]);
    for figure in &study.figures {
        table.add_row(vec![
            figure.figure.clone(),
            format!("{:.4}", figure.truth),
            format!("{:.1} %", 100.0 * figure.coverage),
            format!("{:.4}", figure.width),
            format!("{:.2}", figure.width / figure.simple_width),
            format!("{:+.5}", figure.bias),
            format!("{:+.5}", figure.worst_bias),
            format!("{:+.4}", figure.unweighted_bias),
            format!("{:+.4}", figure.worst_unweighted_bias),
        ]);
    }
    let calibration = &study.calibration;
    format!(
        "\nPolicy {}, rate {}: {:.1} % of the rows are kept; {} keys, {} months\n{}\n\
         Of the intervals that know nothing of weights {:.1} % hold what all rows say.\n\
         Expected calibration error: all rows {:.4}; kept, weighted {:.4}, debiased for n {:.4}; unweighted, debiased {:.4}\n",
        study.policy,
        study.rate,
        100.0 * study.kept,
        study.seeds,
        study.figures.first().map_or(0, |figure| figure.cells / study.seeds.max(1)),
        aligned(table),
        held(study),
        calibration.truth,
        calibration.plain,
        calibration.debiased,
        calibration.unweighted,
    )
}

/// The percentage of intervals without weights that hold what all rows say, of all figures.
fn held(study: &Study) -> f64 {
    let coverage = study.figures.iter().map(|figure| figure.unweighted_coverage);
    100.0 * coverage.sum::<f64>() / study.figures.len().max(1) as f64
}

/// Drift from profiles beside drift from all rows.
#[must_use]
pub fn drift(drift: &Drift) -> String {
    let mut table = table(&["month", "all rows", "profiles", "kept, weighted", "kept, unweighted"]);
    for month in &drift.score {
        table.add_row(vec![
            month.month.clone(),
            format!("{:.4}", month.all),
            format!("{:.4}", month.profiles),
            format!("{:.4}", month.weighted),
            format!("{:.4}", month.unweighted),
        ]);
    }
    format!(
        "\nPopulation stability index of the score\n{}\n\
         Over all {} columns and months the index of profiles differs from that of all rows by {:e} at most.\n\
         Kolmogorov-Smirnov: D of all rows is within the bounds of the profiles in {} of {}; the bounds are {:.4} apart.\n",
        aligned(table),
        drift.cells,
        drift.largest_psi_difference,
        drift.ks_held,
        drift.ks_cells,
        drift.ks_width,
    )
}

/// What profiles take beside rows.
#[must_use]
pub fn volume(volume: &Volume) -> String {
    let mebibytes = |bytes: u64| format!("{:.2} MiB", bytes as f64 / f64::from(1 << 20));
    let mut table = table(&["a day of", "bytes", "of all rows"]);
    let rows = format!("all {} rows, with raw input", volume.predictions);
    table.add_row(vec![rows, mebibytes(volume.rows), "100 %".to_owned()]);
    let share = |share: f64| format!("{:.2} %", 100.0 * share);
    table.add_row(vec![
        "profiles, as they are logged".to_owned(),
        mebibytes(volume.profiles),
        share(volume.share()),
    ]);
    table.add_row(vec![
        "profiles of the day, merged, in place of those".to_owned(),
        mebibytes(volume.merged),
        share(volume.merged_share()),
    ]);
    format!("\n{}\n", aligned(table))
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(head.iter().map(Cell::new));
    table
}

/// Numbers to the right.
fn aligned(mut table: Table) -> String {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
