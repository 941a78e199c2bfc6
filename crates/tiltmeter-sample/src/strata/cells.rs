//! Pairs of a segment's value and a version.

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::text;
use crate::Facts;

/// A segment's value, if there is one, and a version.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(super) segment: Option<Box<str>>,
    pub(super) version: Box<str>,
}

impl Cell {
    /// The longest name that has a cell of its own, in bytes: what is longer is no name.
    pub(crate) const MAX_NAME_LEN: usize = 256;

    /// What a row's cell is found by: nothing where a name is too long to have one.
    pub(crate) fn names<'a>(facts: &Facts<'a>) -> Option<Names<'a>> {
        let is_long = |name: &str| name.len() > Self::MAX_NAME_LEN;
        let has_cell = !is_long(facts.version) && !facts.segment.is_some_and(is_long);
        has_cell.then_some((facts.segment, facts.version))
    }

    pub(crate) fn of((segment, version): Names<'_>) -> Self {
        Self { segment: segment.map(Into::into), version: version.into() }
    }

    pub(crate) fn as_names(&self) -> Names<'_> {
        (self.segment.as_deref(), &self.version)
    }
}

/// A segment's value and a version.
pub(crate) type Names<'a> = (Option<&'a str>, &'a str);

/// The cells that have strata of their own, and the texts of all strata.
pub(crate) struct Cells {
    cells: Box<[Cell]>,
    /// By hash, the place in `cells`. Its order is never seen.
    places: HashTable<u32>,
    /// With a seed of its own: names come from outside.
    hasher: DefaultHashBuilder,
    /// By stratum; those of the shared cell are the last.
    texts: Box<[Box<str>]>,
}

impl Cells {
    /// `buckets` is the number of strata of each cell. Without a segment's name rows differ by version only.
    pub(crate) fn new(mut cells: Vec<Cell>, segment: Option<&str>, buckets: usize) -> Self {
        cells.sort_unstable();
        let hasher = DefaultHashBuilder::default();
        let mut places = HashTable::with_capacity(cells.len());
        let hash_of =
            |place: &u32| cells.get(*place as usize).map_or(0, |cell| hash(&hasher, cell.as_names()));
        for (place, cell) in (0_u32..).zip(&cells) {
            places.insert_unique(hash(&hasher, cell.as_names()), place, hash_of);
        }
        let of_own = cells.iter().map(Some).chain([None]);
        let texts = of_own.flat_map(|cell| text::of_cell(segment, cell, buckets)).collect();
        Self { cells: cells.into(), places, hasher, texts }
    }

    /// The cells with strata of their own: there is one more, which the others share.
    pub(crate) fn own(&self) -> &[Cell] {
        &self.cells
    }

    pub(crate) fn texts(&self) -> &[Box<str>] {
        &self.texts
    }

    /// The place of a row's cell: behind all others that of the shared one.
    pub(crate) fn place(&self, facts: &Facts<'_>) -> usize {
        let find = |names: Names<'_>| {
            let is_it = |place: &u32| self.cells.get(*place as usize).map(Cell::as_names) == Some(names);
            self.places.find(hash(&self.hasher, names), is_it).map(|place| *place as usize)
        };
        Cell::names(facts).and_then(find).unwrap_or(self.cells.len())
    }
}

/// Names are told apart by comparing them: that others have the same bytes in a row is no harm.
pub(crate) fn hash(hasher: &DefaultHashBuilder, (segment, version): Names<'_>) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(segment.unwrap_or_default().as_bytes());
    hasher.write(version.as_bytes());
    hasher.finish()
}
