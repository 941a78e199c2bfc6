//! Which requests have a pair.

use tiltmeter_monitor::shadow::{BucketCount, Coverage, CoverageOf, Group};
use tiltmeter_record::PairBucket;

use super::groups::group_name;
use crate::shadow::quantity::Quantity;
use crate::table::{Cell, Column, Table};
use crate::{figures, outside};

/// What became of all requests.
pub(in crate::shadow) fn buckets(coverage: &Coverage) -> Table {
    let mut columns =
        vec![Column::text("what became of them"), Column::number("requests"), Column::number("share")];
    if coverage.books.is_some() {
        columns.push(Column::number("by the shadow's books"));
    }
    let mut table = Table::new("What became of the requests", columns);
    let share = |requests: u64| {
        if coverage.eligible == 0 {
            String::new()
        } else {
            figures::percent(requests as f64 / coverage.eligible as f64)
        }
    };
    let dim = |requests: u64| if requests == 0 { "zero" } else { "" };
    let count = |requests: u64| Cell::text(figures::count(requests)).with_class(dim(requests));
    let books = coverage.books.as_ref();
    let mut total = vec![
        Cell::text("all that the challenger could have seen").with_class("total"),
        Cell::text(figures::count(coverage.eligible)),
        Cell::text(share(coverage.eligible)),
    ];
    total.extend(books.map(|books| count(books.eligible)));
    table.row(total);
    for (place, BucketCount { bucket, requests, .. }) in coverage.buckets.iter().enumerate() {
        let mut row = vec![
            Cell::text(bucket_name(*bucket)),
            count(*requests),
            Cell::text(share(*requests)).with_class(dim(*requests)),
        ];
        let by_books = books.map(|books| books.buckets.get(place).map_or(0, |count| count.requests));
        row.extend(by_books.map(count));
        table.row(row);
    }
    if let Some(books) = books.filter(|books| books.under_way > 0) {
        table.row(vec![
            Cell::text("not known yet: under way"),
            Cell::default(),
            Cell::default(),
            count(books.under_way),
        ]);
    }
    table
}

/// A bucket in words.
pub(in crate::shadow) fn bucket_name(bucket: PairBucket) -> &'static str {
    match bucket {
        PairBucket::Paired => "paired",
        PairBucket::SampledOut => "sampled out",
        PairBucket::NoPermit => "no permit: too many under way",
        PairBucket::BodyTooLarge => "body too large",
        PairBucket::BreakerOpen => "breaker open",
        PairBucket::Timeout => "timeout",
        PairBucket::ChallengerError => "challenger's error",
        PairBucket::Shed => "shed, to spare the champion",
        PairBucket::ShuttingDown => "shutting down",
        PairBucket::LogDropped => "lost by the log",
        other => other.as_str(),
    }
}

/// The share with a pair by group, and why the others have none.
pub(in crate::shadow) fn coverage_by_group(caption: &str, groups: &[&CoverageOf]) -> Table {
    let columns = vec![
        Column::text("group"),
        Column::number("chosen"),
        Column::number("with a pair"),
        Column::number("share"),
        Column::number("95 % interval"),
        Column::text("the others"),
    ];
    let mut table = Table::new(caption, columns);
    for each in groups {
        let [share, interval] = Quantity::Share.cells(&mut table, &each.coverage);
        let why: Vec<String> = each
            .without_pair
            .iter()
            .map(|count| format!("{} {}", figures::count(count.requests), bucket_name(count.bucket)))
            .collect();
        let name = match &each.group {
            Group::Segment { name, .. } => format!("{} {}", outside::shown(name), group_name(&each.group)),
            other => group_name(other),
        };
        table.row(vec![
            Cell::text(name),
            Cell::text(figures::count(each.chosen)),
            Cell::text(figures::count(each.pairs)),
            share,
            interval,
            Cell::text(why.join(", ")).with_class("long"),
        ]);
    }
    table
}

/// Strata that no pair speaks for.
pub(in crate::shadow) fn unrepresented(coverage: &Coverage) -> Table {
    let columns = vec![
        Column::text("stratum of the score"),
        Column::number("requests"),
        Column::number("share of all chosen"),
    ];
    let mut table = Table::new("Strata without a pair", columns);
    for each in &coverage.unrepresented {
        table.row(vec![
            Cell::text(group_name(&each.stratum)),
            Cell::text(figures::count(each.chosen)),
            Cell::text(figures::percent(each.share)),
        ]);
    }
    table
}
