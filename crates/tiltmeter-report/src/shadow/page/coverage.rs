//! Which requests have a pair, and what the pairs stand for.

use tiltmeter_monitor::shadow::{BucketCount, Coverage, CoverageByBooks};
use tiltmeter_record::PairBucket;

use crate::figures;
use crate::page::block::Section;
use crate::shadow::quantity::Quantity;
use crate::shadow::tables;

/// What only the books know.
fn by_books(section: &mut Section, books: &CoverageByBooks, found: &Coverage) {
    let share = books.paired.map_or_else(|| "none".to_owned(), figures::percent);
    section.prose(format!(
        "By the books of {}, {share} of the {} that the challenger could have seen are paired: also those count that are in no row, which the sample left out or the log lost. Rows are instances, and books count requests.",
        figures::counted(books.shadows, "shadow"),
        figures::counted(books.eligible, "request"),
    ));
    let paired = |counts: &[BucketCount]| {
        counts.iter().find(|count| count.bucket == PairBucket::Paired).map_or(0, |count| count.requests)
    };
    let missing = paired(&books.buckets).saturating_sub(paired(&found.buckets));
    // what the log could not read is the challenger's error in the rows, and that is seldom
    if missing > 0 {
        section.alarm(format!(
            "The shadow has handed {} more to the log than there are rows of pairs: the log or a sink has lost them, could not read them, or has not written them yet. Its gaps say which.",
            figures::counted(missing, "pair")
        ));
    }
    if books.running > 0 {
        section.prose(format!(
            "{} not said that {} ended: what came after the last books is not in them.",
            if books.running == 1 {
                "1 of them has".to_owned()
            } else {
                format!("{} of them have", figures::count(books.running))
            },
            if books.running == 1 { "it has" } else { "they have" },
        ));
    }
}

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
    match &found.books {
        Some(books) => by_books(&mut section, books, found),
        None => section.prose(
            "The shadow's books are not here: nothing is known of requests that are in no row, those that the sample left out and those that the log lost.",
        ),
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
