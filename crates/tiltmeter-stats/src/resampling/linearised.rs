//! A ratio of weighted sums, and its variance by linearisation: what the Hájek estimators have in common.

use crate::clusters::Clusters;
use crate::error::{Error, Result, Undefined};
use crate::sample::{CompensatedSum, effective_sample_size, to_about_one};

/// A row that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Its place among the caller's rows, by which it finds its cluster.
    pub(super) place: usize,
    pub(super) numerator: f64,
    pub(super) denominator: f64,
    pub(super) weight: f64,
}

/// Σ w·numerator / Σ w·denominator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Linearised {
    pub(super) value: f64,
    /// `None` for one row or cluster, or one that outweighs all others beyond the precision of numbers.
    pub(super) standard_error: Option<f64>,
    /// Kish's effective number of rows, or of clusters, less one; above 0.
    pub(super) degrees_of_freedom: Option<f64>,
    pub(super) rows: usize,
    pub(super) effective_size: f64,
    /// How many clusters have a row that counts.
    pub(super) clusters: Option<usize>,
}

/// Of rows whose weights are above 0.
pub(super) fn linearised(
    rows: impl Iterator<Item = Row> + Clone,
    clusters: Option<&Clusters>,
) -> Result<Linearised> {
    let largest = rows.clone().fold([0.0_f64; 3], |largest, row| {
        let sizes = [row.numerator.abs(), row.denominator.abs(), row.weight];
        std::array::from_fn(|at| largest[at].max(sizes[at]))
    });
    if largest.iter().any(|size| size.is_infinite()) {
        return Err(Undefined::Infinite.into());
    }
    let [per_numerator, per_denominator, per_weight] = largest.map(to_about_one);
    let rows = rows.map(|row| Row {
        numerator: row.numerator * per_numerator,
        denominator: row.denominator * per_denominator,
        weight: row.weight * per_weight,
        ..row
    });

    let (mut count, mut divisor) = (0, CompensatedSum::default());
    for row in rows.clone() {
        count += 1;
        divisor.add(row.weight * row.denominator);
    }
    if count == 0 {
        return Err(Undefined::Empty.into());
    }
    let divisor = divisor.value();
    if divisor == 0.0 {
        return Err(Undefined::ZeroDenominator.into());
    }
    // about the ratio of one row: rows that all have one ratio have exactly that, and offsets cost no digits; of the one
    // that is most of the divisor: it cannot be so far from the ratio that all digits of the others are lost
    let part = |row: &Row| (row.weight * row.denominator).abs();
    let heaviest = rows.clone().reduce(|one, other| if part(&other) > part(&one) { other } else { one });
    let of_one = heaviest.map_or(0.0, |row| row.numerator / row.denominator);
    let mut ratio = if of_one.abs() < 1e100 { of_one } else { 0.0 };
    // again near the ratio, where less is rounded off
    for _ in 0..2 {
        let beside = rows.clone().map(|row| row.weight * (row.numerator - ratio * row.denominator));
        ratio += beside.sum::<CompensatedSum>().value() / divisor;
    }

    let residual = |row: &Row| row.weight * (row.numerator - ratio * row.denominator);
    let (groups, spread, present) = match clusters {
        None => {
            let squares = rows.clone().map(|row| residual(&row).powi(2)).sum::<f64>();
            (effective_sample_size(rows.clone().map(|row| row.weight)), squares, None)
        }
        Some(clusters) => {
            let mut sums = vec![[0.0; 2]; clusters.count()];
            for row in rows.clone() {
                let sum = &mut sums[clusters.of_row()[row.place]];
                sum[0] += row.weight;
                sum[1] += residual(&row);
            }
            let size = effective_sample_size(sums.iter().map(|sum| sum[0]));
            let present = sums.iter().filter(|sum| sum[0] > 0.0).count();
            (size, sums.iter().map(|sum| sum[1] * sum[1]).sum(), Some(present))
        }
    };
    let freedom = groups - 1.0;
    // one group that is all but alone has an effective number of 1 and a few roundings
    let known = present.unwrap_or(count) > 1 && freedom > 1e-12;
    let unit = per_denominator / per_numerator;
    let value = ratio * unit;
    if !value.is_finite() {
        return Err(Undefined::Overflow.into());
    }
    let error = (spread * groups / freedom).sqrt() / divisor.abs() * unit;
    Ok(Linearised {
        value,
        standard_error: (known && error.is_finite()).then_some(error),
        degrees_of_freedom: known.then_some(freedom),
        rows: count,
        effective_size: effective_sample_size(rows.map(|row| row.weight)),
        clusters: present,
    })
}

pub(super) fn check_clusters(rows: usize, clusters: usize) -> Result<()> {
    if rows == clusters {
        return Ok(());
    }
    Err(Error::invalid(format!("{rows} rows have {clusters} names of clusters")))
}
