//! The largest distances between two distribution functions.

mod gap;
mod sorted;
mod stretch;
mod unsorted;

#[cfg(test)]
mod tests;

pub(super) use gap::Gap;
pub(super) use sorted::of_sorted;
pub(super) use unsorted::of_unsorted;

use crate::ecdf::Ecdf;

/// How many steps of the walk, which are predictable, one of a search takes as long as: measured, 2 to 6.
const STEPS_OF_THE_WALK: usize = 4;

/// Between distribution functions. Without weights each share is one division of counts, so that equal shares have the
/// difference 0. O(n + m) for n and m values, or O(n log m) where that is less: one row against a reference costs next
/// to nothing.
pub(super) fn of_ecdfs(f: &Ecdf, g: &Ecdf) -> Gap {
    let search_is_faster = |few: &Ecdf, many: &Ecdf| {
        let steps = few.distinct().saturating_mul(many.distinct().ilog2() as usize + 1);
        steps.saturating_mul(STEPS_OF_THE_WALK) < few.distinct() + many.distinct()
    };
    if search_is_faster(f, g) {
        by_search(f, g)
    } else if search_is_faster(g, f) {
        let Gap { above, below } = by_search(g, f);
        Gap { above: below, below: above }
    } else {
        by_walk(f, g)
    }
}

/// One walk over the values of both.
fn by_walk(f: &Ecdf, g: &Ecdf) -> Gap {
    let (mut f_points, mut g_points) = (f.points().peekable(), g.points().peekable());
    let (mut f_share, mut g_share, mut gap) = (0.0, 0.0, Gap::default());
    // once one of them has reached 1 the distance only shrinks
    while let (Some(&(f_value, f_next)), Some(&(g_value, g_next))) = (f_points.peek(), g_points.peek()) {
        if f_value <= g_value {
            f_share = f_next;
            f_points.next();
        }
        if g_value <= f_value {
            g_share = g_next;
            g_points.next();
        }
        gap.widen(f_share, g_share);
    }
    gap
}

/// Looks up the values of `few` in `many`. Between two of them `few` is constant and `many` only rises, so that the
/// distance is largest at one of the two ends: at the one value, or just below the next. These are numbers that the
/// walk meets too, and the largest of them is the same to the last bit.
fn by_search(few: &Ecdf, many: &Ecdf) -> Gap {
    let values = many.values();
    let (mut rank, mut few_share, mut gap) = (0, 0.0, Gap::default());
    for (value, few_next) in few.points() {
        let below = rank + values[rank..].partition_point(|&other| other < value);
        // values are distinct: at most one is equal
        let at = below + usize::from(values.get(below).is_some_and(|&other| other <= value));
        gap.widen(few_share, many.share(below));
        gap.widen(few_next, many.share(at));
        (rank, few_share) = (at, few_next);
    }
    gap
}
