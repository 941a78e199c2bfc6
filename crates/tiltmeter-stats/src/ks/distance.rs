//! The largest distance between two distribution functions.

use crate::ecdf::Ecdf;

/// sup |F − G|: one walk over the values of both. Without weights each share is one division of counts, so that
/// equal shares have the difference 0.
pub(super) fn largest(f: &Ecdf, g: &Ecdf) -> f64 {
    let (mut f_points, mut g_points) = (f.points().peekable(), g.points().peekable());
    let (mut f_share, mut g_share, mut largest) = (0.0, 0.0, 0.0_f64);
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
        largest = largest.max((f_share - g_share).abs());
    }
    largest.min(1.0)
}
