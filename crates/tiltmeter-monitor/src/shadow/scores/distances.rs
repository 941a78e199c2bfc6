//! How far apart two distributions of scores are.

use tiltmeter_stats::{Ecdf, KsMethod, KsTest, Psi, QuantileBins, Wasserstein};

use super::Distance;
use crate::Measured;
use crate::performance::measured;
use crate::shadow::resample::{Replicates, Resample};
use crate::shadow::rows::Rows;

/// Bins of the population stability index.
const PSI_BINS: usize = 10;
/// Steps by which the draws of the bootstrap see a distribution.
const STEPS: usize = 250;

pub(super) struct Distances {
    pub(super) ks: Distance,
    pub(super) psi: Distance,
    pub(super) wasserstein: Distance,
}

impl Distances {
    /// Of the scores of the same rows, none of them missing and at least one.
    ///
    /// The figures are exact. Their intervals are those of the bootstrap, mirrored, since a draw is on average farther
    /// apart than the rows as they are; there the distributions are seen at the pooled scores' quantiles only.
    pub(super) fn of(rows: &Rows, champion: &[f64], challenger: &[f64], resample: Resample) -> Self {
        let ecdfs = [champion, challenger].map(|scores| rows.sample(scores).and_then(Ecdf::of));
        let [reference, current] = match ecdfs {
            [Ok(reference), Ok(current)] => [reference, current],
            [Err(error), _] | [_, Err(error)] => return Self::without(&measured(Err(error))),
        };
        let ks = KsTest::by(KsMethod::Asymptotic, &reference, &current);
        let bins = QuantileBins::of_ecdf(&reference, PSI_BINS);
        let psi = bins
            .clone()
            .and_then(|bins| Psi::between(&bins.count_ecdf(&reference), &bins.count_ecdf(&current)));
        let wasserstein = Wasserstein::between(&reference, &current);

        let mut draws = [(); 3].map(|()| Replicates::default());
        let mut as_they_are = [0.0; 3];
        if let (Ok(bins), Ok(pooled)) = (&bins, Ecdf::merge([&reference, &current])) {
            let seen = Seen::of(bins, &pooled, [champion, challenger], rows.weights());
            as_they_are = seen.figures(&vec![1; rows.len()]);
            resample.each(rows.len(), |counts| {
                for (draws, figure) in draws.iter_mut().zip(seen.figures(counts)) {
                    draws.push(figure);
                }
            });
        }
        let [of_ks, of_psi, of_wasserstein] = draws;
        let known = |value: f64| value.is_finite().then_some(value);
        let [ks_seen, psi_seen, wasserstein_seen] = as_they_are;
        Self {
            ks: Distance {
                expected: ks.as_ref().ok().and_then(|ks| known(ks.expected)),
                figure: or_reason(ks.map(|ks| of_ks.mirrored(ks.statistic, ks_seen))),
            },
            psi: Distance {
                expected: psi.as_ref().ok().and_then(|psi| known(psi.expected)),
                figure: or_reason(psi.map(|psi| of_psi.mirrored(psi.value, psi_seen))),
            },
            wasserstein: Distance {
                expected: wasserstein.as_ref().ok().and_then(|moved| known(moved.expected)),
                figure: or_reason(
                    wasserstein.map(|moved| of_wasserstein.mirrored(moved.distance, wasserstein_seen)),
                ),
            },
        }
    }

    fn without(reason: &Measured) -> Self {
        let none = || Distance { figure: reason.clone(), expected: None };
        Self { ks: none(), psi: none(), wasserstein: none() }
    }
}

fn or_reason(found: tiltmeter_stats::Result<Measured>) -> Measured {
    found.unwrap_or_else(|error| measured(Err(error)))
}

/// Scores by the places that the draws see, so that a draw is a few additions for each row.
struct Seen<'a> {
    /// By side and row: the step that the score reaches.
    steps: [Vec<u8>; 2],
    /// By step: how far it is to the next.
    widths: Vec<f64>,
    /// By side and row: the bin of the population stability index.
    bins: [Vec<u8>; 2],
    bin_count: usize,
    weights: Option<&'a [f64]>,
}

impl<'a> Seen<'a> {
    fn of(bins: &QuantileBins, pooled: &Ecdf, scores: [&[f64]; 2], weights: Option<&'a [f64]>) -> Self {
        let mut edges: Vec<f64> =
            (1..=STEPS).filter_map(|step| pooled.quantile(step as f64 / STEPS as f64).ok()).collect();
        edges.dedup_by(|one, other| one <= other);
        let place = |place: usize| u8::try_from(place).unwrap_or(u8::MAX);
        let steps = scores.map(|scores| {
            scores.iter().map(|score| place(edges.partition_point(|edge| edge < score))).collect()
        });
        let widths = edges.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let bin_of =
            scores.map(|scores| scores.iter().map(|score| place(bins.bin_of(*score).unwrap_or(0))).collect());
        Self { steps, widths, bins: bin_of, bin_count: bins.len(), weights }
    }

    /// Kolmogorov and Smirnov, the stability index, Wasserstein.
    fn figures(&self, counts: &[u8]) -> [f64; 3] {
        let [one, other] = [0, 1].map(|side| self.shares(&self.steps[side], STEPS + 1, counts));
        let (mut ks, mut wasserstein, mut ahead) = (0.0_f64, 0.0, 0.0);
        for (step, (one, other)) in one.iter().zip(&other).enumerate() {
            ahead += one - other;
            let gap = f64::abs(ahead);
            ks = ks.max(gap);
            wasserstein += gap * self.widths.get(step).copied().unwrap_or(0.0);
        }
        let [one, other] = [0, 1].map(|side| self.shares(&self.bins[side], self.bin_count, counts));
        let floored = |share: f64| share.max(1e-4);
        let part = |(one, other): (&f64, &f64)| {
            (floored(*other) - floored(*one)) * (floored(*other) / floored(*one)).ln()
        };
        [ks, one.iter().zip(&other).map(part).sum(), wasserstein]
    }

    fn shares(&self, places: &[u8], size: usize, counts: &[u8]) -> Vec<f64> {
        let mut sums = vec![0.0; size.max(usize::from(u8::MAX) + 1)];
        match self.weights {
            None => {
                let mut whole = vec![0_u32; sums.len()];
                for (&place, &count) in places.iter().zip(counts) {
                    whole[usize::from(place)] += u32::from(count);
                }
                sums.iter_mut().zip(whole).for_each(|(sum, whole)| *sum = f64::from(whole));
            }
            Some(weights) => {
                for ((&place, &count), weight) in places.iter().zip(counts).zip(weights) {
                    sums[usize::from(place)] += f64::from(count) * weight;
                }
            }
        }
        sums.truncate(size);
        let whole: f64 = sums.iter().sum();
        sums.iter_mut().for_each(|sum| *sum /= whole);
        sums
    }
}
