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
    /// The figures are exact. Their intervals are those of the bootstrap, for which the distributions are seen at the
    /// pooled scores' quantiles only.
    ///
    /// A distance of a draw is no guide to the error of the distance: what chance adds to the rows it adds to the draw
    /// once more. With Δ the difference of the two distribution functions, Δ̂ that of the rows and Δ* that of a draw,
    /// sup|Δ̂| is off sup|Δ| by at most sup|Δ̂ − Δ|, and that is distributed about as sup|Δ* − Δ̂| is; so with
    /// ∫|·| (the triangle inequality; the bootstrap of the empirical process: Giné & Zinn, *Annals of Probability* 18,
    /// 1990, 851–869). The stability index is about the
    /// square of such a norm, so that its root is off by at most about that of the draws' Σ(δ* − δ̂)²/m, δ the
    /// differences of shares and m their logarithmic means: that is its lower end, which must hold where nothing
    /// differs. Its upper end is the draws' lower one, mirrored.
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

        let [mut off_ks, mut of_psi, mut off_wasserstein] = [(); 3].map(|()| Replicates::default());
        let (mut psi_seen, mut off_root) = (0.0, Replicates::default());
        if let (Ok(bins), Ok(pooled)) = (&bins, Ecdf::merge([&reference, &current])) {
            let seen = Seen::of(bins, &pooled, [champion, challenger], rows.weights());
            let as_they_are = vec![1; rows.len()];
            let ahead = seen.ahead(&as_they_are);
            let shares = seen.bin_shares(&as_they_are);
            psi_seen = stability(&shares);
            resample.each(rows.len(), |counts| {
                let (mut largest, mut area) = (0.0_f64, 0.0);
                for ((drawn, ahead), width) in seen.ahead(counts).iter().zip(&ahead).zip(&seen.widths) {
                    let off = f64::abs(drawn - ahead);
                    largest = largest.max(off);
                    area += off * width;
                }
                off_ks.push(largest);
                off_wasserstein.push(area);
                let drawn = seen.bin_shares(counts);
                off_root.push(off_root_of(&shares, &drawn));
                of_psi.push(stability(&drawn));
            });
        }
        let known = |value: f64| value.is_finite().then_some(value);
        Self {
            ks: Distance {
                expected: ks.as_ref().ok().and_then(|ks| known(ks.expected)),
                figure: or_reason(ks.map(|ks| off_ks.at_most_off(ks.statistic))),
            },
            psi: Distance {
                expected: psi.as_ref().ok().and_then(|psi| known(psi.expected)),
                figure: or_reason(psi.map(|psi| {
                    let least = off_root
                        .point_95()
                        .map_or(psi.value, |off| (psi.value.sqrt() - off).max(0.0).powi(2));
                    of_psi.mirrored(psi.value, psi_seen, least)
                })),
            },
            wasserstein: Distance {
                expected: wasserstein.as_ref().ok().and_then(|moved| known(moved.expected)),
                figure: or_reason(wasserstein.map(|moved| off_wasserstein.at_most_off(moved.distance))),
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

fn stability(shares: &[[f64; 2]]) -> f64 {
    shares.iter().map(|[one, other]| (other - one) * (other / one).ln()).sum()
}

/// sqrt Σ (δ* − δ̂)²/m.
fn off_root_of(shares: &[[f64; 2]], drawn: &[[f64; 2]]) -> f64 {
    let part = |([one, other], [drawn_one, drawn_other]): (&[f64; 2], &[f64; 2])| {
        let (gap, logarithm) = (other - one, (other / one).ln());
        // both are 0 for equal shares
        let middle = if logarithm.abs() > 1e-6 { gap / logarithm } else { f64::midpoint(*one, *other) };
        (drawn_other - drawn_one - gap).powi(2) / middle
    };
    shares.iter().zip(drawn).map(part).sum::<f64>().sqrt()
}

/// Scores by the places that the draws see, so that a draw is a few additions for each row.
struct Seen<'a> {
    /// By side and row: the step that the score reaches.
    steps: [Vec<u8>; 2],
    /// By step: how far it is to the next; 0 for the last, beyond which all scores are.
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
        let widths = edges.windows(2).map(|pair| pair[1] - pair[0]).chain([0.0]).collect();
        let bin_of =
            scores.map(|scores| scores.iter().map(|score| place(bins.bin_of(*score).unwrap_or(0))).collect());
        Self { steps, widths, bins: bin_of, bin_count: bins.len(), weights }
    }

    /// By step: how much of the champion's scores is at or below it, less how much of the challenger's.
    fn ahead(&self, counts: &[u8]) -> Vec<f64> {
        let [mut one, other] = [0, 1].map(|side| self.shares(&self.steps[side], STEPS + 1, counts));
        let mut ahead = 0.0;
        for (one, other) in one.iter_mut().zip(other) {
            ahead += *one - other;
            *one = ahead;
        }
        one
    }

    /// By bin: the shares of champion and challenger, from the least that counts.
    fn bin_shares(&self, counts: &[u8]) -> Vec<[f64; 2]> {
        let [one, other] = [0, 1].map(|side| self.shares(&self.bins[side], self.bin_count, counts));
        one.into_iter().zip(other).map(|(one, other)| [one.max(1e-4), other.max(1e-4)]).collect()
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
