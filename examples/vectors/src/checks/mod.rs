//! For each function of the vectors, how it is computed here.

mod classification;
mod correlation;
mod distances;
mod intervals;
mod ks;
mod location;
mod psi;
mod regression;
mod series;
mod summaries;
mod uncertainty;

use crate::entry::Entry;

/// Computes an entry, and compares its fields.
pub(crate) type Check = fn(&mut Entry) -> anyhow::Result<()>;

/// By function, its check.
pub(crate) type Checks = &'static [(&'static str, Check)];

const ALL: [Checks; 11] = [
    classification::CHECKS,
    correlation::CHECKS,
    distances::CHECKS,
    intervals::CHECKS,
    ks::CHECKS,
    location::CHECKS,
    psi::CHECKS,
    regression::CHECKS,
    series::CHECKS,
    summaries::CHECKS,
    uncertainty::CHECKS,
];

/// The check of a function.
pub(crate) fn find(function: &str) -> Option<Check> {
    ALL.concat().into_iter().find(|(name, _)| *name == function).map(|(_, check)| check)
}
