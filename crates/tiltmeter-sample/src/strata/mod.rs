//! Strata: score bucket × segment × version, bounded, each with a text.
//!
//! A *cell* is a pair of a segment's value and a version; each cell has a stratum for every score bucket and one for rows
//! without a score. Cells are taken from the traffic, up to a bound; what has none is in one that all others share.

mod buckets;
mod cells;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use buckets::ScoreBuckets;
pub(crate) use cells::{Cell, Cells, hash};

/// Which stratum: its place in the [`RateTable`](crate::RateTable) that said so, which has its
/// [text](crate::RateTable::stratum_text).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stratum(pub(crate) u32);

impl Stratum {
    /// Its place among the [strata](crate::RateTable::strata) of that table, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}
