//! How many requests have a pair, and why the others have none.

use tiltmeter_record::PairBucket;

use super::cells::Adjusted;
use super::{BucketCount, Coverage, CoverageOf, Unrepresented};
use crate::Measured;
use crate::shadow::grouping::Grouping;
use crate::shadow::known::share;
use crate::shadow::rows::{Rows, Weighted};

/// `chosen` are the chosen rows with their weights, `buckets` those of all rows.
pub(in crate::shadow) fn coverage(
    buckets: &[PairBucket],
    chosen: &[Weighted],
    adjusted: &Adjusted,
    strata: &Grouping,
    segments: &[Grouping],
) -> Coverage {
    let whole: f64 = chosen.iter().map(|weighted| weighted.weight).sum();
    let unrepresented = adjusted.unrepresented.iter().zip(strata.groups());
    let unrepresented: Vec<Unrepresented> = unrepresented
        .filter(|((chosen, _), _)| *chosen > 0)
        .map(|(&(chosen, weight), stratum)| Unrepresented {
            stratum: stratum.clone(),
            chosen,
            share: weight / whole,
        })
        .collect();
    Coverage {
        eligible: buckets.len() as u64,
        buckets: count(buckets.iter().copied()),
        books: None,
        coverage: paired_share(chosen, buckets),
        cells: adjusted.cells,
        pooled_cells: adjusted.pooled,
        largest_factor: adjusted.largest_factor,
        strata: of_groups(strata, chosen, buckets),
        segments: segments.iter().flat_map(|segment| of_groups(segment, chosen, buckets)).collect(),
        unrepresented_share: unrepresented.iter().map(|cell| cell.share).sum(),
        unrepresented,
    }
}

/// Each group that has chosen requests.
fn of_groups(grouping: &Grouping, chosen: &[Weighted], buckets: &[PairBucket]) -> Vec<CoverageOf> {
    let split = grouping.split(chosen.iter().copied());
    let groups = grouping.groups().iter().zip(split).filter(|(_, chosen)| !chosen.is_empty());
    groups
        .map(|(group, chosen)| {
            let ends = || chosen.iter().map(|weighted| buckets[weighted.row]);
            let without_pair = count(ends()).into_iter();
            CoverageOf {
                group: group.clone(),
                chosen: chosen.len() as u64,
                pairs: ends().filter(|bucket| *bucket == PairBucket::Paired).count() as u64,
                coverage: paired_share(&chosen, buckets),
                without_pair: without_pair
                    .filter(|count| count.bucket != PairBucket::Paired && count.requests > 0)
                    .collect(),
            }
        })
        .collect()
}

fn paired_share(chosen: &[Weighted], buckets: &[PairBucket]) -> Measured {
    let rows = Rows::of(chosen.iter().copied());
    let paired: Vec<bool> =
        chosen.iter().map(|weighted| buckets[weighted.row] == PairBucket::Paired).collect();
    share(&rows, &paired, "no request was chosen")
}

fn count(ends: impl Iterator<Item = PairBucket>) -> Vec<BucketCount> {
    let mut counts = PairBucket::ALL.map(|bucket| BucketCount { bucket, requests: 0 });
    for end in ends {
        // a bucket that is new is one that `ALL` has to list
        if let Some(count) = counts.iter_mut().find(|count| count.bucket == end) {
            count.requests += 1;
        }
    }
    counts.to_vec()
}
