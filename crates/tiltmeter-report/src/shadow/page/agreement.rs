//! How often the two decide alike, over time and by decision.

use tiltmeter_monitor::shadow::Comparison;

use crate::page::block::{Key, Section};
use crate::shadow::names::Names;
use crate::shadow::svg::AgreementByDay;
use crate::shadow::tables;
use crate::{Error, figures, outside};

const RIBBON: Key = Key { class: "k-ribbon", sign: "", meaning: "a day, with its interval" };
const POINT: Key = Key { class: "k-unknown", sign: "○", meaning: "a day, with its interval" };
const ABOVE: Key =
    Key { class: "k-held", sign: "●", meaning: "the whole interval above the rate of all days" };
const BELOW: Key = Key { class: "k-fell", sign: "▼", meaning: "the whole interval below it" };

pub(super) fn section(comparison: &Comparison, names: &Names) -> Result<Section, Error> {
    let lead = "How often the two decide alike, and how they differ where they do not. Pairs stand for all chosen requests, also for those without a pair.";
    let mut section = Section::new("agreement", "Agreement", lead);
    let chart = AgreementByDay { days: &comparison.days, overall: &comparison.overall.agreement_rate };
    if chart.has_figures() {
        let day = if chart.has_points() { POINT } else { RIBBON };
        section.figure(&chart, &[day, ABOVE, BELOW], caption(&chart))?;
        let days: Vec<_> = comparison.days.iter().collect();
        let summary = format!("The figures of {}", figures::counted(days.len() as u64, "day"));
        section.folded_on_screen(summary, tables::groups("By day", "day", &days));
    } else {
        section.absent(match comparison.overall.agreement_rate.reason() {
            Some(reason) => format!(
                "It is not known how often the two decide alike, because {}.",
                outside::sentence(reason)
            ),
            None => "No day is known on which they decided: there are no event times.".to_owned(),
        });
    }
    if !comparison.overall.flips.is_empty() {
        section.heading("What each decided");
        section.table(tables::matrix(&comparison.overall, names));
        let left_out = tables::classes_left_out(&comparison.overall);
        if left_out > 0 {
            let classes = figures::counted_as(left_out as u64, "further class", "further classes");
            section.prose(format!("{classes} with fewer pairs: not in the matrix."));
        }
        if comparison.overall.flips.iter().any(tiltmeter_monitor::shadow::Flip::is_flip) {
            section
                .folded("The kinds of flip, with the pairs behind them", tables::flips(&comparison.overall));
        }
    }
    section.heading("All figures of the answers");
    section.table(tables::answers(&comparison.overall, &comparison.paired));
    section.prose("If they were alike: what a distance is on average between two independent samples of one distribution; of pairs it is less. Pairs alone: the same figures without standing for requests that have no pair: they describe.");
    Ok(section)
}

fn caption(chart: &AgreementByDay<'_>) -> String {
    let (all, below, above) = chart.outside();
    let of = figures::counted(all as u64, "day");
    let by_chance = figures::fixed(all as f64 / 20.0, 0);
    format!(
        "The dashed line is the rate of all days. Of {of}, {below} lie below it with their whole interval, and {above} above; about {by_chance} would by chance.{}",
        chart.stretches().remark()
    )
}
