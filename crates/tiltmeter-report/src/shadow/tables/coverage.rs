//! Which requests have a pair.

use tiltmeter_monitor::shadow::{BucketCount, Coverage, CoverageOf, Group};
use tiltmeter_record::PairBucket;

use super::groups::group_name;
use crate::shadow::quantity::Quantity;
use crate::table::{Cell, Column, Table};
use crate::{figures, outside};

/// What became of all requests.
pub(in crate::shadow) fn buckets(coverage: &Coverage) -> Table {
    let columns =
        vec![Column::text("what became of them"), Column::number("requests"), Column::number("share")];
    let mut table = Table::new("What became of the requests", columns);
    let share = |requests: u64| {
        if coverage.eligible == 0 {
            String::new()
        } else {
            figures::percent(requests as f64 / coverage.eligible as f64)
        }
    };
    table.row(vec![
        Cell::text("all that the challenger could have seen").with_class("total"),
        Cell::text(figures::count(coverage.eligible)),
        Cell::text(share(coverage.eligible)),
    ]);
    for BucketCount { bucket, requests, .. } in &coverage.buckets {
        let class = if *requests == 0 { "zero" } else { "" };
        table.row(vec![
            Cell::text(bucket_name(*bucket)),
            Cell::text(figures::count(*requests)).with_class(class),
            Cell::text(share(*requests)).with_class(class),
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
