//! The comparison of one group of requests.

use serde::Serialize;

use super::failures::{Failures, failures};
use super::figures::{PairFigures, figures};
use super::grouping::{Group, Grouping};
use super::labelled::{LabelledComparison, labelled};
use super::latency::{LatencyComparison, latency};
use super::material::Material;
use super::rows::{Rows, Weighted};

/// Champion and challenger in one group of requests: a stratum of the champion's score, a segment, a day.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupComparison {
    /// The group.
    pub group: Group,
    /// How the two answer.
    pub figures: PairFigures,
    /// How long they take; a timeout counts as the time that the challenger was waited for, or longer.
    pub latency_ms: LatencyComparison,
    /// How often they fail.
    pub failures: Failures,
    /// Which of the two is right; `None` when labels are not looked at.
    pub labelled: Option<LabelledComparison>,
}

/// The groups that have a request whose challenger was asked.
pub(super) fn groups(material: &Material<'_>, grouping: &Grouping) -> Vec<GroupComparison> {
    let split = |rows: &[Weighted]| grouping.split(rows.iter().copied()).into_iter().map(Rows::of);
    let (pairs, timed, asked) = (split(&material.pairs), split(&material.timed), split(&material.asked));
    let rows = pairs.zip(timed).zip(asked.zip(split(&material.wanted)));
    let groups = grouping.groups().iter().zip(rows).filter(|(_, (_, (asked, _)))| asked.len() > 0);
    groups
        .map(|(group, ((pairs, timed), (asked, wanted)))| GroupComparison {
            group: group.clone(),
            figures: figures(&pairs, material.sides(), material.resample),
            latency_ms: latency(&timed, material.latencies(), material.resample),
            failures: failures(&asked, &wanted, material.table),
            labelled: material.truth.as_ref().map(|truth| labelled(&pairs, material.sides(), truth)),
        })
        .collect()
}
