//! Which requests have a pair, and what the pairs stand for.

use tiltmeter_monitor::shadow::Coverage;

use crate::figures;
use crate::page::block::Section;
use crate::shadow::quantity::Quantity;
use crate::shadow::tables;

pub(super) fn section(found: &Coverage) -> Section {
    let lead = format!(
        "Of the requests that were chosen, {} have a pair. The pairs stand for the others of their cell: the same segments, the same stratum of the champion's score.",
        Quantity::Share.in_words(&found.coverage)
    );
    let mut section = Section::new("coverage", "Coverage", lead);
    section.table(tables::buckets(found));
    let sum: u64 = found.buckets.iter().map(|count| count.requests).fold(0, u64::saturating_add);
    if sum == found.eligible {
        section.prose("✓ The buckets add up to all requests.");
    } else {
        section.alarm("The buckets do not add up to all requests: please report this.");
    }
    if let Some(factor) = found.largest_factor {
        section.prose(format!(
            "Weights of {} grew by a factor of {} at the most; {} with few pairs were taken together.",
            figures::counted(found.cells, "cell"),
            figures::digits(factor),
            figures::counted(found.pooled_cells, "cell")
        ));
    }
    if found.unrepresented.is_empty() {
        if found.eligible > 0 {
            section.prose("✓ Every stratum of the score has pairs that speak for it.");
        }
    } else {
        section.alarm(format!(
            "{} of the chosen requests are of strata without any pair: no figure speaks for them.",
            figures::percent(found.unrepresented_share)
        ));
        section.table(tables::unrepresented(found));
    }
    if !found.strata.is_empty() {
        let groups: Vec<_> = found.strata.iter().collect();
        section.folded("By the champion's score", tables::coverage_by_group("Coverage by score", &groups));
    }
    if !found.segments.is_empty() {
        let groups: Vec<_> = found.segments.iter().collect();
        section.folded("By segment", tables::coverage_by_group("Coverage by segment", &groups));
    }
    section
}
