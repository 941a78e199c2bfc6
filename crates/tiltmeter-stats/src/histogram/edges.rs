//! Where the edges of a histogram are.

use crate::error::{Error, Result, Undefined};
use crate::moments::Moments;
use crate::quantile::quantile_linear;

/// More bins than this no one can look at.
const MOST_BINS: usize = 100_000;

/// How the width of bins follows from the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BinRule {
    /// Range / (log₂ n + 1). For about normal values; Sturges, *JASA* 21 (1926), 65.
    Sturges,
    /// Sturges' with more bins for skewed values: range / (1 + log₂ n + log₂(1 + |g₁|/σ(g₁))) with the skewness
    /// g₁; Doane, *American Statistician* 30 (1976), 181.
    Doane,
    /// 2 · interquartile range · n^(−1/3): not moved by outliers; Freedman and Diaconis (1981). One bin when the
    /// interquartile range is 0.
    FreedmanDiaconis,
}

/// The edges of bins of equal width from the smallest to the largest value, by a rule: those of
/// `numpy.histogram_bin_edges`.
///
/// The bins are narrowed so that a whole number of them fills the range, and are at most 100 000 (numpy has no
/// limit, and an outlier at 10³⁰⁰ no end). NaN and ±∞ are left out. With weights there are no such rules. O(n
/// log n).
///
/// # Errors
/// [`Undefined::Empty`] when there is no finite value; invalid when the values are too close for different edges.
///
/// ```
/// # use tiltmeter_stats::{BinRule, histogram_edges};
/// let edges = histogram_edges(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0], BinRule::Sturges)?;
/// assert_eq!(edges, [0.0, 2.0, 4.0, 6.0, 8.0]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn histogram_edges(values: &[f64], rule: BinRule) -> Result<Vec<f64>> {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let moments = Moments::of(&finite);
    let (range, n) = (moments.max()? - moments.min()?, finite.len() as f64);
    let width = match rule {
        BinRule::Sturges => range / (n.log2() + 1.0),
        BinRule::Doane => doane(&moments, range, n),
        BinRule::FreedmanDiaconis => {
            let quartiles = quantile_linear(&finite, &[0.25, 0.75])?;
            2.0 * (quartiles[1] - quartiles[0]) / n.cbrt()
        }
    };
    let bins = (range / width).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "compared with the bounds before"
    )]
    let bins = match bins {
        // a rule that finds no width asks for one bin, not for endlessly many
        _ if width.is_nan() || width <= 0.0 => 1,
        bins if bins >= MOST_BINS as f64 => MOST_BINS,
        bins if bins >= 1.0 => bins as usize,
        _ => 1,
    };
    equal_width(finite, bins)
}

/// 0, for one bin, where there is no skewness.
fn doane(moments: &Moments, range: f64, n: f64) -> f64 {
    match moments.skewness() {
        Ok(skewness) if n > 2.0 => {
            let deviation = (6.0 * (n - 2.0) / ((n + 1.0) * (n + 3.0))).sqrt();
            range / (1.0 + n.log2() + (1.0 + skewness.abs() / deviation).log2())
        }
        _ => 0.0,
    }
}

/// `bins` + 1 edges from the smallest to the largest finite value: to the last bit those of `numpy.linspace`, so that
/// values on an edge are counted where numpy counts them.
pub(super) fn equal_width(values: impl IntoIterator<Item = f64>, bins: usize) -> Result<Vec<f64>> {
    if !(1..=MOST_BINS).contains(&bins) {
        return Err(Error::invalid(format!("{bins} bins were asked for, allowed: 1 to {MOST_BINS}")));
    }
    let finite = values.into_iter().filter(|value| value.is_finite());
    let range = finite.fold(None, |range: Option<(f64, f64)>, value| {
        Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    });
    let (low, high) = match range {
        None => return Err(Undefined::Empty.into()),
        Some((low, high)) if low < high => (low, high),
        Some((low, _)) => (low - 0.5, low + 0.5),
    };
    let width = (high - low) / bins as f64;
    let edge = |number: usize| match number {
        number if number == bins => high,
        number if width.is_finite() => number as f64 * width + low,
        // where the range has overflowed, and numpy has no edges
        number => {
            let part = number as f64 / bins as f64;
            low * (1.0 - part) + high * part
        }
    };
    let edges: Vec<f64> = (0..=bins).map(edge).collect();
    if !edges.is_sorted_by(|a, b| a < b) {
        return Err(Error::invalid(format!("from {low:e} to {high:e} there are no {bins} bins")));
    }
    Ok(edges)
}
