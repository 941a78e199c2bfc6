//! How long the two take, against what is promised.

use tiltmeter_monitor::shadow::{Comparison, LatencySla, SlaVerdict};

use crate::page::block::{Key, Section};
use crate::shadow::names::Names;
use crate::shadow::quantity::Quantity;
use crate::shadow::svg::Latencies;
use crate::shadow::tables;
use crate::{Error, figures};

const LEGEND: [Key; 2] = [
    Key { class: "k-bar", sign: "", meaning: "challenger" },
    Key { class: "k-outline", sign: "", meaning: "champion" },
];

pub(super) fn section(comparison: &Comparison, names: &Names) -> Result<Section, Error> {
    let judged = &comparison.latency_ms;
    let lead = format!(
        "Over {} of which both latencies are known, {} of them timeouts, which count as the time waited, or longer.",
        figures::counted(judged.requests, "request"),
        figures::count(judged.timeouts)
    );
    let mut section = Section::new("latency", "Latency", lead);
    match &comparison.latency_histogram {
        Some(histogram) => {
            let bound_ms = comparison.latency_sla.as_ref().map(|sla| sla.bound_ms);
            let chart = Latencies { histogram, figures: judged, bound_ms, names };
            let caption = "Share of the requests in each bin. Below, the median, the 95th and the 99th percentile of each, with 95 % intervals.";
            section.figure(&chart, &LEGEND, caption)?;
        }
        None => section.absent("No request has both latencies."),
    }
    section.heading("Against what is promised");
    match &comparison.latency_sla {
        Some(sla) => promised(&mut section, sla, names),
        None => section.absent("The model spec promises no latency, so there is nothing to hold it against."),
    }
    section.heading("To judge by: all requests that were asked");
    section.table(tables::latency("Latencies to judge by, in milliseconds", judged, names));
    section.heading("Pairs alone: they describe, and prove nothing");
    section.prose("A challenger that hangs has no pair, so that its worst latencies are missing here.");
    section.table(tables::latency(
        "Latencies of pairs alone, in milliseconds",
        &comparison.paired_latency_ms,
        names,
    ));
    if let Some(histogram) = &comparison.latency_histogram {
        section.folded("The figures of the chart", tables::histogram(histogram));
    }
    Ok(section)
}

fn promised(section: &mut Section, sla: &LatencySla, names: &Names) {
    let bound = figures::digits(sla.bound_ms);
    let bound = bound.trim_end_matches('0').trim_end_matches('.');
    section.prose(format!("At most one request in a hundred may take longer than {bound} ms."));
    for (name, verdict, share) in [
        (&names.champion, sla.champion, &sla.champion_share_above),
        (&names.challenger, sla.challenger, &sla.challenger_share_above),
    ] {
        let share = Quantity::Share.in_words(share);
        match verdict {
            SlaVerdict::Held => section.prose(format!("✓ {name} keeps it: {share} take longer.")),
            SlaVerdict::Broken => section.alarm(format!("{name} breaks it: {share} take longer.")),
            SlaVerdict::Unproven => {
                section.prose(format!("? {name}: {share} take longer. There are too few requests to tell."));
            }
            SlaVerdict::Unknown => section.prose(format!("? {name}: {share}.")),
        }
    }
}
