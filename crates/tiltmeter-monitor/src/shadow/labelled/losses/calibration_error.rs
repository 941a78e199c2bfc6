//! Whose probabilities are nearer to frequencies.

use crate::Measured;
use crate::shadow::resample::{Replicates, Resample};
use crate::shadow::rows::Rows;

/// Bins of equal width, (a, b], 0 in the first: those of [`tiltmeter_stats::CalibrationBins::default`].
const BINS: usize = 10;

/// The challenger's expected calibration error less the champion's.
///
/// Both are larger in a draw than in the rows as they are, and their difference hardly is: the interval is the percentile
/// one.
pub(super) fn difference(rows: &Rows, labels: &[bool], scores: [&[f64]; 2], resample: Resample) -> Measured {
    let sides = scores.map(|scores| Gaps::of(scores, labels));
    let weight = |place: usize| rows.weights().map_or(1.0, |weights| weights[place]);
    let of_draw = |counts: &[u8]| {
        let mut sums = [[0.0; BINS]; 2];
        let mut whole = 0.0;
        for (place, &count) in counts.iter().enumerate() {
            let weight = f64::from(count) * weight(place);
            whole += weight;
            for (sums, gaps) in sums.iter_mut().zip(&sides) {
                let (bin, gap) = gaps.0[place];
                sums[usize::from(bin)] += weight * gap;
            }
        }
        let [champion, challenger] = sums.map(|sums| sums.iter().map(|sum| sum.abs()).sum::<f64>() / whole);
        challenger - champion
    };
    let mut draws = Replicates::default();
    resample.each(rows.len(), |counts| draws.push(of_draw(counts)));
    draws.percentile(of_draw(&vec![1; rows.len()]))
}

/// By row: the bin of a score, and the score less the label.
struct Gaps(Vec<(u8, f64)>);

impl Gaps {
    fn of(scores: &[f64], labels: &[bool]) -> Self {
        let edges: [f64; BINS - 1] = std::array::from_fn(|edge| (edge + 1) as f64 / BINS as f64);
        let gap = |(score, label): (&f64, &bool)| {
            let bin = edges.partition_point(|edge| edge < score);
            (u8::try_from(bin).unwrap_or(u8::MAX), score - f64::from(u8::from(*label)))
        };
        Self(scores.iter().zip(labels).map(gap).collect())
    }
}
