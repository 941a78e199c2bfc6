//! Which requests have a pair, and what the pairs stand for.

mod books;
mod cells;
mod table;

use serde::Serialize;
use tiltmeter_record::PairBucket;

pub use self::books::CoverageByBooks;
pub(super) use self::cells::{Cells, Sums, factors};
pub(super) use self::table::coverage;
use super::Group;
use crate::Measured;

/// Which requests have a pair.
///
/// The requests that were *chosen* are those that the sample did not leave out; each stands for one over its inclusion
/// probability of the *eligible* ones. A chosen request without a pair is one whose challenger is not known to have
/// answered: its place is taken by the pairs of its cell, the requests with the same segments and the same stratum of
/// the champion's score, whose weights grow by chosen / paired (post-stratification). That assumes that in a cell it
/// does not depend on what the challenger would have said whether there is a pair. Cells with few pairs are taken
/// together by stratum; where even together they have few, all pairs of the stratum stand for what these lack, so that no
/// few pairs stand for many requests as long as there are others. A stratum without any pair is not represented, and stands in
/// [`unrepresented`](Self::unrepresented).
///
/// Holt & Smith, *J. R. Statist. Soc. A* 142 (1979), 33–46; Little, *International Statistical Review* 54 (1986),
/// 139–157.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Coverage {
    /// Requests that the challenger could have seen and of which there is a row: of those that the sample left out, and of those
    /// that the log lost, there is none, unless whoever wrote the rows writes them as well.
    pub eligible: u64,
    /// What became of them: all buckets, also those that are empty. They add up to `eligible`.
    pub buckets: Vec<BucketCount>,
    /// What the shadow's own books say of the same time; `None` when they are not there.
    pub books: Option<CoverageByBooks>,
    /// The share of chosen requests that have a pair, weighted; Wilson's interval.
    pub coverage: Measured,
    /// Cells that have weights of their own.
    pub cells: u64,
    /// Cells that were taken together with others of their stratum.
    pub pooled_cells: u64,
    /// By how much the weights of a cell grew, at the most; `None` without pairs.
    pub largest_factor: Option<f64>,
    /// By the champion's score.
    pub strata: Vec<CoverageOf>,
    /// By segment.
    pub segments: Vec<CoverageOf>,
    /// Strata with chosen requests that no pair represents.
    pub unrepresented: Vec<Unrepresented>,
    /// The share of chosen requests that no pair represents, weighted: 0 when all are.
    pub unrepresented_share: f64,
}

/// How many requests ended in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BucketCount {
    /// The bucket.
    pub bucket: PairBucket,
    /// Requests.
    pub requests: u64,
}

/// How many requests of a group have a pair.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CoverageOf {
    /// The group.
    pub group: Group,
    /// Requests of it that were chosen.
    pub chosen: u64,
    /// Those of them with a pair.
    pub pairs: u64,
    /// Their share, weighted; Wilson's interval.
    pub coverage: Measured,
    /// Why the others have none: the buckets that are not empty.
    pub without_pair: Vec<BucketCount>,
}

/// Requests of a stratum that no pair represents.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Unrepresented {
    /// The stratum.
    pub stratum: Group,
    /// Requests of it that were chosen: none of them has a pair.
    pub chosen: u64,
    /// Their share of all chosen requests, weighted.
    pub share: f64,
}
