//! A stratified draw that does not depend on the order of rows.

use std::collections::BTreeMap;

/// A row that could be drawn.
pub(super) struct Candidate<'a> {
    pub(super) row: usize,
    pub(super) weight: f64,
    /// What it is drawn among.
    pub(super) stratum: Stratum<'a>,
    pub(super) id: Id<'a>,
}

/// What a row is told from others by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id<'a> {
    pub(super) request_id: &'a str,
    pub(super) event_time: i64,
    pub(super) instance_index: u32,
}

/// The classes of both sides, and the values of the segments.
pub(super) type Stratum<'a> = ((u32, u32), Vec<&'a str>);

/// What was drawn.
pub(super) struct Drawn {
    /// Rows, each with what it stands for in its stratum.
    pub(super) rows: Vec<(usize, f64)>,
    pub(super) strata: u64,
    pub(super) strata_left_out: u64,
}

/// Draws at most `most` candidates.
pub(super) fn draw(candidates: Vec<Candidate<'_>>, most: usize, seed: u64) -> Drawn {
    let mut by_stratum: BTreeMap<Stratum<'_>, Vec<(f64, Place<'_>)>> = BTreeMap::new();
    for Candidate { row, weight, stratum, id } in candidates {
        // a draw in proportion to weights without replacement: the least of exponential variables with these rates
        // (Efraimidis & Spirakis, Information Processing Letters 97, 2006)
        let key = -uniform(seed, id).ln() / weight;
        by_stratum.entry(stratum).or_default().push((key, Place { id, row, weight }));
    }
    let mut strata: Vec<Part<'_>> = by_stratum
        .into_values()
        .map(|mut rows| {
            rows.sort_by(|one, other| one.0.total_cmp(&other.0).then_with(|| one.1.id.cmp(&other.1.id)));
            Part { weight: rows.iter().map(|(_, place)| place.weight).sum(), rows, seats: 0 }
        })
        .collect();
    allocate(&mut strata, most);
    let rows = strata.iter().flat_map(|part| {
        let share = part.weight / part.seats.max(1) as f64;
        part.rows.iter().take(part.seats).map(move |(_, place)| (place.row, share))
    });
    Drawn {
        rows: rows.collect(),
        strata: strata.len() as u64,
        strata_left_out: strata.iter().filter(|part| part.seats == 0).count() as u64,
    }
}

struct Place<'a> {
    id: Id<'a>,
    row: usize,
    weight: f64,
}

/// A stratum, the first of its rows to be drawn first.
struct Part<'a> {
    weight: f64,
    rows: Vec<(f64, Place<'a>)>,
    seats: usize,
}

/// One for each, the heaviest first; then one by one to the stratum with the greatest weight for each seat that it would
/// have (Webster's method). A stratum has no more seats than rows.
fn allocate(strata: &mut [Part<'_>], most: usize) {
    let mut order: Vec<usize> = (0..strata.len()).collect();
    // stable: of two as heavy the first in the order of classes and segments
    order.sort_by(|&one, &other| strata[other].weight.total_cmp(&strata[one].weight));
    let first = order.len().min(most);
    order[..first].iter().for_each(|&place| strata[place].seats = 1);
    for _ in first..most {
        let claim = |part: &Part<'_>| part.weight / (2 * part.seats + 1) as f64;
        let open = strata.iter_mut().filter(|part| part.seats < part.rows.len());
        // the first of those with the greatest claim
        let next = open.reduce(|best, part| if claim(part) > claim(best) { part } else { best });
        match next {
            Some(part) => part.seats += 1,
            None => break,
        }
    }
}

/// In (0, 1], of the seed and the id of a row.
fn uniform(seed: u64, id: Id<'_>) -> f64 {
    // FNV-1a, and the finish of SplitMix64, which spreads ids that differ in their last letter
    let start = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bytes =
        id.request_id.bytes().chain(id.event_time.to_le_bytes()).chain(id.instance_index.to_le_bytes());
    let hash = bytes.fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (((mixed ^ (mixed >> 31)) >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests;
