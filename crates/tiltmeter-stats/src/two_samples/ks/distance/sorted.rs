//! The distance of two samples without weights, in order.

use super::gap::Gap;
use super::stretch::{Stretch, step};

/// One walk over the values of both, which ascend and are not empty. Each share is one division of counts, as in
/// [`Ecdf`](crate::Ecdf). O(n + m) time, no memory.
pub(in super::super) fn of_sorted(f: &[f64], g: &[f64]) -> Gap {
    let mut gap = Gap::default();
    let [f_stretch, g_stretch] = [f, g].map(|values| Stretch::new(values, f64::NAN, 0));
    walk(f_stretch, g_stretch, [0, 0], [f.len(), g.len()], &mut gap);
    gap
}

/// The same over a stretch of both samples that comes after `before` values of `sizes`.
pub(super) fn walk(
    mut f: Stretch<'_>,
    mut g: Stretch<'_>,
    before: [usize; 2],
    sizes: [usize; 2],
    gap: &mut Gap,
) {
    let share = |rank: usize, sample: usize| (before[sample] + rank) as f64 / sizes[sample] as f64;
    let ends = [f.len(), g.len()];
    let mut ranks = [0, 0];
    while let Some(steps) = step(&mut f, &mut g) {
        ranks = [ranks[0] + steps[0], ranks[1] + steps[1]];
        gap.widen(share(ranks[0], 0), share(ranks[1], 1));
    }
    // past the end of one of them only the other one rises
    gap.widen(share(ends[0], 0), share(ranks[1], 1));
    gap.widen(share(ranks[0], 0), share(ends[1], 1));
}
